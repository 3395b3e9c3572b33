#!/usr/bin/env python3
"""The table "Speed and memory": sanduq beside openssl, age, cp and restic.

    python3 benches/compare.py [--quick] [--no-build] [--rounds N] [--disk DIR] [--memory DIR] [NAMES...]

Builds the release program and times it in fresh processes, in turn with its peers; medians count. From each of
sanduq's times the unlock is taken away (measured in the same run with the same identity, Argon2id at 64 MiB).
Each row is one function below; NAMES are theirs. Prints a Markdown table on standard output. Standard library only.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from harness import (  # noqa: E402
    PASSPHRASE, ROOT, UNLOCK_MIB, MIB, Bench, Failed, Person, Vault,
    cases_of, median, process, seconds_of, shell, spread, write_cases, write_consented_cases,
)

ROWS = {}


def row(function):
    """Marks a function as a row of the table."""
    ROWS[function.__name__.replace("_", "-")] = function
    return function


def attach(bench, folder):
    """One attach into a new vault of a file that is in the page cache; durable on return."""
    vault = Vault(bench.me, folder / "V")
    code = vault.new_case()
    shell(folder, "sync -f .")
    return vault.run("attach", code, bench.file(folder))


def pair(bench, folder):
    """Digest, seal and sync with stock tools."""
    bench.file(folder)
    shell(folder, "rm -f O; sync -f .")
    return shell(folder, 'openssl dgst -sha256 F >/dev/null; age -r "$(cat R)" -o O F; sync O')


def copy(bench, folder):
    """Copy and sync."""
    bench.file(folder)
    shell(folder, "rm -f G; sync -f .")
    return shell(folder, "cp --reflink=never F G; sync G")


@row
def attach_disk(bench):
    """Attach on disk."""
    at = bench.disk
    runs = bench.in_turn(ours=lambda: attach(bench, at), pair=lambda: pair(bench, at), copy=lambda: copy(bench, at))
    ours = bench.less_unlock(runs["ours"])
    for name, peer, target in (("pair", "openssl + age + sync", 0.75), ("copy", "cp + sync", 1.3)):
        ratio = median(ours) / median(seconds_of(runs[name]))
        peer = f"{peer} {spread(seconds_of(runs[name]))}"
        size = f"attach {bench.file_bytes // MIB} MiB on disk"
        bench.line(size, spread(ours), peer, f"{ratio:.2f} of the time", f"≤ {target}", ratio <= target)


@row
def attach_memory(bench):
    """Attach and extract in tmpfs."""
    at = bench.memory
    runs = bench.in_turn(ours=lambda: attach(bench, at), pair=lambda: pair(bench, at))
    ours, theirs = bench.less_unlock(runs["ours"]), seconds_of(runs["pair"])
    ratio = median(theirs) / median(ours)
    size = f"{bench.file_bytes // MIB} MiB in tmpfs"
    peer = f"openssl + age + sync {spread(theirs)}"
    bench.line(f"attach {size}", spread(ours), peer, f"{ratio:.2f} of the throughput", "≥ 1.4", ratio >= 1.4)


@row
def extract_memory(bench):
    """Extract in tmpfs."""
    at = bench.memory
    vault = Vault(bench.me, at / "V")
    code = vault.new_case()
    vault.run("attach", code, bench.file(at))
    pair(bench, at)

    def ours():
        shell(at, "rm -f P")
        return vault.run("extract", code, "E1", "--out", at / "P")

    def age():
        shell(at, "rm -f D")
        return shell(at, "age -d -i K -o D O")

    runs = bench.in_turn(ours=ours, age=age)
    shell(at, "cmp F P && cmp F D && rm -f P D O")
    own, theirs = bench.less_unlock(runs["ours"]), seconds_of(runs["age"])
    ratio = median(theirs) / median(own)
    work = f"extract {bench.file_bytes // MIB} MiB in tmpfs"
    bench.line(work, spread(own), f"age -d {spread(theirs)}", f"{ratio:.2f} of the throughput", "≥ 1.3", ratio >= 1.3)


@row
def memory(bench):
    """Peaks of attach, extract, export, import."""
    at = bench.disk
    lawyer = Person(bench.memory / "lawyer-of-memory")
    vault, theirs = Vault(bench.me, at / "M"), Vault(lawyer, at / "L")
    code = vault.new_case()
    bench.me.run("contact", "add", "memory", "--card", lawyer.card())
    lawyer.run("contact", "add", "sender", "--card", bench.me.card())
    export = ("export", code, "--to", "memory", "--parts", "exhibits", "--out", at / "b.age", "--override", "a measurement", "--yes", "--unverified")
    works = {
        "attach": lambda: vault.run("attach", code, bench.file(at)),
        "extract": lambda: vault.run("extract", code, "E1", "--out", at / "P"),
        "export": lambda: vault.run(*export),
        "import": lambda: theirs.run("import", at / "b.age"),
    }
    for name, work in works.items():
        peak = work().peak_mib
        beyond = max(peak - UNLOCK_MIB, 0)
        text = f"peak {peak:.0f} MiB, of which Argon2 {UNLOCK_MIB} MiB for a moment"
        bench.line(f"memory of {name}, {bench.file_bytes // MIB} MiB", text, "", f"{beyond:.0f} MiB", "≤ 64 MiB", beyond <= 64)
    shell(at, "rm -rf M L b.age P")


@row
def ingest(bench):
    """Ingest beside restic backup."""
    at, cases = bench.disk, 1_000 if bench.quick else 10_000
    write_cases(at / "cases.jsonl", cases, 4096)
    files = at / "files"
    for number, (_, testimony, person) in enumerate(cases_of(cases, 4096)):
        folder = files / f"{number:05}"
        folder.mkdir(parents=True)
        (folder / "testimony.txt").write_text(testimony, encoding="utf-8")
        (folder / "person.txt").write_text(person, encoding="utf-8")
    base = {**os.environ, "RESTIC_PASSWORD": PASSPHRASE, "HOME": str(at)}
    turns = iter(range(2 * bench.rounds))

    # Each turn has a place of its own, and nothing is deleted between two: for minutes after a deletion ext4 looks
    # through the deleted inodes for every new file, which would be half of what is measured here.
    def ours():
        vault = Vault(bench.me, at / f"I{next(turns)}")
        shell(at, "sync -f .")
        return vault.run("ingest", at / "cases.jsonl")

    def env(turn):
        return {**base, "RESTIC_REPOSITORY": str(at / f"repo{turn}"), "RESTIC_CACHE_DIR": str(at / f"cache{turn}")}

    def restic():
        own = env(next(turns))
        shell(at, "restic init -q; sync -f .", own)
        return process(["restic", "backup", "-q", str(files)], env=own)

    runs = bench.in_turn(ours=ours, restic=restic)
    unlocks = [process(["restic", "cat", "config"], env=env(1)) for _ in range(bench.rounds)]
    own, whole, unlock = bench.less_unlock(runs["ours"]), seconds_of(runs["restic"]), median(seconds_of(unlocks))
    theirs = [max(seconds - unlock, 0.001) for seconds in whole]
    ratio = median(own) / median(theirs)
    peer = f"restic backup less its unlock ({unlock:.2f} s) {spread(theirs)}"
    bench.line(f"ingest {cases:,} cases of two 4 KB texts", spread(own), peer, f"{ratio:.2f} of the time", "≤ 1", ratio <= 1)
    shell(at, "rm -rf repo* cache* I? I?? files cases.jsonl")


@row
def list_many(bench):
    """List many cases."""
    sizes = ((1_000, 0.1), (10_000, 0.1)) if bench.quick else ((10_000, 0.1), (100_000, 0.6))
    for cases, target in sizes:
        vault = bench.many(cases, 200)
        own = bench.less_unlock(bench.in_turn(ours=lambda: vault.run("list"))["ours"])
        bench.line(f"list of {cases:,} cases", spread(own), "", f"{median(own):.3f} s", f"≤ {target} s", median(own) <= target)


@row
def show(bench):
    """Show one of many: a few milliseconds, so more rounds, and the unlock measured among them."""
    small, large = (1_000, 10_000) if bench.quick else (1_000, 100_000)
    vaults = {size: bench.many(size, 200) for size in (small, large)}
    codes = {size: vault.codes()[size // 2] for size, vault in vaults.items()}
    works = {size: (lambda size=size: vaults[size].run("show", codes[size])) for size in vaults}
    runs = bench.in_turn(rounds=8 * bench.rounds, unlock=lambda: bench.me.run("card"), few=works[small], many=works[large])
    unlock = median(seconds_of(runs["unlock"]))
    few, many = ([max(run.seconds - unlock, 0.0005) for run in runs[name]] for name in ("few", "many"))
    ratio = median(many) / median(few)
    work, peer = f"show one of {large:,}", f"one of {small:,} {spread(few)}"
    bench.line(work, spread(many), peer, f"{ratio:.2f} times", "≤ 2", ratio <= 2)


@row
def due(bench):
    """Look through the forms of many cases for what is due, and put the dates of one in order."""
    cases = 1_000 if bench.quick else 10_000
    vault = bench.many_told(cases)
    code = vault.codes()[cases // 2]
    works = {"due": lambda: vault.run("due"), "one": lambda: vault.run("timeline", code)}
    runs = bench.in_turn(**works)
    own = bench.less_unlock(runs["due"])
    work = f"due in {cases:,} cases, four forms each"
    bench.line(work, spread(own), "", f"{median(own):.2f} s", "none", True)
    own = bench.less_unlock(runs["one"])
    bench.line(f"timeline of one of {cases:,}", spread(own), "", f"{median(own):.3f} s", "none", True)


@row
def share(bench):
    """Share many cases beside one age process for each text."""
    cases, sample = (1_000, 100) if bench.quick else (10_000, 500)
    vault = bench.many(cases, 4096)
    codes, own = vault.codes(), []
    texts = bench.memory / "texts"
    texts.mkdir()
    for number, (_, testimony, _) in zip(range(sample), cases_of(cases, 4096)):
        (texts / f"{number}.txt").write_text(testimony, encoding="utf-8")
    each = []
    for turn in range(bench.rounds):
        lawyer = Person(bench.memory / f"lawyer-{turn}")
        bench.me.run("contact", "add", f"lawyer{turn}", "--card", lawyer.card())
        give = ("share", *codes, "--to", f"lawyer{turn}", "--parts", "testimony,person", "--override", "a measurement", "--yes", "--unverified")
        own.append(vault.run(*give))
        line = 'for f in *.txt; do age -r "$0" -o "$f.age" "$f"; done; rm *.age'
        recipient = (bench.memory / "R").read_text().strip()
        each.append(process(["sh", "-c", line, recipient], cwd=texts).seconds / sample)
    own, theirs = bench.less_unlock(own), [seconds * 2 * cases for seconds in each]
    ratio = median(own) / median(theirs)
    peer = f"one age process a text, {2 * cases:,} texts, scaled from {sample}: {spread(theirs)}"
    bench.line(f"share {cases:,} cases with one more contact", spread(own), peer, f"1/{1 / ratio:.0f}", "≤ 1/50", ratio <= 1 / 50)
    shell(bench.memory, "rm -rf texts lawyer-?")


@row
def consent(bench):
    """What forms and consents add to recording and sharing many cases: the same texts with a form that names who it is
    about, and a third part that is a consent, or as many bytes of text."""
    cases, kinds = (1_000 if bench.quick else 10_000), ("plain", "told")
    ingest, share = {kind: [] for kind in kinds}, {kind: [] for kind in kinds}
    for turn in range(bench.rounds):
        for kind in kinds if turn % 2 == 0 else reversed(kinds):
            at = bench.memory / f"{kind}-{turn}"
            at.mkdir()
            vault, source = Vault(bench.me, at / "vault"), at / "cases.jsonl"
            write_consented_cases(source, cases, 4096, told=kind == "told")
            ingest[kind].append(vault.run("ingest", source))
            lawyer = Person(at / "lawyer")
            bench.me.run("contact", "add", f"{kind}{turn}", "--card", lawyer.card())
            why = ("--purpose", "asylum_procedure") if kind == "told" else ("--override", "a measurement")
            parts = "testimony,notes" if kind == "told" else "testimony,notes,notes/third"
            give = ("share", *vault.codes(), "--to", f"{kind}{turn}", "--parts", parts, *why, "--yes", "--unverified")
            share[kind].append(vault.run(*give))
            shell(bench.memory, f"rm -rf {kind}-{turn}")
    for name, runs in (("ingest", ingest), ("share", share)):
        plain, told = (bench.less_unlock(runs[kind]) for kind in kinds)
        ratio = median(told) / median(plain)
        work = f"{name} {cases:,} cases of two texts of 4 KB with forms and consents"
        bench.line(work, spread(told), f"the same bytes as three texts, overridden {spread(plain)}", f"{ratio:.2f} of the time", "≤ 1.1", ratio <= 1.1)


@row
def export(bench):
    """Export beside age on a ready tar."""
    at = bench.disk
    vault = Vault(bench.me, at / "V")
    code = vault.new_case()
    vault.run("attach", code, bench.file(at))
    bench.me.run("contact", "add", "press", "--age", (at / "R").read_text().strip())
    shell(at, "tar -cf T F; sync -f .")

    def ours():
        shell(at, "rm -f b.age; sync -f .")
        give = ("--to", "press", "--parts", "exhibits", "--out", at / "b.age", "--override", "a measurement", "--yes", "--unverified")
        return vault.run("export", code, *give)

    def age():
        shell(at, "rm -f T.age; sync -f .")
        return shell(at, 'age -r "$(cat R)" -o T.age T; sync T.age')

    runs = bench.in_turn(ours=ours, age=age)
    own, theirs = bench.less_unlock(runs["ours"]), seconds_of(runs["age"])
    ratio = median(theirs) / median(own)
    peer = f"age on a ready tar + sync {spread(theirs)}"
    bench.line(f"export {bench.file_bytes // MIB} MiB, durable", spread(own), peer, f"{ratio:.2f} of the throughput", "≥ 0.8", ratio >= 0.8)
    shell(at, "rm -rf V T T.age b.age")


@row
def syncs(bench):
    """Counts the syncs of one small and one large write."""
    at = bench.disk
    vault = Vault(bench.me, at / "S")
    code = vault.new_case()
    text = at / "text"
    text.write_text("куәлік", encoding="utf-8")
    for name, arguments in (("put", ("put", code, "notes", "--from", text)), ("attach", ("attach", code, bench.file(at)))):
        trace = at / "trace"
        wrap = ["strace", "-f", "-c", "-o", str(trace), "-e", "trace=fsync,fdatasync,syncfs,sync,msync"]
        vault.run(*arguments, wrap=wrap)
        counts = [line.split() for line in trace.read_text().splitlines() if "sync" in line]
        found = ", ".join(f"{words[3]} {words[-1]}" for words in counts)
        bench.note(f"syncs of `{name}` (`strace -c`): {found or 'none'}")
    shell(at, "rm -rf S text trace")


def machine():
    """What it ran on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    versions = ["printf 'age '; age --version", "openssl version", "restic version", "cp --version"]
    peers = [shell("/", f"{line} 2>&1 | head -1").output.strip() for line in versions]
    name = model[1] if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Linux {platform.release()}; " + "; ".join(peers)


