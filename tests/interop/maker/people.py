"""Vectors of section 5 and of the files beside the identity file, names of announcements and messages, minisign."""

import base64
import hashlib

from format1 import identity as identities
from format1 import objects
from format1.grants import numbered_message
from format1.primitives import derive, sha256, u64

from .basics import flipped
from .writing import PASSPHRASE, TIME, card, card_core, drawn, identity_file, person, seal, sign, structure

OWNER, LAWYER = person("Гүлзар"), person("古丽娜尔")
OWNER_FILE, LAWYER_FILE = identity_file(OWNER.root), identity_file(LAWYER.root)


def identity_files():
    good = {"file": OWNER_FILE, "passphrase": PASSPHRASE}
    keys = {
        "card": card(OWNER), "vault": drawn("vault"), "genesis key": derive(OWNER.root, "genesis", drawn("vault")),
        "address book key": derive(OWNER.root, "address book"), "places key": derive(OWNER.root, "places"),
        "memory key": derive(OWNER.root, "memory", drawn("vault")),
        "memory name": derive(OWNER.root, "memory name", drawn("vault"), length=16),
        "place": derive(OWNER.root, "place", b"machine\n", u64(7), u64(9) + (-5).to_bytes(16, "big", signed=True)),
        "path": derive(OWNER.root, "path", b"/media/usb/vault"),
    }
    yield {"name": "opens, and what comes from the root seed", "expect": "success"} | good | keys
    folded = identity_file(OWNER.root, passphrase="бір fin екі")
    typed = "\u2003бір \u00a0 \ufb01n\tекі\n"
    yield {"name": "the passphrase typed otherwise", "expect": "success", "file": folded, "passphrase": typed,
           "card": card(OWNER)}
    predecessor = structure("identity", root=OWNER.root, predecessor=drawn("predecessor"))
    yield {"name": "the reserved field filled", "expect": "success", "passphrase": PASSPHRASE, "card": card(OWNER),
           "file": identity_file(OWNER.root, content=predecessor)}
    yield {"name": "another passphrase", "expect": "passphrase"} | good | {"passphrase": PASSPHRASE + "s"}
    for name, at in [("salt", 30), ("commitment", 62), ("sealed content", 94), ("tag", 621)]:
        bad = {"file": flipped(OWNER_FILE, at)}
        yield {"name": f"a flipped bit in the {name}", "expect": "passphrase"} | good | bad
    for name, file in malformed_files():
        yield {"name": name, "expect": "malformed"} | good | {"file": file}
    for name, cost in [("more than 4 GiB", (4 * 1024 * 1024 + 1, 1, 1)), ("less than 8 KiB a lane", (31, 1, 4)),
                       ("no pass", (64, 0, 1)), ("17 passes", (64, 17, 1)), ("no lane", (64, 1, 0)),
                       ("17 lanes", (1024, 1, 17)), ("everything at its largest", (2**32 - 1,) * 3)]:
        numbers = b"".join(number.to_bytes(4, "big") for number in cost)
        yield {"name": name, "expect": "cost"} | good | {"file": OWNER_FILE[:18] + numbers + OWNER_FILE[30:]}
    yield {"name": "a later version of the file", "expect": "newer"} | good | {
        "file": OWNER_FILE[:16] + b"\0\2" + OWNER_FILE[18:]}
    later = structure("identity", root=OWNER.root, predecessor=None).replace(b"\x61v\1", b"\x61v\2")
    yield {"name": "a later version of the content", "expect": "newer"} | good | {
        "file": identity_file(OWNER.root, content=later)}


def malformed_files():
    yield "another beginning", b"S" + OWNER_FILE[1:]
    yield "cut short", OWNER_FILE[:-1]
    yield "a byte more", OWNER_FILE + b"\0"
    yield "empty", b""
    yield "version 0", OWNER_FILE[:16] + b"\0\0" + OWNER_FILE[18:]
    yield "filled with something else than zeros", identity_file(OWNER.root, filling=b"\1")
    yield "a root seed of 31 bytes", identity_file(
        OWNER.root, content=structure("identity", root=OWNER.root[:31], predecessor=None))


