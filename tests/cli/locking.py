"""How the prompt locks and ends, what the screen then shows, and progress: locking.py PROGRAM SCENE [ARGUMENT…]"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import termios
import time

from terminal import Terminal

CLEARED = r"\x1b\[2J\x1b\[3J\x1b\[H"
TEXT = "қоңырау үш рет соғылды"


def unlocked(program, passphrase, *args):
    terminal = Terminal(program, *args)
    terminal.until(Terminal.PASSPHRASE)
    terminal.type(passphrase)
    terminal.until(Terminal.PROMPT)
    return terminal


def idle(program, passphrase):
    begun = time.monotonic()
    terminal = unlocked(program, passphrase, "--lock-after", "0.03")
    terminal.until(CLEARED + r"locked after 0.03 minutes without a command\r\nsanduq> ")
    assert time.monotonic() - begun >= 1.8, "locked too early"
    terminal.type("list")
    terminal.until(Terminal.PASSPHRASE)
    terminal.type(passphrase)
    terminal.until("no cases yet")
    terminal.until(Terminal.PROMPT)
    # Whoever opens the lid of a machine that slept, and types at once, is too late.
    os.kill(terminal.pid, signal.SIGSTOP)
    time.sleep(2)
    terminal.type("list")
    os.kill(terminal.pid, signal.SIGCONT)
    shown = terminal.until(Terminal.PASSPHRASE)
    assert "locked after" in shown and "no cases yet" not in shown, shown
    terminal.type("\x04")
    terminal.until(Terminal.PROMPT)
    terminal.type("exit")
    terminal.end(0)


def echoes(terminal):
    return bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO)


def signals(program, passphrase):
    for ask in (signal.SIGTERM, signal.SIGHUP):
        terminal = unlocked(program, passphrase)
        os.kill(terminal.pid, ask)
        terminal.until(CLEARED)
        terminal.end(130)
        # In the middle of a text: it is not recorded.
        terminal = unlocked(program, passphrase)
        terminal.type("new")
        code = terminal.until(r"([0-9A-Z]{4}-[0-9A-Z]{4})\r\n").split()[-1]
        terminal.until(Terminal.PROMPT)
        terminal.type(f"put {code} testimony")
        terminal.until("ended by a line")
        terminal.type(TEXT)
        os.kill(terminal.pid, ask)
        terminal.until(CLEARED)
        terminal.end(130)
        terminal = unlocked(program, passphrase)
        terminal.type(f"show {code} --part testimony")
        terminal.until("sanduq: error: ")
        # The terminal goes away.
        os.close(terminal.fd)
        assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == 130
    for end in (lambda terminal: os.kill(terminal.pid, signal.SIGTERM), lambda terminal: terminal.type("\x03")):
        terminal = Terminal(program, "list")
        terminal.until(Terminal.PASSPHRASE)
        assert not echoes(terminal), "a passphrase is not shown"
        terminal.type("half of it")
        end(terminal)
        assert "half" not in terminal.end(130)
        assert echoes(terminal), "the terminal shows again what is typed"


def screen(program, passphrase):
    """In tmux, a terminal with a memory of what was shown: nothing of a case is in it after locking and leaving."""
    socket = str(pathlib.Path(os.environ["HOME"]) / "tmux")

    def tmux(*args):
        return subprocess.run(["tmux", "-f", "/dev/null", "-S", socket, *args], check=True, capture_output=True,
                              text=True).stdout

    def until(text, hidden=""):
        for _ in range(600):
            seen = tmux("capture-pane", "-p", "-S", "-")
            if re.search(text, seen) and not (hidden and hidden in seen):
                return seen
            time.sleep(0.1)
        sys.exit(f"never came: {text!r} without {hidden!r}: {seen}")

    def type_line(text):
        tmux("send-keys", "-l", text)
        tmux("send-keys", "Enter")

    pathlib.Path("text.txt").write_text((TEXT + "\n") * 30)
    tmux("-u", "new-session", "-d", "-x", "80", "-y", "12", "env", "PS1=shell: ", "sh")
    try:
        type_line(program)
        until("passphrase of")
        type_line(passphrase)
        until("sanduq>")
        type_line("new")
        new = r"sanduq> new\n([0-9A-Z]{4}-[0-9A-Z]{4})\n"
        code = re.search(new, until(new)).group(1)
        type_line(f"put {code} testimony --from text.txt")
        until("revision 1")
        for leaving, left in (("lock", "locked"), ("exit", "shell:")):
            type_line(f"show {code}")
            if leaving == "exit":
                until("passphrase of")
                type_line(passphrase)
            assert until(TEXT).count(TEXT) > 12, "more was shown than the screen holds"
            type_line(leaving)
            seen = until(left, hidden=TEXT)
            assert code not in seen, seen
            tmux("send-keys", "Up")
            assert code not in until(left), "the arrow up shows no earlier command"
            tmux("send-keys", "C-u")
    finally:
        tmux("kill-server")


def progress(program, passphrase, expected, *args):
    """A bar or a moving line with these words on the terminal."""
    os.environ["TERM"] = "xterm"
    terminal = Terminal(program, *args)
    terminal.until(Terminal.PASSPHRASE)
    terminal.type(passphrase)
    shown = terminal.until(expected)
    assert "\x1b[" in shown or "\r" in shown, shown
    rest = terminal.end(0)
    # The bar goes when the work is done.
    assert "\x1b[2K" in rest or "\x1b[2K" in shown, rest


if __name__ == "__main__":
    scenes = {"idle": idle, "signals": signals, "screen": screen, "progress": progress}
    scenes[sys.argv[2]](sys.argv[1], *sys.argv[3:])
