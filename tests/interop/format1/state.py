"""Facts and the runs that hold them (docs/format.md, section 8)."""

from . import objects, structures
from .cbor import parse
from .primitives import Refused, sha256

BLOCK, KEY = 65536, 33
CONTACT, MESSAGE, CARD, BUNDLE, CODE = 1, 2, 3, 4, 5
OPENED, TITLE, REVISION, GIVEN, ENDED, RECEIVED = 16, 17, 18, 19, 20, 21
NO_CASE = bytes(16)


class State:
    """The facts of all live runs, joined by union."""

    def __init__(self, folder, entries, damaged):
        self.rows, self.runs = {}, set()
        for entry in entries:
            for reference in entry.runs:
                if reference["key"] in self.runs:
                    continue
                self.runs.add(reference["key"])
                try:
                    self._join(read_run(folder, reference))
                except Refused as why:
                    damaged.append(f"run: {why}")

    def _join(self, rows):
        """Of two values under one key the smaller one in byte order stands."""
        for key, value in rows:
            self.rows[key] = min(value, self.rows.get(key, value))

    def facts(self, kind, case=NO_CASE):
        """The (id, value) of every fact of this kind in this case."""
        prefix = case + bytes([kind])
        return [(key[17:], parse_fact(key, value)) for key, value in sorted(self.rows.items()) if key[:17] == prefix]

    def parse_all(self):
        """Reads every fact; those of kinds that are not known are kept as they are."""
        return [parse_fact(key, value) for key, value in self.rows.items()]

    def cases(self):
        return sorted({key[:16] for key in self.rows} - {NO_CASE})


def parse_fact(key, value):
    """The value of a fact whose kind is known; its id must be the one that the value asks for."""
    kind, identifier = key[16], key[17:]
    if kind not in structures.FACTS:
        return None
    fact = parse(structures.FACTS[kind], value)
    own_id = {CONTACT: lambda: fact["id"], CARD: lambda: sha256(parse(structures.CARD, fact["card"])["core"])[:16],
              CODE: lambda: fact["digest"][:16], REVISION: lambda: fact["revision"][:16]}
    if identifier != own_id.get(kind, lambda: sha256(value)[:16])():
        raise Refused("place", "a fact under another fact's id")
    return fact


def read_run(folder, reference):
    """The (key, value) rows of a run named by an entry."""
    content = folder.named(reference["key"], objects.RUN, "a run")
    index, rows = parse_run(content)
    if sha256(index) != reference["digest"] or len(rows) != reference["rows"]:
        raise Refused("digest", "another run than the one named")
    return rows


def parse_run(content):
    """The index, as bytes, and the rows of a run."""
    length = int.from_bytes(content[-4:], "big")
    end = len(content) - 4 - length
    if end < 0:
        raise Refused("malformed", "the index is longer than the run")
    raw = content[end : end + length]
    index, rows = parse(structures.RUN_INDEX, raw), []
    for i, block in enumerate(index["blocks"]):
        start, stop = i * BLOCK, (i + 1) * BLOCK if i < len(index["blocks"]) - 1 else end
        rows += _block(block, content[start:stop], is_last=stop == end)
    keys = [key for key, _ in rows]
    if len(rows) != index["rows"] or keys != sorted(set(keys)):
        raise Refused("malformed", "the rows do not stand sorted, or are not as many as the index says")
    if not index["blocks"] and end:
        raise Refused("malformed", "bytes that belong to no block")
    return raw, rows


def _block(block, data, is_last):
    filled, zeros = data[: block["bytes"]], data[block["bytes"] :]
    if len(filled) != block["bytes"] or zeros.strip(b"\0") or is_last and zeros:
        raise Refused("malformed", "a block is not filled as the index says")
    if sha256(filled) != block["digest"]:
        raise Refused("digest", "the rows of a block are not those of the index")
    rows, at = [], 0
    while at < len(filled):
        length = int.from_bytes(filled[at : at + 2], "big")
        key, value = filled[at + 2 : at + 2 + KEY], filled[at + 2 + KEY : at + 2 + KEY + length]
        if not 1 <= length <= 60_000 or len(value) != length:
            raise Refused("malformed", "a row of a length that no row has")
        rows.append((key, value))
        at += 2 + KEY + length
    if not rows or rows[0][0] != block["first"]:
        raise Refused("malformed", "a block does not begin with the key that the index says")
    return rows
