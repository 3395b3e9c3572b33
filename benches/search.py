#!/usr/bin/env python3
"""`search` beside ripgrep over the same texts as plain files, in turn.

    python3 benches/search.py [--cases N] [--no-build] [--rounds N] [--disk DIR]

Invents N cases (100,000) of one text of 4 KB each, in four scripts, with words as rare and as common as words of a
language are; records them with `ingest`, and writes each text as a plain file beside. Then asks both for the same.
From sanduq's times the unlock is taken away, measured in the same rounds with the same identity (Argon2id, 64 MiB).
What `rg` does not know (names across scripts, spellings) is asked of sanduq alone. Prints a Markdown table. Needs
2 GB and, for the comparison, `rg` (apt-get install ripgrep). Standard library only.
"""

import argparse
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from harness import ROOT, Person, Vault, median, process, spread  # noqa: E402

TEXT_BYTES = 4000
WORDS_A_SCRIPT = 20_000
SYLLABLES = {
    "latin": "ba ke li mo su ter an dol es in ra ven sha qo pri tum".split(),
    "cyrillic": "ба ке лі мо су тар ән дық ес ін ра ған ша қо же тұр".split(),
    "arabic": "با كە لى مو سۇ تار ئان دىق ئەس گەن شا قو جە تۇر نى دا".split(),
}
CHARACTERS = [chr(0x4E00 + 7 * n) for n in range(2500)]

# Planted: what is asked for, how many texts have it, and what rg is asked.
PLANTED = {
    "a rare word": ("қарлығаш", "қарлығаш", 5),
    "a phrase": ('"екі қара көлік тоқтады"', "екі қара көлік тоқтады", 20),
    "a word of Arabic letters": ("ئۆستەڭبويى", "ئۆستەڭبويى", 50),
    "a Chinese word": ("柳絮飛", "柳絮飛", 50),
    "a date": ("2017-06-23", "2017-06-23", 200),
    "a code": ("J4T8-2M9Q", "J4T8-2M9Q", 3),
    "a name": ("Dilnaz Omarbek", "Dilnaz Omarbek", 10),
}
# The same name in other letters, which only sanduq finds.
OTHER_SPELLING = "Дилназ Омарбек"


def vocabulary(numbers):
    """Words of three alphabets and one without, the common ones short."""
    scripts = []
    for syllables in SYLLABLES.values():
        words = dict.fromkeys(syllables)
        while len(words) < WORDS_A_SCRIPT:
            words["".join(numbers.choices(syllables, k=numbers.randint(2, 5)))] = None
        scripts.append(list(words))
    scripts.append(["".join(numbers.choices(CHARACTERS, k=2)) for _ in range(WORDS_A_SCRIPT)])
    return scripts


def texts(cases):
    """Invented texts, each in one script, its words as often as Zipf's law says."""
    numbers = random.Random(7)
    scripts = vocabulary(numbers)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(WORDS_A_SCRIPT)))
    planted = {}
    for words, _, count in [*PLANTED.values(), (OTHER_SPELLING, None, 10)]:
        for number in numbers.sample(range(cases), min(count, cases)):
            planted.setdefault(number, []).append(words.strip('"'))
    for number in range(cases):
        words = scripts[number % 4]
        chosen, size, lines = numbers.choices(words, cum_weights=weights, k=700 if number % 4 in (0, 3) else 420), 0, []
        space = "" if number % 4 == 3 else " "
        for at in range(0, len(chosen), 12):
            line = space.join(chosen[at : at + 12]).capitalize() + "."
            size += len(line.encode()) + 1
            if size > TEXT_BYTES:
                break
            lines.append(line)
        for extra in planted.get(number, []):
            lines.insert(numbers.randrange(len(lines)), extra)
        yield "\n".join(lines)


def write(folder, cases):
    """The texts as plain files, and as lines for `ingest`."""
    plain = folder / "plain"
    total = 0
    with open(folder / "cases.jsonl", "w", encoding="utf-8") as out:
        for number, text in enumerate(texts(cases)):
            place = plain / f"{number // 1000:03}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number:06}.txt").write_text(text, encoding="utf-8")
            total += len(text.encode())
            out.write(json.dumps({"parts": {"testimony": {"text": text}}}, ensure_ascii=False) + "\n")
    return plain, total


