"""Vectors of sections 1 to 4 and 6: derivations, signatures, structures, sealed objects, sizes, trees."""

from format1 import objects
from format1.cbor import encode
from format1.log import leaves
from format1.primitives import derive, tree_hash, u64

from .writing import drawn, padded, person, seal, seal_plaintext, sign, structure

ORDER = 2**252 + 27742317777372353535851937790883648493


def derivations():
    for name, label, fields, length in [
        ("no field", "object name", [], 32),
        ("one field", "genesis", [drawn("vault")], 32),
        ("several fields of different lengths", "place", [b"machine", b"", drawn("inode", 24)], 32),
        ("one byte", "folder", [], 1),
        ("two blocks of SHA-512", "fingerprint", [], 96),
        ("fields that could be one", "x", [b"ab", b"c"], 32),
        ("the same bytes otherwise divided", "x", [b"a", b"bc"], 32),
    ]:
        secret = drawn("secret")
        yield {
            "name": name, "expect": "success", "secret": secret, "label": label, "fields": fields,
            "output": derive(secret, label, *fields, length=length),
        }


def signatures():
    signer = person("signer")
    public = signer.signing.public_key().public_bytes_raw()
    for label in ("card", "succession", "contact", "revision", "entry", "grant"):
        good = {"key": public, "label": label, "core": b"core of " + label.encode()}
        yield {"name": label, "expect": "success"} | good | {"sig": sign(signer, label, good["core"])}
    sig = sign(signer, "entry", b"core")
    good = {"key": public, "label": "entry", "core": b"core", "sig": sig}
    larger = (int.from_bytes(sig[32:], "little") + ORDER).to_bytes(32, "little")
    identity_point = b"\1" + bytes(31)
    for name, change in [
        ("for another label", {"label": "grant"}),
        ("over another core", {"core": b"cord"}),
        ("by another key", {"key": person("other").signing.public_key().public_bytes_raw()}),
        ("R flipped", {"sig": bytes([sig[0] ^ 1]) + sig[1:]}),
        ("S flipped", {"sig": sig[:32] + bytes([sig[32] ^ 1]) + sig[33:]}),
        ("S plus the order of the group", {"sig": sig[:32] + larger}),
        ("a key of small order", {"key": identity_point, "sig": identity_point + bytes(32)}),
        ("a key that is no point", {"key": b"\2" + bytes(31)}),
        ("over the core without its label", {"sig": signer.signing.sign(b"core")}),
    ]:
        yield {"name": name, "expect": "signature"} | good | change


