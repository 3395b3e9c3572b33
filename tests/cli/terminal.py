"""Plays one scene at a pseudo-terminal: terminal.py PROGRAM SCENE [ARGUMENT…]"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time


class Terminal:
    """A program at a terminal of its own; what it wrote is kept until it is waited for."""

    PASSPHRASE = r"passphrase of [^:]*: "
    PROMPT = r"sanduq> "

    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(args[0], args)
        self.seen = ""

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.pending = getattr(self, "pending", b"") + data
        text = self.pending.decode("utf-8", "ignore")
        self.pending = b""
        self.seen += text
        return bool(data)

    def until(self, pattern, seconds=60):
        """Waits for a pattern and gives what stood up to its end; that is then gone."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen, re.S)
            if found:
                before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
                return before
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                sys.exit(f"never came: {pattern!r}; there was: {self.seen!r}")

    def type(self, line):
        # The program switches echo off just after it asked.
        time.sleep(0.1)
        os.write(self.fd, (line + "\n").encode())

    def end(self, code):
        while self.read(30):
            pass
        _, status = os.waitpid(self.pid, 0)
        found = os.waitstatus_to_exitcode(status)
        if found != code:
            sys.exit(f"exit code {found}, expected {code}: {self.seen!r}")
        return self.seen


def init(program):
    terminal = Terminal(program, "init", "--kdf", "low")
    shown = terminal.until(r"Enter clears this screen")
    assert "never tell anyone" in shown and "\x1b[?1049h" in shown, shown
    words = re.search(r"\n    ([a-z -]+)\r\n\r\nEnter", shown).group(1)
    assert len(words.split()) == 7, words
    terminal.type("")
    terminal.until(r"\x1b\[\?1049l")
    terminal.until(r"type the passphrase back: ")
    terminal.type("not these words")
    terminal.until(r"is not the passphrase; it is shown again")
    terminal.type("")
    assert words in terminal.until(r"Enter clears this screen"), "the same words are shown"
    terminal.type("")
    terminal.until(r"type the passphrase back: ")
    terminal.type(words)
    rest = terminal.end(0)
    assert "vault made" in rest and words not in rest, rest
    again = Terminal(program, "list")
    again.until(r"passphrase of [^:]*: ")
    again.type("wrong")
    again.until(r"try again")
    again.type(words)
    assert "no cases yet" in again.end(0)


def verify(program, passphrase, words):
    words = words.split()

    def answer(change, code):
        terminal = Terminal(program, "contact", "verify", "әсел")
        terminal.until(r"passphrase of [^:]*: ")
        terminal.type(passphrase)
        places = []
        heard = []
        for _ in range(3):
            asked = terminal.until(r"word (\d+) of their card: ")
            # What was typed before stands on the screen; nothing else of the words may, but those that the question
            # has itself: "read", "call" and "face" are words of cards too.
            own = ("on a call or face to face, have them read out the twelve words of their `sanduq card` they are not "
                   "shown here: type what you hear, not what somebody wrote to you word of their card:").split()
            assert not any(word in asked.split() for word in words if word not in heard + own), asked
            place = int(re.search(r"word (\d+) of", asked).group(1)) - 1
            places.append(place)
            heard.append(words[place])
            terminal.type(change(words[place], len(places)))
        assert places == sorted(set(places)), places
        return terminal.end(code)

    wrong = answer(lambda word, at: "wrong" if at == 2 else word, 14)
    assert "as it was before" in wrong and "contact remove" in wrong, wrong
    assert "is verified" in answer(lambda word, at: word.upper(), 0)


def shares(program, passphrase):
    terminal = Terminal(program, "recovery", "split", "--shares", "2/2")
    terminal.until(r"passphrase of [^:]*: ")
    terminal.type(passphrase)
    assert "without your passphrase" in terminal.until(r"make these shares\? \[y/N\]: ")
    terminal.type("y")
    given = []
    for number in (1, 2):
        for attempt in (1, 2):
            shown = terminal.until(r"Enter clears this screen")
            assert f"share {number} of 2: never tell anyone" in shown and "\x1b[?1049h" in shown, shown
            words = re.findall(r"\d+ ([a-z]+)", shown.split("One word is asked")[1])
            assert len(words) == 33, words
            terminal.type("")
            terminal.until(r"\x1b\[\?1049l")
            asked = terminal.until(rf"word (\d+) of share {number}: ")
            word = words[int(re.search(r"word (\d+) of", asked).group(1)) - 1]
            if number == 1 and attempt == 1:
                terminal.type("vault")
                terminal.until(r"the share is shown again")
                terminal.type("")
                continue
            terminal.type(word.upper())
            break
        given.append(words)
    rest = terminal.end(0)
    assert "2 shares made" in rest and given[1][0] + " " not in rest, rest
    drill = Terminal(program, "recovery", "drill")
    drill.until(r"share 1, 33 words: ")
    drill.type(" ".join(["vault"] + given[0][1:]))
    drill.until(r"word 1 is none of the 1,024 words[^\n]*; that share again")
    drill.until(r"share 1, 33 words: ")
    drill.type(" ".join(given[0][:20]))
    drill.until(r"share 1, 13 words: ")
    drill.type(" ".join(given[0][20:]))
    drill.until(r"1 more is needed")
    drill.type(" ".join(given[1]))
    assert "these 2 shares open this vault" in drill.end(0)


