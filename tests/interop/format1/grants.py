"""Messages and grants: what others shared (docs/format.md, sections 3 and 9)."""

from . import objects, structures
from .age import open_hybrid
from .cbor import parse
from .identity import Card, mailbox
from .primitives import Refused, derive, sha256, u64, verify
from .revisions import open_revision

WALKED_OVER = 64


def numbered_message(family, writer, n):
    """Key and name of message n of a writer."""
    if n == 0:
        r = objects.announcement_r(family, writer)
        return objects.announcement_key(family, r), objects.announcement_name(family, r)
    key = derive(family, "message", writer, u64(n))
    return key, objects.object_name(key)


def open_grant(inside, sender):
    """The core and the content of a grant by this sender."""
    grant = parse(structures.GRANT, inside)
    verify(sender.signing, "grant", grant["core"], grant["sig"])
    core = parse(structures.GRANT_CORE, grant["core"])
    if sha256(grant["content"]) != core["content"]:
        raise Refused("digest", "the content is not the one signed")
    return core, parse(structures.GRANT_CONTENT, grant["content"])


class Received:
    """What one contact shared in a folder: `cases` holds {case: {(part, revision): [keys]}}."""

    def __init__(self, folder, identity, sender):
        self.folder, self.identity, self.sender = folder, identity, sender
        self.cases, self.cards, self.damaged, self.messages = {}, {sender.hash: sender}, [], 0
        self.family = mailbox(identity, sender.mailbox, folder.id, sender.hash, identity.hash)
        for r, name in folder.announcements(self.family):
            self._walk(r, name)

    def _walk(self, r, name):
        """Reads one writer's messages, one by one, until 64 names after each other are missing."""
        try:
            key = objects.announcement_key(self.family, r)
            core = self.take(self.folder.read(name, key, objects.MESSAGE))
            writer = core["writer"]
            if core["n"] != 0 or objects.announcement_r(self.family, writer) != r:
                raise Refused("place", "an announcement of another writer")
        except Refused as why:
            self.damaged.append(f"message: {why}")
            return
        n, missing = 1, 0
        while missing < WALKED_OVER:
            missing = 0 if self._numbered(writer, n, missing) else missing + 1
            n += 1

    def _numbered(self, writer, n, missing_before):
        """Takes message n, if there is one; gives whether the name is occupied."""
        key, name = numbered_message(self.family, writer, n)
        if not self.folder.has(name):
            return False
        if missing_before:
            self.damaged.append(f"message: {missing_before} missing before message {n}")
        try:
            self.take(self.folder.read(name, key, objects.MESSAGE), (writer, n))
        except Refused as why:
            self.damaged.append(f"message {n}: {why}")
        return True

    def take(self, content, place=None):
        """Takes what a message gives, after everything about it was checked."""
        core, granted = open_grant(open_hybrid(self.identity.hybrid, content), self.sender)
        if (core["vault"], core["sender"], core["recipient"]) != (
            self.folder.id, self.sender.hash, self.identity.hash
        ):
            raise Refused("place", "a grant of another vault, sender or recipient")
        if place is not None and (core["writer"], core["n"]) != place:
            raise Refused("place", "a grant of another writer or number")
        self.cards |= {card.hash: card for card in map(Card.of_bytes, granted["cards"])}
        for case in granted["cases"]:
            references = self.cases.setdefault(case["case"], {})
            for one in case["revisions"]:
                references.setdefault((one["part"], one["revision"]), []).append(one["key"])
        self.messages += 1
        return core

    def revisions(self, case):
        """The revisions of a case, by part; several references to one are tried until one opens."""
        parts = {}
        for (part, identifier), keys in self.cases[case].items():
            revision = self._first_that_opens(keys, identifier, case, part)
            if revision is not None:
                parts.setdefault(part, []).append(revision)
        return parts

    def _first_that_opens(self, keys, identifier, case, part):
        for key in keys:
            try:
                revision = open_revision(self.folder, key, identifier, self.cards)
                if (revision.case, revision.part) != (case, part):
                    raise Refused("place", "a revision of another case or part")
                return revision
            except Refused as why:
                refused = why
        self.damaged.append(f"revision: {refused}")
        return None