def structures():
    """Encodings of one structure, of which one is permitted; `type` says what it should be."""
    good = structure("places", places=[{"path": drawn("path"), "vault": drawn("vault")}])
    path, at = drawn("path"), good.index(b"\x58\x20")
    yield {"name": "the one encoding", "expect": "success", "type": "places", "bytes": good}
    yield {"name": "nothing in it", "expect": "success", "type": "places", "bytes": structure("places", places=[])}
    core = structure("contact core", owner=drawn("owner"), card=drawn("card"), label="Адвокат")
    yield {"name": "a text", "expect": "success", "type": "contact core", "bytes": core}
    for name, bad in [
        ("empty", b""),
        ("cut short", good[:-1]),
        ("a byte after the end", good + b"\0"),
        ("version 0", good.replace(b"\x61v\1", b"\x61v\0")),
        ("a version that is true", good.replace(b"\x61v\1", b"\x61v\xf5")),
        ("a length in two bytes", good.replace(b"\x58\x20", b"\x59\0\x20", 1)),
        ("a map of indefinite length", b"\xbf" + good[1:] + b"\xff"),
        ("a byte string in pieces", good[:at] + b"\x5f\x58\x20" + path + b"\xff" + good[at + 34 :]),
        ("numbers in place of a byte string", good[:at] + b"\x98\x20" + b"\1" * 32 + good[at + 34 :]),
        ("a text in place of a byte string", good[:at] + b"\x78\x20" + b"x" * 32 + good[at + 34 :]),
        ("a tag before a byte string", good[:at] + b"\xc2" + good[at:]),
        ("31 bytes where 32 stand", good[:at] + b"\x58\x1f" + path[:31] + good[at + 34 :]),
        ("type before v", encode({"type": "places", "v": 1, "places": []})),
        ("keys in another order", structure("places", places=[{"vault": drawn("vault"), "path": path}])),
        ("a key missing", structure("places", places=[{"path": path}])),
        ("a key too many", structure("places", places=[], more=None)),
        ("a key twice", b"\xa4" + structure("places", places=[])[1:] + encode("places") + b"\x80"),
        ("null where a value must stand", structure("places", places=None)),
        ("another type", structure("place", places=[])),
        ("a floating-point number", structure("places", places=[]).replace(b"\x80", b"\xf9\x3c\0")),
    ]:
        yield {"name": name, "expect": "malformed", "type": "places", "bytes": bad}
    for name, label in [
        ("a label not in NFC", "е\u0308ж"), ("a label of two lines", "a\nb"), ("a label of spaces", "  "),
        ("a label of 65 bytes", "x" * 65), ("a label with a space at its end", "Адвокат "),
    ]:
        bad = structure("contact core", owner=drawn("owner"), card=drawn("card"), label=label)
        yield {"name": name, "expect": "malformed", "type": "contact core", "bytes": bad}
    yield {"name": "longer than it may be", "expect": "malformed", "type": "card",
           "bytes": structure("card", core=drawn("long", 4096), sig=drawn("sig", 64), succession=None)}
    newer = b"\xa3\x61v\2\x64type\x66places\x66places\xf9\x3c\0"
    yield {"name": "a later version, whatever follows", "expect": "newer", "type": "places", "bytes": newer}
    yield {"name": "a much later version", "expect": "newer", "type": "places",
           "bytes": good.replace(b"\x61v\1", b"\x61v\x19\1\0")}


def sealed_objects():
    key, content = drawn("object key"), "Куәлік · گۇۋاھلىق · 证词".encode()
    good = seal(key, objects.REVISION, "good", content)
    whole = {"key": key, "type": objects.REVISION, "object": good}
    yield {"name": "small", "expect": "success", "content": content, "object name": objects.object_name(key)} | whole
    for type_ in (1, 2, 3, 4, 5, 6, 7, 16, 17, 18):
        sealed = {"key": key, "type": type_, "object": seal(key, type_, f"type {type_}", b"x" * type_)}
        yield {"name": f"type {type_}", "expect": "success", "content": b"x" * type_} | sealed
    for name, length in [("empty", 0), ("944 bytes, the most of the smallest size", 944), ("945 bytes", 945)]:
        content = drawn(name, length)
        sealed = seal(key, objects.SEGMENT, name, content)
        yield {"name": name, "expect": "success", "content": content} | whole | {
            "type": objects.SEGMENT, "object": sealed}
    two_chunks = seal(key, objects.SEGMENT, "two chunks", b"\7" * 65_529)
    yield {"name": "two chunks", "expect": "success", "content": b"\7" * 65_529} | whole | {
        "type": objects.SEGMENT, "object": two_chunks}
    for name, change in refused_objects(key, good):
        yield {"name": name, "expect": "sealed"} | whole | change


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def refused_objects(key, good):
    zeros = bytes(944)
    yield "another key", {"key": drawn("another key")}
    yield "another type", {"type": objects.ENTRY}
    yield "a flipped salt", {"object": flipped(good, 0)}
    yield "a flipped commitment", {"object": flipped(good, 24)}
    yield "a flipped byte", {"object": flipped(good, 56)}
    yield "a flipped tag", {"object": flipped(good, len(good) - 1)}
    yield "one byte less", {"object": good[:-1]}
    yield "one byte more", {"object": good + b"\0"}
    yield "half of it", {"object": good[:512]}
    yield "nothing", {"object": b""}
    yield "a header alone", {"object": good[:56]}
    yield "filled up to the next size", {"object": good + bytes(1024)}
    yield "a size between powers of two", {"object": seal_plaintext(key, objects.REVISION, "size", bytes(1500))}
    yield "padding that is not zero", {
        "object": seal_plaintext(key, objects.REVISION, "padding", b"x" + bytes(942) + b"\1" + u64(1))}
    yield "a length beyond the plaintext", {
        "object": seal_plaintext(key, objects.REVISION, "length", zeros + u64(945))}
    yield "a length beyond all plaintexts", {
        "object": seal_plaintext(key, objects.REVISION, "lengths", zeros + b"\xff" * 8)}
    short = seal_plaintext(key, objects.REVISION, "short", padded(b"x")[:400] + padded(b"x")[:544] + u64(1))
    middle = short[:56] + short[56:][::-1]
    yield "its bytes in the reverse order", {"object": middle}


