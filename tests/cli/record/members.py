"""Homes for the tests of the record's command line: made once with few rounds of bcrypt, then copied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from allweather.cli import main

PASSPHRASE = "correct horse battery staple"


def run(*args: object, stdin: bytes | None = None) -> Result:
    """One command of the record."""
    return CliRunner().invoke(main, ["record", *(str(one) for one in args)], input=stdin)


def refused(result: Result, *words: str) -> None:
    """Exit code 2, one sentence on the error stream, nothing else anywhere."""
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 900
    for word in words:
        assert word in result.stderr, result.stderr


def good(result: Result) -> Any:
    """Exit code 0; the JSON that was printed, which is canonical, or the text."""
    assert result.exit_code == 0, (result.output, result.exception)
    if result.stdout.startswith("{"):
        value = json.loads(result.stdout)
        spelled = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert result.stdout == spelled + "\n"
        return value
    return result.stdout


class Member:
    """A member with its home; each method is one command."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.origin = f"nrc.example/{name}"
        self.home = folder / name
        self.secret = folder / "passphrase"
        if not self.secret.exists():
            self.secret.touch(mode=0o600)
            self.secret.write_text(PASSPHRASE + "\n", encoding="utf-8")

    def run(self, command: str, *args: object, stdin: bytes | None = None) -> Result:
        """A command that signs."""
        return run(command, self.home, *args, "--passphrase-file", self.secret, stdin=stdin)

    def make(self, *args: object) -> str:
        """Make the home; the digest of the card."""
        found = good(self.run("new", "--origin", self.origin, "--json", *args))
        self.card = str(found["card"])
        return self.card

    def say(self, text: str, *args: object) -> int:
        """Append a statement with a payload; its index."""
        result = self.run(
            "append",
            *("--kind", "council.statement", "--body", '{"about":"text"}', "--payload", "-", "--json", *args),
            stdin=text.encode(),
        )
        return int(good(result)["first"])

    def export(self, *args: object, name: str = "") -> Path:
        """Write an archive."""
        dest = self.folder / (name or f"{self.home.name}.zip")
        good(run("export", self.home, dest, *args))
        return dest

    def take(self, source: object, *args: object) -> Any:
        """Import, whoever it is from."""
        return good(self.run("import", source, "--json", *args))

    def size(self, origin: str = "") -> int:
        """How many entries of a log are held."""
        for row in good(run("log", self.home, "--json"))["logs"]:
            if row["origin"] == (origin or self.origin):
                return max((int(face["size"]) for face in row["faces"]), default=0)
        return 0

    def holds(self) -> Any:
        """That everything verifies; the audit."""
        return good(run("verify", self.home, "--json"))

    def copy(self, name: str) -> Member:
        """The same member from a copy of its home."""
        shutil.copytree(self.home, self.folder / name)
        other = Member(self.folder, self.home.name)
        other.home, other.card = self.folder / name, self.card
        return other
