"""The folder, the names and the sealed objects (docs/format.md, sections 2 to 4)."""

import hashlib
import hmac
import re
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .primitives import Refused, derive

GENESIS, ENTRY, OPERATIONS, RUN, REVISION, SEGMENT, MESSAGE = 1, 2, 3, 4, 5, 6, 7
ADDRESS_BOOK, MEMORY, PLACES = 16, 17, 18

CHUNK, TAG, HEADER = 65536, 16, 24 + 32
SEGMENT_CONTENT = 536_739_808


class Folder:
    """A vault folder. Objects are looked up by name; the folder is never written to."""

    def __init__(self, path):
        self.path = Path(path)
        plain = (self.path / "vault").read_bytes()
        self.id = parse_header(plain)

    def file(self, name):
        digits = name.hex()
        return self.path / "objects" / digits[:2] / digits[2:]

    def has(self, name):
        return self.file(name).is_file()

    def read(self, name, key, type_):
        """The content of the object at `name`, or None when there is none."""
        if not self.has(name):
            return None
        return open_object(key, type_, self.file(name).read_bytes())

    def named(self, key, type_, what):
        """The content of the object whose key this is; that it is missing is an error."""
        content = self.read(object_name(key), key, type_)
        if content is None:
            raise Refused("missing", what)
        return content

    def announcements(self, family):
        """The (r, name) of each name in the family's folder whose tag is right."""
        prefix = derive(family, "folder", length=1)
        folder = self.path / "objects" / prefix.hex()
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            if not re.fullmatch("[0-9a-f]{62}", file.name):
                continue
            r, name = bytes.fromhex(file.name[:32]), prefix + bytes.fromhex(file.name)
            if name == announcement_name(family, r):
                yield r, name


def parse_header(plain):
    """The vault id in the file `vault`."""
    if re.match(rb"sanduq vault ([2-9]|[1-9][0-9]+)\n", plain):
        raise Refused("newer", "written by a newer sanduq")
    found = re.fullmatch(rb"sanduq vault 1\n([0-9a-f]{64})\n", plain)
    if not found:
        raise Refused("malformed", "the file vault is not that of a vault")
    return bytes.fromhex(found[1].decode())


def object_name(key):
    """N(k)."""
    return derive(key, "object name")


def announcement_key(family, r):
    return derive(family, "announcement key", r)


def announcement_name(family, r):
    """p ‖ r ‖ tag."""
    return derive(family, "folder", length=1) + r + derive(family, "announcement tag", r, length=15)


def announcement_r(family, writer):
    return derive(family, "announcement", writer, length=16)


def is_permitted_size(total):
    """A power of two from 1 to 64 KiB, or above that a Padmé size, whose last chunk holds some plaintext."""
    if total <= CHUNK:
        return total >= 1024 and total & total - 1 == 0
    return _is_padme(total) and _last_chunk(total) > TAG


def _is_padme(total):
    e = total.bit_length() - 1
    s = e.bit_length()
    return total % (1 << e - s) == 0


def _last_chunk(total):
    return (total - HEADER - 1) % (CHUNK + TAG) + 1


def padded_size(length):
    """The smallest permitted size of an object with `length` bytes of content."""
    total = 1024
    while total < 65536 and plaintext_bytes(total) < length + 8:
        total *= 2
    while plaintext_bytes(total) < length + 8 or not is_permitted_size(total):
        total = _next_padme(total)
    return total


def plaintext_bytes(total):
    """How much plaintext (content, zeros and length) an object of this size holds."""
    payload = total - HEADER
    chunks = -(-payload // (CHUNK + TAG))
    return payload - chunks * TAG


def _next_padme(total):
    e = total.bit_length() - 1
    step = 1 << e - e.bit_length()
    return (total // step + 1) * step


def open_object(key, type_, sealed):
    """The content of a sealed object."""
    cipher = _cipher(key, type_, sealed[:HEADER], len(sealed))
    return _content(b"".join(open_chunks(cipher, sealed[HEADER:])))


def _cipher(key, type_, header, total):
    """The cipher of an object's chunks, once its size and its commitment are right."""
    if not is_permitted_size(total):
        raise Refused("sealed", f"{total} bytes is no permitted size")
    salt, commitment = header[:24], header[24:]
    both = derive(key, "object seal", bytes([type_]), salt, length=64)
    if not hmac.compare_digest(both[32:], commitment):
        raise Refused("sealed", "another key, another type, or a changed header")
    return ChaCha20Poly1305(both[:32])


def open_chunks(cipher, payload):
    """The plaintext chunks of an age payload without its nonce."""
    count = -(-len(payload) // (CHUNK + TAG))
    if count == 0:
        raise Refused("sealed", "no chunk")
    for i in range(count):
        yield _open_chunk(cipher, i, i == count - 1, payload[i * (CHUNK + TAG) : (i + 1) * (CHUNK + TAG)])


def _open_chunk(cipher, i, is_last, chunk):
    try:
        plain = cipher.decrypt(i.to_bytes(11, "big") + bytes([is_last]), chunk, None)
    except (InvalidTag, ValueError):
        raise Refused("sealed", f"chunk {i} does not open") from None
    if not plain and i > 0:
        raise Refused("sealed", "an empty last chunk")
    return plain


def stream_object(key, type_, file, length):
    """The content of an object that must be `length` bytes, chunk by chunk: segments are too large to be held."""
    total, left, end = file.stat().st_size, length, b""
    with file.open("rb") as sealed:
        cipher = _cipher(key, type_, sealed.read(HEADER), total)
        count = -(-(total - HEADER) // (CHUNK + TAG))
        for i in range(count):
            plain = _open_chunk(cipher, i, i == count - 1, sealed.read(CHUNK + TAG))
            yield plain[:left]
            end, left = end + plain[left:], max(0, left - len(plain))
            if end[:-8].strip(b"\0"):
                raise Refused("sealed", "the zeros are no zeros")
            end = end[-8:]
    if left or end != length.to_bytes(8, "big"):
        raise Refused("sealed", "another length than the exhibit says")


def _content(plaintext):
    """content ‖ zeros ‖ u64(content length), the zeros looked at."""
    length = int.from_bytes(plaintext[-8:], "big")
    if length > len(plaintext) - 8:
        raise Refused("sealed", "the length is greater than the plaintext")
    if plaintext[length:-8].strip(b"\0"):
        raise Refused("sealed", "the zeros are no zeros")
    return plaintext[:length]


def read_exhibit(folder, exhibit):
    """Reads an exhibit through: every segment, its length, and the digest over all of them."""
    digest, left = hashlib.sha256(), exhibit["bytes"]
    for i, key in enumerate(exhibit["segments"], start=1):
        name = object_name(key)
        if not folder.has(name):
            raise Refused("missing", f"segment {i} of exhibit {exhibit['number']}")
        length = min(left, SEGMENT_CONTENT)
        for piece in stream_object(key, SEGMENT, folder.file(name), length):
            digest.update(piece)
        left -= length
    if left or digest.digest() != exhibit["sha256"]:
        raise Refused("digest", f"exhibit {exhibit['number']} is not what was taken in")
