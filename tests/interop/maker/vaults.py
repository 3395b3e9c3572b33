"""Vectors of sections 6, 8 and 9 as a whole: entries, messages, and a vault of two writers made by hand."""

from format1 import identity as identities
from format1 import objects
from format1.cbor import encode
from format1.grants import numbered_message
from format1.primitives import derive, sha256, u64
from format1.revisions import case_code

from .cases import CASE, TEXT, VECTOR, fact_key, revision, run
from .people import LAWYER, LAWYER_FILE, OWNER, OWNER_FILE, address_book
from .writing import PASSPHRASE, TIME, age_file, card, drawn, entry, operation, person, seal, sign, structure

VAULT, SECRET = drawn("vault"), drawn("vault secret")
LEFT, RIGHT = drawn("left writer", 16), drawn("right writer", 16)
STRANGER = person("stranger")


def entry_object(writer, n, content, key_of=None):
    """The sealed entry and where it stands."""
    w, m = key_of or (writer, n)
    if m == 0:
        r = objects.announcement_r(SECRET, w)
        key, name = objects.announcement_key(SECRET, r), objects.announcement_name(SECRET, r)
    else:
        key = derive(SECRET, "entry", w, u64(m))
        name = objects.object_name(key)
    return {"object": seal(key, objects.ENTRY, f"entry {w.hex()} {m}", content), "object name": name}


def entries():
    place = {"vault": VAULT, "owner": card(OWNER), "secret": SECRET, "writer": LEFT, "n": 1}
    opened, titled = operation(1, CASE), operation(17, CASE)
    head = {"writer": RIGHT, "n": 4, "hash": drawn("head")}
    before = drawn("previous")

    def made(**changes):
        at = {"owner": OWNER, "n": 1, "previous": before, "operations": [opened, titled]} | changes
        content, hash_ = entry(at.pop("owner"), VAULT, LEFT, **at)
        return place | entry_object(LEFT, 1, content) | {"hash": hash_}

    yield {"name": "two operations", "expect": "success", "operations": [opened, titled]} | made()
    yield {"name": "a head and no operation", "expect": "success", "operations": []} | made(heads=[head], operations=[])
    content, hash_ = entry(OWNER, VAULT, LEFT, 0, operations=[opened])
    yield {"name": "an announcement", "expect": "success", "operations": [opened], "hash": hash_} | place | {
        "n": 0} | entry_object(LEFT, 0, content)
    for name, kind, changes in [
        ("signed by another", "signature", {"owner": STRANGER, "core": {"owner": OWNER.hash}}),
        ("signed under another label", "signature", {"label": "revision"}),
        ("of another vault", "place", {"core": {"vault": drawn("another vault")}}),
        ("of another owner", "place", {"core": {"owner": LAWYER.hash}}),
        ("of another writer", "place", {"core": {"writer": RIGHT}}),
        ("with another number", "place", {"core": {"n": 2}}),
        ("without the one before", "link", {"previous": None}),
        ("with another private half", "digest", {"shown": structure(
            "entry private", salt=drawn("salt"), heads=[], inline=[], object=None, runs=[])}),
        ("with an operation that was not signed", "digest", {"signed": [opened]}),
        ("with operations in another order", "digest", {"signed": [titled, opened]}),
        ("with a head that was not signed", "digest", {"private": {"heads": [head]}}),
        ("with an operation that is none", "malformed", {"operations": [b"\xa0"]}),
        ("with a head that is none", "malformed", {"private": {"heads": [{"writer": RIGHT}]}}),
    ]:
        yield {"name": name, "expect": kind} | made(**changes)
    good = made()
    yield {"name": "under another writer's key", "expect": "sealed"} | good | {
        "object": entry_object(RIGHT, 1, b"x")["object"]}
    content, _ = entry(OWNER, VAULT, LEFT, 1, previous=before)
    key = derive(SECRET, "entry", LEFT, u64(1))
    yield {"name": "sealed as another type", "expect": "sealed"} | good | {
        "object": seal(key, objects.REVISION, "type", content)}
    yield {"name": "a later version", "expect": "newer"} | good | {
        "object": seal(key, objects.ENTRY, "newer", content.replace(b"\x61v\1", b"\x61v\2", 1))}


def grant(by=OWNER, label="grant", shown=None, cards=(), cases=None, **core):
    content = structure("grant content", cases=cases if cases is not None else [], cards=list(cards))
    signed = structure("grant core", **{
        "vault": VAULT, "sender": OWNER.hash, "recipient": LAWYER.hash, "writer": LEFT, "n": 1, "time": TIME,
        "content": sha256(content)} | core)
    return structure("grant", core=signed, sig=sign(by, label, signed), content=shown or content)


