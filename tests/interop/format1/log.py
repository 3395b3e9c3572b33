"""Genesis and log: who did what, in which order, signed and linked (docs/format.md, sections 3 and 6)."""

from . import objects, structures
from .cbor import encode, parse
from .primitives import Refused, derive, sha256, tree_hash, u64, verify

LOOKED_AT_AFTER_THE_HEAD = 64


class Entry:
    """One entry, its signature and digests checked; how it is linked, the log checks."""

    def __init__(self, content, card, vault, load_operations):
        outer = parse(structures.ENTRY, content)
        verify(card.signing, "entry", outer["core"], outer["sig"])
        self.core = parse(structures.ENTRY_CORE, outer["core"])
        self.hash = sha256(outer["core"])
        self.writer, self.n, self.time = self.core["writer"], self.core["n"], self.core["time"]
        if self.core["vault"] != vault or self.core["owner"] != card.hash:
            raise Refused("place", "an entry of another vault or owner")
        if (self.n == 0) != (self.core["previous"] is None):
            raise Refused("link", "only the first entry has none before it")
        if sha256(outer["private"]) != self.core["private"]:
            raise Refused("digest", "the private half is not the one signed")
        private = parse(structures.ENTRY_PRIVATE, outer["private"])
        self.heads, self.runs = private["heads"], private["runs"]
        writers = [head["writer"] for head in self.heads]
        if writers != sorted(set(writers)) or self.writer in writers:
            raise Refused("malformed", "the heads do not stand sorted, or name the entry's own writer")
        encoded = load_operations(private)
        self.operations = [parse_operation(one) for one in encoded]
        self.check_trees(private["salt"], encoded)

    def check_trees(self, salt, encoded):
        """The signed tree hashes must be those of the heads and the operations of the private half."""
        heads = [encode(head) for head in self.heads]
        for name, members in (("heads", heads), ("operations", encoded)):
            if tree_hash(leaves(salt, name.rstrip("s"), members)) != self.core[name]:
                raise Refused("digest", f"the {name} are not those signed")

    def saw(self, other):
        return any(head["writer"] == other.writer and head["hash"] == other.hash for head in self.heads)


def leaves(salt, label, members):
    return [derive(salt, label, u64(i), length=16) + member for i, member in enumerate(members)]


def parse_operation(encoded):
    operation = parse(structures.OPERATION, encoded)
    body = structures.OPERATION_BODIES.get(operation["op"])
    if body is not None:
        operation["body"] = parse(body, operation["body"])
    return operation


class Log:
    """All entries of a vault of one's own: `chains` holds them by writer and number, `damaged` what does not fit."""

    def __init__(self, folder, identity):
        self.folder, self.card, self.damaged, self.chains = folder, identity.card(), [], {}
        key = derive(identity.root, "genesis", folder.id)
        content = folder.read(objects.object_name(key), key, objects.GENESIS)
        self.is_ours = content is not None
        if not self.is_ours:
            return
        genesis = parse(structures.GENESIS, content)
        if genesis["vault"] != folder.id or genesis["owner"] != identity.hash:
            raise Refused("place", "the beginning of another vault")
        self.secret = genesis["secret"]
        for r, name in folder.announcements(self.secret):
            writer = self._announced(r, name)
            if writer is not None:
                self._walk(writer)
        self._check_heads_listed()

    def _announced(self, r, name):
        """The writer whose announcement this is."""
        try:
            first = self._entry(self.folder.read(name, objects.announcement_key(self.secret, r), objects.ENTRY))
            if first.n != 0 or objects.announcement_r(self.secret, first.writer) != r:
                raise Refused("place", "an announcement of another writer")
        except Refused as why:
            self.damaged.append(f"announcement: {why}")
            return None
        self.chains[first.writer] = {0: first}
        return first.writer

    def _walk(self, writer):
        """Reads one writer's chain. An entry that does not open is reported, and those after it are read."""
        chain, n = self.chains[writer], 1
        while self._exists(writer, n):
            try:
                chain[n] = self._numbered(writer, n)
                if n - 1 in chain and chain[n].core["previous"] != chain[n - 1].hash:
                    raise Refused("link", f"entry {n} does not follow entry {n - 1}")
            except Refused as why:
                self.damaged.append(f"entry {n}: {why}")
            n += 1
        if any(self._exists(writer, later) for later in range(n, n + LOOKED_AT_AFTER_THE_HEAD)):
            self.damaged.append(f"entry {n}: missing")

    def _key(self, writer, n):
        return derive(self.secret, "entry", writer, u64(n))

    def _exists(self, writer, n):
        return self.folder.has(objects.object_name(self._key(writer, n)))

    def _numbered(self, writer, n):
        entry = self._entry(self.folder.named(self._key(writer, n), objects.ENTRY, "an entry"))
        if (entry.writer, entry.n) != (writer, n):
            raise Refused("place", "an entry of another writer or number")
        return entry

    def _entry(self, content):
        return Entry(content, self.card, self.folder.id, self._operations)

    def _operations(self, private):
        """The encoded operations of an entry, inline or in an object of their own."""
        place = private["object"]
        if place is None:
            return private["inline"]
        if private["inline"]:
            raise Refused("malformed", "operations inline and in an object")
        content = self.folder.named(place["key"], objects.OPERATIONS, "the operations of an entry")
        operations = parse(structures.OPERATIONS, content)["operations"]
        if sha256(content) != place["digest"] or len(operations) != place["count"]:
            raise Refused("digest", "the operations are not those named")
        return operations

    def entries(self):
        """All entries by time, writer and number."""
        everything = (entry for chain in self.chains.values() for entry in chain.values())
        return sorted(everything, key=lambda entry: (entry.time, entry.writer, entry.n))

    def entry(self, writer, n):
        return self.chains.get(writer, {}).get(n)

    def _check_heads_listed(self):
        """Every head an entry lists must stand in its writer's chain."""
        for entry in self.entries():
            for head in entry.heads:
                seen = self.entry(head["writer"], head["n"])
                if seen is None or seen.hash != head["hash"]:
                    self.damaged.append(f"entry {entry.n}: it saw an entry that is not there")

    def newest(self):
        """The heads that no other head has seen."""
        heads = [chain[max(chain)] for chain in self.chains.values()]
        return [head for head in heads if not any(other.saw(head) for other in heads)]
