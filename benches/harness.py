"""Fresh processes with their time and peak of memory, people, vaults and invented texts for `compare.py`."""

import dataclasses
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SANDUQ = ROOT / "target/release/sanduq"
PASSPHRASE = "seven invented words for one bench only"
MIB = 1 << 20
UNLOCK_MIB = 64  # --kdf low

@dataclasses.dataclass
class Run:
    """What one process took."""

    seconds: float
    peak_mib: float


class Failed(Exception):
    """A program did not do what was asked of it."""


class Bench:
    """Where it happens, how often, and what was found."""

    def __init__(self, options):
        self.quick = options.quick
        self.rounds = options.rounds or (3 if options.quick else 7)
        self.disk = Path(tempfile.mkdtemp(prefix="sanduq-bench-", dir=options.disk))
        self.memory = Path(tempfile.mkdtemp(prefix="sanduq-bench-", dir=options.memory))
        self.file_bytes = (64 if options.quick else 512) * MIB
        self.lines, self.notes, self.sharers = [], [], {}
        for folder in (self.disk, self.memory):
            shell(folder, "age-keygen -o K 2>/dev/null; age-keygen -y K > R")
        self.me = Person(self.memory / "me")
        unlocks = [self.me.run("card").seconds for _ in range(max(5, self.rounds))]
        self.unlock = statistics.median(unlocks)
        self.note(f"unlock (`card`, `--kdf low`): {spread(unlocks)}; taken away from every time of sanduq")

    def close(self):
        """Removes everything that was made."""
        for folder in (self.disk, self.memory):
            shutil.rmtree(folder, ignore_errors=True)

    def note(self, text):
        """A sentence under the table."""
        self.notes.append(text)
        print(text, file=sys.stderr)

    def line(self, work, ours, peer, ratio, target, reached):
        """A line of the table."""
        self.lines.append((work, ours, peer, ratio, target, "yes" if reached else "**no**"))
        print(" | ".join(map(str, self.lines[-1])), file=sys.stderr)

    def less_unlock(self, runs):
        """The work alone."""
        return [max(run.seconds - self.unlock, 0.0005) for run in runs]

    def in_turn(self, rounds=None, **works):
        """Runs each work once a round and gives the runs of each."""
        runs = {name: [] for name in works}
        for _ in range(rounds or self.rounds):
            for name, work in works.items():
                runs[name].append(work())
        return runs

    def file(self, folder):
        """A file of the size under test that nothing can compress, in the page cache."""
        path = folder / "F"
        if not path.exists():
            with open(path, "wb") as out:
                for _ in range(self.file_bytes // MIB):
                    out.write(os.urandom(MIB))
        return path

    def many(self, cases, text_bytes=4096):
        """A vault with so many cases of two texts, made once; its codes."""
        key = (cases, text_bytes)
        if key not in self.sharers:
            vault = Vault(self.me, self.memory / f"many-{cases}-{text_bytes}")
            source = self.memory / "cases.jsonl"
            write_cases(source, cases, text_bytes)
            vault.run("ingest", source)
            source.unlink()
            self.sharers[key] = vault
        return self.sharers[key]

    def many_told(self, cases):
        """A vault with so many cases told in forms, a person, a consent, a testimony and notes each, made once."""
        key = (cases, "forms")
        if key not in self.sharers:
            vault = Vault(self.me, self.memory / f"told-{cases}")
            source = self.memory / "cases.jsonl"
            write_told_cases(source, cases)
            vault.run("ingest", source)
            source.unlink()
            self.sharers[key] = vault
        return self.sharers[key]


class Person:
    """An identity file of its own."""

    def __init__(self, folder):
        folder.mkdir()
        self.identity = folder / "identity"
        self.run("identity", "new", "--kdf", "low", "--own")

    def run(self, *arguments, vault=None, stdin=None, wrap=()):
        """Runs sanduq in a fresh process; `output` of the result is what it printed."""
        place = ["--vault", str(vault)] if vault else []
        read, write = os.pipe()
        os.write(write, f"{PASSPHRASE}\n{PASSPHRASE}\n".encode())
        os.close(write)
        line = [*wrap, SANDUQ, "--identity", self.identity, "--passphrase-fd", read, *place, *arguments]
        try:
            return process([str(word) for word in line], pass_fds=[read], stdin=stdin)
        finally:
            os.close(read)

    def card(self):
        """The card as a file."""
        path = self.identity.with_name("card")
        if not path.exists():
            self.run("card", "--out", path)
        return path


class Vault:
    """A new vault of somebody."""

    def __init__(self, owner, folder):
        self.owner, self.folder = owner, folder
        shutil.rmtree(folder, ignore_errors=True)
        self.run("init", "--kdf", "low", "--own")

    def run(self, *arguments, **options):
        """Runs sanduq on it."""
        return self.owner.run(*arguments, vault=self.folder, **options)

    def new_case(self):
        """The code of a new case."""
        return find_code(self.run("new").output)

    def codes(self):
        """The codes of all cases."""
        text = self.run("--json", "list").output
        return list(dict.fromkeys(CODE.findall(text)))


CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4})*\b")