def message(inside, n=1, writer=LEFT, **how):
    """A sealed message of the owner to the lawyer and where it stands."""
    family = identities.mailbox(OWNER, LAWYER.card().mailbox, VAULT, OWNER.hash, LAWYER.hash)
    key, name = numbered_message(family, writer, n)
    to = how.get("to", LAWYER).hybrid.public()
    aged = how.get("aged") or age_file(to, inside, how.get("stanzas", 1))
    return {"object": seal(key, how.get("type_", objects.MESSAGE), f"message {n}", aged), "object name": name}


def messages():
    given = [{"case": CASE, "revisions": [{"part": "testimony", "key": drawn("k"), "revision": drawn("r")}]}]
    place = {"vault": VAULT, "sender": card(OWNER), "identity": LAWYER_FILE, "passphrase": PASSPHRASE, "writer": LEFT,
             "n": 1}
    with_card = grant(cases=given, cards=[card(STRANGER)])
    yield {"name": "a grant", "expect": "success", "cases": [CASE]} | place | message(with_card)
    yield {"name": "of no case", "expect": "success", "cases": []} | place | message(grant())
    for name, kind, inside in [
        ("signed by another", "signature", grant(by=STRANGER)),
        ("signed under another label", "signature", grant(label="entry")),
        ("of another vault", "place", grant(vault=drawn("another vault"))),
        ("for another recipient", "place", grant(recipient=STRANGER.hash)),
        ("in another sender's name", "place", grant(sender=STRANGER.hash)),
        ("of another writer", "place", grant(writer=RIGHT)),
        ("with another number", "place", grant(n=2)),
        ("with another content", "digest", grant(shown=structure("grant content", cases=given, cards=[]))),
        ("that is none", "malformed", b"\xa0"),
        ("with a card that is no card", "malformed", grant(cards=[b"\xa0"])),
        ("with a card that another signed", "signature", grant(cards=[structure(
            "card", core=STRANGER.card_core, sig=sign(OWNER, "card", STRANGER.card_core), succession=None)])),
        ("of a later version", "newer", grant().replace(b"\x61v\1", b"\x61v\2", 1)),
    ]:
        yield {"name": name, "expect": kind} | place | message(inside)
    yield {"name": "sealed to somebody else", "expect": "no match"} | place | message(grant(), to=STRANGER)
    yield {"name": "with two stanzas", "expect": "success", "cases": []} | place | message(grant(), stanzas=2)
    yield {"name": "no age file", "expect": "sealed"} | place | message(grant(), aged=grant())
    aged = age_file(LAWYER.hybrid.public(), grant())
    yield {"name": "a changed age header", "expect": "sealed"} | place | message(
        grant(), aged=aged.replace(b"\n--- ", b"\n-> x-grease\n\n--- "))
    yield {"name": "a cut age payload", "expect": "sealed"} | place | message(grant(), aged=aged[:-1])
    yield {"name": "sealed as another type", "expect": "sealed"} | place | message(grant(), type_=objects.ENTRY)


class Folder:
    """A vault in the making: objects by name."""

    def __init__(self):
        self.objects, self.named = {}, {}

    def put(self, what, key, type_, content):
        name = objects.object_name(key)
        self.objects[name] = seal(key, type_, what, content)
        self.named[what] = name

    def entry(self, what, writer, n, previous=None, **members):
        content, hash_ = entry(OWNER, VAULT, writer, n, previous, **members)
        stands = entry_object(writer, n, content)
        self.objects[stands["object name"]] = stands["object"]
        self.named[what] = stands["object name"]
        return {"writer": writer, "n": n, "hash": hash_}

    def run(self, what, facts):
        key = drawn(f"key of {what}")
        content, index = run(sorted((key_of(case, kind, value), encode(value)) for case, kind, value in facts))
        self.put(what, key, objects.RUN, content)
        return {"key": key, "digest": sha256(index), "rows": len(facts)}


def key_of(case, kind, value):
    own = {5: lambda: value["digest"][:16], 18: lambda: value["revision"][:16]}
    return fact_key(case, kind, own.get(kind, lambda: sha256(encode(value))[:16])())


def revision_fact(core, identifier, key, entry_of):
    return (CASE, 18, {
        "part": "testimony", "revision": identifier, "key": key, "author": OWNER.hash, "branch": core["branch"],
        "index": core["index"], "vector": core["vector"], "time": TIME, "entry": entry_of, "via": None})


