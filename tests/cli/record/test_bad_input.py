"""Bad input and bad places: one sentence, exit code 2, and the record is as good as before."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allweather.cli import desk as desks
from allweather.cli import main
from allweather.node import home as homes
from tests.cli.record.members import Member, good, refused, run
from tests.store.disks import make_read_only, make_writable, mounted

DEEP = "[" * 100_000 + "]" * 100_000
BODIES: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "JSON"),
    "no object": ("[1]", "object"),
    "nested too deep": (f'{{"a":{DEEP}}}', ""),
    "nested over the bound": ('{"a":' * 20 + "1" + "}" * 20, "nested"),
    "a float": ('{"a":1.5}', "float"),
    "not a number": ('{"a":NaN}', "float"),
    "a large number": ('{"a":9007199254740992}', "2^53"),
    "a huge number": ('{"a":' + "9" * 5_000 + "}", ""),
    "half a character": ('{"a":"\\ud800"}', "surrogate"),
    "a key twice": ('{"a":1,"a":2}', "twice"),
    "a key that is not ASCII": ('{"é":1}', "ASCII"),
    "too long": ('{"a":"' + "x" * 70_000 + '"}', "65535"),
    "no file": ("@nowhere.json", "nowhere.json"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body(name: str, ann: Member, tmp_path: Path) -> None:
    body, word = BODIES[name]
    place = tmp_path / "body.json"
    place.write_text(body, encoding="utf-8")
    given = body if body.startswith("@") else f"@{place}"
    refused(ann.run("append", "--kind", "a.b", "--body", given), word)
    assert ann.size() == 0
    assert not (ann.home / "keys" / "head").exists()


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--kind", "Not A Kind"), "kind"),
        (("--kind", "record.ack"), "record.ack"),
        ((), "--kind"),
        (("--kind", "a.b", "--type", "text/plain"), "--payload"),
        (("--kind", "a.b", "--payload", "nowhere"), "nowhere"),
        (("--kind", "a.b", "--payload", "-", "--type", "no type"), "media type"),
        (("--kind", "a.b", "--audience", "nobody"), "nobody"),
        (("--kind", "a.b", "--at", "yesterday"), "yesterday"),
        (("--kind", "a.b", "--at", "1900-01-01T00:00:00Z"), "1900"),
        (("--kind", "a.b", "--batch", "-"), "--batch"),
        (("--batch", "nowhere"), "nowhere"),
    ],
)
def test_wrong_requests_to_append(ann: Member, args: tuple[str, ...], word: str) -> None:
    refused(ann.run("append", *args, stdin=b"text"), word)
    assert ann.size() == 0


WRONG_LINES = (
    *("", "{}", "[]", '{"kind":1}', '{"kind":"a","body":[]}', '{"kind":"a","x":1}', '{"kind":"a","text":1}'),
    *('{"kind":"a","audience":"x"}', '{"kind":"record.redact"}', '{"kind":"a","text":"\\ud800"}', "\xff\x00"),
)


@pytest.mark.parametrize("line", WRONG_LINES)
def test_one_wrong_line_spoils_a_batch(ann: Member, line: str) -> None:
    first = '{"kind":"a.b"}\n' if line else ""
    refused(ann.run("append", "--batch", "-", stdin=(first + line).encode("latin-1")))
    assert ann.size() == 0


def test_a_payload_over_the_bound(ann: Member, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(2**24 + 1)
    refused(ann.run("append", "--kind", "a.b", "--payload", large), "16,777,216")
    assert ann.size() == 0


def test_homes_that_are_none(ann: Member, tmp_path: Path) -> None:
    refused(run("append", tmp_path / "nowhere", "--kind", "a.b"), "nowhere", "record new")
    refused(run("log", tmp_path / "nowhere"), "nowhere")
    refused(ann.run("new", "--origin", ann.origin), "not empty")
    refused(run("new", tmp_path / "x", "--origin", "No Origin", "--passphrase-file", ann.secret), "No Origin")
    refused(run("new", tmp_path / "x", "--origin", "a/b", "--store", "cloud"), "cloud")
    refused(run("new", tmp_path / "x", "--origin", "a/b"), "--passphrase-file")
    settings = ann.home / "home.toml"
    for text, word in [
        ("origin =", "TOML"),
        ('origin = "a/b"\ncolour = 1\n', "colour"),
        ("origin = 3\n", "council/member"),
        ('origin = "a/b"\nquorum = 0\n', "quorum"),
        ('origin = "a/b"\nstore = "x"\n', "store"),
        (f'origin = "{ann.origin}z"\n', "card"),
    ]:
        settings.write_text(text, encoding="utf-8")
        refused(ann.run("append", "--kind", "a.b"), word)


def test_nothing_half_made_is_left(tmp_path: Path, ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    before = set(tmp_path.iterdir())
    stick = tmp_path / "stick.key"
    monkeypatch.setattr(homes, "open_sqlite", broken)
    made = run(
        *("new", tmp_path / "x", "--origin", "a/b", "--passphrase-file", ann.secret, "--recovery-key", stick)
    )
    refused(made, "disk is full")
    assert set(tmp_path.iterdir()) == before


def test_keys_and_passphrases(ann: Member, ben: Member, tmp_path: Path) -> None:
    good_words = ann.secret.read_bytes()
    other = tmp_path / "other"
    other.touch(mode=0o600)
    for text, word in [("wrong\n", "passphrase is wrong"), ("", "first line"), ("\n", "first line")]:
        other.write_text(text, encoding="utf-8")
        refused(run("append", ann.home, "--kind", "a.b", "--passphrase-file", other), word)
    other.write_bytes(b"\xff\xfe\n")
    refused(run("append", ann.home, "--kind", "a.b", "--passphrase-file", other), "UTF-8")
    other.write_bytes(good_words)
    other.chmod(0o644)
    refused(run("append", ann.home, "--kind", "a.b", "--passphrase-file", other), "chmod 600")
    refused(run("append", ann.home, "--kind", "a.b", "--passphrase-file", tmp_path / "none"), "none")
    refused(run("append", ann.home, "--kind", "a.b"), "no terminal")
    key = ann.home / "keys" / "log.key"
    kept = key.read_bytes()
    shutil.copyfile(ben.home / "keys" / "log.key", key)
    refused(ann.run("append", "--kind", "a.b"), "not the key in force")
    for data in (b"", kept[:100], kept[:-60], kept.replace(b"A", b"B"), b"\x00" * 100):
        key.write_bytes(data)
        refused(ann.run("append", "--kind", "a.b"), "log.key")
    key.unlink()
    refused(ann.run("append", "--kind", "a.b"), "log.key")
    key.touch(mode=0o600)
    key.write_bytes(kept)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ann.say("still here") == 0
    guard = ann.home / "keys" / "head"
    guard.write_bytes(b"nrc.example/ann\n1\n")
    refused(ann.run("append", "--kind", "a.b"), "head", "damaged")


@pytest.fixture
def told(council: list[Member]) -> Iterator[tuple[Member, Path]]:
    """Ben, who holds what Ann said; and Ann's newer archive."""
    ann, ben, _ = council
    ann.say("one")
    ben.take(ann.export(), "--meet-all")
    before = ben.holds()["digest"]
    ann.say("two")
    yield ben, ann.export()
    assert ben.holds()["logs"]
    assert before


