"""The commands of the how-to pages do what the pages say, run in order as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allweather.cli import main
from tests.cli.record.members import Member, good, run
from tests.test_house import ROOT

PAGES = ROOT / "docs" / "how-to"


def console(page: str) -> Iterator[list[str]]:
    """The commands in a page's console blocks, in order."""
    text = (PAGES / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield shlex.split(line.removeprefix("$ "))


def secret_of(member: Member) -> list[object]:
    return ["--passphrase-file", member.secret]


def test_record_by_stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "media" / "stick").mkdir(parents=True)
    (tmp_path / "media" / "safe").mkdir()
    Path("statement.txt").write_text("We agree.", encoding="utf-8")
    sweden = Member(tmp_path, "sweden")
    sweden.make()
    card = ""
    record = main.commands["record"]
    for words in console("record-by-stick.md"):
        assert words[:2] == ["allweather", "record"]
        name, *rest = [one.replace("/media/", "media/").replace("DIGEST", card) for one in words[2:]]
        options = {option for one in record.commands[name].params for option in one.opts}  # type: ignore[attr-defined]
        secret = secret_of(sweden) if "--passphrase-file" in options else []
        output = good(run(name, *rest, *secret))
        if name == "new":
            card = re.search(r"=([0-9a-f]{64})", output)[1]  # type: ignore[index]
        if name == "export" and rest[0] == "sweden":
            good(
                run(
                    "import",
                    "norway",
                    "media/stick/sweden.zip",
                    "--meet-all",
                    *("--passphrase-file", sweden.secret),
                )
            )
    assert good(run("verify", "norway", "--json"))["holds"] is True


def test_verify_as_outsider(council: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben, _ = council
    ann.say("to outsiders")
    ben.take(ann.export(), "--meet-all")
    ann.take(ben.export(), "--meet-all")
    ann.export(name="record.zip")
    good(run("prove", ann.home, ann.origin, 0, "--out", ann.folder / "proof"))
    done = set()
    for words in console("verify-as-outsider.md"):
        words = [one.replace("DIGEST", ann.card).replace("nrc.example/norway", ann.origin) for one in words]
        words = [one.replace("nrc.example-sweden", "nrc.example-ben") for one in words]
        monkeypatch.chdir(ann.folder if "record.zip" in words else ann.folder / "proof")
        if words[0] == "allweather":
            good(run(*words[2:]))
        else:
            if words[0] == "python":
                words = [sys.executable, str(ROOT / words[1]), *words[2:]]
            result = subprocess.run(words, capture_output=True, text=True)
            assert result.returncode == 0, result.stdout + result.stderr
            if words[0] == "tail":
                assert result.stdout == "to outsiders"
        done.add(words[0])
    assert {"allweather", "sha256sum", "tail", sys.executable} <= done


def test_a_folder_on_a_web_server_is_a_source(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("over the web")
    folder = ann.folder / "web"
    good(run("export", ann.home, folder))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert ben.take(address, "--meet-all")["entries"] == {ann.origin: 1}
        assert good(run("verify", address, "--json"))["holds"] is True
        assert "over the web" in good(run("show", address, ann.origin, 0))
    finally:
        server.shutdown()
        server.server_close()