def cards():
    encoded, core = card(OWNER), OWNER.card_core
    yield {
        "name": "a card", "expect": "success", "card": encoded, "hash": OWNER.hash,
        "words": identities.fingerprint_words(OWNER.hash, word_list()),
        "digits": identities.fingerprint_digits(OWNER.hash),
        "minisign key": OWNER.minisign.public_key().public_bytes_raw(),
        "minisign id": minisign_id(OWNER.minisign.public_key().public_bytes_raw()),
    }
    successor = card_core(OWNER, succeeds=LAWYER.hash)
    yield {"name": "a card that succeeds another", "expect": "success", "hash": sha256(successor),
           "card": structure("card", core=successor, sig=sign(OWNER, "card", successor),
                             succession=sign(LAWYER, "succession", successor))}
    sig = sign(OWNER, "card", core)
    for name, bad in [
        ("signed by another", structure("card", core=core, sig=sign(LAWYER, "card", core), succession=None)),
        ("signed under another label",
         structure("card", core=core, sig=sign(OWNER, "contact", core), succession=None)),
        ("a flipped key", structure("card", core=flipped(core, 600), sig=sig, succession=None)),
    ]:
        yield {"name": name, "expect": "signature", "card": bad}
    zero, lattice = bytes(32), OWNER.hybrid.public()
    for name, change in [
        ("a classic key of small order", {"classic": zero}),
        ("a mailbox key of small order", {"mailbox": b"\1" + bytes(31)}),
        ("a hybrid key whose X25519 half is of small order", {"hybrid": lattice[:1184] + zero}),
        ("a minisign key of small order", {"minisign": b"\1" + bytes(31)}),
        ("a minisign key that is no point", {"minisign": b"\2" + bytes(31)}),
        ("a minisign key that is not reduced", {"minisign": (2**255 - 19 + 3).to_bytes(32, "little")}),
        ("a hybrid key with a coefficient out of range", {"hybrid": b"\xff\xff" + lattice[2:]}),
    ]:
        yield {"name": name, "expect": "key", "card": card(OWNER, card_core(OWNER, **change))}
    for name, bad in [
        ("a hybrid key of 1,215 bytes", card(OWNER, card_core(OWNER, hybrid=lattice[:-1]))),
        ("a signature of 63 bytes", structure("card", core=core, sig=sig[:-1], succession=None)),
        ("a core of another type", card(OWNER, core.replace(b"card core", b"cord core"))),
        ("cut short", encoded[:-1]),
    ]:
        yield {"name": name, "expect": "malformed", "card": bad}
    yield {"name": "a later version", "expect": "newer", "card": encoded.replace(b"\x61v\1", b"\x61v\2", 1)}


def card_files():
    encoded = base64.b64encode(card(OWNER)).decode()
    lines = [encoded[i : i + 64] for i in range(0, len(encoded), 64)]
    begin, end = "-----BEGIN SANDUQ CARD-----", "-----END SANDUQ CARD-----"
    good = "\n".join([begin, *lines, end, ""])
    yield {"name": "as it is written", "expect": "success", "text": good, "hash": OWNER.hash}
    mailed = "Сәлем!\r\n\r\n" + good.replace("\n", "\r\n") + "\r\n-- \r\n"
    yield {"name": "as mail brings it", "expect": "success", "text": mailed, "hash": OWNER.hash}
    yield {"name": "in one line", "expect": "success", "text": begin + encoded + end, "hash": OWNER.hash}
    for name, bad in [
        ("no first line", good.replace(begin, "")), ("no last line", good.replace(end, "")), ("empty", ""),
        ("a character that is no base64", good.replace(lines[3], "!" + lines[3][1:])),
        ("a line missing", good.replace(lines[3] + "\n", "")),
        ("the end beyond 16 KiB", begin + " " * 16_384 + encoded + end),
    ]:
        yield {"name": name, "expect": "malformed", "text": bad}


def names():
    """Names and keys of a writer's entries and messages."""
    writer, secret = drawn("writer", 16), drawn("vault secret")
    vault = drawn("vault")
    family = identities.mailbox(OWNER, LAWYER.card().mailbox, vault, OWNER.hash, LAWYER.hash)
    back = identities.mailbox(OWNER, LAWYER.card().mailbox, vault, LAWYER.hash, OWNER.hash)
    ends = {"identity": OWNER_FILE, "passphrase": PASSPHRASE, "vault": vault, "other": card(LAWYER)}
    for n in (0, 1, 2, 300, 2**64 - 1):
        if n == 0:
            r = objects.announcement_r(secret, writer)
            key, name = objects.announcement_key(secret, r), objects.announcement_name(secret, r)
        else:
            key = derive(secret, "entry", writer, u64(n))
            name = objects.object_name(key)
        yield {"name": f"entry {n}", "expect": "success", "of": "log", "secret": secret, "writer": writer, "n": n,
               "key": key, "object name": name, "folder": derive(secret, "folder", length=1)}
        for way, secret_of_way in (("to", family), ("from", back)):
            key, name = numbered_message(secret_of_way, writer, n)
            yield {"name": f"message {n} {way} the other", "expect": "success", "of": way, "writer": writer, "n": n,
                   "key": key, "object name": name, "folder": derive(secret_of_way, "folder", length=1)} | ends


