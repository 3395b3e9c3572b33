"""minisign signatures and their trusted comments (docs/format.md, section 10), prehashed ones only."""

import base64
import binascii
import hashlib
import re

from .primitives import Refused, sha256, verify_signature

FILE = re.compile(
    r"untrusted comment: signature from minisign secret key\n"
    r"([A-Za-z0-9+/=]{100})\n"
    r"trusted comment: ([ -~]{1,1024})\n"
    r"([A-Za-z0-9+/=]{88})\n"
)


def key_id(key):
    return sha256(b"sanduq/1 minisign key id\0" + key)[:8]


def verify_minisign(key, text, content):
    """The trusted comment of a signature by this key over the content."""
    found = FILE.fullmatch(text)
    if not found:
        raise Refused("malformed", "no minisign signature")
    try:
        signed, both = (base64.b64decode(found[i], validate=True) for i in (1, 3))
    except binascii.Error:
        raise Refused("malformed", "no base64") from None
    if len(signed) != 74 or len(both) != 64 or signed[:2] != b"ED":
        raise Refused("malformed", "no signature over a prehash")
    if signed[2:10] != key_id(key):
        raise Refused("signature", "by another key")
    verify_signature(key, signed[10:], hashlib.blake2b(content).digest())
    verify_signature(key, both, signed[10:] + found[2].encode())
    return found[2]
