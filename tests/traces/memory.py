"""Looks for secrets in the memory of the program: memory.py PROGRAM SCENE PASSPHRASE"""
import os
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "cli"))
import keys
import scan
from terminal import Terminal

HOME = pathlib.Path(os.environ["HOME"])
IDENTITY, VAULT = HOME / ".config/sanduq/identity", pathlib.Path(os.environ["SANDUQ_VAULT"])
# Words that stand in texts, titles and files here and nowhere else.
PLANTED = {"typed": "жасырын-қоңырау", "read": "暗号-чернильница", "title": "бүркіт-астындағы", "file": "كتاب-planted-exhibit"}
# What is wiped of the stack, and the frames above it. The most that was ever used shows in the mapping's size.
STACK_LIMIT = (256 + 64) << 10


def needles(passphrase):
    secrets = keys.all_secrets(IDENTITY, passphrase, VAULT)
    secrets |= {f"passphrase, {word}": word.encode() for word in passphrase.split() if len(word) > 3}
    return scan.Needles(secrets | {f"planted, {name}": text.encode() for name, text in PLANTED.items()})


def expect(when, found, root=0):
    """Exactly `root` copies of the root seed, each found as two halves, and nothing else."""
    seeds = sum(count for (name, _), count in found.items() if name == "root seed")
    rest = {where: count for where, count in found.items() if where[0] != "root seed"}
    if seeds != 2 * root or rest:
        raise SystemExit(f"{when}: {seeds / 2} root seeds, expected {root}; beside them {rest}")


class Prompt:
    """The program's prompt, looked into after every command."""

    def __init__(self, program, passphrase, *args):
        self.passphrase, self.terminal = passphrase, Terminal(program, *args)
        self.pid = self.terminal.pid

    def unlock(self):
        self.terminal.until(Terminal.PASSPHRASE)
        self.terminal.type(self.passphrase)

    def look(self, when, root):
        expect(when, scan.scan(self.pid, needles(self.passphrase)), root)

    def run(self, line, *typed, root=1):
        self.terminal.type(line)
        for text in typed:
            self.terminal.type(text)
        shown = self.terminal.until(Terminal.PROMPT)
        if "sanduq: error" in shown:
            raise SystemExit(f"{line}: {shown}")
        self.look(line, root)
        return shown


def prompt(program, passphrase):
    """Every command that meets a secret, at the prompt; then lock."""
    at = Prompt(program, passphrase)
    at.unlock()
    at.terminal.until(Terminal.PROMPT)
    at.look("unlocked", 1)
    (HOME / "file.txt").write_text(PLANTED["file"] * 3)
    (HOME / "read.txt").write_text(PLANTED["read"])
    shown = at.run("new")
    code = re.search(r"([0-9A-Z]{4}-[0-9A-Z]{4})\r\n", shown).group(1)
    at.run(f"title {code}", PLANTED["title"])
    at.run(f"put {code} testimony", PLANTED["typed"] + "\n" + PLANTED["typed"], ".")
    at.run(f"put {code} notes --from read.txt")
    at.run(f"attach {code} file.txt")
    assert PLANTED["typed"] in at.run(f"show {code} --part testimony"), "the text is shown"
    assert PLANTED["title"] in at.run("list --json")
    at.run(f"extract {code} E1 --out out.txt")
    at.run("contact add әріптес --card other.card")
    at.run(f"share {code} --to әріптес --parts testimony,exhibits --override unasked --yes --unverified")
    at.run(f"export {code} --to әріптес --parts testimony,exhibits --override unasked --yes --unverified --out bundle.age")
    at.run(f"unshare {code} --from әріптес --yes")
    at.run("log")
    at.run("check --read-data")
    for line in ("shew", "show 'open quote", f"show {code} --part medical"):
        at.terminal.type(line)
        at.terminal.until(Terminal.PROMPT)
    at.look("after errors", 1)
    at.run("lock", root=0)
    stack = next(span for span, _ in scan.memory(at.pid) if span.endswith("[stack]"))
    start, end = (int(part, 16) for part in stack.split()[0].split("-"))
    assert end - start < STACK_LIMIT, f"{end - start} bytes of stack were used"
    at.terminal.type("exit")
    at.terminal.end(0)


def idle(program, passphrase):
    """Locked by the clock, and after unlocking again."""
    at = Prompt(program, passphrase, "--lock-after", "0.02")
    at.unlock()
    at.terminal.until(r"locked after 0.02 minutes without a command\r\nsanduq> ")
    at.look("locked by the clock", 0)
    at.terminal.type("list")
    at.unlock()
    at.terminal.until(r"locked after 0.02 minutes")
    at.look("locked again", 0)
    at.terminal.type("exit")
    at.terminal.end(0)


def ends(program, passphrase):
    """Single commands, looked into when they ask the system to end them; passphrase by descriptor."""
    planted = (PLANTED["typed"] + "\n").encode()
    base = [program, "--passphrase-fd", "0"]
    fed = passphrase.encode() + b"\n"

    def look(*args, more=b""):
        found, out, err = scan.at_its_end([*base, *args], fed + more)
        assert b"sanduq: error" not in err, err
        expect(" ".join(args), found(needles(passphrase)))
        return out.decode()

    code = look("new").strip()
    look("put", code, "testimony", more=planted)
    assert PLANTED["typed"] in look("show", code, "--part", "testimony")
    (HOME / "file.txt").write_text(PLANTED["file"] * 3)
    look("attach", code, "file.txt")
    got = look("extract", code, "E1", "--out", "-")
    assert PLANTED["file"] in got, repr(got)
    look("export", code, "--to", "әріптес", "--parts", "testimony", "--override", "unasked", "--yes", "--unverified", "--out", "b.age")
    look("check", "--read-data")
    look("identity", "age-keys", "--out", "keys.age", more=fed)
    look("ingest", "cases.jsonl")


def files(_, passphrase, *plain):
    """Every file in the home but those that are plain by their nature."""
    looked = needles(passphrase)
    for path in sorted(HOME.rglob("*")):
        if path.is_file() and path.relative_to(HOME).parts[0] not in plain:
            found = looked.search(path.read_bytes()) | looked.search(str(path).encode())
            if found:
                raise SystemExit(f"{path}: {found}")


if __name__ == "__main__":
    {"prompt": prompt, "idle": idle, "ends": ends, "files": files}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
