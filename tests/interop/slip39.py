"""The reference implementation of SLIP-0039: shares from a secret, or the secret from shares, one line each.

    slip39.py split GROUP_THRESHOLD NEEDED/ALL,NEEDED/ALL… HEX PASSPHRASE      slip39.py combine PASSPHRASE < SHARES
"""

import sys

import shamir_mnemonic

if sys.argv[1] == "split":
    threshold, groups, secret, passphrase = sys.argv[2:]
    groups = [tuple(map(int, group.split("/"))) for group in groups.split(",")]
    made = shamir_mnemonic.generate_mnemonics(
        int(threshold), groups, bytes.fromhex(secret), passphrase.encode(), extendable=len(secret) % 64 == 0
    )
    for group in made:
        for share in group:
            print(share)
else:
    print(shamir_mnemonic.combine_mnemonics(sys.stdin.read().splitlines(), sys.argv[2].encode()).hex())
