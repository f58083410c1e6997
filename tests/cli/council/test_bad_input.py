"""Bad input to every command of the council: one sentence, exit code 2, nothing signed, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from allweather.cli.council import council as commands
from allweather.cli.record import asking
from allweather.node import home
from allweather.store import write_key
from tests.cli.council.desks import PASSPHRASE, Clock, Council, Desk, refused, run

LONG = "x" * 16_001
MISSING = "nobody:99"
ZEROS = "0" * 64

#: Every command that names an act, with something else that it needs; {} is where the act goes.
ABOUT: dict[str, tuple[str, ...]] = {
    "join": ("{}",),
    "resume": ("{}",),
    "recall": ("{}",),
    "overrule": ("{}", "No"),
    "withdraw": ("{}",),
    "move": ("{}", "open"),
    "disapprove": ("{}", "No"),
    "merge": ("{}", "{}"),
    "say": ("--on", "{}", "Words"),
    "reply": ("{}", "Words"),
    "table": ("{}", "Title", "Words"),
    "revise": ("{}", "Words"),
    "position": ("{}", "support"),
    "expect": ("{}", "ben", "support"),
    "round": ("{}", "{}", "--closes", "+1h"),
    "seal": ("{}", "--position", "{}=support"),
    "draft": ("{}", "Title", "Clause"),
    "amend": ("{}", "1", "Words", "--after", "x"),
    "back": ("{}",),
    "release": ("{}",),
    "group": ("{}", "ben", "--by", "+1h"),
    "freeze": ("{}",),
    "circulate": ("{}", "--expires", "+2h"),
    "admit": ("{}", f"dan={ZEROS}", "--expires", "+2h"),
    "receive": ("{}",),
    "refuse": ("{}", "No"),
    "hold": ("{}",),
    "object": ("{}", "No"),
    "answer": ("{}", "Words"),
    "clear": ("{}",),
    "reserve": ("{}", "Words"),
    "conflict": ("{}", "{}", "No"),
    "accept": ("{}",),
    "decline": ("{}",),
    "report": ("{}", "Words"),
    "confirm": ("{}",),
    "dispute": ("{}", "No"),
    "commit": ("{}", "What", "--by", "+1d"),
    "suspend": ("--about", "{}", "No", "--review-at", "+1d"),
    "quote": ("{}", "Words", "--places", "0-4"),
    "reject": ("{}", "--places", "0-4"),
    "open-track": ("--decision", "{}", "Title"),
}
ACTS = {*ABOUT, "raise", "leave", "delegate", "found", "file"}
LOOKS = {"status", "agenda", "show", "positions", "decisions", "board", "ledger", "minutes", "as-seen-by"}
LOOKS |= {"documents"}
UNKNOWN = (
    "nobody:99",
    "",
    "ann",
    "ann:",
    ":",
    "ann:-1",
    "ann:0:zz",
    "ann:99999999999999999999",
    "\x1b[2J",
    "../x",
)


@pytest.fixture(scope="module")
def filled(founded: Council, tmp_path_factory: pytest.TempPathFactory) -> Council:
    """The council with a statement, whose kind is wrong for nearly everything."""
    copied = founded.copy(tmp_path_factory.mktemp("filled") / "desks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "time", copied.clock)
        copied.ann.does("say", "Only words")
        copied.carry()
    return copied


@pytest.fixture
def ann(filled: Council, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(home, "ROUNDS", 1)
    monkeypatch.setattr(asking, "time", filled.clock)
    return filled.ann


def a_statement(ann: Desk) -> str:
    return str(next(one["id"] for one in ann.sees("minutes") if one["kind"] == "council.statement"))


def named(command: str, name: str) -> list[str]:
    return [one.replace("{}", name) for one in ABOUT[command]]


def test_every_command_is_tried_here() -> None:
    assert set(commands.commands) == ACTS | LOOKS | {"due", "review"}


def test_acts_that_are_not_held(ann: Desk) -> None:
    before = ann.state()
    for place, command in enumerate(ABOUT):
        if command in ("commit", "suspend"):  # these also take the title of a track
            refused(ann.act(command, *named(command, MISSING)), "no track")
            continue
        for name in {MISSING, UNKNOWN[place % len(UNKNOWN)]} - {""}:
            if not name.startswith("-"):
                said = refused(ann.act(command, *named(command, name)))
                assert "no act" in said or "TEXT=RESPONSE" in said or "is no" in said, said
    assert ann.state() == before


def test_acts_of_another_kind(ann: Desk) -> None:
    before = ann.state()
    statement = a_statement(ann)
    for command in ABOUT:
        if command not in ("reply", "say"):
            refused(ann.act(command, *named(command, statement)))
    assert "does not name ann" in refused(ann.act("reply", statement, "Words"))
    refused(ann.act("say", "--on", statement, "Words"), "is no concern")
    assert ann.state() == before


@pytest.mark.parametrize("name", UNKNOWN)
def test_looking_for_what_is_not_there(ann: Desk, name: str) -> None:
    for more in ((), ("--json",)):
        refused(run("council", "show", ann.home, *more, "--", name), "is no act that is held here")
        if name != "ann":
            refused(run("council", "as-seen-by", ann.home, *more, "--", name), "has written nothing")


TIMES = (
    "yesterday",
    "-1d",
    "+1y",
    "+",
    "+9999999d",
    "2009-13-01T00:00:00Z",
    "2009-09-18T12:00:00",
    "1" * 16,
    "",
)


@pytest.mark.parametrize("time", TIMES)
def test_times_that_are_none(ann: Desk, time: str) -> None:
    text = a_statement(ann)
    for command in ("agenda", "status", "board", "minutes"):
        if time:
            refused(run("council", command, ann.home, f"--at={time}"))
    for args in (
        ("circulate", text, f"--expires={time}"),
        ("commit", "Water", "What", f"--by={time}"),
        ("delegate", "Dora", "--key", ZEROS, "--power", "speak", f"--until={time}"),
    ):
        refused(ann.act(args[0], *args[1:]))


def test_spans_that_are_none(ann: Desk) -> None:
    seats = ("--member", f"ann={ZEROS}")
    for option in ("--shortest-silence", "--hold", "--catch-up", "--statements", "--rotation"):
        for span in ("-1d", "x", "1", "", "999999w"):
            refused(ann.act("found", "Again", *seats, f"{option}={span}"))


def test_words_that_are_too_few_or_too_many(ann: Desk, tmp_path: Path) -> None:
    before = ann.state()
    for args in (
        ("raise", ""),
        ("raise", "x" * 301),
        ("raise", "x", "--words", LONG),
        ("raise", "x", "--area", "x" * 301),
        ("say",),
        ("say", "x", "--title", "x" * 301),
        ("say", "x", "--language", "x" * 36),
        ("say", "x", "--file", "-"),
        ("say", "--file", tmp_path / "nowhere"),
        ("say", "--file", tmp_path),
        ("leave", ""),
        ("leave", "x" * 4_001),
        ("suspend", ""),
        ("open-track", ""),
        ("commit", "Water", "", "--by", "+1d"),
        ("delegate", "", "--key", ZEROS, "--power", "speak", "--until", "+1d"),
        ("found", "", "--member", f"ann={ZEROS}"),
    ):
        refused(ann.act(args[0], *args[1:]))
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    refused(ann.act("say", "--file", binary), "UTF-8")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(2**20 + 1)
    refused(ann.act("say", "--file", large), "1,048,576")
    assert ann.state() == before


def test_half_a_character(ann: Desk) -> None:
    """What a terminal gives for bytes that are no UTF-8."""
    before = ann.state()
    for args in (
        ("raise", "\udcff"),
        ("say", "\udcff"),
        ("show", "\udcff"),
        ("open-track", "x", "--words", "\ud800"),
        ("leave", "\udcff"),
        ("move", "\udcff", "open"),
        ("as-seen-by", "\udcff"),
    ):
        signs = () if args[0] in LOOKS else ("--yes", "--passphrase-file", ann.secret)
        refused(run("council", args[0], ann.home, *args[1:], *signs))
    assert ann.state() == before


def test_members_that_are_none(ann: Desk) -> None:
    before = ann.state()
    for name in ("nobody", "elsewhere/ann", "No Name", "x" * 200, "desk"):
        word = "no member of" if len(name) < 100 else "length <= 127"
        refused(ann.act("say", "x", "--names", name), word)
        refused(ann.act("commit", "Water", "What", "--by", "+1d", "--to", name), word)
        refused(ann.act("raise", "x", "--for", name))
    refused(ann.act("raise", "x", "--for", "ben"), "only a delegate whom ben gave a mandate")
    refused(ann.act("commit", "Water", "What", "--by", "+1d", "--to", "ann"), "promise something to itself")
    assert ann.state() == before


def test_seats_and_digests_that_are_none(ann: Desk) -> None:
    before = ann.state()
    for seat in ("ann", "=", "ann=", f"={ZEROS}", "ann=zz", f"ann={ZEROS}0", "ann=\u0660" + ZEROS[1:]):
        refused(ann.act("found", "Again", "--member", seat))
    refused(ann.act("found", "Again", "--member", f"ann={ZEROS}"), "has a council already")
    refused(ann.act("found", "Again", "--member", f"ann={ZEROS}", "--bloc", "West"))
    for key in ("", "x", ZEROS[1:], "A" * 44):
        refused(ann.act("delegate", "Dora", f"--key={key}", "--power", "speak", "--until", "+1d"))
    refused(ann.act("delegate", "Dora", "--key", ZEROS, "--power", "fly", "--until", "+1d"))
    refused(ann.act("delegate", "Dora", "--key", ZEROS, "--power", "speak", "--until", "1"), "ended at")
    assert ann.state() == before


def test_choices_that_are_none(ann: Desk) -> None:
    statement = a_statement(ann)
    for args in (
        ("position", statement, "maybe"),
        ("position", statement, "mixed"),
        ("position", statement, "conditional"),
        ("position", statement, "support", "--intensity", "101"),
        ("position", statement, "support", "--common", "--of", "ben"),
        ("position", statement, "support", "--held", "3000"),
        ("move", statement, "away"),
        ("amend", statement, "-1", "x"),
        ("answer", statement, "x", "--point", "0"),
        ("seal", statement),
        ("seal", statement, "--position", "x"),
        ("seal", statement, "--position", f"{statement}=support/101"),
        ("seal", statement, "--expect", f"{statement}=support"),
        ("raise",),
        ("nothing",),
        ("raise", "x", "y"),
        ("raise", "x", "--colour", "red"),
        ("as-seen-by", "ben", "--view", "nothing"),
    ):
        more = () if args[0] in LOOKS else ("--yes", "--passphrase-file", ann.secret)
        refused(run("council", args[0], ann.home, *args[1:], *more))


def test_passphrases(ann: Desk, tmp_path: Path) -> None:
    """The act is shown before the key is asked for; then comes one sentence."""
    before = ann.state()
    wrong = tmp_path / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text("wrong\n", encoding="utf-8")
    for more, word in (
        (("--yes",), "no terminal"),
        (("--yes", "--passphrase-file", tmp_path / "none"), "none"),
        (("--yes", "--passphrase-file", wrong), "passphrase is wrong"),
        (("--passphrase-file", ann.secret), "--yes"),
    ):
        refused(run("council", "raise", ann.home, "Water", "--json", *more), word)
        result = run("council", "raise", ann.home, "Water", *more)
        assert result.exit_code == 2
        first, second, *rest = result.stderr.strip().splitlines()
        assert first.startswith("To be signed for")
        assert second == '  {"title":"Water"}'
        assert len(rest) == 1
        assert word in rest[0]
    refused(ann.act("raise", "Water", "--delegate-key", tmp_path / "none"), "none")
    key = tmp_path / "dora.key"
    write_key(key, bytes(32), "another passphrase", name="Dora", rounds=1)
    refused(ann.act("raise", "Water", "--delegate-key", key), "passphrase is wrong")
    key.unlink()
    write_key(key, bytes(32), PASSPHRASE, name="Dora", rounds=1)
    refused(ann.act("raise", "Water", "--delegate-key", key), "is not certified")
    assert ann.state() == before


def test_the_chair_at_its_terminal(ann: Desk, filled: Council) -> None:
    """What is for members is refused before it is signed, and nothing of others is withdrawn."""
    chair = filled.desk
    concern = ann.does("raise", "Water")
    text = ann.does("table", concern, "Sharing", "We share.")
    decision = ann.does("circulate", text, "--expires", "+2h")
    objection = filled.ben
    filled.carry()
    broken = objection.does("object", decision, "No")
    filled.carry()
    before = chair.state()
    for args in (
        ("clear", broken),
        ("refuse", decision, "No"),
        ("hold", decision),
        ("object", decision, "No"),
        ("receive", decision),
        ("reserve", decision, "x"),
        ("position", text, "support"),
        ("expect", text, "ben", "oppose"),
        ("disapprove", concern, "No"),
        ("leave", "x"),
        ("suspend", "x"),
        ("commit", "Water", "What", "--by", "+1d"),
    ):
        refused(chair.act(args[0], *args[1:]), "has no seat for this: it takes a member")
    for act in (concern, text, decision):
        refused(chair.act("withdraw", act), "only ")
    refused(chair.act("revise", text, "Other words"), "only ann revises")
    refused(chair.act("overrule", text, "No"), "has no seat for this")
    assert chair.state() == before


def test_homes_that_are_none(ann: Desk, tmp_path: Path) -> None:
    for command in sorted(ACTS):
        args = named(command, MISSING) if command in ABOUT else ["x"]
        if command == "delegate":
            args = ["x", "--key", ZEROS, "--power", "speak", "--until", "+1d"]
        if command == "found":
            args = ["x", "--member", f"ann={ZEROS}"]
        refused(run("council", command, tmp_path / "none", *args, "--yes"), "there is no home here")
    for command in sorted(LOOKS | {"due", "review"}):
        more = ["x"] if command in ("show", "as-seen-by") else []
        refused(run("council", command, tmp_path / "none", *more), "there is no home here")


def test_before_there_is_a_council(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "ROUNDS", 1)
    monkeypatch.setattr(asking, "time", Clock())
    ann = Desk(tmp_path, "ann")
    card = ann.make()
    before = ann.state()
    for args in (("join",), ("raise", "Water"), ("leave", "x"), ("say", "x"), ("suspend", "x")):
        refused(ann.act(*args), "no charter")
    refused(run("council", "status", ann.home), "no charter of nrc.example is held here")
    refused(run("council", "positions", ann.home, "--json"), "no charter of nrc.example is held here")
    refused(run("council", "review", ann.home), "no charter of nrc.example is held here")
    for command in ("agenda", "decisions", "board", "ledger", "minutes"):
        assert ann.sees(command) is not None
        ann.sees(command, text=True)
    assert "Nothing is due" in str(run("council", "due", ann.home, "--passphrase-file", ann.secret).stdout)
    refused(ann.act("found", "x", "--member", f"ben={card}"), "the founder is a member too")
    refused(ann.act("found", "x", "--member", f"ann={card}", "--member", f"ann={card}"), "named twice")
    refused(ann.act("found", "x", "--member", f"ann={card}", "--bloc", "West=ben"), "is no member")
    refused(
        ann.act("found", "x", "--member", f"else/where={card}", "--member", f"ann={card}"), "no log of this"
    )
    assert ann.state() == before
    ann.does("found", "x", "--member", f"ann={card}")


def test_a_store_that_cannot_be_opened(ann: Desk, tmp_path: Path) -> None:
    copied = Desk(tmp_path, "ann")
    copied.home.mkdir()
    (copied.home / "home.toml").write_text('origin = "nrc.example/ann"\n', encoding="utf-8")
    refused(run("council", "status", copied.home))
    (copied.home / "record.sqlite").write_bytes(os.urandom(5_000))
    refused(run("council", "status", copied.home))
