#!/usr/bin/env python3
"""Reads a sanduq vault without sanduq, as docs/format.md describes it. Needs `cryptography` and `argon2-cffi`.

    reader.py --vault DIR --identity FILE [--passphrase-fd N] list
    reader.py --vault DIR --identity FILE [--passphrase-fd N] show CODE
    reader.py --vault DIR --identity FILE [--passphrase-fd N] log
    reader.py --vault DIR --identity FILE [--passphrase-fd N] check

In a vault of one's own it reads everything, in somebody else's what the contacts in the address book beside the
identity file shared. It prints one JSON document, writes nothing, and ends with 12 when something is damaged.
"""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from format1 import identity as identities
from format1 import objects
from format1 import state as states
from format1.grants import Received, numbered_message
from format1.log import Log
from format1.objects import Folder, read_exhibit
from format1.primitives import Refused
from format1.revisions import case_code, has_code, heads, open_revision, part_order, read_code, standing_exhibits


class OwnVault:
    """A vault of one's own: everything in it."""

    def __init__(self, folder, identity, contacts, log):
        self.folder, self.identity, self.log, self.damaged = folder, identity, log, log.damaged
        self.state = states.State(folder, log.newest(), self.damaged)
        self.cards = {identity.hash: identity.card()} | {card.hash: card for _, card in contacts.values()}
        for _, fact in self.state.facts(states.CARD):
            card = identities.Card.of_bytes(fact["card"])
            self.cards[card.hash] = card
        records = [fact for _, fact in self.state.facts(states.CONTACT)]
        self.cards |= {card.hash: card for _, card in identities.standing_contacts(records).values()}

    def views(self):
        """(sender, owner whose vectors count, cases, how to get at the revisions of one)."""
        yield None, self.identity.hash, self.state.cases(), self.revisions

    def revisions(self, case):
        parts = {}
        for _, fact in self.state.facts(states.REVISION, case):
            try:
                revision = open_revision(self.folder, fact["key"], fact["revision"], self.cards)
                self._compare(revision, fact, case)
                self._check_recorded(fact, case)
                parts.setdefault(fact["part"], []).append(revision)
            except Refused as why:
                self.damaged.append(f"revision: {why}")
        return parts

    @staticmethod
    def _compare(revision, fact, case):
        """A fact repeats what its revision says; where they differ, one of them lies."""
        if revision.case != case or any(
            revision.core[field] != fact[field] for field in ("part", "author", "branch", "index", "vector", "time")
        ):
            raise Refused("place", "a fact and its revision differ")

    def _check_recorded(self, fact, case):
        """The operation that a fact names must have recorded just this revision."""
        place = fact["entry"]
        entry = self.log.entry(place["writer"], place["n"])
        operations = entry.operations[place["operation"] :][:1] if entry else []
        if not any(done["case"] == case and fact["revision"] in recorded_by(done) for done in operations):
            raise Refused("place", "no operation recorded this revision")

    def messages(self):
        """How many of the messages that must exist stand there, sealed as they should be."""
        return sum(self._stands(fact) for _, fact in self.state.facts(states.MESSAGE))

    def _stands(self, fact):
        to = self.cards.get(fact["to"])
        if to is None:
            self.damaged.append("message: to somebody whose card is not here")
            return False
        family = identities.mailbox(self.identity, to.mailbox, self.folder.id, self.identity.hash, to.hash)
        key, name = numbered_message(family, fact["writer"], fact["n"])
        try:
            found = self.folder.read(name, key, objects.MESSAGE)
        except Refused as why:
            self.damaged.append(f"message: {why}")
            return False
        if found is None:
            self.damaged.append("message: missing")
        return found is not None

    def counts(self):
        self.state.parse_all()
        return {
            "writers": len(self.log.chains), "entries": len(self.log.entries()), "runs": len(self.state.runs),
            "messages": self.messages(),
        }

    def title(self, case):
        facts = self.state.facts(states.TITLE, case)
        replaced = {identifier for _, fact in facts for identifier in fact["replaces"]}
        standing = [fact for identifier, fact in facts if identifier not in replaced]
        return max(standing, key=lambda fact: fact["time"])["title"] if standing else None


def recorded_by(operation):
    """The revisions that an operation recorded in this vault."""
    if operation["op"] == 2:
        return [operation["body"]["revision"]]
    return [given["revision"] for given in operation["body"]["revisions"]] if operation["op"] in (6, 7) else []


