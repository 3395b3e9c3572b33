"""The secrets of an identity and its vault, derived by docs/format.md alone: what may be left behind nowhere."""
import functools
import hmac
import pathlib
import struct
import unicodedata

import argon2.low_level
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

GENESIS, ENTRY, OPERATIONS, RUN, REVISION = 1, 2, 3, 4, 5
CHUNK = 65536


def derive(secret, label, *fields, length=32):
    """Section 1, "Derivation"."""
    info = b"sanduq/1\0" + label.encode() + b"\0" + b"".join(struct.pack(">I", len(f)) + f for f in fields)
    extracted = hmac.digest(b"", secret, "sha512")
    out = block = b""
    while len(out) < length:
        block = hmac.digest(extracted, block + info + bytes([len(out) // 64 + 1]), "sha512")
        out += block
    return out[:length]


@functools.cache
def root_seed(path, passphrase):
    """Section 5, "Identity file"."""
    file = pathlib.Path(path).read_bytes()
    memory, passes, lanes = struct.unpack(">III", file[18:30])
    words = " ".join(unicodedata.normalize("NFKC", passphrase).split()).encode()
    kind = argon2.low_level.Type.ID
    raw = argon2.low_level.hash_secret_raw(words, file[30:62], passes, memory, lanes, 32, kind)
    key = derive(raw, "identity file", file[:62])
    plain = ChaCha20Poly1305(key).decrypt(bytes(12), file[94:], file[:62])
    return cbor(plain[2 : 2 + int.from_bytes(plain[:2], "big")])["root"]


def open_object(key, kind, sealed):
    """Section 4."""
    stream, payload = derive(key, "object seal", bytes([kind]), sealed[:24]), sealed[56:]
    plain, count = b"", -(-len(payload) // (CHUNK + 16))
    for i in range(count):
        nonce = i.to_bytes(11, "big") + bytes([i + 1 == count])
        chunk = payload[i * (CHUNK + 16) : (i + 1) * (CHUNK + 16)]
        plain += ChaCha20Poly1305(stream).decrypt(nonce, chunk, None)
    return plain[: int.from_bytes(plain[-8:], "big")]


def cbor(data):
    """Section 1, "CBOR", for well-formed bytes."""
    return _item(data, 0)[0]


def _item(data, at):
    major, short, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7:
        return {20: False, 21: True, 22: None}[short], at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    number, at = (int.from_bytes(data[at : at + size], "big") if size else short), at + size
    if major == 0:
        return number, at
    if major in (2, 3):
        text = data[at : at + number]
        return (text if major == 2 else text.decode()), at + number
    items = []
    for _ in range(number * (2 if major == 5 else 1)):
        item, at = _item(data, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if major == 5 else items), at


class Vault:
    """Every key of a vault, found by walking it as its owner."""

    def __init__(self, root, folder):
        self.objects = pathlib.Path(folder) / "objects"
        vault_id = bytes.fromhex((pathlib.Path(folder) / "vault").read_text().splitlines()[1])
        self.keys = {derive(root, "memory", vault_id): "memory key"}
        genesis = derive(root, "genesis", vault_id)
        self.secret = cbor(self.open("genesis key", genesis, GENESIS))["secret"]
        prefix = derive(self.secret, "folder", length=1).hex()
        for announced in sorted((self.objects / prefix).iterdir()):
            r, tag = bytes.fromhex(announced.name)[:16], bytes.fromhex(announced.name)[16:]
            if derive(self.secret, "announcement tag", r, length=15) == tag:
                self.walk(derive(self.secret, "announcement key", r), announced)

    def open(self, name, key, kind, path=None):
        self.keys[key] = name
        if path is None:
            at = derive(key, "object name").hex()
            path = self.objects / at[:2] / at[2:]
        return open_object(key, kind, path.read_bytes()) if path.exists() else None

    def walk(self, key, path):
        """The entries of one writer, and what they name."""
        entry, n = cbor(self.open("entry key", key, ENTRY, path)), 0
        writer = cbor(entry["core"])["writer"]
        while entry:
            private = cbor(entry["private"])
            if private["object"]:
                self.keys[private["object"]["key"]] = "operations key"
            for run in private["runs"]:
                self.rows(run["key"])
            n += 1
            found = self.open("entry key", derive(self.secret, "entry", writer, struct.pack(">Q", n)), ENTRY)
            entry = found and cbor(found)

    def rows(self, key):
        """The facts of a run; those of kind 18 name revisions, which name segments. Sections 7 and 8."""
        if key in self.keys:
            return
        run = self.open("run key", key, RUN)
        index = cbor(run[-4 - int.from_bytes(run[-4:], "big") : -4])
        for i, block in enumerate(index["blocks"]):
            rows = run[i * CHUNK : i * CHUNK + block["bytes"]]
            while rows:
                end = 35 + int.from_bytes(rows[:2], "big")
                if rows[18] == 18:
                    fact = cbor(rows[35:end])
                    revision = cbor(self.open("revision key", fact["key"], REVISION))
                    for exhibit in revision["exhibits"]:
                        self.keys.update((segment, "segment key") for segment in exhibit["segments"])
                rows = rows[end:]


def all_secrets(identity, passphrase, folder):
    """Every secret by name: what protects, what is derived from the root, and each object key."""
    root = root_seed(identity, passphrase)
    vault = Vault(root, folder)
    derived = {f"{label} secret": derive(root, label) for label in
               ("age x25519", "age mlkem768x25519", "mailbox", "signing", "minisign", "address book", "places")}
    keys = {f"{name} {i}": key for i, (key, name) in enumerate(vault.keys.items())}
    return {"root seed": root, "vault secret": vault.secret, **derived, **keys}
