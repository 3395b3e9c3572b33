"""Revisions, how they are laid out and digested, which of them stand (docs/format.md, section 7)."""

import json
import re

from . import objects, structures
from .cbor import parse
from .primitives import Refused, sha256, verify

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AS_WRITTEN = str.maketrans("abcdefghijklmnopqrstuvwxyzOIL", "ABCDEFGH1JK1MN0PQRSTUVWXYZ011")
KINDS = ["person", "testimony", "whereabouts", "medical", "notes", "exhibits", "consent"]


class Revision:
    """One signed state of a part: signature, digests and order checked."""

    def __init__(self, content, cards):
        outer = parse(structures.REVISION, content)
        self.core = parse(structures.REVISION_CORE, outer["core"])
        self.id, self.case, self.part = sha256(outer["core"]), self.core["case"], self.core["part"]
        self.author, self.time, self.text, self.lang = (
            self.core["author"], self.core["time"], outer["text"], outer["lang"]
        )
        self.random, self.exhibits, self.removed = outer["random"], outer["exhibits"], outer["removed"]
        self.form = outer.get("form")
        if self.author not in cards:
            raise Refused("author", "by somebody whose card is not here")
        verify(cards[self.author].signing, "revision", outer["core"], outer["sig"])
        self._check_order()
        if self.core["exhibits"] != [exhibit["sha256"] for exhibit in self.exhibits]:
            raise Refused("digest", "the exhibits are not those signed")
        if self.content_digest() != self.core["content"]:
            raise Refused("digest", "text or exhibits are not those signed")

    def _check_order(self):
        exhibits = [(exhibit["number"], exhibit["sha256"]) for exhibit in self.exhibits]
        files = {(number, digest[:4]) for number, digest in exhibits}
        vector = [(place["author"], place["branch"]) for place in self.core["vector"]]
        if exhibits != sorted(exhibits) or len(files) != len(exhibits) or self.removed != sorted(set(self.removed)):
            raise Refused("malformed", "exhibits or removed ones do not stand sorted")
        own = self.index_of(self.author, self.core["branch"])
        if vector != sorted(set(vector)) or len(vector) > 512 or own != self.core["index"]:
            raise Refused("malformed", "the vector does not stand sorted, or leaves the revision itself out")
        if not any(self.case):
            raise Refused("malformed", "of no case")
        for exhibit in self.exhibits:
            if not 1 <= exhibit["number"] <= 999_999_999:
                raise Refused("malformed", "a number that no exhibit has")

    def index_of(self, author, branch):
        """The highest index on this branch that the revision knows of, or None."""
        for place in self.core["vector"]:
            if place["author"] == author and place["branch"] == branch:
                return place["index"]
        return None

    def part_json(self):
        """The file part.json, byte for byte."""
        document = {
            "sanduq": "part 1", "case": self.case.hex(), "part": self.part, "lang": self.lang,
            "random": self.random.hex(), "statement": self.text is not None,
        } | ({} if self.form is None else {"form": True}) | {
            "exhibits": [self._exhibit_json(exhibit) for exhibit in self.exhibits],
            "removed": [digest.hex() for digest in self.removed],
        }
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()

    def _exhibit_json(self, exhibit):
        return {
            "id": f"E{exhibit['number']}", "name": exhibit["name"], "file": self.file_of(exhibit),
            "bytes": exhibit["bytes"], "sha256": exhibit["sha256"].hex(),
        }

    def file_of(self, exhibit):
        name = f"exhibits/E{exhibit['number']}"
        if sum(other["number"] == exhibit["number"] for other in self.exhibits) > 1:
            name += "-" + exhibit["sha256"].hex()[:8]
        extension = re.fullmatch(r".+\.([A-Za-z0-9]{1,8})", exhibit["name"], re.DOTALL)
        return name + ("." + extension[1].lower() if extension else "")

    def content_digest(self):
        """SHA-256 of what `sha256sum part.json statement.txt form.json` prints about those that are there."""
        lines = sha256(self.part_json()).hex() + "  part.json\n"
        if self.text is not None:
            lines += sha256(self.text.encode()).hex() + "  statement.txt\n"
        if self.form is not None:
            lines += sha256(self.form.encode()).hex() + "  form.json\n"
        return sha256(lines.encode())


