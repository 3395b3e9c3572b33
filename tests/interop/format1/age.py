"""An age v1 file for one hybrid recipient (C2SP age; X-Wing and HPKE as that page names them).

age.md, "The MLKEM768-X25519 hybrid post-quantum recipient type": the file key is sealed with HPKE's SealBase,
KEM MLKEM768-X25519 (0x647a), KDF HKDF-SHA256, AEAD ChaCha20Poly1305.
"""

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .objects import open_chunks
from .primitives import Refused, hkdf, hmac_sha256, x25519

INFO = b"age-encryption.org/mlkem768x25519"
LABEL = b"\\.//^\\"
SUITE = b"HPKE" + bytes.fromhex("647a" "0001" "0003")


class HybridKey:
    """An X-Wing key: 32 bytes, of which SHAKE-256 makes the seed of ML-KEM-768 and the secret of X25519."""

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(96)
        self.mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self.x_secret = expanded[64:]
        self.x_public = X25519PrivateKey.from_private_bytes(self.x_secret).public_key().public_bytes_raw()

    def public(self):
        return self.mlkem.public_key().public_bytes_raw() + self.x_public

    def decapsulate(self, enc):
        from_mlkem = self.mlkem.decapsulate(enc[:1088])
        from_x = x25519(self.x_secret, enc[1088:])
        return hashlib.sha3_256(from_mlkem + from_x + enc[1088:] + self.x_public + LABEL).digest()


def _labeled_extract(salt, label, secret):
    """LabeledExtract of RFC 9180, section 4."""
    return hmac_sha256(salt or bytes(32), b"HPKE-v1" + SUITE + label + secret)


def _labeled_expand(secret, label, info, length):
    """LabeledExpand of RFC 9180, section 4; one block of HKDF is enough for what is asked here."""
    assert length <= 32
    return hmac_sha256(secret, length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info + b"\1")[:length]


def key_schedule(shared):
    """Key and first nonce: KeySchedule of RFC 9180, section 5.1, in base mode."""
    context = b"\0" + _labeled_extract(b"", b"psk_id_hash", b"") + _labeled_extract(b"", b"info_hash", INFO)
    secret = _labeled_extract(shared, b"secret", b"")
    return _labeled_expand(secret, b"key", context, 32), _labeled_expand(secret, b"base_nonce", context, 12)


def _unpadded(word):
    """The bytes of unpadded base64 in its one canonical form."""
    try:
        raw = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
    except binascii.Error:
        raise Refused("sealed", "no base64") from None
    if base64.b64encode(raw).decode().rstrip("=") != word:
        raise Refused("sealed", "base64 that is not canonical")
    return raw


def _header(data):
    """The stanzas [(arguments, body)], the bytes under the MAC, the MAC, and where the payload starts."""
    end = data.find(b"\n---")
    stop = data.find(b"\n", end + 1)
    if not data.startswith(b"age-encryption.org/v1\n") or end < 0 or stop < 0:
        raise Refused("sealed", "no age header")
    try:
        lines = data[:end].decode("ascii").split("\n")[1:]
    except UnicodeDecodeError:
        raise Refused("sealed", "a header that is not ASCII") from None
    stanzas = []
    while lines:
        first, body = lines.pop(0), ""
        if not re.fullmatch("->( [!-~]+)+", first):
            raise Refused("sealed", "no stanza")
        while True:
            if not lines or len(lines[0]) > 64:
                raise Refused("sealed", "a stanza without its end")
            line = lines.pop(0)
            body += line
            if len(line) < 64:
                break
        stanzas.append((first.split(" ")[1:], _unpadded(body)))
    last = data[end + 1 : stop]
    if not re.fullmatch(rb"--- [A-Za-z0-9+/]{43}", last):
        raise Refused("sealed", "no MAC")
    return stanzas, data[: end + 4], _unpadded(last[4:].decode()), stop + 1


def _file_key(key, arguments, body):
    """The file key in a stanza, or None when it is for somebody else."""
    enc = _unpadded(arguments[1]) if len(arguments) == 2 else b""
    if len(enc) != 1120 or len(body) != 32:
        raise Refused("sealed", "a stanza of the wrong size")
    try:
        wrap_key, wrap_nonce = key_schedule(key.decapsulate(enc))
        return ChaCha20Poly1305(wrap_key).decrypt(wrap_nonce, body, b"")
    except InvalidTag:
        return None


def open_hybrid(key, data):
    """The content of an age file sealed to this key."""
    stanzas, under_mac, mac, payload = _header(data)
    ours = [(arguments, body) for arguments, body in stanzas if arguments[0] == "mlkem768x25519"]
    keys = [found for found in (_file_key(key, arguments, body) for arguments, body in ours) if found]
    if not keys:
        raise Refused("no match", "sealed to somebody else")
    file_key = keys[0]
    if hmac_sha256(hkdf(hashes.SHA256(), file_key, b"", b"header", 32), under_mac) != mac:
        raise Refused("sealed", "the header was changed")
    nonce, body = data[payload : payload + 16], data[payload + 16 :]
    payload_key = hkdf(hashes.SHA256(), file_key, nonce, b"payload", 32)
    return b"".join(open_chunks(ChaCha20Poly1305(payload_key), body))