def main():
    """Runs the rows asked for and prints the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="smaller works and fewer rounds; ratios mean less")
    options.add_argument("--no-build", action="store_true", help="take the program that is there")
    options.add_argument("--rounds", type=int)
    options.add_argument("--disk", default="/tmp", help="a folder on ext4")
    options.add_argument("--memory", default="/dev/shm", help="a folder on tmpfs")
    options.add_argument("names", nargs="*", metavar="NAMES", help=", ".join(ROWS))
    options = options.parse_args()
    unknown = set(options.names) - set(ROWS)
    if unknown:
        raise SystemExit(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if not options.no_build:
        subprocess.run(["cargo", "build", "--release", "--bin", "sanduq"], cwd=ROOT, check=True)
    load = os.getloadavg()[0]
    bench = Bench(options)
    try:
        for name in options.names or ROWS:
            try:
                ROWS[name](bench)
            except Failed as failure:
                bench.line(name, f"could not be run: {failure}", "", "", "", False)
    finally:
        bench.close()
    quick = ", **quick: smaller works**" if bench.quick else ""
    print(f"{machine()}\n\nMedians (least to most) of {bench.rounds} alternating rounds{quick}; load of the machine")
    print(f"{load:.1f} before, {os.getloadavg()[0]:.1f} after.\n")
    print("| work | sanduq | beside | ratio | target | reached |\n|---|---|---|---|---|---|")
    for line in bench.lines:
        print("| " + " | ".join(text.replace("\n", " ").replace("|", "\\|") for text in line) + " |")
    print()
    for note in bench.notes:
        print(f"* {note}")


if __name__ == "__main__":
    main()
