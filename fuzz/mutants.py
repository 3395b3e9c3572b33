#!/usr/bin/env python3
"""Mutation testing: the mutants that `cargo mutants` lists, compiled together and chosen one at a time when tests run.

Compiling takes far longer than the tests that notice a mutant, so all of them go into one copy of the source, each
behind `crate::mutant::is(NUMBER)`. What does not compile is left out, as cargo-mutants counts it: unviable.

    fuzz/mutants.py build GROUP          writes the copy and compiles its tests
    fuzz/mutants.py trace lib|it [MODULES]   notes which mutants each unit test, or integration test, reaches
    fuzz/mutants.py run GROUP [lib it]   runs what has no outcome yet, with the tests that reach it, quickest first
    fuzz/mutants.py report GROUP         counts, and lists what no test noticed

All may be stopped and started again. A mutant that unit tests do not notice is judged by integration tests when its
line is taken out of GROUP.txt and `run GROUP it` follows. GROUP is crypto, format, commit or rest (a fixed random 200 of everything else in the library).
Needs `cargo install cargo-mutants --locked` and `pip install tree-sitter tree-sitter-rust`.
"""
import json
import os
import random
import re
import resource
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(os.environ.get("MUTANTS_DIR", ROOT / "target" / "mutants"))
COPY = WORK / "copy"
COMMIT = re.compile(r"src/vault/(commit|run|state|log|objects|desk)\.rs|src/store/(local|files)(\.rs|/)")
LIBRARY = re.compile(r"src/(record|format|crypto|store|vault|bundle)/")
SAMPLE = 200
# Tests of prose, statistics and traces in memory, which no change in the library fails or which take minutes.
ELSEWHERE = re.compile(r"(architecture|documents|noise|traces)::")
# Seconds of processor time after which tests count as hanging: so many, and what they take without a mutant so often.
CPU, CPU_TIMES = 6, 3
JOBS = int(os.environ.get("MUTANTS_JOBS", 2))
MODULE = """
/// Which mutant is on, and, where a file is named, which ones were asked for.
pub(crate) mod mutant {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    static ON: OnceLock<u32> = OnceLock::new();
    static SEEN: [AtomicBool; 4096] = [const { AtomicBool::new(false) }; 4096];
    static NOTES: OnceLock<Option<std::fs::File>> = OnceLock::new();
    pub(crate) fn is(number: u32) -> bool {
        let notes = NOTES.get_or_init(|| {
            std::fs::OpenOptions::new().append(true).create(true).open(std::env::var_os("MUTANT_NOTES")?).ok()
        });
        if let Some(file) = notes {
            if !SEEN[number as usize].swap(true, Ordering::Relaxed) {
                let _ = std::io::Write::write_all(&mut &*file, format!("{number}\\n").as_bytes());
            }
        }
        *ON.get_or_init(|| std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0)) == number
    }
}
"""


def group_of(mutant):
    file = mutant["file"]
    if file.startswith(("src/crypto/", "src/format/")):
        return file.split("/")[1]
    return "commit" if COMMIT.match(file) else "rest"


def listed():
    """All mutants of the library in a fixed order; of the rest a fixed random sample."""
    out = subprocess.run(["cargo", "mutants", "--list", "--json"], cwd=ROOT, check=True, capture_output=True)
    found = [m for m in json.loads(out.stdout) if LIBRARY.match(m["file"])]
    found = [m for m in found if not re.search(r"/tests?\.rs$|/(tests|attacks)[/.]", m["file"])]
    rest = [m for m in found if group_of(m) == "rest"]
    chosen = {m["name"] for m in random.Random(11).sample(rest, min(SAMPLE, len(rest)))}
    kept = [m for m in found if group_of(m) != "rest" or m["name"] in chosen]
    for number, mutant in enumerate(kept, 1):
        mutant["number"] = number
        mutant.pop("diff", None)
    return kept


