"""Cards, successions, and the history of keys that follows from them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed, NotVerified
from allweather.record.checkpoints import Head
from allweather.record.keys import Signer, format_base64, log_signer, recovery_signer, witness_signer
from allweather.record.members import (
    MAX_SUCCESSIONS,
    Card,
    Succession,
    Voices,
    key_history,
    make_card,
    make_succession,
    parse_card,
    parse_succession,
)
from allweather.record.notes import Note, NoteSignature, cosign, format_note, sign_note
from tests.record.making import attack, hashes, origins, quick, seed_of, signers_of

CARD = make_card(*signers_of("nrc/a"))
HEAD = Head("nrc/a", 5, seed_of("root"))
NEXT = make_succession(HEAD, CARD, *signers_of("nrc/a", 1), signers_of("nrc/a")[2])
NOBODY = Voices(lambda digest: 0, None, 2)


def as_bytes(one: Card | Succession) -> bytes:
    return format_note(one.note)


@quick
@given(origins, st.integers(0, 2**48), hashes)
def test_cards_and_successions_come_back(origin: str, size: int, root: bytes) -> None:
    card = make_card(*signers_of(origin))
    assert parse_card(as_bytes(card)) == card
    head = Head(origin, size, root)
    first = make_succession(head, card, *signers_of(origin, 1), signers_of(origin)[2])
    second = make_succession(head, first, *signers_of(origin, 2))
    for one in (first, second):
        assert parse_succession(as_bytes(one)) == one
    assert (first.number, second.number, second.after) == (1, 2, first.digest)


def test_spoiled_cards_are_refused() -> None:
    # The text is signed by all whose lines are there, and without one of these lines it is no card.
    assert attack(parse_card, as_bytes, as_bytes(CARD), bits=range(2)) == 0


def test_spoiled_successions_are_refused_or_mean_themselves() -> None:
    # A broken line of the recovery key before is a stranger's line: the succession then does not count.
    parsed = parse_succession(as_bytes(NEXT))
    assert attack(parse_succession, as_bytes, as_bytes(parsed), bits=range(1)) > 0


def card_text(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


LOG, WITNESS, RECOVERY = signers_of("nrc/a")
LINES = CARD.note.text.split("\n")[:-1]


def signed(
    text: str, *, log: Signer = LOG, recovery: Signer = RECOVERY, witness: Signer | None = WITNESS
) -> bytes:
    note = sign_note(text, log, recovery)
    lines = note.signatures if witness is None else (*note.signatures, cosign(text, witness, 1))
    return format_note(Note(text, lines))


def test_a_card_is_signed_by_all_three_keys() -> None:
    text = CARD.note.text
    assert parse_card(signed(text)) == CARD
    with pytest.raises(NotVerified):
        parse_card(signed(text, witness=None))
    for missing in range(3):
        kept = tuple(line for place, line in enumerate(CARD.note.signatures) if place != missing)
        with pytest.raises(NotVerified):
            parse_card(format_note(Note(text, kept)))


def swap(lines: list[str], one: int, two: int) -> list[str]:
    lines = list(lines)
    lines[one], lines[two] = lines[two], lines[one]
    return lines


@pytest.mark.parametrize(
    "lines",
    [
        ["allweather/member@v2", *LINES[1:]],
        LINES[:-1],
        [*LINES, "more"],
        [*LINES, ""],
        [LINES[0], "nrc/b", *LINES[2:]],
        [LINES[0], "nrc", *LINES[2:]],
        swap(LINES, 2, 3),
        swap(LINES, 3, 4),
        [*LINES[:2], LINES[2].upper(), *LINES[3:]],
        [*LINES[:2], LINES[2] + " ", *LINES[3:]],
        [*LINES[:4], LINES[4].replace("nrc/a/recovery", "nrc/b/recovery")],
    ],
    ids=range(11),
)
def test_other_cards_are_refused(lines: list[str]) -> None:
    with pytest.raises(Malformed):
        parse_card(signed(card_text(lines)))


@pytest.mark.parametrize("same", ["log and recovery", "log and witness", "witness and recovery"])
def test_three_keys_are_three(same: str) -> None:
    seeds = {"log": b"1" * 32, "witness": b"2" * 32, "recovery": b"3" * 32}
    one, _, two = same.split()
    seeds[two] = seeds[one]
    with pytest.raises(Malformed):
        make_card(
            log_signer("nrc/a", seeds["log"]),
            witness_signer("nrc/a", seeds["witness"]),
            recovery_signer("nrc/a", seeds["recovery"]),
        )


def test_nobody_can_name_another_s_witness_key_in_its_succession() -> None:
    log, witness, recovery = signers_of("nrc/a", 1)
    note = sign_note(NEXT.note.text, log, RECOVERY)
    with pytest.raises(NotVerified):
        parse_succession(format_note(note))
    assert parse_succession(format_note(Note(note.text, (*note.signatures, cosign(note.text, witness, 1)))))
    assert recovery.name == "nrc/a/recovery"


S_LINES = NEXT.note.text.split("\n")[:-1]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (0, "allweather/succession@v2"),
        (1, "nrc/b"),
        (2, "0"),
        (2, "01"),
        (2, str(MAX_SUCCESSIONS + 1)),
        (3, "-1"),
        (3, str(2**48 + 1)),
        (4, "AA=="),
        (5, format_base64(bytes(32))),
        (5, "after AA=="),
        (6, LINES[2]),
        (7, S_LINES[6]),
        (8, "recovery x"),
    ],
)
def test_other_successions_are_refused(place: int, line: str) -> None:
    lines = [*S_LINES[:place], line, *S_LINES[place + 1 :]]
    log, witness, _ = signers_of("nrc/a", 1)
    with pytest.raises(InputError):
        parse_succession(signed(card_text(lines), log=log, witness=witness))


# Histories.


def chain(*sizes: int) -> list[Succession]:
    found: list[Succession] = []
    last: Card | Succession = CARD
    for number, size in enumerate(sizes):
        head = Head("nrc/a", size, seed_of("root", size))
        recovery = signers_of("nrc/a", number)[2]
        last = make_succession(head, last, *signers_of("nrc/a", number + 1), recovery)
        found.append(last)
    return found


def ends(history: object) -> list[int | None]:
    return [period.end.size if period.end else None for period in history.periods]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), [None]),
        ((5,), [5, None]),
        ((5, 9), [5, 9, None]),
        ((9, 5), [5, 5, None]),
        ((5, 9, 7), [5, 7, 7, None]),
    ],
)
def test_each_key_speaks_up_to_the_smallest_position_that_follows(
    sizes: tuple[int, ...], expected: list[int]
) -> None:
    made = chain(*sizes)
    for some in permutations(made):
        history = key_history(CARD, some, NOBODY)
        assert ends(history) == expected
        assert history.current == (made[-1].keys if made else CARD.keys)
        assert not history.contested
        assert len(history.log_keys) == len(history.witness_keys) == len(sizes) + 1


def test_a_succession_that_does_not_follow_does_not_count() -> None:
    one, two = chain(5, 9)
    recovery = signers_of("nrc/a")[2]
    unsigned = make_succession(HEAD, CARD, *signers_of("nrc/a", 8))
    by_other = make_succession(HEAD, CARD, *signers_of("nrc/a", 8), signers_of("nrc/a", 3)[2])
    by_old_log = make_succession(HEAD, CARD, *signers_of("nrc/a", 8), signers_of("nrc/a")[0])
    skipping = make_succession(HEAD, one, *signers_of("nrc/a", 8), recovery)
    again = make_succession(HEAD, CARD, signers_of("nrc/a")[0], *signers_of("nrc/a", 8)[1:], recovery)
    abroad = make_succession(Head("nrc/b", 5, HEAD.root), CARD, *signers_of("nrc/b", 1), recovery)
    for bad in (unsigned, by_other, by_old_log, skipping, again, abroad, two):
        history = key_history(CARD, [bad], NOBODY)
        assert (ends(history), history.contested) == ([None], False)


def test_a_false_signature_of_the_recovery_key_does_not_count() -> None:
    unsigned = make_succession(HEAD, CARD, *signers_of("nrc/a", 1))
    false = NoteSignature(RECOVERY.name, RECOVERY.verifier.key_id, bytes(64))
    note = Note(unsigned.note.text, (*unsigned.note.signatures, false))
    assert ends(key_history(CARD, [parse_succession(format_note(note))], NOBODY)) == [None]


def voices(count: Callable[[bytes], int], quorum: int | None, majority: int = 3) -> Voices:
    return Voices(count, quorum, majority)


@pytest.mark.parametrize(
    ("quorum", "n", "counts"), [(None, 99, False), (3, 2, False), (3, 3, True), (1, 1, True)]
)
def test_attestations_count_by_the_council_s_rule_only(quorum: int | None, n: int, counts: bool) -> None:
    made = make_succession(HEAD, CARD, *signers_of("nrc/a", 1))
    history = key_history(CARD, [made], voices(lambda digest: n if digest == made.digest else 0, quorum))
    assert (history.current == made.keys) == counts


def test_two_successions_contest_each_other_unless_a_majority_attests_one() -> None:
    recovery = signers_of("nrc/a")[2]
    one = make_succession(Head("nrc/a", 5, seed_of(5)), CARD, *signers_of("nrc/a", 1), recovery)
    two = make_succession(Head("nrc/a", 7, seed_of(7)), CARD, *signers_of("nrc/a", 2), recovery)
    for some in ([one, two], [two, one]):
        history = key_history(CARD, some, NOBODY)
        assert history.contested
        assert (history.current, ends(history)) == (CARD.keys, [5])
        for chosen, end in ((one, 5), (two, 7)):
            decided = key_history(CARD, some, voices(lambda digest, c=chosen: 3 * (digest == c.digest), None))  # type: ignore[misc]
            assert (decided.contested, decided.current, ends(decided)) == (False, chosen.keys, [end, None])
        assert key_history(CARD, some, voices(lambda digest: 3, None)).contested
        assert key_history(CARD, some, voices(lambda digest: 2 * (digest == one.digest), None)).contested
