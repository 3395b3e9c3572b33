"""Vectors of sections 7 and 8 and of operations: codes, revisions, which of them stand, facts, runs."""

import json

from format1 import objects, structures
from format1.cbor import encode, parse
from format1.primitives import sha256
from format1.revisions import Revision, case_code

from .people import LAWYER, OWNER
from .writing import TIME, card, drawn, operation, run, seal, sign, structure

CASE = drawn("case", 16)
TEXT = "Мен көрдім.\nمەن كۆردۈم.\n我看见了。\n"
VECTOR = [{"author": OWNER.hash, "branch": drawn("branch", 16), "index": 0}]


FORM = {
    "sanduq": "form 1",
    "statement": [{"id": "S1", "lang": "kk-Cyrl", "text": "Мен көрдім."},
                  {"lang": "ug-Arab", "text": "مەن كۆردۈم", "translation_of": "S1", "translated_by": "P3"}],
    "event": [{"id": "V1", "date": {"said": "in November 201", "edtf": "201X-11"},
               "place": {"said": "塔城", "level": "district"}, "type_of_act": ["arrest", "020111110001", "x-summons"]}],
}


def form(document):
    """A form as a revision holds it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def codes():
    for i in range(6):
        case = drawn(f"case {i}", 16)
        yield {"name": f"case {i}", "expect": "success", "case": case, "code": case_code(case),
               "longer": case_code(case, more=1), "longest": case_code(case, more=10)}
    code = case_code(CASE)
    for name, typed in [("lower case", code.lower()), ("without a dash", code.replace("-", "")),
                        ("spaces and a long dash", code.replace("-", " – ")),
                        ("O, I and L", code.replace("0", "o").replace("1", "L")),
                        ("longer", case_code(CASE, more=2))]:
        yield {"name": f"typed: {name}", "expect": "success", "typed": typed, "case": CASE}
    other = "Z" if code[0] != "Z" else "Y"
    swapped = next(i for i in range(3) if code[i] != code[i + 1])
    for name, typed in [
        ("one character wrong", other + code[1:]),
        ("two characters swapped", code[:swapped] + code[swapped + 1] + code[swapped] + code[swapped + 2 :]),
        ("a character too few", code[:-1]), ("a character too many", code + "0"), ("a U", "U" + code[1:]),
        ("empty", ""), ("52 characters", case_code(CASE, more=10) + "0000"),
        ("a letter of another script", "Ж" + code[1:]),
    ]:
        yield {"name": f"typed: {name}", "expect": "code", "typed": typed}


def exhibit(number, name, content, **others):
    return {"number": number, "name": name, "bytes": len(content), "sha256": sha256(content),
            "segments": [drawn(f"segment of {name}")] if content else []} | others


def revision(author=OWNER, shown=None, core=None, label="revision", **members):
    """An encoded revision and its id; `core` changes what is signed, `shown` what is shown afterwards."""
    held = {"random": drawn("random"), "lang": "ug-Arab", "text": TEXT, "exhibits": [], "removed": []} | members
    signed = {
        "case": CASE, "part": "testimony", "branch": drawn("branch", 16), "index": 0, "vector": VECTOR,
        "content": bytes(32), "exhibits": [one["sha256"] for one in held["exhibits"]], "author": author.hash,
        "time": TIME,
    } | (core or {})
    if "content" not in (core or {}):
        signed["content"] = laid_out(signed, held).content_digest()
    encoded = structure("revision core", **signed)
    sig = sign(author, label, encoded)
    return structure("revision", core=encoded, sig=sig, **held | (shown or {})), sha256(encoded)


def laid_out(core, held):
    """A revision of which nothing was checked, to lay it out."""
    made = Revision.__new__(Revision)
    made.case, made.part, made.lang, made.random = core["case"], core["part"], held["lang"], held["random"]
    made.text, made.exhibits, made.removed = held["text"], held["exhibits"], held["removed"]
    made.form = held.get("form")
    return made


def revisions():
    key = drawn("revision key")
    photos = [exhibit(1, "снимок.JPG", b"one"), exhibit(2, "照片", b"two"), exhibit(2, "a.tar.gz", b"three"),
              exhibit(3, ".hidden", b""), exhibit(999_999_999, 'quote " back\\slash\t\u0001.e\u0301', b"four")]
    photos.sort(key=lambda one: (one["number"], one["sha256"]))
    third = [{"author": LAWYER.hash, "branch": drawn("other", 16), "index": 4}] + VECTOR
    third.sort(key=lambda place: (place["author"], place["branch"]))
    for name, members in [
        ("a text", {}),
        ("no text, several exhibits, some left out",
         {"text": None, "lang": None, "exhibits": photos, "removed": sorted([drawn("a"), drawn("b")])}),
        ("a text and a form", {"form": form(FORM)}),
        ("a form alone, of a later version", {"text": None, "lang": None, "form": form(FORM | {"sanduq": "form 2", "tale": 1})}),
        ("by the other author, after others", {"author": LAWYER, "core": {
            "vector": sorted(third + [{"author": LAWYER.hash, "branch": drawn("branch", 16), "index": 0}],
                             key=lambda place: (place["author"], place["branch"])), "part": "person/doctor"}}),
    ]:
        encoded, identifier = revision(**members)
        core = parse(structures.REVISION_CORE, parse(structures.REVISION, encoded)["core"])
        part = laid_out(core, parse(structures.REVISION, encoded)).part_json().decode()
        yield {"name": name, "expect": "success", "part.json": part} | in_object(key, encoded, identifier)
    for name, kind, members in refused_revisions(photos):
        yield {"name": name, "expect": kind} | in_object(key, *revision(**members))
    encoded, identifier = revision()
    yield {"name": "another one than the one named", "expect": "digest"} | in_object(key, encoded, drawn("id"))
    yield {"name": "by somebody whose card is not there", "expect": "author"} | in_object(key, encoded, identifier) | {
        "cards": [card(LAWYER)]}
    yield {"name": "a later version", "expect": "newer"} | in_object(
        key, encoded.replace(b"\x61v\1", b"\x61v\2", 1), identifier)


def in_object(key, encoded, identifier):
    return {"key": key, "object": seal(key, objects.REVISION, "revision", encoded), "id": identifier,
            "cards": [card(OWNER), card(LAWYER)]}


def refused_revisions(photos):
    yield "signed under another label", "signature", {"label": "entry"}
    yield "the core says another author", "signature", {"core": {"author": LAWYER.hash, "vector": [
        {"author": LAWYER.hash, "branch": drawn("branch", 16), "index": 0}]}}
    yield "another text", "digest", {"shown": {"text": "Мен көрмедім.\n"}}
    yield "no text where one was signed", "digest", {"shown": {"text": None}}
    yield "another language", "digest", {"shown": {"lang": "kk"}}
    yield "another random", "digest", {"shown": {"random": drawn("other random")}}
    yield "an exhibit renamed", "digest", {"exhibits": photos[:1], "shown": {"exhibits": [photos[0] | {"name": "x"}]}}
    yield "an exhibit less", "digest", {"exhibits": photos[:2], "shown": {"exhibits": photos[:1]}}
    yield "the core names other exhibits", "digest", {"exhibits": photos[:1], "core": {"exhibits": [drawn("x")]}}
    yield "left out afterwards", "digest", {"shown": {"removed": [drawn("x")]}}
    yield "another form", "digest", {"form": form(FORM), "shown": {"form": form(FORM).replace("201X-11", "2013-11")}}
    yield "a form where none was signed", "digest", {"shown": {"form": form(FORM)}}
    yield "a form of no section", "malformed", {"form": form({"sanduq": "form 1"})}
    yield "a form in another writing", "malformed", {"form": form(FORM).replace("\n      ", "\n     ")}
    yield "a form with an unknown field", "malformed", {"form": form(FORM | {"event": [{"id": "V1", "when": "2013"}]})}
    yield "a form with fields in another order", "malformed", {"form": form(
        FORM | {"statement": [{"text": "Мен көрдім.", "lang": "kk-Cyrl"}]})}
    yield "a form that is a text", "malformed", {"form": TEXT}
    yield "null where there is no form", "malformed", {"form": None}
    yield "exhibits in another order", "malformed", {"exhibits": photos[::-1]}
    yield "an exhibit twice", "malformed", {"exhibits": photos[:1] * 2}
    yield "exhibits of one number and one beginning", "malformed", {"exhibits": [
        photos[0] | {"sha256": b"1234" + bytes(28)}, photos[0] | {"sha256": b"1234" + b"\1" * 28}]}
    yield "left out in another order", "malformed", {"removed": sorted([drawn("a"), drawn("b")])[::-1]}
    yield "exhibit 0", "malformed", {"exhibits": [photos[0] | {"number": 0}]}
    yield "exhibit 1,000,000,000", "malformed", {"exhibits": [photos[0] | {"number": 10**9}]}
    yield "an exhibit without a name", "malformed", {"exhibits": [photos[0] | {"name": ""}]}
    yield "a name of 256 bytes", "malformed", {"exhibits": [photos[0] | {"name": "я" * 128}]}
    yield "a vector without the revision itself", "malformed", {"core": {"vector": []}}
    yield "a vector with another index of it", "malformed", {"core": {"index": 1}}
    yield "a vector that names a place twice", "malformed", {"core": {"vector": VECTOR * 2}}
    many = [{"author": OWNER.hash, "branch": i.to_bytes(16, "big"), "index": 0} for i in range(512)]
    yield "a vector of 513 places", "malformed", {"core": {"vector": sorted(
        many + VECTOR, key=lambda place: place["branch"])}}
    yield "no case", "malformed", {"core": {"case": bytes(16)}}
    for part in ("Person", "person/", "person/Doctor", "person/a/b", "secrets", "notes/" + "x" * 33):
        yield f"the part {part}", "malformed", {"core": {"part": part}}
    for name, text in [("not in NFC", "е\u0308"), ("with CRLF", "a\r\nb"), ("of white space", " \n\u2003"),
                       ("with a byte order mark", "\ufeffa")]:
        yield f"a text {name}", "malformed", {"text": text}
    for lang in ("", "u", "ug_Arab", "ug-", "1a", "ug-abcdefghi"):
        yield f"the language {lang!r}", "malformed", {"lang": lang}


def standing():
    """Revisions of one part, and which of them stand; authors and branches are numbers here."""

    def place(author, branch, index):
        return {"author": author, "branch": branch, "index": index}

    def rev(own, *covered):
        return {"own": place(*own), "vector": [place(*one) for one in sorted([own, *covered])]}

    for name, revisions_, heads in [
        ("one", [rev((0, 0, 0))], [0]),
        ("the next replaces the one before", [rev((0, 0, 0)), rev((0, 0, 1))], [1]),
        ("whatever the order they come in", [rev((0, 0, 1)), rev((0, 0, 0))], [0]),
        ("two devices apart", [rev((0, 0, 0)), rev((0, 0, 1)), rev((0, 1, 0), (0, 0, 0))], [1, 2]),
        ("joined", [rev((0, 0, 1)), rev((0, 1, 0)), rev((0, 1, 1), (0, 0, 1))], [2]),
        ("one between is missing", [rev((0, 0, 0)), rev((0, 0, 7))], [1]),
        ("a later one than those covered", [rev((0, 0, 3)), rev((0, 1, 0), (0, 0, 2))], [0, 1]),
        ("a stranger covers the owner's", [rev((0, 0, 0)), rev((1, 5, 0), (0, 0, 0))], [0, 1]),
        ("a stranger covers a third", [rev((2, 0, 0)), rev((1, 5, 0), (2, 0, 0))], [0, 1]),
        ("a stranger covers their own", [rev((1, 5, 0)), rev((1, 6, 0), (1, 5, 0))], [1]),
        ("the owner covers all", [rev((1, 5, 0)), rev((2, 0, 3)), rev((0, 0, 0), (1, 5, 0), (2, 0, 3))], [2]),
        ("one branch number of two authors", [rev((1, 0, 0)), rev((0, 0, 1))], [0, 1]),
        ("none", [], []),
    ]:
        yield {"name": name, "expect": "success", "owner": 0, "revisions": revisions_, "heads": heads}


def operations():
    given, writer = [{"part": "testimony", "revision": drawn("revision")}], drawn("writer", 16)
    for op, body in [
        (1, {}), (2, {"part": "person/doctor", "revision": drawn("revision"), "replaces": [drawn("before")]}),
        (3, {"to": LAWYER.hash, "writer": writer, "n": 300, "revisions": given}), (4, {"from": LAWYER.hash}),
        (5, {"bundle": writer, "to": LAWYER.hash, "manifest": drawn("manifest"), "revisions": given}),
        (6, {"bundle": writer, "signer": LAWYER.hash, "revisions": given}),
        (7, {"vault": drawn("vault"), "sender": LAWYER.hash, "revisions": given}),
        (10, {"heads": [{"writer": writer, "n": 0, "hash": drawn("hash")}]}), (16, {}), (17, {}),
        (99, {"whatever": "a later version writes"}),
    ]:
        yield {"name": f"number {op}", "expect": "success", "operation": operation(op, CASE, **body)}
    yield {"name": "of no case", "expect": "success", "operation": operation(16, None)}
    for name, bad in [
        ("a body with a key too many", operation(1, CASE, more=None)),
        ("a body with a key missing", operation(4, CASE)),
        ("a body with keys in another order", operation(2, CASE, revision=drawn("r"), part="notes", replaces=[])),
        ("a part that is none", operation(2, CASE, part="secrets", revision=drawn("r"), replaces=[])),
        ("a case of 15 bytes", operation(1, CASE[:15])),
        ("a body that is no byte string", encode({"op": 1, "case": CASE, "body": {}})),
        ("a body of two values", encode({"op": 1, "case": CASE, "body": b"\xa0\xa0"})),
        ("a version, which operations have none", encode({"v": 1, "op": 1, "case": CASE, "body": b"\xa0"})),
    ]:
        yield {"name": name, "expect": "malformed", "operation": bad}


def facts_of(case=CASE):
    """One fact of every kind: (key, value)."""
    given, writer = [{"part": "testimony", "revision": drawn("revision")}], drawn("writer", 16)
    digest = sha256(b"sanduq/1 case code\0" + case)
    for kind, identifier, value in [
        (1, drawn("id", 16), {"id": drawn("id", 16), "label": "Адвокат", "card": card(LAWYER), "age": None,
                              "verified": None, "added": TIME, "replaces": []}),
        (2, None, {"to": LAWYER.hash, "writer": writer, "n": 0, "time": TIME, "cases": 300}),
        (3, LAWYER.hash[:16], {"card": card(LAWYER), "via": OWNER.hash}),
        (4, None, {"bundle": writer, "to": LAWYER.hash, "label": "Адвокат", "time": TIME, "manifest": drawn("m")}),
        (5, digest[:16], {"case": case, "digest": digest}),
        (16, None, {"time": TIME, "via": None}),
        (17, None, {"title": "Гүлзар · گۈلزار · 古丽扎尔", "time": TIME, "replaces": []}),
        (18, given[0]["revision"][:16], {
            "part": "testimony", "revision": given[0]["revision"], "key": drawn("key"), "author": OWNER.hash,
            "branch": drawn("branch", 16), "index": 0, "vector": VECTOR, "time": TIME,
            "entry": {"writer": writer, "n": 1, "operation": 0}, "via": None}),
        (19, None, {"to": LAWYER.hash, "time": TIME, "writer": writer, "n": 0, "bundle": None, "revisions": given}),
        (20, None, {"to": LAWYER.hash, "time": TIME, "ends": [drawn("given", 16)]}),
        (21, None, {"from": LAWYER.hash, "vault": None, "bundle": writer, "time": TIME, "revisions": [drawn("r")]}),
    ]:
        encoded = encode(value)
        yield fact_key(bytes(16) if kind < 16 else case, kind, identifier or sha256(encoded)[:16]), encoded


def fact_key(case, kind, identifier):
    return case + bytes([kind]) + identifier


def facts():
    for key, value in facts_of():
        yield {"name": f"kind {key[16]}", "expect": "success", "key": key, "value": value}
        more = bytes([value[0] + 1]) + value[1:] + encode("more") + b"\xf6"
        yield {"name": f"kind {key[16]} with a key too many", "expect": "malformed", "key": key, "value": more}
        yield {"name": f"kind {key[16]} cut short", "expect": "malformed", "key": key, "value": value[:-1]}
        elsewhere = {"key": key[:17] + bytes(16), "value": value}
        yield {"name": f"kind {key[16]} under another id", "expect": "place"} | elsewhere
    for title in ("", " a", "a\tb", "a\u2028b", "x" * 1025, "е\u0308"):
        value = encode({"title": title, "time": TIME, "replaces": []})
        yield {"name": f"the title {title[:6]!r}", "expect": "malformed", "value": value,
               "key": fact_key(CASE, 17, sha256(value)[:16])}


def runs():
    rows = sorted((key, value) for key, value in facts_of())
    large = [(fact_key(CASE, 200, i.to_bytes(16, "big")), bytes([i]) * 30_000) for i in range(3)]
    for name, held in [("no rows", []), ("one row", rows[:1]), ("a fact of every kind", rows)]:
        content, index = run(held)
        yield {"name": name, "expect": "success", "rows": len(held)} | run_object(content, index, len(held))
    content, index = run(large)
    yield {"name": "two blocks", "expect": "success", "rows": 3} | run_object(content, index, 3)
    content, index = run(rows[:3])
    good = run_object(content, index, 3)
    yield {"name": "another index than the one named", "expect": "digest"} | good | {"digest": drawn("x")}
    yield {"name": "another count than the one named", "expect": "digest"} | good | {"row count": 4}
    first = content.index(rows[0][1])
    changed = content[:first] + bytes([content[first] ^ 1]) + content[first + 1 :]
    yield {"name": "a changed row", "expect": "digest"} | run_object(changed, index, 3)
    for name, bad in [("rows in another order", rows[:3][::-1]), ("a row twice", [rows[0]] * 2),
                      ("an empty value", [(rows[0][0], b"")])]:
        content, index = run(bad)
        yield {"name": name, "expect": "malformed"} | run_object(content, index, len(bad))
    content, index = run(rows[:3])
    later = parse(structures.RUN_INDEX, index)
    wrong = encode(later | {"blocks": [later["blocks"][0] | {"first": rows[1][0]}]})
    body = content[: -4 - len(index)]
    yield {"name": "a block that begins with another key than the index says", "expect": "malformed"} | run_object(
        body + wrong + len(wrong).to_bytes(4, "big"), wrong, 3)
    yield {"name": "an index longer than the run", "expect": "malformed"} | run_object(
        content[:-4] + b"\xff" * 4, index, 3)
    yield {"name": "nothing", "expect": "malformed"} | run_object(b"", index, 3)


def run_object(content, index, rows):
    key = drawn("run key")
    return {"key": key, "object": seal(key, objects.RUN, "run", content), "digest": sha256(index), "row count": rows}


KINDS = {
    "case-code": (codes, "case codes, section 7"),
    "revision": (revisions, "revisions in their objects, section 7"),
    "standing": (standing, "which revisions stand, section 7"),
    "operation": (operations, "operations, section 6"),
    "fact": (facts, "facts, section 8"),
    "run": (runs, "runs in their objects, section 8"),
}
