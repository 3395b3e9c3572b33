"""Identity file, card, fingerprint, address book (docs/format.md, section 5)."""

import base64
import binascii
import re
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from . import objects, structures
from .age import HybridKey
from .cbor import encode, parse
from .primitives import Refused, derive, is_canonical, is_point, is_small_order, sha256, verify, words, x25519

MAGIC = b"sanduq identity\n"
HEADER, SEALED = 16 + 2 + 12 + 32, 528


def prepare_passphrase(typed):
    return " ".join(words(unicodedata.normalize("NFKC", typed))).encode()


def open_identity(data, typed):
    """The identity in an identity file."""
    header, commitment, sealed = data[:HEADER], data[HEADER : HEADER + 32], data[HEADER + 32 :]
    if header[:16] == MAGIC and len(header) >= 18 and header[16:18] > b"\0\1":
        raise Refused("newer", "written by a newer sanduq")
    if header[:18] != MAGIC + b"\0\1" or len(sealed) != SEALED:
        raise Refused("malformed", "no identity file")
    memory, passes, lanes = (int.from_bytes(header[i : i + 4], "big") for i in (18, 22, 26))
    if memory > 4 * 1024 * 1024 or memory < 8 * lanes or not 1 <= passes <= 16 or not 1 <= lanes <= 16:
        raise Refused("cost", "outside what a reader may spend")
    raw = hash_secret_raw(
        prepare_passphrase(typed), header[30:], time_cost=passes, memory_cost=memory, parallelism=lanes,
        hash_len=32, type=Type.ID, version=0x13,
    )
    both = derive(raw, "identity file", header, length=64)
    if both[32:] != commitment:
        raise Refused("passphrase", "wrong passphrase, or a changed header")
    try:
        plain = ChaCha20Poly1305(both[:32]).decrypt(bytes(12), sealed, header)
    except InvalidTag:
        raise Refused("passphrase", "the identity file was changed") from None
    length = int.from_bytes(plain[:2], "big")
    if length > len(plain) - 2 or plain[2 + length :].strip(b"\0"):
        raise Refused("malformed", "the identity file's zeros are no zeros")
    return Identity(parse(structures.IDENTITY, plain[2 : 2 + length])["root"])


class Identity:
    """The secret keys that come from a root seed, and the card that goes with them."""

    def __init__(self, root):
        self.root = root
        self.age_secret = derive(root, "age x25519")
        self.hybrid = HybridKey(derive(root, "age mlkem768x25519"))
        self.mailbox_secret = derive(root, "mailbox")
        self.signing = Ed25519PrivateKey.from_private_bytes(derive(root, "signing"))
        self.minisign = Ed25519PrivateKey.from_private_bytes(derive(root, "minisign"))
        self.card_core = encode(self._card_core())
        self.hash = sha256(self.card_core)

    def _card_core(self):
        classic, mailbox = (
            X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
            for secret in (self.age_secret, self.mailbox_secret)
        )
        signing, minisign = (key.public_key().public_bytes_raw() for key in (self.signing, self.minisign))
        return {
            "v": 1, "type": "card core", "hybrid": self.hybrid.public(), "classic": classic, "mailbox": mailbox,
            "signing": signing, "minisign": minisign, "succeeds": None,
        }

    def card(self):
        return Card.of_core(self.card_core)


class Card:
    """The public half of an identity, known by the hash of its core."""

    @classmethod
    def of_core(cls, core):
        card = cls()
        card.hash = sha256(core)
        vars(card).update(parse(structures.CARD_CORE, core))
        return card

    @classmethod
    def of_bytes(cls, data):
        outer = parse(structures.CARD, data)
        card = cls.of_core(outer["core"])
        verify(card.signing, "card", outer["core"], outer["sig"])
        check_sealable(card)
        card.succession, card.core = outer["succession"], outer["core"]
        return card

    @classmethod
    def of_file(cls, data):
        """A card file: base64 between two lines, whatever mail put around it."""
        found = re.search(b"-----BEGIN SANDUQ CARD-----(.*?)-----END SANDUQ CARD-----", data[: 16 * 1024], re.DOTALL)
        if not found:
            raise Refused("malformed", "no card file")
        try:
            return cls.of_bytes(base64.b64decode(b"".join(found[1].split()), validate=True))
        except binascii.Error:
            raise Refused("malformed", "no base64") from None

    def check_succession(self, predecessor):
        """That the card named in `succeeds` signed this one."""
        if self.succeeds != predecessor.hash:
            raise Refused("signature", "it names another predecessor")
        verify(predecessor.signing, "succession", self.core, self.succession)


def check_sealable(card):
    """Refuses a card with a key that nothing can be sealed to, or that signs nothing."""
    for point in (card.classic, card.mailbox, card.hybrid[1184:]):
        x25519(b"\1" * 32, point)
    if is_small_order(card.minisign) or not is_canonical(card.minisign) or not is_point(card.minisign):
        raise Refused("key", "a minisign key that signs nothing")
    try:
        MLKEM768PublicKey.from_public_bytes(card.hybrid[:1184])
    except ValueError:
        raise Refused("key", "no key of ML-KEM-768") from None


def fingerprint(card_hash):
    """Twelve numbers, of which words (modulo 7776) or digits (modulo 100,000) are made."""
    f = derive(card_hash, "fingerprint", length=96)
    return [int.from_bytes(f[i : i + 8], "big") for i in range(0, 96, 8)]


def fingerprint_digits(card_hash):
    return [f"{number % 100_000:05}" for number in fingerprint(card_hash)]


def fingerprint_words(card_hash, word_list):
    return [word_list[number % 7776] for number in fingerprint(card_hash)]


def open_address_book(identity, sealed):
    content = objects.open_object(derive(identity.root, "address book"), objects.ADDRESS_BOOK, sealed)
    return parse(structures.ADDRESS_BOOK, content)["contacts"]


def standing_contacts(records):
    """What is left of contact records when those replaced are taken away: {card hash: (label, verified, card)}."""
    ended = {identifier for record in records for identifier in record["replaces"]}
    contacts = {}
    for record in records:
        if record["id"] not in ended and record["card"] is not None:
            card = Card.of_bytes(record["card"])
            contacts[card.hash] = (record, card)
    return contacts


def is_verified(identity, record, card):
    """Whether the owner of the book signed card and label."""
    if record["verified"] is None:
        return False
    core = {"v": 1, "type": "contact core", "owner": identity.hash, "card": card.hash, "label": record["label"]}
    try:
        verify(identity.card().signing, "contact", encode(core), record["verified"])
    except Refused:
        return False
    return True


def mailbox(own, other_key, vault, sender_hash, recipient_hash):
    """M, the secret between a sender and a recipient in the sender's vault."""
    return derive(x25519(own.mailbox_secret, other_key), "mailbox", vault, sender_hash, recipient_hash)