def open_revision(folder, key, identifier, cards):
    """The revision under this key, which must be the one that is meant."""
    revision = Revision(folder.named(key, objects.REVISION, "a revision"), cards)
    if revision.id != identifier:
        raise Refused("digest", "another revision than the one named")
    return revision


def replaces(a, b, owner):
    """Whether the vector of `a` covers `b`. Of one that is not by the owner only its own author's entries count."""
    if a["own"] == b["own"] or a["own"]["author"] not in (owner, b["own"]["author"]):
        return False
    place = b["own"]
    return any(
        (held["author"], held["branch"]) == (place["author"], place["branch"]) and held["index"] >= place["index"]
        for held in a["vector"]
    )


def standing_indices(places, owner):
    """Which of several {own, vector} no other one of them replaces."""
    return [i for i, b in enumerate(places) if not any(replaces(a, b, owner) for a in places)]


def heads(revisions, owner):
    """The revisions of one part that no other one of them replaces, by time and id."""
    places = [
        {"own": {field: r.core[field] for field in ("author", "branch", "index")}, "vector": r.core["vector"]}
        for r in revisions
    ]
    return sorted((revisions[i] for i in standing_indices(places, owner)), key=lambda r: (r.time, r.id))


def standing_exhibits(revisions, owner):
    """The exhibits of a part: the union over its heads, less what was left out."""
    own = [r for r in heads(revisions, owner) if r.author == owner]
    others = [r for r in heads(revisions, owner) if r.author != owner]
    held_by_owner = {exhibit["sha256"] for r in own for exhibit in r.exhibits}
    removed = {digest for r in own for digest in r.removed}
    removed |= {digest for r in others for digest in r.removed} - held_by_owner
    union = {exhibit["sha256"]: exhibit for r in own + others for exhibit in r.exhibits}
    return [exhibit for digest, exhibit in sorted(union.items()) if digest not in removed]


def part_order(part):
    kind = part.split("/")[0]
    return KINDS.index(kind), part


def _code_digits(case):
    """The hash of which a code shows the beginning, as numbers of five bits."""
    h = int.from_bytes(sha256(b"sanduq/1 case code\0" + case), "big")
    return [h >> 256 - 5 * (i + 1) & 31 for i in range(51)]


def _times_alpha(element, exponent):
    """Multiplies by x to the given power in GF(32) with x⁵ + x² + 1."""
    for _ in range(exponent):
        element <<= 1
        if element & 32:
            element ^= 0b100101
    return element


def check_digit(digits):
    total = 0
    for i, digit in enumerate(digits, start=1):
        total ^= _times_alpha(digit, i)
    return total


def case_code(case, more=0):
    """The code of a case, as it is shown; `more` groups of four tell apart cases that share one."""
    digits = _code_digits(case)
    groups = [digits[:4], digits[4:7] + [check_digit(digits[:7])]]
    groups += [digits[7 + 4 * i : 11 + 4 * i] for i in range(more)]
    return "-".join("".join(ALPHABET[digit] for digit in group) for group in groups)


def read_code(typed):
    """The characters of a code as somebody wrote it down, its check character looked at."""
    letters = re.sub("[- \u2010-\u2015]", "", typed).translate(AS_WRITTEN)
    if not 8 <= len(letters) <= 48 or len(letters) % 4 or any(letter not in ALPHABET for letter in letters):
        raise Refused("code", "no case code")
    digits = [ALPHABET.index(letter) for letter in letters]
    if check_digit(digits[:7]) != digits[7]:
        raise Refused("code", "the check character does not fit")
    return letters


def has_code(case, letters):
    return case_code(case, more=(len(letters) - 8) // 4).replace("-", "") == letters