def find_code(text):
    """The first case code in a text."""
    found = CODE.search(text)
    if not found:
        raise Failed(f"no case code in {text!r}")
    return found[0]


def process(line, cwd=None, pass_fds=(), stdin=None, env=None):
    """Runs one process to its end: its time and its own peak of memory."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(
            line, cwd=cwd, pass_fds=pass_fds, env=env, stdout=out, stderr=err, stdin=stdin or subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        errors = err.read().decode(errors="replace")
        if child.returncode != 0:
            words = " ".join(str(word) for word in line[:14])
            raise Failed(f"exit {child.returncode}: {words}: {errors.strip()[-400:]}")
        run = Run(seconds, usage.ru_maxrss / 1024)
        run.output, run.errors = out.read().decode(errors="replace"), errors
        return run


def shell(folder, line, env=None):
    """Runs a line of shell."""
    return process(["sh", "-c", line], cwd=folder, env=env)


def median(numbers):
    """The median of seconds."""
    return statistics.median(numbers)


def spread(seconds):
    """Median, least and most."""
    return f"{median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"


def seconds_of(runs):
    """The times of runs."""
    return [run.seconds for run in runs]


WORDS = (
    "куәгер айтты түнде үйден алып кетті лагерь хат бала ана жол қала "
    "گۇۋاھچى ئېيتتى كېچىدە ئۆيدىن ئېلىپ كەتتى خەت بالا ئانا يول شەھەر "
    "证人 说 夜里 从 家 带走 信 孩子 母亲 路 城市 the witness said at night taken from home letter child road"
).split()


def text_of(numbers, size):
    """An invented text of about so many bytes."""
    words, have = [], 0
    while have < size:
        word = numbers.choice(WORDS) + str(numbers.randrange(100))
        words.append(word)
        have += len(word.encode()) + 1
    return " ".join(words)


def cases_of(cases, size):
    """Invented cases, the same for everybody."""
    numbers = random.Random(1)
    for number in range(cases):
        yield f"case {number}", text_of(numbers, size), text_of(numbers, size)


def write_cases(path, cases, size):
    """The cases as JSONL."""
    with open(path, "w", encoding="utf-8") as out:
        for title, testimony, person in cases_of(cases, size):
            parts = {"testimony": {"text": testimony, "lang": "kk"}, "person": {"text": person, "lang": "kk"}}
            out.write(json.dumps({"title": title, "parts": parts}, ensure_ascii=False) + "\n")


CONSENT = {
    "person": "P1", "status": "limited", "given_by": "self", "mode": "oral", "purpose": ["asylum_procedure"],
    "identity_level": "pseudonym", "onward": "none", "date": "2021-01-15",
}


def write_consented_cases(path, cases, size, told):
    """The cases as JSONL with a form beside each text and a consent, or the same bytes as texts."""
    link = {"link": [{"person": "P1", "role": "victim", "event": "V1"}]}
    with open(path, "w", encoding="utf-8") as out:
        for title, first, second in cases_of(cases, size):
            if told:
                parts = {name: {"text": text, "lang": "kk", "form": link} for name, text in (("testimony", first), ("notes", second))}
                parts["consent"] = {"form": {"consent": [CONSENT]}}
            else:
                more = json.dumps(link, indent=2)
                parts = {name: {"text": text + more, "lang": "kk"} for name, text in (("testimony", first), ("notes", second))}
                parts["notes/third"] = {"text": json.dumps(CONSENT, indent=2)}
            out.write(json.dumps({"title": title, "parts": parts}, ensure_ascii=False) + "\n")


def write_told_cases(path, cases):
    """Cases told in forms as JSONL: one in ten has a document that is over, a consent to review, a hearing far ahead."""
    numbers = random.Random(1)
    with open(path, "w", encoding="utf-8") as out:
        for number in range(cases):
            year = 2021 if number % 10 == 0 else 2900
            person = {
                "person": [{"id": "P1", "name": [{"text": f"Айдос {number}", "lang": "kk-Cyrl", "kind": "birth"}]}],
                "document": [{"id": "D1", "kind": "passport", "issuer": "A", "holder": "P1", "expires": f"{year}-10-16"}],
            }
            consent = {"consent": [{"person": "P1", "status": "unclear", "review": f"{year}-03"}]}
            events = [
                {"id": f"V{n}", "date": {"edtf": f"201{n}-1X"}, "description": text_of(numbers, 500)} for n in range(4)
            ]
            testimony = {"statement": [{"lang": "kk-Cyrl", "text": text_of(numbers, 2000)}], "event": events}
            notes = {"event": [{"id": "H1", "type_of_act": ["x-hearing"], "date": {"edtf": f"{year + 900}-01-01"}}]}
            told = {"person": person, "consent": consent, "testimony": testimony, "notes": notes}
            parts = {name: {"form": form} for name, form in told.items()}
            out.write(json.dumps({"title": f"case {number}", "parts": parts}, ensure_ascii=False) + "\n")
