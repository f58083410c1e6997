"""Three members at their terminals: each method is one command. The clock of all of them is set by hand."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from allweather.cli import main
from allweather.node.home import Passphrase, at_desk
from tests.node.sitting import take

NAMES = ("ann", "ben", "cem", "desk")
PASSPHRASE = "correct horse battery staple"
START = 1_253_260_800  # 18 September 2009, 08:00 UTC
HOUR = 3_600
DAY = 24 * HOUR


class Clock:
    """What stands in for the module `time` where commands ask for the time."""

    def __init__(self) -> None:
        self.now = START

    def time(self) -> float:
        return float(self.now)


def run(*args: object, stdin: bytes | None = None) -> Result:
    """One command, in this process."""
    return CliRunner().invoke(main, [str(one) for one in args], input=stdin)


def good(result: Result) -> Any:
    """Exit code 0; the JSON that was printed, which is canonical, or the text."""
    assert result.exit_code == 0, (result.output, result.exception)
    assert "Traceback" not in result.output
    if result.stdout.startswith(("{", "[")):
        value = json.loads(result.stdout)
        spelled = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert result.stdout == spelled + "\n"
        return value
    return result.stdout


def refused(result: Result, *words: str) -> str:
    """Exit code 2, exactly one sentence on the error stream, nothing else anywhere."""
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    if lines and lines[0].startswith("Usage:"):
        lines = [line for line in lines if line.startswith("Error: ")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert len(lines[0]) < 1_000, len(lines[0])
    assert all(one.isprintable() for one in lines[0]), repr(lines[0])
    for word in words:
        assert word in lines[0], lines[0]
    return lines[0]


class Desk:
    """One member at its terminal."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.origin = f"nrc.example/{name}"
        self.home = folder / name
        self.secret = folder / "passphrase"
        self.used: set[str] = set()

    def make(self) -> str:
        """Make the home; the digest of the card."""
        if not self.secret.exists():
            self.secret.touch(mode=0o600)
            self.secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
        made = self.record("new", "--origin", self.origin, "--json")
        return str(good(made)["card"])

    def record(self, command: str, *args: object) -> Result:
        """A command of the record that signs."""
        return run("record", command, self.home, *args, "--passphrase-file", self.secret)

    def act(self, command: str, *args: object, stdin: bytes | None = None) -> Result:
        """A command of the council that signs."""
        self.used.add(command)
        signs = ("--passphrase-file", self.secret, *(["--yes"] if command != "due" else []))
        return run("council", command, self.home, *args, *signs, stdin=stdin)

    def does(self, command: str, *args: object, stdin: bytes | None = None) -> str:
        """The same in a good case; the name of the act."""
        acts = good(self.act(command, *args, "--json", stdin=stdin))
        assert len(acts) == 1
        return str(acts[0]["id"])

    def sees(self, command: str, *args: object, text: bool = False) -> Any:
        """A command that only looks."""
        self.used.add(command)
        return good(run("council", command, self.home, *args, *([] if text else ["--json"])))

    def state(self) -> tuple[object, ...]:
        """What a refused command must leave as it was."""
        guard = self.home / "keys" / "head"
        rows = good(run("record", "log", self.home, "--json"))["logs"]
        return rows, guard.read_bytes() if guard.exists() else b"", sorted(self.home.rglob("*"))


class Council:
    """All of them in one folder."""

    def __init__(self, folder: Path, cards: dict[str, str], clock: Clock) -> None:
        self.folder, self.cards, self.clock = folder, cards, clock
        self.desks = {name: Desk(folder, name) for name in NAMES}

    def __getattr__(self, name: str) -> Desk:
        found = self.__dict__.get("desks", {}).get(name)
        if not isinstance(found, Desk):
            raise AttributeError(name)
        return found

    def seats(self, *names: str) -> list[str]:
        """`--member` for each of these names."""
        return [part for name in names for part in ("--member", f"{name}={self.cards[name]}")]

    def found(self) -> None:
        """Found the council with Ann, Ben and Cem as members and the desk as its chair and secretariat."""
        self.ann.does(
            *("found", "A council", *self.seats("ann", "ben", "cem"), "--track", "Water"),
            *("--chair", f"desk={self.cards['desk']}", "--catch-up", "1d", "--statements", "1d"),
            *("--bloc", "West=ann,ben", "--area", "Rivers", "--shortest-silence", "0s"),
        )
        self.carry()
        for name in ("ben", "cem", "desk"):
            self.desks[name].does("join")
        self.carry()

    def carry(self) -> None:
        """Carry the records of all to everybody, and the acknowledgements back."""
        with ExitStack() as stack:
            words = Passphrase(self.folder / "passphrase")
            open_desks = [stack.enter_context(at_desk(one.home, words)) for one in self.desks.values()]
            for _ in range(2):
                for one in open_desks:
                    take(one, [other for other in open_desks if other is not one], self.clock.now)

    def copy(self, folder: Path) -> Council:
        """The same from copies of the homes."""
        shutil.copytree(self.folder, folder)
        clock = Clock()
        clock.now = self.clock.now
        return Council(folder, self.cards, clock)