def queries(plain):
    """What is asked: planted words, and the most common ones of the texts."""
    asked = dict(PLANTED)
    words = (plain / "000/000001.txt").read_text(encoding="utf-8").split()
    common = max(set(words), key=words.count).strip(".").lower()
    asked["a very common word"] = (f'"{common}"', common, None)
    asked["the beginning of many words"] = ("қож", "қож", None)
    asked["two common words"] = (f"{common} ра", None, None)
    asked["a name in other letters"] = ("Dilnaz", None, None)
    return asked


def rg(words, plain):
    """ripgrep, which exits with 1 when nothing is found."""
    line = ["rg", "--fixed-strings", "--no-config", words, str(plain)]
    return process(["sh", "-c", '"$@" >/dev/null || test $? = 1', "sh", *line])


def measure(options, folder, plain):
    """Each query in turn with the unlock and with ripgrep."""
    vault = Vault(Person(folder / "me"), folder / "V")
    start = time.perf_counter()
    vault.run("ingest", folder / "cases.jsonl")
    print(f"ingest {time.perf_counter() - start:.1f} s", file=sys.stderr)
    (folder / "cases.jsonl").unlink()
    start = time.perf_counter()
    made = vault.run("search", "қарлығаш")
    first = f"the first search, which makes the index: {time.perf_counter() - start:.1f} s, peak {made.peak_mib:.0f} MiB"
    files = [path for path in (folder / "me/identity.memory").iterdir() if ".search" in path.name]
    size = sum(path.stat().st_size for path in files)
    has_rg = shutil.which("rg") is not None
    rows, unlocks = [], []
    for name, (words, theirs, count) in queries(plain).items():
        ours, peer, unlocked = [], [], []
        for _ in range(options.rounds):
            unlocked.append(vault.owner.run("card").seconds)
            # A word an argument; what is to stand side by side stands in quotes.
            run = vault.run("search", "--json", *([words] if words[0] == '"' else words.split()))
            ours.append(run)
            if has_rg and theirs:
                peer.append(rg(theirs, plain).seconds)
        unlocks += unlocked
        seconds = [max(run.seconds - median(unlocked), 0.0005) for run in ours]
        answer = json.loads(ours[0].output)
        found = len(answer["found"]) + answer["more"]
        if count is not None and found < count:
            print(f"{name}: {found} found, {count} planted", file=sys.stderr)
        rows.append((name, found, seconds, peer))
        print(name, found, spread(seconds), spread(peer) if peer else "", file=sys.stderr)
    note = f"{first}; the index is {size / 1e6:.0f} MB in {len(files)} files; unlock {spread(unlocks)}"
    return rows, note


def main():
    """Makes the cases, asks, prints the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--no-build", action="store_true", help="take the program that is there")
    options.add_argument("--disk", default="/tmp", help="a folder on ext4")
    options = options.parse_args()
    if not options.no_build:
        subprocess.run(["cargo", "build", "--release", "--bin", "sanduq"], cwd=ROOT, check=True)
    folder = Path(tempfile.mkdtemp(prefix="sanduq-search-", dir=options.disk))
    try:
        plain, total = write(folder, options.cases)
        rows, note = measure(options, folder, plain)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    version = shutil.which("rg") and re.match(r"\S+ \S+", process(["rg", "--version"]).output)[0]
    print(f"{options.cases:,} cases, {total / 1e6:.0f} MB of text, {options.rounds} alternating rounds; {version}; {note}.\n")
    print("| asked for | found in | sanduq search | ripgrep | ratio | under 0.3 s, no slower |\n|---|---|---|---|---|---|")
    for name, found, ours, peer in rows:
        ratio = f"{median(ours) / median(peer):.2f}" if peer else ""
        good = median(ours) < 0.3 and (not peer or median(ours) <= median(peer))
        print(f"| {name} | {found:,} | {spread(ours)} | {spread(peer) if peer else ''} | {ratio} | {'yes' if good else '**no**'} |")


if __name__ == "__main__":
    main()
