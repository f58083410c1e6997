"""Caucus items: who is named reads the words, who is not learns that there is an entry and nothing more."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from allweather.council.acts import Act
from allweather.council.bodies import Concern, Statement
from allweather.council.statements import ENCRYPTED
from allweather.errors import Malformed, Refused
from allweather.node.access import Reader, may_read
from allweather.node.actions import Doing
from allweather.node.caucus import (
    FOR_OTHERS,
    Confided,
    Words,
    confide,
    format_confided,
    parse_confided,
    words_of,
)
from allweather.node.showing import show_act
from allweather.node.views import read_view
from allweather.record.entries import make_payload, parse_entry
from allweather.record.keys import parse_base64, witness_signer
from allweather.record.storage import Batch
from allweather.store import write_key
from tests.node.sitting import Seat, Table, origin

SECRET = "Our limit is four batteries."
TITLE = "Before the second round"


def says(seat: Seat, *to: str, words: str = SECRET, **more: Any) -> Act:
    """A statement for some members only."""
    body = Statement(**{"title": TITLE, "language": "en", **more})
    doing = Doing(body, words.encode(), audience=tuple(map(origin, to)))
    return seat.actions.sign(confide(seat.desk, doing))[0]


def read(seat: Seat, act: Act, reader: Reader = "delegate") -> Words:
    return words_of(seat.desk, seat.view.fold.acts[act.ref], reader)


def test_who_is_named_reads_it_and_nobody_else(table: Table) -> None:
    act = says(table["ann"], "ben")
    table.exchange()
    for name in ("ann", "ben"):
        assert read(table[name], act) == Words(TITLE, SECRET, "en")
        for reader in ("observer", "public"):
            assert read(table[name], act, reader) == Words(why=FOR_OTHERS)
    assert read(table["cem"], act) == Words(why=FOR_OTHERS)


def test_the_entry_holds_no_word_and_names_the_audience(table: Table) -> None:
    act = says(table["ann"], "ben")
    seat = table["ann"]
    (branch,) = seat.desk.storage.branches(origin("ann"))
    data = seat.desk.storage.entries(branch, act.index, act.index + 1)[0]
    entry = parse_entry(data)
    assert entry.audience == (origin("ann"), origin("ben"))
    assert entry.body == {}
    assert entry.payload is not None
    assert entry.payload.type == ENCRYPTED
    blob = seat.desk.storage.payload(_digest(entry.payload.hash)) or b""
    published = b"".join([*seat.desk.storage.entries(branch, 0, branch.head.size), blob])
    for text in (SECRET, TITLE):
        assert text.encode() not in published


def _digest(text: str) -> bytes:
    return parse_base64(text)


def test_a_view_says_for_whom_and_the_order_of_size(table: Table) -> None:
    short_one, long_one = says(table["ann"], "ben", words="Yes."), says(table["ann"], "ben", words="y" * 700)
    shown = [show_act(act) for act in (short_one, long_one)]
    assert shown[0]["audience"] == ["ann", "ben"]
    assert shown[0]["payload"] == shown[1]["payload"] == {"type": ENCRYPTED, "size": 1_024}
    assert shown[0]["body"] == {}
    row = read_view(table["ann"].actions, "minutes", {})[-1]
    assert (row["counts"], row["what"]) == (True, "")


@pytest.mark.parametrize(
    ("doing", "sentence"),
    [
        (Doing(Concern(title="X"), audience=(origin("ben"),)), "only a statement"),
        (Doing(Statement(), audience=(origin("ben"),)), "says nothing"),
        (Doing(Statement(words=" "), audience=(origin("ben"),)), "says nothing"),
        (Doing(Statement(words="x"), audience=("other.example/x",)), "is not held here"),
        (Doing(Statement(words="x", names=(origin("ben"),)), audience=(origin("ben"),)), "reply by right"),
    ],
)
def test_what_cannot_be_for_some_is_refused_before_it_is_encrypted(
    table: Table, doing: Doing, sentence: str
) -> None:
    before = table["ann"].state()
    with pytest.raises(Refused, match=sentence):
        confide(table["ann"].desk, doing)
    assert table["ann"].state() == before


def test_words_in_the_header_of_a_confided_statement_are_refused(table: Table) -> None:
    """Also where a door forgot to encrypt: nothing is signed, and from elsewhere it would not count."""
    seat = table["ann"]
    good = confide(seat.desk, Doing(Statement(words=SECRET), audience=(origin("ben"),)))
    for spoiled, sentence in (
        (replace(good, body=Statement(title="A title")), "no title"),
        (replace(good, body=Statement(words="Words")), "no title"),
        (replace(good, body=Statement(language="en")), "no title"),
        (replace(good, body=Statement(names=(origin("ben"),))), "no title"),
        (replace(good, content=b"in the clear", media_type="text/plain"), "encrypted"),
        (replace(good, content=None), "encrypted"),
        (replace(good, audience=(origin("ben"),)), "not among those"),
        (replace(good, audience=(origin("ann"),)), "at least one other"),
        (replace(good, audience=(origin("ann"), origin("zoe"))), "has no seat"),
    ):
        with pytest.raises(Refused, match=sentence):
            seat.actions.sign(spoiled)
    act = seat.actions.sign(good)[0]
    assert read(seat, act).words == SECRET


def test_a_longer_text_joins_the_words_of_the_form(table: Table) -> None:
    doing = Doing(Statement(words="First."), b"A longer text.", audience=(origin("ben"),))
    act = table["ann"].actions.sign(confide(table["ann"].desk, doing))[0]
    assert read(table["ann"], act).words == "First.\n\nA longer text."


def test_without_an_audience_the_words_are_for_everybody(table: Table) -> None:
    doing = Doing(Statement(title="Open", words="Said."), b"And more.")
    assert confide(table["ann"].desk, doing) is doing
    act = table["ann"].actions.sign(doing)[0]
    table.exchange()
    for reader in ("public", "observer", "delegate"):
        assert read(table["cem"], act, reader) == Words("Open", "Said.\n\nAnd more.")


def test_what_was_encrypted_for_others_says_so_to_those_it_names(table: Table) -> None:
    """An author can name a member and encrypt for another: who is named sees that it cannot be opened."""
    stranger = Ed25519PrivateKey.generate().public_key()
    key = pyrage.ssh.Recipient.from_str(
        stranger.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    )
    for content in (pyrage.encrypt(b"x", [key]), os.urandom(500), b"", b"age-encryption.org/v1\n" * 3):
        doing = Doing(Statement(), content, ENCRYPTED, audience=(origin("ann"), origin("ben")))
        act = table["ann"].actions.sign(doing)[0]
        table.exchange()
        assert "cannot be opened" in read(table["ben"], act).why
        assert read(table["cem"], act) == Words(why=FOR_OTHERS)


def test_redacted_words_are_gone_for_those_they_were_for(table: Table) -> None:
    act = says(table["ann"], "ben")
    table.exchange()
    assert act.payload is not None
    digest = _digest(act.payload.hash)
    for name in ("ben", "cem"):
        table[name].desk.storage.commit(Batch(erased=(digest,)))
    assert read(table["ben"], act) == Words(why="Its words were redacted.")
    assert read(table["cem"], act) == Words(why=FOR_OTHERS)


def test_words_that_have_not_come_are_awaited(table: Table) -> None:
    act = says(table["ann"], "ben")
    table.exchange()
    other = table["ben"].view.fold.acts[act.ref]
    assert other.payload is not None
    missing, _ = make_payload(origin("ann"), b"another", ENCRYPTED, bytes(16))
    gone = Act(act.ref, act.origin, act.index, act.at, act.body, payload=missing, audience=act.audience)
    assert "not held here yet" in words_of(table["ben"].desk, gone, "delegate").why
    assert words_of(table["cem"].desk, gone, "delegate") == Words(why=FOR_OTHERS)


@given(st.sampled_from(["public", "observer", "delegate"]), st.booleans(), st.booleans())
def test_the_one_rule(reader: Reader, is_named: bool, has_audience: bool) -> None:
    audience = ("c/ann", "c/ben") if has_audience else ()
    act = Act("x", "c/ann", 0, 0, Statement(), audience=audience)
    member = "c/ben" if is_named else "c/cem"
    assert may_read(act, member, reader) == (not has_audience or (is_named and reader == "delegate"))


@given(st.text(max_size=35), st.text(max_size=300), st.text(max_size=5_000))
def test_plaintexts_come_back_and_are_powers_of_two(language: str, title: str, words: str) -> None:
    said = Confided(language, title, words)
    data = format_confided(said)
    assert len(data) >= 1_024
    assert len(data) & (len(data) - 1) == 0
    assert parse_confided(data) == said


@given(st.integers(0, 1_023), st.integers(0, 255))
def test_a_spoiled_plaintext_is_refused_or_is_another(place: int, byte: int) -> None:
    good = format_confided(Confided("en", TITLE, SECRET))
    for data in (good[:place], good[:place] + bytes([byte]) + good[place + 1 :], good + b"\n"):
        try:
            found = parse_confided(data)
        except Malformed:
            continue
        assert format_confided(found) == data


def test_a_plaintext_beyond_its_bound_is_refused() -> None:
    with pytest.raises(Malformed, match="allowed"):
        parse_confided(b"\n" * (2**22 + 1))
    with pytest.raises(Malformed, match="4 MiB"):
        format_confided(Confided("", "", "\N{SNOWMAN}" * 2**21))


def test_an_earlier_witness_key_still_opens_what_was_encrypted_for_it(table: Table) -> None:
    """After a succession the keys before it lie in keys/old-N: what was said then can still be read."""
    act = says(table["ann"], "ben")
    table.exchange()
    desk = table["ben"].desk
    seed = desk.signer("witness").seed
    old = desk.home.keys / "old-0"
    old.mkdir()
    write_key(old / "witness.key", seed, desk.passphrase.get(), name="x", rounds=1)
    desk._signers["witness"] = witness_signer(origin("ben"), os.urandom(32))
    current = desk.standing.logs[origin("ben")].history.current.witness
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(desk), "signer", lambda self, word: self._signers[word])
        assert current != desk.signer("witness").verifier
        assert read(table["ben"], act) == Words(TITLE, SECRET, "en")
        (old / "witness.key").unlink()
        assert "cannot be opened" in read(table["ben"], act).why


def test_any_age_program_with_the_witness_key_opens_it(table: Table) -> None:
    """The payload is a plain age file: the witness key as an OpenSSH key opens it."""
    act = says(table["ann"], "ben")
    assert act.payload is not None
    blob = table["ann"].desk.storage.payload(_digest(act.payload.hash))
    assert blob is not None
    content = blob[32:]
    assert content.startswith(b"age-encryption.org/v1\n-> ssh-ed25519 ")
    pem = Ed25519PrivateKey.from_private_bytes(table["ben"].desk.signer("witness").seed).private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    opened = pyrage.decrypt(content, [pyrage.ssh.Identity.from_buffer(pem)])
    assert parse_confided(opened) == Confided("en", TITLE, SECRET)
