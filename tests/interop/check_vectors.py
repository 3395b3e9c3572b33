#!/usr/bin/env python3
"""Checks the vectors of tests/vectors/sanduq with the independent reader: check_vectors.py FOLDER [KIND].

A vector says what is expected: `success`, with what must come out, or the one word of the way in which it is refused.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import reader
from format1 import cbor, objects, state, structures
from format1 import identity as identities
from format1.grants import Received, numbered_message
from format1.log import Entry, leaves, parse_operation
from format1.minisign import key_id, verify_minisign
from format1.primitives import Refused, derive, root_from_path, tree_hash, u64, verify
from format1.revisions import case_code, has_code, open_revision, read_code, standing_indices


def raw(value):
    """Bytes from hexadecimal digits, also within a list."""
    return [raw(one) for one in value] if isinstance(value, list) else bytes.fromhex(value)


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} where {expected!r} was expected")


def derivation(v):
    output = raw(v["output"])
    same(derive(raw(v["secret"]), v["label"], *raw(v["fields"]), length=len(output)), output, "output")


def signature(v):
    verify(raw(v["key"]), v["label"], raw(v["core"]), raw(v["sig"]))


SHAPES = {"places": structures.PLACES, "contact core": structures.CONTACT_CORE, "card": structures.CARD}


def structure(v):
    same(cbor.encode(cbor.parse(SHAPES[v["type"]], raw(v["bytes"]))), raw(v["bytes"]), "encoding")


def sealed_object(v):
    key = raw(v["key"])
    content = objects.open_object(key, v["type"], raw(v["object"]))
    same(content, raw(v["content"]), "content")
    if "object name" in v:
        same(objects.object_name(key), raw(v["object name"]), "name")


def size(v):
    if v["expect"] == "success":
        same(objects.padded_size(v["content"]), v["size"], "size")
    if not objects.is_permitted_size(v["size"]):
        raise Refused("sealed")


def tree(v):
    if "items" in v:
        return same(tree_hash(leaves(raw(v["salt"]), "operation", raw(v["items"]))), raw(v["root"]), "root")
    if root_from_path(raw(v["leaf"]), v["index"], v["count"], raw(v["path"])) != raw(v["root"]):
        raise Refused("digest")
    return None


def opened(v):
    return identities.open_identity(raw(v["identity"]), v["passphrase"])


def identity_file(v):
    identity = identities.open_identity(raw(v["file"]), v["passphrase"])
    same(identity.card_core, cbor.parse(structures.CARD, raw(v["card"]))["core"], "card")
    if "vault" in v:
        same(derive(identity.root, "genesis", raw(v["vault"])), raw(v["genesis key"]), "genesis key")
        same(derive(identity.root, "memory name", raw(v["vault"]), length=16), raw(v["memory name"]), "memory name")
        same(derive(identity.root, "path", b"/media/usb/vault"), raw(v["path"]), "path")


def card(v):
    read = identities.Card.of_bytes(raw(v["card"]))
    same(read.hash, raw(v["hash"]), "hash")
    if "digits" in v:
        same(identities.fingerprint_digits(read.hash), v["digits"], "digits")
        same(key_id(read.minisign), raw(v["minisign id"]), "minisign id")


def card_file(v):
    same(identities.Card.of_file(v["text"].encode()).hash, raw(v["hash"]), "hash")


def name(v):
    if v["of"] == "log":
        family, label = raw(v["secret"]), "entry"
    else:
        own, other = opened(v), identities.Card.of_bytes(raw(v["other"]))
        ends = (own.hash, other.hash) if v["of"] == "to" else (other.hash, own.hash)
        family, label = identities.mailbox(own, other.mailbox, raw(v["vault"]), *ends), "message"
    key, found = numbered_message(family, raw(v["writer"]), v["n"])
    if label == "entry" and v["n"]:
        key = derive(family, "entry", raw(v["writer"]), u64(v["n"]))
        found = objects.object_name(key)
    same((key, found), (raw(v["key"]), raw(v["object name"])), "key and name")


def beside(v):
    own = opened(v)
    if v["type"] == objects.ADDRESS_BOOK:
        contacts = identities.standing_contacts(identities.open_address_book(own, raw(v["file"]))).values()
        found = [[one["label"], identities.is_verified(own, one, card), card.hash.hex()] for one, card in contacts]
        return same(found, v["contacts"], "contacts")
    key, shape = derive(own.root, "places"), structures.PLACES
    if v["type"] == objects.MEMORY:
        key, shape = derive(own.root, "memory", raw(v["vault"])), structures.MEMORY
    content = objects.open_object(key, v["type"], raw(v["file"]))
    cbor.parse(shape, content)
    return same(content, raw(v["content"]), "content")


def minisign(v):
    same(verify_minisign(raw(v["key"]), v["file"], raw(v["content"])), v["comment"], "comment")


def code(v):
    if "typed" in v:
        letters = read_code(v["typed"])
        return same(has_code(raw(v["case"]), letters), True, "case")
    return same([case_code(raw(v["case"]), n) for n in (0, 1, 10)], [v["code"], v["longer"], v["longest"]], "codes")


def revision(v):
    cards = {card.hash: card for card in map(identities.Card.of_bytes, raw(v["cards"]))}
    read = open_revision(Single(raw(v["object"])), raw(v["key"]), raw(v["id"]), cards)
    same(read.part_json().decode(), v["part.json"], "part.json")


class Single:
    """A folder in which every name leads to one object."""

    def __init__(self, content):
        self.content = content

    def named(self, key, type_, _what):
        return objects.open_object(key, type_, self.content)


def standing(v):
    same(standing_indices(v["revisions"], v["owner"]), v["heads"], "heads")


def operation(v):
    parse_operation(raw(v["operation"]))


def fact(v):
    state.parse_fact(raw(v["key"]), raw(v["value"]))


def run(v):
    reference = {"key": raw(v["key"]), "digest": raw(v["digest"]), "rows": v["row count"]}
    same(len(state.read_run(Single(raw(v["object"])), reference)), v["rows"], "rows")


def entry(v):
    secret, writer, n = raw(v["secret"]), raw(v["writer"]), v["n"]
    key = derive(secret, "entry", writer, u64(n))
    if n == 0:
        key = objects.announcement_key(secret, objects.announcement_r(secret, writer))
    content = objects.open_object(key, objects.ENTRY, raw(v["object"]))
    read = Entry(content, identities.Card.of_bytes(raw(v["owner"])), raw(v["vault"]), lambda private: private["inline"])
    if (read.writer, read.n) != (writer, n):
        raise Refused("place")
    same((read.hash, len(read.operations)), (raw(v["hash"]), len(v["operations"])), "entry")


def message(v):
    sender = identities.Card.of_bytes(raw(v["sender"]))
    with tempfile.TemporaryDirectory() as place:
        folder = written(place, f"sanduq vault 1\n{v['vault']}\n", {v["object name"]: v["object"]})
        received = Received(folder, opened(v), sender)
        key, _ = numbered_message(received.family, raw(v["writer"]), v["n"])
        content = folder.read(raw(v["object name"]), key, objects.MESSAGE)
        received.take(content, (raw(v["writer"]), v["n"]))
        same(sorted(received.cases), sorted(raw(v["cases"])), "cases")


def written(place, header, found):
    """A vault folder with these objects."""
    (Path(place) / "vault").write_text(header)
    for digits, content in found.items():
        file = Path(place) / "objects" / digits[:2] / digits[2:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw(content))
    return objects.Folder(place)


WHOLE = {}


def vault(v):
    """A whole vault, as its owner and as the one with whom it was shared; `change` says what differs from that."""
    WHOLE.update(v["objects"] if "objects" in v else {})
    found = {digits: content for digits, content in (WHOLE | v.get("change", {})).items() if content is not None}
    with tempfile.TemporaryDirectory() as place:
        folder, own = written(place, v["header"], found), opened(v)
        contacts = identities.standing_contacts(identities.open_address_book(own, raw(v["address book"])))
        read = reader.OwnVault(folder, own, contacts, reader.Log(folder, own))
        counts, shown = reader.check(read), reader.list_cases(read)
        if read.damaged:
            raise Refused(read.damaged[0].split(": ")[1])
        same((counts["entries"], counts["messages"]), (v["entries"], v["messages"]), "counts")
        same([(case["code"], case["title"]) for case in shown], [(v["code"], v["title"])], "cases")
        same(texts(reader.show_case(read, v["code"])), v["texts"], "texts")
        guest = identities.open_identity(raw(v["recipient"]), v["passphrase"])
        shared = reader.SharedVault(folder, guest, {own.hash: ({}, own.card())})
        same((texts(reader.show_case(shared, v["code"])), shared.damaged), (v["shared texts"], []), "what was shared")


def texts(cases):
    return sorted(revision["text"] for case in cases for part in case["parts"] for revision in part["shown"])


CHECKS = {
    "derivation": derivation, "signature": signature, "structure": structure, "object": sealed_object, "size": size,
    "tree": tree, "identity-file": identity_file, "card": card, "card-file": card_file, "name": name,
    "beside": beside, "minisign": minisign, "case-code": code, "revision": revision, "standing": standing,
    "operation": operation, "fact": fact, "run": run, "entry": entry, "message": message, "vault": vault,
}


def judge(check, vector):
    """What is wrong with how a vector was taken, or None."""
    try:
        check(vector)
        outcome = "success"
    except Refused as why:
        outcome = why.kind
    except AssertionError as why:
        return str(why)
    except KeyError:
        # What a vector that is refused does not say.
        outcome = "success"
    return None if outcome == vector["expect"] else f"{outcome} where {vector['expect']} was expected"


def main():
    wrong, total = 0, 0
    for file in sorted(Path(sys.argv[1]).glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["kind"] not in sys.argv[2:] and sys.argv[2:]:
            continue
        for vector in document["vectors"]:
            total += 1
            complaint = judge(CHECKS[document["kind"]], document["common"] | vector)
            if complaint:
                wrong += 1
                print(f"{document['kind']}: {vector['name']}: {complaint}")
    print(f"{total} vectors, {wrong} wrong")
    sys.exit(1 if wrong or not total else 0)


if __name__ == "__main__":
    main()