def files_beside():
    vault, with_identity = drawn("vault"), {"identity": OWNER_FILE, "passphrase": PASSPHRASE}
    book = address_book("Адвокат", "Адвокат", OWNER)
    yield {"name": "an address book", "expect": "success", "type": 16, "contacts": [["Адвокат", True, LAWYER.hash]],
           "file": seal(derive(OWNER.root, "address book"), 16, "book", book)} | with_identity
    for name, changed in [("renamed after it was verified", address_book("Адвокат", "Досым", OWNER)),
                          ("verified by somebody else", address_book("Адвокат", "Адвокат", LAWYER))]:
        label = "Досым" if "renamed" in name else "Адвокат"
        yield {"name": f"a contact {name}", "expect": "success", "type": 16, "contacts": [[label, False, LAWYER.hash]],
               "file": seal(derive(OWNER.root, "address book"), 16, name, changed)} | with_identity
    memory = structure(
        "memory", vault=vault, place=drawn("place"), writer=drawn("writer", 16), marked={"n": 3, "hash": drawn("h")},
        pending=None, runs=[{"key": drawn("run"), "digest": drawn("index"), "rows": 5}],
        heads=[{"writer": drawn("writer", 16), "n": 3, "hash": drawn("h")}],
        messages=[{"sender": LAWYER.hash, "writer": drawn("writer", 16), "n": 0}], listed=[],
    )
    key = derive(OWNER.root, "memory", vault)
    good = {"type": 17, "vault": vault, "file": seal(key, 17, "memory", memory)} | with_identity
    yield {"name": "a memory", "expect": "success", "content": memory} | good
    yield {"name": "a memory of another vault", "expect": "sealed"} | good | {"vault": drawn("another vault")}
    yield {"name": "a memory sealed as an address book", "expect": "sealed"} | good | {
        "file": seal(key, 16, "16", memory)}
    yield {"name": "a memory without its last key", "expect": "malformed"} | good | {
        "file": seal(key, 17, "less", b"\xaa" + memory[1:-8])}
    places = structure("places", places=[{"path": derive(OWNER.root, "path", b"/media/usb/vault"), "vault": vault}])
    yield {"name": "places", "expect": "success", "type": 18, "content": places,
           "file": seal(derive(OWNER.root, "places"), 18, "places", places)} | with_identity


def address_book(signed_label, label, signer):
    core = structure("contact core", owner=OWNER.hash, card=LAWYER.hash, label=signed_label)
    contact = {
        "id": drawn("contact", 16), "label": label, "card": card(LAWYER), "age": None,
        "verified": sign(signer, "contact", core), "added": TIME, "replaces": [],
    }
    gone = contact | {"id": drawn("gone", 16), "label": "Бұрынғы"}
    end = contact | {"id": drawn("end", 16), "card": None, "verified": None, "replaces": [gone["id"]]}
    return structure("address book", contacts=[contact, end])


def minisign_id(key):
    return sha256(b"sanduq/1 minisign key id\0" + key)[:8]


def minisign_file(content, comment, algorithm=b"ED", key_id=None):
    key = OWNER.minisign.public_key().public_bytes_raw()
    signature = OWNER.minisign.sign(hashlib.blake2b(content).digest())
    both = OWNER.minisign.sign(signature + comment.encode())
    line = base64.b64encode(algorithm + (key_id or minisign_id(key)) + signature).decode()
    return (f"untrusted comment: signature from minisign secret key\n{line}\n"
            f"trusted comment: {comment}\n{base64.b64encode(both).decode()}\n")


def minisign():
    content = b"ab" * 32 + b"  data/K7Q2-9F4M/case.json\n"
    comment = (f"sanduq bundle 1 id={drawn('bundle', 16).hex()} date=2026-11-25 to={LAWYER.hash.hex()} "
               f"head={drawn('head').hex()}")
    good = {"key": OWNER.minisign.public_key().public_bytes_raw(), "content": content,
            "file": minisign_file(content, comment)}
    file = good["file"]
    yield {"name": "signed", "expect": "success", "comment": comment} | good
    for name, change in [
        ("another content", {"content": content + b"x"}),
        ("another comment", {"file": file.replace("2026-11-25", "2026-11-26")}),
        ("another key", {"key": LAWYER.minisign.public_key().public_bytes_raw()}),
        ("another key id", {"file": minisign_file(content, comment, key_id=bytes(8))}),
    ]:
        yield {"name": name, "expect": "signature"} | good | change
    for name, bad in [
        ("without a prehash", minisign_file(content, comment, algorithm=b"Ed")),
        ("another first line", file.replace("secret key", "another key")),
        ("a line too many", file + "\n"), ("CRLF", file.replace("\n", "\r\n")), ("cut short", file[:-3]),
        ("a comment that is not ASCII", minisign_file(content, "证词")), ("no comment", minisign_file(content, "")),
    ]:
        yield {"name": name, "expect": "malformed"} | good | {"file": bad}


def word_list():
    """The EFF large word list, from the file that `make_vectors.py` was told."""
    return WORDS


WORDS = []
KINDS = {
    "identity-file": (identity_files, "an identity file and what comes from its root seed, section 5"),
    "card": (cards, "cards, fingerprints, the id of the minisign key, section 5 and 10"),
    "card-file": (card_files, "cards as text, section 5"),
    "name": (names, "names and keys of entries and messages, section 3"),
    "beside": (files_beside, "address book, memory and places beside an identity file, sections 5 and 9"),
    "minisign": (minisign, "minisign signatures and trusted comments, section 10"),
}