def build(**changed):
    """A vault of two writers: one opens a case, writes and shares; another writes beside it after the first entry."""
    folder = Folder()
    key = derive(OWNER.root, "genesis", VAULT)
    folder.put("genesis", key, objects.GENESIS, changed.get("genesis") or structure(
        "genesis", vault=VAULT, owner=OWNER.hash, secret=SECRET, former=[]))
    digest = sha256(b"sanduq/1 case code\0" + CASE)
    first_run = folder.run("first run", [
        (CASE, 16, {"time": TIME, "via": None}), (CASE, 17, {"title": "北边的房子", "time": TIME, "replaces": []}),
        (bytes(16), 5, {"case": CASE, "digest": digest})])
    zero = folder.entry("left 0", LEFT, 0, operations=[operation(1, CASE), operation(17, CASE)], runs=[first_run])
    left_run, left_key, left_id = write(folder, "left", LEFT, 1, TEXT)
    done = operation(2, CASE, part="testimony", revision=left_id, replaces=[])
    one = folder.entry("left 1", LEFT, 1, zero["hash"], **{"operations": [done], "runs": [first_run, left_run]}
                       | changed.get("left 1", {}))
    right_run, _, right_id = write(folder, "right", RIGHT, 0, "Тағы біреуі.\n")
    beside = operation(2, CASE, part="testimony", revision=right_id, replaces=[])
    folder.entry("right 0", RIGHT, 0, heads=[zero], operations=[beside], runs=[first_run, right_run])
    share(folder, one, left_key, left_id, [first_run, left_run])
    return folder


def write(folder, what, writer, n, text):
    key, branch = drawn(f"{what} revision key"), drawn(f"branch of {what}", 16)
    core = {"branch": branch, "index": 0, "vector": [VECTOR[0] | {"branch": branch}]}
    encoded, identifier = revision(core=core, text=text, lang=None, random=drawn(f"random of {what}"))
    folder.put(f"{what} revision", key, objects.REVISION, encoded)
    entry_of = {"writer": writer, "n": n, "operation": 0}
    return folder.run(f"{what} run", [revision_fact(core, identifier, key, entry_of)]), key, identifier


def share(folder, previous, key, identifier, runs):
    """The left writer's entry 2: one revision for the lawyer, message 0."""
    given = [{"part": "testimony", "revision": identifier}]
    sent = {"to": LAWYER.hash, "writer": LEFT, "n": 0}
    last_run = folder.run("last run", [
        (bytes(16), 2, sent | {"time": TIME, "cases": 1}),
        (CASE, 19, {"to": LAWYER.hash, "time": TIME, "writer": LEFT, "n": 0, "bundle": None, "revisions": given})])
    shared = operation(3, CASE, **sent, revisions=given)
    folder.entry("left 2", LEFT, 2, previous["hash"], operations=[shared], runs=[*runs, last_run])
    cases = [{"case": CASE, "revisions": [{"part": "testimony", "key": key, "revision": identifier}]}]
    stands = message(grant(cases=cases, n=0), n=0)
    folder.objects[stands["object name"]] = stands["object"]
    folder.named["message 0"] = stands["object name"]


def vaults():
    whole = build()
    book = seal(derive(OWNER.root, "address book"), 16, "book", address_book("Адвокат", "Адвокат", OWNER))
    owner = {"header": f"sanduq vault 1\n{VAULT.hex()}\n", "identity": OWNER_FILE, "passphrase": PASSPHRASE,
             "address book": book}
    yield {"name": "whole", "expect": "success", "code": case_code(CASE), "title": "北边的房子",
           "texts": sorted([TEXT, "Тағы біреуі.\n"]), "entries": 4, "messages": 1, "recipient": LAWYER_FILE,
           "shared texts": [TEXT], "objects": hexed(whole.objects)} | owner
    yield {"name": "a later version", "expect": "newer", "change": {}} | owner | {"header": "sanduq vault 2\n"}
    yield {"name": "another header", "expect": "malformed", "change": {}} | owner | {"header": "sanduq vault 1\nab\n"}
    for what in ("left 1", "left revision", "left run", "message 0"):
        yield {"name": f"without {what}", "expect": "missing", "change": {whole.named[what].hex(): None}} | owner
    other_genesis = structure("genesis", vault=VAULT, owner=LAWYER.hash, secret=SECRET, former=[])
    unlinked, resigned = {"core": {"previous": drawn("x")}}, {"label": "revision"}
    for name, kind, made in [
        ("the beginning of another's vault", "place", build(genesis=other_genesis)),
        ("an entry that does not follow the one before", "link", build(**{"left 1": unlinked})),
        ("an entry signed under another label", "signature", build(**{"left 1": resigned})),
    ]:
        differing = {n.hex(): d for n, d in made.objects.items() if whole.objects.get(n) != d}
        differing.pop(made.named["message 0"].hex())
        yield {"name": name, "expect": kind, "change": differing} | owner
    for what, kind in (("left revision", "sealed"), ("right run", "sealed"), ("message 0", "sealed")):
        name = whole.named[what]
        cut = whole.objects[name][:-1]
        yield {"name": f"{what} cut short", "expect": kind, "change": {name.hex(): cut}} | owner


def hexed(found):
    return {name.hex(): content for name, content in found.items()}


KINDS = {
    "entry": (entries, "log entries in their objects, section 6"),
    "message": (messages, "messages in their objects, section 9"),
    "vault": (vaults, "a whole vault, and the same with objects changed or taken away"),
}
