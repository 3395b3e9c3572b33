"""Sealing, signing and laying out, as docs/format.md has it. For vectors only: the randomness is no randomness."""

import base64
import hashlib

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from format1 import age, objects, structures
from format1.cbor import encode, parse
from format1.identity import MAGIC, Identity, prepare_passphrase
from format1.log import leaves
from format1.primitives import derive, hkdf, hmac_sha256, sha256, signed_bytes, tree_hash, u32, u64

TIME = 1_790_000_000
CHEAP = (64, 1, 2)
PASSPHRASE = "жеті жұлдыз аспанда жарық тұр"


def drawn(label, length=32):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(b"sanduq vectors: " + label.encode()).digest(length)


def structure(type_, **members):
    return encode({"v": 1, "type": type_} | members)


def sign(identity, label, core):
    return identity.signing.sign(signed_bytes(label, core))


def person(name):
    identity = Identity(drawn(f"root of {name}"))
    identity.name = name
    return identity


def card(identity, core=None):
    """The card of an identity, or one with another core that it signs."""
    core = core or identity.card_core
    return structure("card", core=core, sig=sign(identity, "card", core), succession=None)


def card_core(identity, **changes):
    return encode(parse(structures.CARD_CORE, identity.card_core) | changes)


def identity_file(root, cost=CHEAP, passphrase=PASSPHRASE, content=None, filling=b"", version=1):
    memory, passes, lanes = cost
    header = MAGIC + version.to_bytes(2, "big") + u32(memory) + u32(passes) + u32(lanes) + drawn("identity salt")
    raw = hash_secret_raw(
        prepare_passphrase(passphrase), header[30:], time_cost=passes, memory_cost=memory, parallelism=lanes,
        hash_len=32, type=Type.ID, version=0x13,
    )
    both = derive(raw, "identity file", header, length=64)
    content = content or structure("identity", root=root, predecessor=None)
    plain = (len(content).to_bytes(2, "big") + content + filling).ljust(512, b"\0")
    return header + both[32:] + ChaCha20Poly1305(both[:32]).encrypt(bytes(12), plain, header)


def seal_plaintext(key, type_, label, plain):
    """Seals a plaintext as it is, whatever its end."""
    salt = drawn(f"salt of {label}", 24)
    both = derive(key, "object seal", bytes([type_]), salt, length=64)
    chunks = [plain[i : i + objects.CHUNK] for i in range(0, len(plain), objects.CHUNK)]
    cipher, last = ChaCha20Poly1305(both[:32]), len(chunks) - 1
    payload = (cipher.encrypt(i.to_bytes(11, "big") + bytes([i == last]), c, None) for i, c in enumerate(chunks))
    return salt + both[32:] + b"".join(payload)


def padded(content):
    """content ‖ zeros ‖ u64(content length)."""
    room = objects.plaintext_bytes(objects.padded_size(len(content)))
    return content.ljust(room - 8, b"\0") + u64(len(content))


def seal(key, type_, label, content):
    return seal_plaintext(key, type_, label, padded(content))


def entry(owner, vault, writer, n, previous=None, operations=(), **others):
    """An encoded entry and its hash. `core` and `private` in `others` change what is signed and what is named."""
    heads, runs = others.get("heads", []), others.get("runs", [])
    salt = drawn(f"salt of entry {writer.hex()} {n}")
    private = {"salt": salt, "heads": heads, "inline": list(operations), "object": None, "runs": runs}
    private = structure("entry private", **private | others.get("private", {}))
    core = {
        "vault": vault, "owner": owner.hash, "writer": writer, "n": n, "previous": previous,
        "heads": tree_hash(leaves(salt, "head", [encode(head) for head in heads])), "time": TIME + n,
        "operations": tree_hash(leaves(salt, "operation", list(others.get("signed", operations)))),
        "private": sha256(private),
    }
    core = structure("entry core", **core | others.get("core", {}))
    sig = sign(owner, others.get("label", "entry"), core)
    return structure("entry", core=core, sig=sig, private=others.get("shown", private)), sha256(core)


def operation(op, case, **body):
    return encode({"op": op, "case": case, "body": encode(body)})


def run(rows):
    """The content of a run of sorted (key, value) rows, and its index."""
    content, blocks, start = b"", [], 0
    for key, value in rows:
        row = len(value).to_bytes(2, "big") + key + value
        if blocks and len(content) + len(row) > start + 65536:
            content = content.ljust(start + 65536, b"\0")
            start += 65536
        if not blocks or start == len(content):
            blocks.append([key, b""])
        content += row
        blocks[-1][1] += row
    named = [{"first": first, "bytes": len(held), "digest": sha256(held)} for first, held in blocks]
    index = structure("run", rows=len(rows), blocks=named)
    return content + index + u32(len(index)), index


def age_file(public, content, stanzas=1):
    """An age file for one hybrid recipient, or with its stanza several times."""
    kem_secret, kem_text = MLKEM768PublicKey.from_public_bytes(public[:1184]).encapsulate()
    ephemeral = X25519PrivateKey.generate()
    point = ephemeral.public_key().public_bytes_raw()
    from_x = age.x25519(ephemeral.private_bytes_raw(), public[1184:])
    shared = hashlib.sha3_256(kem_secret + from_x + point + public[1184:] + age.LABEL).digest()
    key, nonce = age.key_schedule(shared)
    file_key = drawn("file key", 16)
    body = ChaCha20Poly1305(key).encrypt(nonce, file_key, b"")
    stanza = f"-> mlkem768x25519 {unpadded(kem_text + point)}\n{unpadded(body)}\n"
    header = ("age-encryption.org/v1\n" + stanza * stanzas + "---").encode()
    mac = hmac_sha256(hkdf(hashes.SHA256(), file_key, b"", b"header", 32), header)
    payload_nonce = drawn("payload nonce", 16)
    payload_key = hkdf(hashes.SHA256(), file_key, payload_nonce, b"payload", 32)
    chunk = ChaCha20Poly1305(payload_key).encrypt(bytes(11) + b"\1", content, None)
    return header + f" {unpadded(mac)}\n".encode() + payload_nonce + chunk


def unpadded(data):
    return base64.b64encode(data).decode().rstrip("=")