def prompt(program, passphrase):
    terminal = Terminal(program)
    terminal.until(r"passphrase of [^:]*: ")
    terminal.type(passphrase)
    terminal.until(r"sanduq> ")
    terminal.type("new")
    code = re.search(r"([0-9A-Z]{4}-[0-9A-Z]{4})\r\n", terminal.until(r"sanduq> ")).group(1)
    terminal.type(f"put {code} testimony")
    terminal.until(r"ended by a line with a single")
    terminal.type("Мен көрдім\n.")
    terminal.until(r"revision 1, its first")
    terminal.until(r"sanduq> ")
    terminal.type("show AAAA-AAAB")
    terminal.until(r"sanduq: error: ")
    terminal.until(r"sanduq> ")
    terminal.type("lock")
    terminal.until(r"locked\r\nsanduq> ")
    terminal.type(f"show {code}")
    terminal.until(r"passphrase of [^:]*: ")
    terminal.type(passphrase)
    terminal.until(r"Мен көрдім")
    terminal.until(r"sanduq> ")
    terminal.type("exit")
    terminal.end(0)


def unlocked(program, passphrase, *args):
    terminal = Terminal(program, *args)
    terminal.until(r"passphrase of [^:]*: ")
    terminal.type(passphrase)
    return terminal


def edit(program, passphrase, code):
    """A consent asked field by field, left in the middle, taken up again."""
    terminal = unlocked(program, passphrase, "edit", code, "consent")
    terminal.until(r"add which, or `done`[^\n]*: ")
    terminal.type("consent")
    terminal.until(r"\nperson: ")
    terminal.type("P 1")
    terminal.until(r"is no identifier.*person: ")
    terminal.type("P1")
    terminal.until(r"\nstatus: ")
    terminal.type("refused")
    terminal.until(r"given_by: ")
    os.write(terminal.fd, b"\x04")
    assert "goes on with it" in terminal.end(2)
    terminal = unlocked(program, passphrase, "edit", code, "consent")
    terminal.until(r"goes on with what was answered.*person \[P1\]: ")
    terminal.type("")
    terminal.until(r"status \[refused\]: ")
    for _ in range(19):
        terminal.type("")
        seen = terminal.until(r"(\n[a-z_]+[^\n]*: |note [^\n]*:\r\n|add which[^\n]*: )")
        if "add which" in seen:
            break
    terminal.type("done")
    assert "revision 1, its first" in terminal.end(0)


def override(program, passphrase, code):
    """Going ahead without consent is asked twice, and a no to either gives nothing."""
    give = ("share", code, "--to", "lawyer", "--parts", "testimony", "--unverified", "--override")
    questions = (r"because “жауап”\? \[y/N\]: ", r"give this to lawyer\? \[y/N\]: ")
    for answers, code in ((["n"], 130), (["y", "n"], 130), (["y", "y"], 0)):
        terminal = unlocked(program, passphrase, *give, "-")
        terminal.until(r"consent is missing:.*names no person.*reason to give it[^:]*: ")
        terminal.type("жауап")
        for question, answer in zip(questions, answers):
            terminal.until(question)
            terminal.type(answer)
        rest = terminal.end(code)
        assert ("shared with lawyer" in rest) == (code == 0), rest


def hostile(program, passphrase, code, name):
    """What a terminal gets to see of a case whose text and file names are hostile; eighty columns wide."""
    for args in (["show", code], ["attach", code, name], ["open", "hostile.age"], ["check"]):
        terminal = Terminal(program, *args)
        fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        terminal.until(r"passphrase of [^:]*: ")
        terminal.type(passphrase)
        seen = terminal.end(0)
        # Bars and spinners move the cursor and clear their line; nothing else is sent.
        own = re.sub(r"\x1b\[(\d*[ABCDGK]|\?25[hl])", "", seen)
        found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]", own)
        assert not found and "owned" not in own, (args, seen)
        lines = re.split(r"[\r\n]+", own)
        assert not any(line.lstrip().startswith("FORGED") for line in lines), (args, seen)
        if args[0] in ("show", "open"):
            bars = [line for line in lines if line.startswith("| ")]
            assert any(line.endswith("== notes ==") for line in bars), (args, seen)
            assert all(len(line) <= 80 for line in bars), (args, seen)
    terminal = Terminal(program, "extract", code, "E1", "--out", "-")
    terminal.until(r"passphrase of [^:]*: ")
    terminal.type(passphrase)
    assert "file contents are not written to a terminal" in terminal.end(14)


def age(_, passphrase, *args):
    """Stock age, which asks for the passphrase of a key file."""
    terminal = Terminal("/usr/bin/env", "age", *args)
    terminal.until(r"passphrase[^:]*: ")
    terminal.type(passphrase)
    terminal.end(0)


if __name__ == "__main__":
    scenes = (age, edit, hostile, init, override, prompt, shares, verify)
    {scene.__name__: scene for scene in scenes}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
