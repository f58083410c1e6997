"""The demo from the terminal: it ends by itself, what it says holds, and it leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from allweather.cli import main
from allweather.cli.staging import PROGRAM, free_ports
from allweather.cli.walking import shortened
from allweather.node.peers import read_peers

LIVE = ("norway", "germany", "russia")
STARTS_IN = 120


def test_the_whole_walk(tmp_path: Path) -> None:
    """A cut and its healing: the digests part and meet again, and each sentence says why."""
    folder = tmp_path / "demo"
    result = CliRunner().invoke(main, ["demo", "--pace", "0", "--folder", str(folder)])
    assert result.exit_code == 0, result.output
    # How many acknowledgements come before an act depends on how quick the machine is.
    said = re.sub(r"\b(norway|germany|russia):\d+", r"\1:N", " ".join(result.stdout.split()))
    assert said.startswith(
        "This is a rehearsal, compiled from public records. All keys were made for it; nobody named here has "
        "signed anything."
    )
    heads = re.findall(r"^(\d)  ", result.stdout, re.MULTILINE)
    assert heads == ["1", "2", "3", "4", "5", "6"]
    rows = re.findall(r"^   (norway|germany|russia) +(\d+) +([\d,]+) +([0-9a-f]{16})$", result.stdout, re.M)
    assert [row[0] for row in rows] == [*LIVE, *LIVE, *LIVE]
    assert {row[1] for row in rows} == {"30"}
    started, cut, healed = ([row[3] for row in rows[k : k + 3]] for k in (0, 3, 6))
    assert len(set(started)) == 1
    assert cut[0] == cut[1] != cut[2]
    assert len(set(healed)) == 1
    assert healed[0] not in (*started, *cut)
    for sentence in (
        "13 converge, 2 nearly, 2 differ, 23 are not known.",
        "norway:N puts it to all 29: S1: NATO and Russian ships should work together against piracy",
        "The nodes of germany and russia have signed receipts by themselves.",
        "26 members not yet heard.",
        "russia: Broken by russia (russia:N): it runs on if russia, and nobody else, clears that",
        "norway: Provisional: silence binds only who was reached, and 26 members are not yet heard;",
        "The concern russia:N is on everybody's agenda; nobody could keep it off.",
        "norway: Returned to drafting: russia contests the decision (russia:N): its author may have been "
        "cut off, and nothing shows it to be late.",
        "30 logs: everything that was checked holds.",
    ):
        assert sentence in said, sentence
    assert not [name for name in LIVE if (folder / name / "node.json").exists()]
    assert _processes(folder) == []
    assert [len(read_peers(folder / name).peer) for name in LIVE] == [2, 2, 2]
    assert f"allweather record verify {folder / 'norway'}" in result.stdout


def test_the_folder_must_be_empty(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        f"allweather: {tmp_path} is not empty; choose another folder for the demo"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["letter"]


def test_a_day_is_a_day(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--as-of", "2009", "--folder", str(tmp_path / "demo")])
    assert result.exit_code == 2
    assert "--as-of needs one day" in result.stderr
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, told: signal.Signals) -> None:
    with _demo(tmp_path) as process:
        place = _until_running(process, tmp_path)
        pids = [json.loads((place / name / "node.json").read_bytes())["pid"] for name in LIVE]
        process.send_signal(told)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    assert complaint.decode().splitlines()[-1] == "allweather: interrupted; nothing was half written"
    assert list(tmp_path.iterdir()) == []
    assert not [pid for pid in pids if _runs(pid)]


@contextlib.contextmanager
def _demo(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The demo in a temporary folder below `folder`, slow enough to be caught in the middle of it."""
    # Where the tests were started in the background, interrupts are ignored, and children inherit that.
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*PROGRAM, "demo", "--pace", "2"],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        signal.signal(signal.SIGINT, was)
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def _until_running(process: subprocess.Popen[bytes], folder: Path) -> Path:
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until and process.poll() is None:
        for place in folder.glob("allweather-demo-*"):
            if all((place / name / "node.json").exists() for name in LIVE):
                return place
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"the nodes did not start: {process.communicate()[1].decode()}")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _processes(folder: Path) -> list[str]:
    """The command lines of processes that name a folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline") if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            found.append(one.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(folder) in line and " node run " in line]


def test_long_lists_of_members_are_counted() -> None:
    five = "a, b, c, d and e are not yet heard"
    assert shortened(five) == five
    assert shortened("a, b, c, d, e and f are not yet heard") == "6 members are not yet heard"
    assert shortened("hold by x until noon; a, b, c, d, e, f-g and h.i not yet heard; z waits") == (
        "hold by x until noon; 7 members not yet heard; z waits"
    )


def test_ports_are_different() -> None:
    assert len(set(free_ports(3))) == 3