class Source:
    """One file, rewritten so that each of its mutants can be switched on."""

    def __init__(self, text, mutants, parser):
        self.text = text.encode()
        lines = text.split("\n")
        starts, at = [], 0
        for line in lines:
            starts.append(at)
            at += len(line.encode()) + 1

        def offset(place):
            line = lines[place["line"] - 1]
            return starts[place["line"] - 1] + len(line[: place["column"] - 1].encode())

        self.spans = {}
        for m in mutants:
            span = (offset(m["span"]["start"]), offset(m["span"]["end"]))
            self.spans.setdefault((m["genre"], span), []).append(m)
        self.places = sorted(span for _, span in self.spans)
        self.used = set()
        self.tree = parser.parse(self.text)

    def raw(self, start, end):
        return self.text[start:end].decode()

    def at(self, genre, node):
        found = self.spans.get((genre, (node.start_byte, node.end_byte)), [])
        self.used.update(m["number"] for m in found)
        return found

    def rewritten(self):
        return self.emit(self.tree.root_node)

    def emit(self, node):
        inside = any(node.start_byte <= s and e <= node.end_byte for s, e in self.places)
        if not inside or node.child_count == 0 or node.type == "macro_invocation":
            return self.raw(node.start_byte, node.end_byte)
        special = getattr(self, "emit_" + node.type, None)
        return special(node) if special else self.plain(node)

    def plain(self, node, replaced=None):
        out, at = [], node.start_byte
        for child in node.children:
            out.append(self.raw(at, child.start_byte))
            out.append((replaced or {}).get(child.id) or self.emit(child))
            at = child.end_byte
        out.append(self.raw(at, node.end_byte))
        return "".join(out)

    def choice(self, original, others):
        """An expression that is `original` unless one of `others`, pairs of number and text, is on."""
        test = "".join(f"if crate::mutant::is({n}) {{ /*M{n}*/ {text} /*E{n}*/ }} else " for n, text in others)
        return f"({test}{{ {original} }})"

    def emit_binary_expression(self, node):
        operator = node.child_by_field_name("operator")
        mutants = self.at("BinaryOperator", operator)
        if not mutants:
            return self.plain(node)
        left, right = (self.emit(node.child_by_field_name(side)) for side in ("left", "right"))
        symbol = self.raw(operator.start_byte, operator.end_byte)
        others = [(m["number"], f"({left}) {m['replacement']} ({right})") for m in mutants]
        return self.choice(f"({left}) {symbol} ({right})", others)

    emit_compound_assignment_expr = emit_binary_expression

    def emit_unary_expression(self, node):
        operator = node.children[0]
        mutants = self.at("UnaryOperator", operator)
        if not mutants:
            return self.plain(node)
        operand = self.emit(node.children[1])
        symbol = self.raw(operator.start_byte, operator.end_byte)
        return self.choice(f"{symbol}({operand})", [(m["number"], f"({operand})") for m in mutants])

    def emit_match_arm(self, node):
        pattern = node.child_by_field_name("pattern")
        guard = pattern.child_by_field_name("condition")
        deleted = [m["number"] for (genre, (s, e)), found in self.spans.items() if genre == "MatchArm"
                   for m in found if s == node.start_byte and e <= node.end_byte <= e + 1]
        if guard is None:
            if not deleted:
                return self.plain(node)
            self.used.update(deleted)
            pair = self.plain(pattern) + f" if !crate::mutant::is({deleted[0]})"
            return self.plain(node, {pattern.id: pair})
        if guard.type in ("let_condition", "let_chain"):
            return self.plain(node)
        mutants = self.at("MatchArmGuard", guard)
        text = self.choice(self.emit(guard), [(m["number"], m["replacement"]) for m in mutants])
        if deleted:
            self.used.update(deleted)
            text = f"!crate::mutant::is({deleted[0]}) && {text}"
        return self.plain(node, {pattern.id: self.plain(pattern, {guard.id: text})})

    def emit_function_item(self, node):
        body = node.child_by_field_name("body")
        if body is None:
            return self.plain(node)
        inner = [c for c in body.named_children if c.type not in ("line_comment", "block_comment")]
        text = self.plain(body)
        for (genre, (start, _)), mutants in self.spans.items():
            if genre == "FnValue" and inner and start == inner[0].start_byte:
                # The first `return` would decide what `impl Iterator` is.
                mutants = [m for m in mutants if "::std::iter::" not in m["replacement"]]
                self.used.update(m["number"] for m in mutants)
                first = "".join(
                    f"if crate::mutant::is({m['number']}) {{ /*M{m['number']}*/ return {m['replacement']}; /*E{m['number']}*/ }} "
                    for m in mutants)
                text = "{ " + first + text[1:]
        return self.plain(node, {body.id: text})


def rewrite(mutants, left_out):
    """Writes the copy without the mutants of `left_out`; gives the numbers that are in it."""
    import tree_sitter
    import tree_sitter_rust
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in files.stdout.splitlines():
        target = COPY / name
        content = (ROOT / name).read_bytes() if (ROOT / name).exists() else None
        if content is None or name.endswith(".rs") and LIBRARY.match(name):
            continue
        # The program that tests start with an empty environment is to be told as well.
        passed_on = b'.env_clear().envs(std::env::vars().filter(|(name, _)| name.starts_with("MUTANT")))'
        write(target, content.replace(b".env_clear()", passed_on) if name.startswith("tests/") else content)
    used = set()
    for path in sorted(ROOT.glob("src/**/*.rs")):
        name = str(path.relative_to(ROOT))
        if not LIBRARY.match(name):
            continue
        own = [m for m in mutants if m["file"] == name and m["number"] not in left_out]
        source = Source(path.read_text(), own, parser)
        write(COPY / name, source.rewritten().encode())
        used |= source.used
    lib = (ROOT / "src/lib.rs").read_text()
    write(COPY / "src/lib.rs", ("#![allow(warnings, clippy::all)]\n" + lib + MODULE).encode())
    cargo = (ROOT / "Cargo.toml").read_text().replace('unsafe_code = "forbid"', 'unsafe_code = "allow"')
    write(COPY / "Cargo.toml", cargo.encode())
    return used


