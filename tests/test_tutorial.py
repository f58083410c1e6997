"""The pages that say "type this" work as they stand: their commands run, in order, in one shell.

Light rules for a page: in a `console` block a line that begins with `$ ` is typed, together with the lines
that a backslash joins to it. Every other line has to be in what that command prints, in this order; `…`
stands for whatever it likes, and gaps may have any width. Ports named on the page become free ones. Between
two blocks the test waits, as a reader does, until every node that was begun answers and all hold the same.
Where a command takes more than a second, as on a machine that does much else, seconds on the page count more.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.chromium import EVERY_PAGE
from tests.test_house import ROOT

TUTORIAL = "tutorial/council-of-three.md"
PAGES = (TUTORIAL, *(("how-to/council-by-stick.md",) if EVERY_PAGE else ()))
_PORT = re.compile(r"(?<=127\.0\.0\.1:)84\d\d")
_SECONDS = re.compile(r"(?<=--expires \+)\d+(?=s)|(?<=\$ sleep )\d+")
_SETTLES_IN = 180.0
_COMMAND_SECONDS = 180.0


@dataclass(frozen=True)
class Typed:
    """A command with the lines that the page shows under it."""

    command: str
    shown: tuple[str, ...]


def blocks(text: str) -> Iterator[list[Typed]]:
    """The console blocks of a page."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        found: list[tuple[str, list[str]]] = []
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        yield [Typed(command, tuple(shown)) for command, shown in found]


def missing(shown: tuple[str, ...], printed: str) -> str | None:
    """The first shown line that was not printed, in order; None if all were."""
    lines = iter(printed.splitlines())
    for one in shown:
        parts = [re.escape(" ".join(part.split())) for part in one.split("…")]
        pattern = re.compile(".*".join(parts))
        if not any(pattern.search(" ".join(line.split())) for line in lines):
            return one
    return None


def free_ports(number: int) -> list[str]:
    """Ports that nobody listens at."""
    lines = [socket.socket() for _ in range(number)]
    try:
        for line in lines:
            line.bind(("127.0.0.1", 0))
        return [str(line.getsockname()[1]) for line in lines]
    finally:
        for line in lines:
            line.close()


def slowness_of(shell: Shell) -> float:
    """How many seconds a short command takes here, and half as many again; at least the one that is usual."""
    began = time.monotonic()
    shell.type("allweather council --help")
    return max(1.0, 1.5 * (time.monotonic() - began))


@dataclass
class Shell:
    """One bash, in a folder of its own, that is told one command after the other."""

    folder: Path
    nodes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._process = subprocess.Popen(
            ["bash"],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "COLUMNS": "200"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        self._n = 0

    def type(self, command: str) -> str:
        """Run a command; what it printed, on both of its streams."""
        self._n += 1
        out, done = self.folder / f".out-{self._n}", self.folder / f".done-{self._n}"
        assert self._process.stdin is not None
        # Braces and no subshell: what is set here is there for the next command.
        self._process.stdin.write(f"{{ {command}\n}} < /dev/null > {out.name} 2>&1\n: > {done.name}\n")
        self._process.stdin.flush()
        until = time.monotonic() + _COMMAND_SECONDS
        while not done.exists():
            assert self._process.poll() is None, f"the shell ended at: {command}"
            assert time.monotonic() < until, f"this does not end: {command}\n{out.read_text()}"
            time.sleep(0.02)
        return out.read_text(encoding="utf-8")

    def settle(self) -> None:
        """Wait until all nodes that were begun answer and hold the same."""
        until = time.monotonic() + _SETTLES_IN
        while time.monotonic() < until:
            held = {self._digest(name) for name in self.nodes}
            if "" not in held and len(held) < 2:
                return
            time.sleep(0.3)
        raise AssertionError(f"the nodes do not agree: { {one: self._digest(one) for one in self.nodes} }")

    def _digest(self, name: str) -> str:
        home = self.folder / name
        try:
            address = json.loads((home / "node.json").read_bytes())["address"]
            token = (home / "token").read_text(encoding="ascii").strip()
            sent = {"Authorization": f"Bearer {token}"}
            asked = urllib.request.Request(f"{address}/api/views/council", headers=sent)
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return str(json.load(answer)["digest"])
        except urllib.error.HTTPError as error:
            return "no charter" if error.code == 409 else ""
        except (OSError, ValueError):
            return ""

    def follow(self, command: str) -> None:
        """Keep in mind which nodes run: what a command begins, and what it ends."""
        self.nodes |= set(re.findall(r"node run (\w+)", command))
        self.nodes -= set(re.findall(r"\$(\w+)", command)) if command.startswith("kill ") else set()

    def close(self) -> None:
        """End everything that was begun in it."""
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sent)
            except ProcessLookupError:
                break
            time.sleep(0.5)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_runs_and_prints_what_the_page_shows(page: str, shell: Shell) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = sorted(set(_PORT.findall(text)))
    ports = dict(zip(named, free_ports(len(named)), strict=True))
    text = _PORT.sub(lambda found: ports[found[0]], text)
    slow = slowness_of(shell)
    digests: list[str] = []
    for block in blocks(_SECONDS.sub(lambda found: str(math.ceil(slow * int(found[0]))), text)):
        for typed in block:
            printed = shell.type(typed.command)
            assert "Traceback" not in printed, printed
            assert "fault of the program" not in printed, printed
            lacks = missing(typed.shown, printed)
            assert lacks is None, f"{typed.command}\nshould have printed: {lacks}\nbut printed:\n{printed}"
            if not typed.shown:
                assert "allweather: " not in printed, f"{typed.command}\n{printed}"
            shell.follow(typed.command)
            digests = re.findall(r"Digest of the fold: (\w+)", printed) or digests
        shell.settle()
    assert len(digests) == (3 if page == TUTORIAL else 1)
    assert len(set(digests)) == 1


# The rules of a page


def test_blocks_are_found() -> None:
    text = "```console\n$ a \\\n  b\nc …\n$ d\n```\nwords\n```text\n$ e\n```\n```console\n$ f\n```\n"
    assert list(blocks(text)) == [[Typed("a    b", ("c …",)), Typed("d", ())], [Typed("f", ())]]


def test_shown_lines_are_looked_for_in_order() -> None:
    printed = "id   text\nnorway:12  Adopted at noon.\n"
    assert missing(("id text", "norway:… Adopted at …"), printed) is None
    assert missing(("norway:… Adopted", "id text"), printed) == "id text"
    assert missing(("norway:… adopted",), printed) == "norway:… adopted"
