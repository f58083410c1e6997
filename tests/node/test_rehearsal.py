"""A council compiled from a source: who sits in it, what stands in whose log, and what is never put there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from allweather.council.bodies import Concern, Position, Statement, Text
from allweather.council.fold import Fold
from allweather.council.holding import holding
from allweather.council.membership import seats, why_not
from allweather.council.reviewing import blocs_of, positions_of
from allweather.council.seats import charter_body
from allweather.council.view import View
from allweather.errors import InputError, Refused
from allweather.formats import Reading, read
from allweather.node import home as homes
from allweather.node.actions import Actions
from allweather.node.folding import KeptFold
from allweather.node.home import Home, Passphrase, at_desk
from allweather.node.making import make_home
from allweather.node.rehearsal import NOTICE, Compiled, Setting, compile_council, load, origins_of
from allweather.positions import Basis, Bloc, Member, Note, Positions, Question, Response, Source
from allweather.record.standing import stand

ROOT = Path(__file__).resolve().parents[2]
NOON = 1_253_275_200  # 18 September 2009, 12:00 UTC
DAY = NOON // 86_400


def seeds() -> Callable[[], bytes]:
    """Other seeds each time, the same in every run."""
    count = iter(range(10_000))
    return lambda: hashlib.sha256(str(next(count)).encode()).digest()


def small() -> Reading:
    """Three members on two questions, with every sort of record."""
    rows = [
        (0, 0, Response.SUPPORT, Basis.OWN, Note("Said so.", "2009-06", "high", "statement", ("s1",))),
        (1, 0, Response.SUPPORT, Basis.COMMON, Note("", "2008-12-03", "", "Joint text", ("s1", "gone"))),
        (1, 0, Response.CONDITIONAL, Basis.OWN, Note("If it is paid for.", "2009-03-05")),
        (2, 0, Response.MIXED, Basis.OWN, Note("Both ways.", "2009")),
        (2, 1, Response.RESERVE, Basis.OWN, Note("Held back.", "undated")),
        (0, 1, Response.CONSENT, Basis.INFERRED, Note("As reported.", "2009-03-05")),
        (1, 1, Response.PASS, Basis.OWN, Note("Skipped.", "2009-03-05")),
    ]
    positions = Positions.from_columns(
        [Member("A", "Arda"), Member("B", "Brin & Co."), Member("C", "Cem")],
        [Question("Q1", "Build the bridge.", area="works"), Question("Q2", "Close the road.")],
        [row[0] for row in rows],
        [row[1] for row in rows],
        [int(row[2]) for row in rows],
        known_by=[DAY - 100, DAY - 300, DAY - 200, DAY, DAY, DAY - 200, DAY - 200],
        basis=[int(row[3]) for row in rows],
        title="River council",
        notes={k: row[4] for k, row in enumerate(rows)},
        sources={"s1": Source("s1", "A report", "https://example.org/1", "2009-06-02")},
    )
    return Reading(
        positions, "test", "river", intake=("Seven records read.",), areas={"works": "Public works"}
    )


def setting(council: str = "river", **more: object) -> Setting:
    return Setting(council, NOON, seeds(), **more)  # type: ignore[arg-type]


def folded(compiled: Compiled, council: str = "river") -> View:
    kept = KeptFold(council, charter=compiled.charter)
    return View(kept.update(compiled.records, stand(compiled.records)), NOON)


@pytest.fixture(scope="module")
def council() -> tuple[Compiled, View]:
    blocs = (Bloc("up", "Upper river", ("A", "B")),)
    compiled = compile_council(small(), blocs, setting(), {})
    return compiled, folded(compiled)


def test_everybody_named_has_joined_and_everything_counts(council: tuple[Compiled, View]) -> None:
    _, view = council
    found = seats(view)
    assert found is not None
    assert found.members == ("river/arda", "river/brin-co", "river/cem")
    assert found.joined == {*found.members, "river/secretariat"}
    assert found.secretariat == ("river/secretariat",)
    assert [why_not(view, act) for act in view.fold.acts.values() if why_not(view, act)] == []


def test_the_charter_says_that_it_is_a_rehearsal(council: tuple[Compiled, View]) -> None:
    found = seats(council[1])
    assert found is not None
    charter = charter_body(found.charter)
    assert charter.title == "Rehearsal: River council"
    assert charter.about == f"{NOTICE} Seven records read."
    assert charter.areas == ("Public works", "Other questions")
    assert [(one.id, one.members) for one in blocs_of(council[1])] == [("Upper river", ("arda", "brin-co"))]


def test_the_secretariat_lists_the_concerns_and_tables_the_texts(council: tuple[Compiled, View]) -> None:
    compiled, view = council
    acts = [*view.fold.of(Concern), *view.fold.of(Text), *view.fold.of(Statement)]
    assert {act.origin for act in acts} == {"river/secretariat"}
    text = view.fold.body(compiled.texts["Q1"], Text)
    assert text is not None
    assert (text.title, text.words, text.area) == (
        "Q1: Build the bridge.",
        "Build the bridge.",
        "Public works",
    )
    concern = view.fold.body(text.concern, Concern)
    assert concern is not None
    assert (concern.title, concern.words) == ("Public works", NOTICE)


def test_a_member_says_what_the_source_has_of_it_and_nothing_else(council: tuple[Compiled, View]) -> None:
    compiled, view = council
    said = [
        (act.origin, body.on, body.response, body.basis, body.held, body.reasons)
        for act in view.fold.of(Position)
        if isinstance(body := act.body, Position) and act.origin != "river/secretariat"
    ]
    q1, mark = compiled.texts["Q1"], "Rehearsal, from public records"
    assert said == [
        ("river/arda", q1, "support", "own", "2009-06", f"Said so. ({mark}; statement; high confidence)"),
        ("river/brin-co", q1, "support", "common", "2008-12-03", f"({mark}; Joint text)"),
        ("river/brin-co", q1, "conditional", "own", "2009-03-05", f"If it is paid for. ({mark})"),
    ]


def test_what_is_inferred_or_points_both_ways_is_read_by_the_secretariat(
    council: tuple[Compiled, View],
) -> None:
    compiled, view = council
    q1, q2 = compiled.texts["Q1"], compiled.texts["Q2"]
    read_of = [
        (body.member, body.on, body.response, body.held)
        for act in view.fold.of(Position)
        if isinstance(body := act.body, Position) and act.origin == "river/secretariat"
    ]
    assert read_of == [
        ("river/arda", q2, "consent", "2009-03-05"),
        ("river/cem", q1, "mixed", "2009"),
        ("river/cem", q2, "reserve", ""),
    ]
    cem = holding(view, q1).holder("river/cem")
    assert cem is not None
    assert (cem.current, [one.tone for one in cem.inferred]) == ((), ["inferred"])


def test_sources_stand_as_evidence_with_their_titles(council: tuple[Compiled, View]) -> None:
    compiled, view = council
    arda = holding(view, compiled.texts["Q1"]).holder("river/arda")
    brin = holding(view, compiled.texts["Q1"]).holder("river/brin-co")
    assert arda is not None
    assert brin is not None
    report = "s1: A report (2009-06-02), https://example.org/1"
    assert [one.taken.evidence for one in (*arda.current, *brin.earlier)] == [(report,), (report, "gone")]


def test_the_review_finds_the_positions_again(council: tuple[Compiled, View]) -> None:
    positions = positions_of(council[1]).current()
    found = [positions.entry(k) for k in range(len(positions))]
    assert [(one.member.id, one.response, one.basis) for one in found] == [
        ("arda", Response.SUPPORT, Basis.OWN),
        ("arda", Response.CONSENT, Basis.INFERRED),
        ("brin-co", Response.CONDITIONAL, Basis.OWN),
        ("cem", Response.MIXED, Basis.INFERRED),
        ("cem", Response.RESERVE, Basis.INFERRED),
    ]


def test_the_same_seeds_give_the_same_record() -> None:
    first, second = (folded(compile_council(small(), (), setting(), {})) for _ in range(2))
    assert first.fold.digest == second.fold.digest


def test_names_can_be_given_and_are_not_shared() -> None:
    positions = small().positions
    assert origins_of(positions, "river", {"B": "brin"})["B"] == "river/brin"
    with pytest.raises(InputError, match="two members would be named 'arda'"):
        origins_of(positions, "river", {"B": "arda"})
    with pytest.raises(InputError, match="two members would be named 'secretariat'"):
        origins_of(positions, "river", {"B": "secretariat"})
    with pytest.raises(InputError, match="the member 'B' has no name that a log can have"):
        origins_of(positions, "river", {"B": "Brin & Co"})


def test_a_live_member_has_to_be_in_the_source() -> None:
    with pytest.raises(InputError, match="river/dora is no member in this source"):
        compile_council(small(), (), setting(), {"river/dora": bytes(32)})


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Passphrase:
    monkeypatch.setattr(homes, "ROUNDS", 1)
    file = tmp_path / "passphrase"
    file.write_text("weather\n")
    file.chmod(0o600)
    return Passphrase(file)


def made(path: Path, origin: str, words: Passphrase) -> bytes:
    return make_home(Home(path, origin), None, dict.fromkeys(("log", "witness", "recovery"), words))


def test_a_live_member_signs_in_its_own_home(tmp_path: Path, words: Passphrase) -> None:
    card = made(tmp_path / "brin", "river/brin-co", words)
    compiled = compile_council(small(), (), setting(), {"river/brin-co": card})
    assert "river/brin-co" not in folded(compiled).fold.heads
    with at_desk(tmp_path / "brin", words) as desk:
        assert load(desk, compiled, setting()) == 3
        view = Actions(desk, lambda: NOON).view()
        whole = compile_council(small(), (), setting(), {})
        assert len(view.fold.acts) == len(folded(whole).fold.acts)
        found = seats(view)
        assert found is not None
        assert found.joined == {*found.members, "river/secretariat"}


def test_a_home_that_the_charter_does_not_know_is_left_alone(tmp_path: Path, words: Passphrase) -> None:
    made(tmp_path / "dora", "river/dora", words)
    compiled = compile_council(small(), (), setting(), {})
    with at_desk(tmp_path / "dora", words) as desk:
        assert load(desk, compiled, setting()) == 0


def test_a_card_that_is_not_the_pinned_one_stops_the_loading(tmp_path: Path, words: Passphrase) -> None:
    made(tmp_path / "dora", "river/dora", words)
    compiled = compile_council(small(), (), setting(), {})
    pins = {**compiled.pins, "river/cem": bytes(32)}
    spoiled = Compiled(compiled.charter, compiled.records, pins, compiled.texts, compiled.unsigned)
    with (
        at_desk(tmp_path / "dora", words) as desk,
        pytest.raises(Refused, match=r"could not be loaded.*the card of river/cem has the digest"),
    ):
        load(desk, spoiled, setting())


def test_the_first_example_becomes_a_council_of_29() -> None:
    reading = read(ROOT / "examples" / "nrc-2009").before(DAY)
    compiled = compile_council(reading, reading.blocs, setting("nrc", names={"RU": "russia"}), {})
    view = folded(compiled, "nrc")
    found = seats(view)
    assert found is not None
    assert len(found.members) == 29
    assert {"nrc/norway", "nrc/russia", "nrc/united-states"} <= set(found.members)
    assert [one for ref in compiled.texts.values() for one in holding(view, ref).refused] == []
    assert _cells(positions_of(view).current()) == _cells(reading.positions.current())


def _cells(positions: Positions) -> list[tuple[str, str, int]]:
    """Text and response of each cell, as both the source and the council have them."""
    names = {"Russian Federation": "russia"}
    return sorted(
        (
            names.get(one.member.name, one.member.name).lower().replace(" ", "-"),
            one.question.text,
            one.response,
        )
        for one in map(positions.entry, range(len(positions)))
    )


def test_no_fold_takes_in_another_council(council: tuple[Compiled, View]) -> None:
    compiled, view = council
    other = Fold("elsewhere", view.fold.kinds)
    storage = compiled.records
    for origin in storage.origins():
        for branch in storage.branches(origin):
            other.apply(origin, 0, storage.entries(branch, 0, branch.head.size))
    assert other.acts == {}