def write(path, content):
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def guilty(messages):
    """The mutants in whose text the compiler found an error."""
    found, lost = set(), 0
    for line in messages.splitlines():
        message = json.loads(line).get("message") or {}
        if not isinstance(message, dict) or message.get("level") != "error" or not message.get("spans"):
            continue
        numbers = set()
        for span in message["spans"] + [s for c in message.get("children", []) for s in c.get("spans", [])]:
            file = COPY / span["file_name"]
            if not file.exists():
                continue
            text = file.read_bytes()
            opened = []
            for kind, number in re.findall(rb"/\*([ME])(\d+)\*/", text[: span["byte_start"]]):
                opened.append(int(number)) if kind == b"M" else opened.pop()
            numbers |= set(opened[-1:])
            here = text[span["byte_start"]: span["byte_end"]]
            if (message.get("code") or {}).get("code") == "E0004":
                # A match without the arm is not exhaustive.
                arms = re.findall(rb"if !crate::mutant::is\((\d+)\)", text[span["byte_end"]: span["byte_end"] + 600])
                numbers |= {int(n) for n in arms}
            if span["is_primary"] and not numbers:
                numbers |= {int(n) for n in re.findall(rb"(?:M|is\()(\d+)", here)}
        lost += not numbers
        found |= numbers
        if not numbers:
            print(message.get("rendered", "")[:600])
    return found, lost


def build(mutants):
    notes = WORK / "unviable.json"
    names = set(json.loads(notes.read_text())) if notes.exists() else set()
    left_out = {m["number"] for m in mutants if m["name"] in names}
    for _ in range(12):
        used = rewrite(mutants, left_out)
        check = subprocess.run(["cargo", "check", "--locked", "--lib", "--message-format=json"], cwd=COPY,
                               capture_output=True, text=True)
        if check.returncode == 0:
            break
        bad, lost = guilty(check.stdout)
        print(f"left out: {len(bad)} more; errors without a mutant: {lost}", flush=True)
        if not bad - left_out:
            sys.exit(check.stderr[-3000:])
        left_out |= bad
        notes.write_text(json.dumps(sorted(m["name"] for m in mutants if m["number"] in left_out)))
    numbers = {m["name"]: m["number"] for m in mutants if m["number"] in used - left_out}
    unviable = sorted(m["name"] for m in mutants if m["number"] in left_out)
    record = {"unviable": unviable, "built": numbers, "binaries": {}}
    for kind, arguments in {"lib": ["--lib"], "it": ["--test", "it"]}.items():
        out = subprocess.run(["cargo", "test", "--locked", "--no-run", "--message-format=json", *arguments],
                             cwd=COPY, stdout=subprocess.PIPE, text=True, check=True)
        for line in out.stdout.splitlines():
            message = json.loads(line)
            if message.get("executable") and message.get("profile", {}).get("test"):
                record["binaries"][kind] = message["executable"]
        (WORK / "build.json").write_text(json.dumps(record))
    print(f"{len(used)} mutants built, {len(left_out)} do not compile, "
          f"{len(mutants) - len(used | left_out)} cannot be switched on")


def names(binary):
    """The tests of the ordinary suite; of the integration tests those that a change in the library can fail."""
    out = subprocess.run([binary, "--list"], cwd=COPY, check=True, capture_output=True, text=True).stdout
    asleep = subprocess.run([binary, "--list", "--ignored"], cwd=COPY, check=True, capture_output=True, text=True).stdout
    listed = [line[:-6] for line in out.splitlines() if line.endswith(": test")]
    return [name for name in listed if f"{name}: test\n" not in asleep and not ELSEWHERE.match(name)]