def sizes():
    for length in (0, 1, 944, 945, 1968, 65_456, 65_457, 65_529, 130_997, 131_000, 1_000_000, 1 << 20, 1 << 30,
                   objects.SEGMENT_CONTENT, objects.SEGMENT_CONTENT + 1, 1_056_706_545, 1 << 40):
        yield {"name": f"{length} bytes of content", "expect": "success", "content": length,
               "size": objects.padded_size(length)}
    for total in (0, 512, 1023, 1025, 1536, 65_537, 65_608, 65_609, 66_560, 67_585, 131_073, (1 << 29) + 1):
        if not objects.is_permitted_size(total):
            yield {"name": f"{total} bytes of object", "expect": "sealed", "size": total}


def trees():
    salt = drawn("tree salt")
    for count in (0, 1, 2, 3, 4, 5, 7, 8, 9):
        items = [b"operation %d" % i for i in range(count)]
        salted = leaves(salt, "operation", items)
        yield {"name": f"{count} leaves", "expect": "success", "salt": salt, "items": items, "root": tree_hash(salted)}
    items = [b"operation %d" % i for i in range(7)]
    salted = leaves(salt, "operation", items)
    root = tree_hash(salted)
    for i in range(7):
        yield {"name": f"opening of leaf {i} of 7", "expect": "success", "leaf": salted[i], "index": i, "count": 7,
               "path": audit_path(salted, i), "root": root}
    good = {"leaf": salted[2], "index": 2, "count": 7, "path": audit_path(salted, 2), "root": root}
    for name, change in [
        ("another leaf", {"leaf": salted[3]}),
        ("another place", {"index": 3}),
        ("a place beyond the end", {"index": 7}),
        ("another count", {"count": 3}),
        ("a path that is too short", {"path": good["path"][:-1]}),
        ("a path that is too long", {"path": good["path"] + [root]}),
        ("a path in the wrong order", {"path": good["path"][::-1]}),
        ("no path", {"path": []}),
    ]:
        yield {"name": f"opening with {name}", "expect": "digest"} | good | change


def audit_path(members, index):
    """PATH of RFC 6962, section 2.1.1, from the leaf upwards."""
    if len(members) == 1:
        return []
    half = 1
    while half * 2 < len(members):
        half *= 2
    if index < half:
        return audit_path(members[:half], index) + [tree_hash(members[half:])]
    return audit_path(members[half:], index - half) + [tree_hash(members[:half])]


KINDS = {
    "derivation": (derivations, "K(secret; label; fields; L), section 1"),
    "signature": (signatures, "Sign(label; core) by key, section 1"),
    "structure": (structures, "CBOR of a structure of `type`, section 1"),
    "object": (sealed_objects, "a sealed object under a key, sections 3 and 4"),
    "size": (sizes, "sizes of sealed objects, section 4"),
    "tree": (trees, "Merkle trees over salted leaves and their openings, section 6"),
}
