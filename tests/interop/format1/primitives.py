"""Derivations, signatures and the one kind of error (docs/format.md, section 1)."""

import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Refused(Exception):
    """Something was not what the format says. `kind` is one word; the vectors expect exactly it."""

    def __init__(self, kind, what=""):
        super().__init__(f"{kind}: {what}" if what else kind)
        self.kind = kind


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


# Unicode's property White_Space; what Python itself calls a space is a little more.
WHITE_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def words(text):
    """The words of a text between white space."""
    return [word for word in re.split(f"[{WHITE_SPACE}]+", text) if word]


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(hash_algorithm, secret, salt, info, length):
    """HKDF of RFC 5869: extract with `salt` (empty: zeros of the hash's length), expand with `info`."""
    return HKDF(algorithm=hash_algorithm, length=length, salt=salt or None, info=info).derive(secret)


def hmac_sha256(key, data):
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def derive(secret, label, *fields, length=32):
    """K(secret; label; fields; length)."""
    info = b"sanduq/1\0" + label.encode("ascii") + b"\0"
    for field in fields:
        info += u32(len(field)) + field
    return hkdf(hashes.SHA512(), secret, b"", info, length)


def x25519(secret, public):
    """X25519 of RFC 7748; a shared secret of zeros is no secret."""
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Refused("key", "the other side's X25519 key makes a secret that everyone knows") from None


# The y coordinates of the eight points of small order on edwards25519, little-endian, the sign bit cleared,
# with the encodings of 0 and 1 that are not reduced modulo p.
SMALL_ORDER = {
    bytes.fromhex(y)
    for y in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
}


def is_small_order(point):
    return point[:31] + bytes([point[31] & 0x7F]) in SMALL_ORDER


def is_canonical(point):
    """Whether the y coordinate of an encoded point is reduced modulo p."""
    return int.from_bytes(point, "little") & (1 << 255) - 1 < (1 << 255) - 19


def is_point(point):
    """Whether some x goes with the y of an encoded point: RFC 8032, section 5.1.3, step 2."""
    p, y = (1 << 255) - 19, int.from_bytes(point, "little") & (1 << 255) - 1
    d = -121665 * pow(121666, -1, p)
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return pow(square, (p - 1) // 2, p) in (0, 1)


def verify_signature(public, signature, message):
    """Ed25519 of RFC 8032, strictly. The library checks that S and R are canonical, the rest stands here."""
    if is_small_order(public) or is_small_order(signature[:32]) or not is_canonical(public):
        raise Refused("signature", "a point of small order, or a key that is not in its canonical writing")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("signature") from None


def signed_bytes(label, core):
    """What Sign(label; core) signs."""
    return b"sanduq/1 " + label.encode("ascii") + b"\0" + core


def verify(public, label, core, signature):
    verify_signature(public, signature, signed_bytes(label, core))


def tree_hash(leaves):
    """The Merkle tree hash of RFC 6962, section 2.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + tree_hash(leaves[:half]) + tree_hash(leaves[half:]))


def root_from_path(leaf, index, count, path):
    """The tree hash that an audit path (RFC 6962, section 2.1.1, from the leaf upwards) leads to."""
    if not 0 <= index < count:
        raise Refused("digest", "no such leaf")
    digest, last, siblings = sha256(b"\0" + leaf), count - 1, list(path)
    while last:
        if index % 2 or index != last:
            if not siblings:
                raise Refused("digest", "the path is too short")
            sibling = siblings.pop(0)
            digest = sha256(b"\1" + sibling + digest) if index % 2 else sha256(b"\1" + digest + sibling)
        index, last = index // 2, last // 2
    if siblings:
        raise Refused("digest", "the path is too long")
    return digest
