"""`allweather node` from the terminal: peers, copies, one round without a node, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allweather.cli import main
from allweather.node import home as homes
from allweather.node import making
from tests.node.nodes import Member, Members, make_homes, members_in


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["node", *map(str, args)])


def refused(result: Result, *words: str) -> None:
    """Exit code 2, one sentence, nothing else."""
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(homes, "ROUNDS", 1)
        return folder, make_homes(folder)


def test_peers_are_added_listed_and_removed(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    folder, cards = made
    home = tmp_path / "ann"
    shutil.copytree(folder / "ann", home)
    assert "No peers" in run("peers", home, "list").stdout
    card = f"nrc.example/ben={cards['ben'].hex()}"
    added = run("peers", home, "add", "https://ben.example/", "--push", "--member", "nrc.example/ben")
    assert added.exit_code == 0, added.output
    assert run("peers", home, "add", "https://cem.example", "--meet", card).exit_code == 0
    listed = run("peers", home, "list").stdout
    assert "https://ben.example  nrc.example/ben  push" in listed
    assert f"may be met: {card}" in listed
    found = json.loads(run("peers", home, "list", "--json").stdout)
    assert [one["address"] for one in found["peers"]] == ["https://ben.example", "https://cem.example"]
    assert run("peers", home, "remove", "https://ben.example").exit_code == 0
    refused(run("peers", home, "remove", "https://ben.example"), "no peer")
    refused(run("peers", home, "add", "http://far.example"), "plain http")
    refused(run("peers", home, "add", "https://x.example", "--meet", "x"), "names no card")
    refused(run("peers", tmp_path, "list"), "no home")


def test_one_round_is_done_without_a_node_and_by_one(
    made: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    with members_in(made, tmp_path) as members:
        _rounds(members)


def _rounds(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    charter = ann.found("ann", "ben")
    assert "No node runs" in run("status", ben.home).stdout
    assert "No peers" in run("sync", ben.home, "--passphrase-file", ben.secret).stdout
    ben.add(ann)
    unknown = run("sync", ben.home, "--passphrase-file", ben.secret)
    card = f"{ann.origin}={members.cards['ann'].hex()}"
    assert f"not known here: --meet {card}" in unknown.stdout
    done = run("sync", ben.home, "--passphrase-file", ben.secret, "--meet", card)
    assert "1 new entry" in done.stdout, done.output
    ben.start()
    assert ben.holds(charter)
    assert ben.size("ben") == 1  # it was acknowledged
    status = run("status", ben.home)
    assert "It signs." in status.stdout
    assert ben.running.address in status.stdout
    assert json.loads(run("status", ben.home, "--json").stdout)["runs"] is True
    found = json.loads(run("sync", ben.home, "--json").stdout)
    assert found["peers"][0]["member"] == ann.origin


def test_a_copy_is_made_and_put_back(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    with members_in(made, tmp_path / "homes") as members:
        ann, ben = members["ann"], members["ben"]
        ann.start()
        ben.start()
        ben.add(ann)
        charter = ann.found("ann", "ben")
        from tests.node.nodes import until

        until(lambda: ben.holds(charter))
        copied = run("backup", ben.home, tmp_path / "copy")
        assert copied.exit_code == 0, copied.output
        result = run("restore", tmp_path / "copy", tmp_path / "again")
        assert f"it asks: {ann.origin}" in result.stdout, result.output
        refused(run("backup", ben.home, tmp_path / "copy"), "already")
        refused(run("restore", tmp_path / "homes", tmp_path / "other"), "no home")


def test_a_copy_that_knows_nobody_else_says_what_helps(
    made: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    folder, _ = made
    shutil.copytree(folder / "ann", tmp_path / "ann")
    assert run("backup", tmp_path / "ann", tmp_path / "copy").exit_code == 0
    result = run("restore", tmp_path / "copy", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "The copy knows no other member" in result.stdout
    assert "`allweather record succeed`" in result.stdout
    assert "it asks" not in result.stdout
    words = ["record", "append", tmp_path / "again", "--passphrase-file", folder / "passphrase"]
    signed = CliRunner().invoke(main, [*map(str, words), "--kind", "note.x", "--body", "{}"])
    assert signed.exit_code == 2
    assert "nobody can say how far nrc.example/ann had come" in " ".join(signed.stderr.split())


def test_a_store_in_a_folder_is_copied_while_no_node_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(homes, "ROUNDS", 1)
    secret = tmp_path / "passphrase"
    secret.touch(mode=0o600)
    secret.write_text("correct horse\n")
    words = {word: homes.Passphrase(secret) for word in ("log", "witness", "recovery")}
    home = homes.Home(tmp_path / "ann", "nrc.example/ann", homes.FOLDER)
    card = making.make_home(home, None, words)
    member = Member("ann", home.path, {"ann": card})
    member.start()
    try:
        member.found("ann")
        refused(run("backup", home.path, tmp_path / "copy"), "stop the node, make the copy")
        assert not (tmp_path / "copy").exists()
    finally:
        member.stop()
    assert run("backup", home.path, tmp_path / "copy").exit_code == 0
    assert run("restore", tmp_path / "copy", tmp_path / "again").exit_code == 0


def test_what_cannot_run_is_refused(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    folder, _ = made
    home = tmp_path / "ann"
    shutil.copytree(folder / "ann", home)
    secret = folder / "passphrase"
    wrong = tmp_path / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text("another\n")
    refused(run("run", tmp_path, "--passphrase-file", secret), "no home")
    refused(run("run", home, "--passphrase-file", wrong), "passphrase")
    refused(run("run", home, "--passphrase-file", secret, "--listen", "0.0.0.0:0"), "plain http")
    refused(run("run", home, "--passphrase-file", secret, "--listen", "here"), "listen")
    refused(run("run", home, "--passphrase-file", secret, "--clock", "tomorrow"), "clock")
    refused(run("run", home, "--passphrase-file", secret, "--withhold", "x"))
    refused(run("run", home, "--passphrase-file", secret, "--tls-cert", home / "home.toml"), "TLS")
    (home / "token").write_text("short")
    refused(run("run", home, "--passphrase-file", secret), "token")
    assert not (home / "node.json").exists()


def test_help_names_every_command() -> None:
    text = run("--help").stdout
    for command in ("run", "peers", "sync", "status", "backup", "restore", "export", "import"):
        assert f"  {command} " in text
    assert "--clock" not in run("run", "--help").stdout