def limit(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(19)


def ended(binary, tests, number, seconds):
    """How tests end with this mutant on (0: none), within so much processor time; and which of them failed first."""
    environment = {**os.environ, "MUTANT": str(number), "RUST_BACKTRACE": "0", "PROPTEST_CASES": "64"}
    with subprocess.Popen([binary, "--exact", *tests, "--test-threads", "1"], cwd=COPY, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: limit(seconds)) as run:
        last = ""
        for line in run.stdout:
            # Tests may print between their name and how they ended.
            last = line.split()[1] if line.startswith("test ") and " ... " in line else last
            if line.rstrip().endswith("FAILED"):
                run.kill()
                return "caught", last
    if run.returncode in (-9, -24):
        return "timeout", last
    return ("caught", last) if run.returncode else ("missed", "")


def trace(kind, modules):
    """Notes which mutants each test asks for, and how long it takes."""
    binary = json.loads((WORK / "build.json").read_text())["binaries"][kind]
    found = WORK / f"{kind}.traces"
    done = {json.loads(line)["test"] for line in found.open()} if found.exists() else set()
    def step(test):
        notes = WORK / f"{kind}.notes.{test.replace('::', '.')}"
        notes.unlink(missing_ok=True)
        run = subprocess.Popen([binary, "--exact", test, "--test-threads", "1"], cwd=COPY, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "MUTANT": "0", "MUTANT_NOTES": str(notes), "PROPTEST_CASES": "64"})
        _, status, used = os.wait4(run.pid, 0)
        reached = sorted({int(line) for line in notes.open()}) if notes.exists() else []
        notes.unlink(missing_ok=True)
        seconds = round(used.ru_utime + used.ru_stime, 2)
        append(found, json.dumps({"test": test, "passed": status == 0, "seconds": seconds, "reached": reached}))

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(step, [test for test in names(binary) if test not in done and test.startswith(modules)]))
    print(f"{kind}: traced")


def batches(number, module, traces):
    """The tests that reach a mutant, the nearest and the quickest first, a few at a time."""
    tests = [t for t in traces if t["passed"] and number in t["reached"]]
    tests.sort(key=lambda t: (not t["test"].startswith(module), t["seconds"]))
    for size in (3, 12, 50):
        yield tests[:size]
        tests = tests[size:]
    yield tests


def judge(mutant, kinds, traces):
    """How a mutant ends: caught, timeout or missed by all tests that reach it, or reached by none; and who noticed."""
    module = re.sub(r"/mod$", "", mutant["file"][4:-3]).replace("/", "::") + "::"
    reached = False
    for kind, binary in kinds.items():
        for batch in filter(None, batches(mutant["number"], module, traces[kind])):
            reached = True
            seconds = CPU + CPU_TIMES * round(sum(t["seconds"] for t in batch))
            word, test = ended(binary, [t["test"] for t in batch], mutant["number"], seconds)
            if word != "missed":
                return word, f"{kind}:{test}"
    return ("missed" if reached else "unreached"), "nobody"


def run(mutants, group, kinds):
    """Judges what has no outcome yet by the tests of these kinds, of which every one has a trace."""
    record = json.loads((WORK / "build.json").read_text())
    traces = {kind: [json.loads(line) for line in (WORK / f"{kind}.traces").open()] for kind in kinds}
    for kind in kinds:
        for line in traces[kind]:
            line["reached"] = set(line["reached"])
    results = WORK / f"{group}.txt"
    known = {line.split(" ", 2)[2] for line in results.read_text().splitlines()} if results.exists() else set()
    # Numbers are those of the build: the source may have changed since.
    todo = [{**m, "number": record["built"][m["name"]]} for m in mutants
            if m["name"] in record["built"] and m["name"] not in known]
    random.Random(1).shuffle(todo)

    def step(mutant):
        word, test = judge(mutant, {kind: record["binaries"][kind] for kind in kinds}, traces)
        append(results, f"{word} {test} {mutant['name']}")

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(step, todo))
    print(f"{group}: over")


def append(path, line):
    with path.open("a") as file:
        file.write(line + "\n")


def report(group):
    record = json.loads((WORK / "build.json").read_text())
    belongs = lambda name: group in ("all", group_of({"file": name.split(":")[0]}))
    lines = [line.rstrip("\n").split(" ", 2) for path in WORK.glob("*.txt") for line in path.open()]
    lines = [line for line in lines if belongs(line[2])]
    built, unviable = (sum(map(belongs, record[kind])) for kind in ("built", "unviable"))
    counts = dict(Counter(line[0] for line in lines))
    print(f"{group}: {built} compile, {unviable} do not, {len(lines)} were run: {counts}")
    for word, test, name in sorted(lines, key=lambda line: line[2]):
        if word != "caught":
            print(word, test if word == "timeout" else "", name)


def main():
    command, group = sys.argv[1:3]
    if command == "report":
        return report(group)
    if command == "trace":
        return trace(group, tuple(sys.argv[3:]) or "")
    mutants = [m for m in listed() if group in ("all", group_of(m))]
    build(mutants) if command == "build" else run(mutants, group, sys.argv[3:] or ["lib"])


if __name__ == "__main__":
    main()