class SharedVault:
    """Somebody else's vault: what each contact shared, one view for each."""

    def __init__(self, folder, identity, contacts):
        self.folder, self.damaged = folder, []
        self.received = [Received(folder, identity, card) for _, card in contacts.values()]
        self.contacts = contacts

    def views(self):
        for received in self.received:
            yield received.sender.hash, received.sender.hash, sorted(received.cases), received.revisions
            self.damaged += received.damaged

    def counts(self):
        return {"messages": sum(received.messages for received in self.received)}

    def title(self, _case):
        return None


def open_vault(arguments):
    folder = Folder(arguments.vault)
    identity = identities.open_identity(Path(arguments.identity).read_bytes(), passphrase(arguments.passphrase_fd))
    book, contacts = Path(arguments.identity + ".contacts"), {}
    if book.exists():
        contacts = identities.standing_contacts(identities.open_address_book(identity, book.read_bytes()))
        for record, card in contacts.values():
            identities.is_verified(identity, record, card)
    log = Log(folder, identity)
    return OwnVault(folder, identity, contacts, log) if log.is_ours else SharedVault(folder, identity, contacts)


def passphrase(descriptor):
    if descriptor is None:
        return getpass.getpass("Passphrase: ")
    with os.fdopen(descriptor, "rb") as lines:
        return lines.readline().decode().rstrip("\n")


def describe(vault, case, sender):
    return {"case": case, "code": case_code(case), "from": sender, "title": vault.title(case)}


def list_cases(vault):
    listed = []
    for sender, _, cases, revisions in vault.views():
        for case in cases:
            parts = sorted(revisions(case), key=part_order)
            listed.append(describe(vault, case, sender) | {"parts": parts})
    return listed


def show_case(vault, typed):
    letters, shown = read_code(typed), []
    for sender, owner, cases, revisions in vault.views():
        for case in (case for case in cases if has_code(case, letters)):
            parts = revisions(case)
            in_order = sorted(parts, key=part_order)
            described = [show_part(vault.folder, part, parts[part], owner) for part in in_order]
            shown.append(describe(vault, case, sender) | {"parts": described})
    return shown


def show_part(folder, part, revisions, owner):
    return {
        "part": part,
        "revisions": len(revisions),
        "shown": [
            {
                "id": revision.id, "author": revision.author, "time": revision.time, "lang": revision.lang,
                "text": revision.text, "form": revision.form, "exhibits": [show_exhibit(folder, exhibit) for exhibit in revision.exhibits],
            }
            for revision in heads(revisions, owner)
        ],
        "exhibits": [exhibit["sha256"] for exhibit in standing_exhibits(revisions, owner)],
    }


def show_exhibit(folder, exhibit):
    """An exhibit, read through."""
    read_exhibit(folder, exhibit)
    return {"exhibit": f"E{exhibit['number']}"} | {field: exhibit[field] for field in ("name", "bytes", "sha256")}


def show_log(vault):
    if not isinstance(vault, OwnVault):
        raise Refused("place", "only the owner reads a log")
    return [
        {
            "time": entry.time, "writer": entry.writer, "n": entry.n, "entry": entry.hash, "operation": operation["op"],
            "case": operation["case"], "code": operation["case"] and case_code(operation["case"]),
        }
        for entry in vault.log.entries()
        for operation in entry.operations
    ]


def check(vault):
    """Opens everything there is and counts it."""
    exhibits, counts = {}, {"cases": 0, "revisions": 0}
    for _, _, cases, revisions in vault.views():
        for case in cases:
            parts = revisions(case).values()
            counts["cases"] += 1
            counts["revisions"] += sum(map(len, parts))
            held = [exhibit for several in parts for revision in several for exhibit in revision.exhibits]
            exhibits |= {(exhibit["sha256"], *exhibit["segments"]): exhibit for exhibit in held}
    counts["exhibits"] = len([show_exhibit(vault.folder, exhibit) for exhibit in exhibits.values()])
    counts["segments"] = sum(len(exhibit["segments"]) for exhibit in exhibits.values())
    return counts | vault.counts()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vault", required=True)
    parser.add_argument("--identity", required=True)
    parser.add_argument("--passphrase-fd", type=int)
    parser.add_argument("command", choices=["list", "show", "log", "check"])
    parser.add_argument("code", nargs="?")
    arguments = parser.parse_args()
    try:
        vault = open_vault(arguments)
        commands = {"list": list_cases, "log": show_log, "check": check, "show": lambda v: show_case(v, arguments.code)}
        result = commands[arguments.command](vault)
    except Refused as why:
        sys.exit(f"reader: {why}")
    print(json.dumps({"result": result, "damaged": vault.damaged}, default=bytes.hex, ensure_ascii=False, indent=2))
    sys.exit(12 if vault.damaged else 0)


if __name__ == "__main__":
    main()