def test_cut_archives(told: tuple[Member, Path], tmp_path: Path) -> None:
    ben, archive = told
    data = archive.read_bytes()
    cut = tmp_path / "cut.zip"
    for place in (0, 1, 20, len(data) // 3, len(data) // 2, len(data) - 1):
        cut.write_bytes(data[:place])
        for result in (ben.run("import", cut), run("verify", cut), run("log", cut)):
            refused(result, "cut.zip")


def test_flipped_bits(told: tuple[Member, Path], tmp_path: Path) -> None:
    """One bit is flipped in each file of a record: verify finds it, and import takes in nothing wrong."""
    ben, archive = told
    folder = tmp_path / "files"
    with zipfile.ZipFile(archive) as whole:
        whole.extractall(folder)
    whole_text = good(run("verify", folder))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        data = path.read_bytes()
        for place in sorted({len(data) // 3, len(data) - 3}):
            path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
            result = run("verify", folder)
            if result.exit_code == 0:
                # Nothing in the index is believed; and a cosigner whose name was spoiled is an unknown one.
                assert path.name in ("index", "cosignatures", "checkpoint")
                assert result.stdout == whole_text or "are not known here" in result.stdout, path
                continue
            assert result.exit_code == 2, (path, place)
            assert "DOES NOT HOLD" in result.stdout or len(result.stderr.splitlines()) == 1
        path.write_bytes(data)
    tile = next(path for path in files if "entries" in path.parts[-2] or "entries" in str(path))
    tile.write_bytes(tile.read_bytes()[:-1])
    result = ben.run("import", folder)
    assert result.exit_code == 2
    assert "not taken in" in result.stderr


def test_sources_that_are_none(ann: Member, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(run("verify", empty), "index")
    refused(run("log", empty), "index")
    refused(run("verify", tmp_path / "none"), "none")
    refused(run("verify", "ftp://example.org/x"), "ftp")
    refused(run("verify", ann.home, "--card", "x"), "--card")
    refused(run("verify", ann.home, "--entry", "x"), "--entry")
    result = run("verify", ann.home, "--card", f"{ann.origin}={'0' * 64}")
    assert (result.exit_code, "another than the pinned" in result.stdout) == (2, True)
    assert run("verify", ann.home, "--card", f"a/b={'0' * 64}").exit_code == 2
    assert run("import", ann.home, empty, "--no-acknowledge").exit_code == 2
    refused(ann.run("import", ann.home / "none"), "none")
    refused(ann.run("import", empty, "--meet", "x"), "--meet")
    refused(run("show", ann.home, ann.origin, 0), "no entry 0")
    refused(run("show", ann.home, "a/b", 0), "a/b")
    refused(run("prove", ann.home, ann.origin), "--two-faced")
    refused(run("export", ann.home, tmp_path / "x.zip", "--log", "a/b"), "a/b")


def test_a_terminal_is_not_steered_by_others(ann: Member) -> None:
    ann.say("good\x1b[2J\x07evil")
    shown = good(run("show", ann.home, ann.origin, 0))
    assert "\x1b" not in shown
    assert "good\\x1b[2J" in shown


def in_a_process(limits: Callable[[], None] | None, *args: object) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own."""
    code = "import sys; from allweather.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, "record", *(str(one) for one in args)],
        preexec_fn=limits,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_a_full_disk(ann: Member, tmp_path: Path) -> None:
    ann.say("one")
    payload = tmp_path / "payload"
    payload.write_bytes(os.urandom(2**20))
    limit = (ann.home / "record.sqlite").stat().st_size + 100_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    words = ("--passphrase-file", ann.secret)
    done = in_a_process(small, "append", ann.home, "--kind", "a.b", "--payload", payload, *words)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert ann.holds()["logs"][0]["faces"][0]["size"] == 1
    assert ann.say("two") == 1
    good(ann.run("append", "--kind", "a.b", "--payload", payload))

    done = in_a_process(small, "export", ann.home, tmp_path / "full.zip")
    assert (done.returncode, done.stdout) == (2, ""), done
    assert not list(tmp_path.glob("full*"))
    ann.holds()


def test_a_second_process_is_refused(ann: Member) -> None:
    with desks.at_desk(ann.home, None) as desk:
        assert desk.own.origin == ann.origin
        refused(ann.run("append", "--kind", "a.b"), "in use")
        assert good(run("log", ann.home, "--json"))["logs"]  # reading goes on
    assert ann.say("now") == 0


def test_an_export_shows_one_moment(ann: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process may append while the files are read: their head is the one of the beginning."""
    from allweather.sync.layout import Publication

    ann.say("before")
    real = Publication.read
    said: list[int] = []

    def read(self: Publication, path: str) -> bytes | None:
        if not said and "/tile/" in path:
            said.append(ann.say("while it is read"))
        return real(self, path)

    monkeypatch.setattr(Publication, "read", read)
    archive = ann.export()
    assert said == [1]
    assert good(run("verify", archive, "--json"))["logs"][0]["faces"][0]["size"] == 1


def test_a_read_only_home(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "8m") as disk:
        ann = Member(disk, "ann")
        ann.make()
        ann.say("one")
        make_read_only(disk)
        refused(ann.run("append", "--kind", "a.b"), "read-only")
        ann.holds()
        make_writable(disk)
        assert ann.say("two") == 1


def test_a_place_that_cannot_be_written(ann: Member, tmp_path: Path) -> None:
    ann.say("one")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    refused(run("export", ann.home, tmp_path / "file" / "x.zip"), "x.zip")
    refused(run("export", ann.home, tmp_path / "file" / "x"), "x")
    refused(run("prove", ann.home, ann.origin, 0, "--out", tmp_path / "file"), "file")
    refused(run("new", tmp_path / "file" / "x", "--origin", "a/b", "--passphrase-file", ann.secret), "x")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_help_does_not_open_any_room() -> None:
    code = (
        "import sys; from allweather.cli import main\n"
        "try: main(['record', '--help'])\n"
        "except SystemExit: pass\n"
        "print([one for one in ('sqlalchemy', 'cryptography', 'numpy', 'msgspec') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert main.commands["record"].help
