"""A draft on its page: words are found where they stand, brackets and redlines shown, forms signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.council.bodies import Amend, Concern, Draft
from allweather.errors import InputError
from allweather.web.pages.drafts import find_words
from tests.node.nodes import Member, Members
from tests.web.browsing import Browser, check_markup
from tests.web.conftest import start

HOSTILE = "<script>alert(1)</script> <b title=x> {{ 7 * 7 }} &amp;"


@pytest.fixture(scope="module")
def ben(members: Members, ann: Member) -> Member:
    """Ben, whose node runs beside Ann's."""
    start(members["ben"])
    return members["ben"]


@pytest.fixture
def other(ben: Member) -> Iterator[Browser]:
    with Browser(ben.running.address) as found:
        found.sit()
        yield found


def seed(ann: Member, *clauses: str, title: str = "Data") -> str:
    """A new draft by Ann; its path."""
    concern = ann.sign(Concern(title="Rivers"))
    ref = ann.sign(Draft(concern=concern, title=title, clauses=clauses))
    shared = ann.running.shared
    with shared.lock:
        return f"/draft/{shared.actions.view().fold.acts[ref].name}"


def paste(how: str, page_words: str, words: str = "", **more: str) -> dict[str, str]:
    return {"how": how, "find": page_words, "words": words, **more}


def meet(*nodes: Member) -> None:
    """Let each take in what the others hold."""
    for one in nodes:
        for another in nodes:
            if one is not another:
                one.add(another)
    for one in nodes:
        one.running.sync_now(20.0)


# Finding words


@pytest.mark.parametrize(("text", "wanted", "which", "span"), [
    ("at most two days", "two", 0, (8, 11)),
    ("two or two", "two", 1, (0, 3)),
    ("two or two", "two", 2, (7, 10)),
    ("two\n  days", "two days", 0, (0, 10)),
    ("aXaXa", "aXa", 2, (2, 5)),
    ("naïve 🙂 text", "🙂 text", 0, (6, 12)),
    ("a.b*c", "b*c", 0, (2, 5)),
])  # fmt: skip
def test_words_are_found(text: str, wanted: str, which: int, span: tuple[int, int]) -> None:
    assert find_words(text, wanted, which) == span


@pytest.mark.parametrize(("wanted", "which", "why"), [
    ("", 0, "paste the words"), ("  ", 0, "paste the words"), ("three", 0, "not in that clause"),
    ("two", 0, "2 times"), ("two", 3, "not 3"),
])  # fmt: skip
def test_words_that_are_not_clear(wanted: str, which: int, why: str) -> None:
    with pytest.raises(InputError, match=why):
        find_words("two or two", wanted, which)


@given(st.text(max_size=60), st.data())
def test_a_piece_of_a_clause_is_found_where_it_was_taken(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    piece = text[start : data.draw(st.integers(start, len(text)))].strip()
    if not piece or "\r" in piece:
        return
    places = [n for n in range(len(text)) if text.startswith(piece, n)]
    for number, place in enumerate(places, 1):
        assert find_words(text, piece, number) == (place, place + len(piece))


# The page


def test_other_words_become_a_bracket(ann: Member, ben: Member, browser: Browser, other: Browser) -> None:
    path = seed(ann, "Members exchange data within two days.", "It is reviewed.", title=HOSTILE)
    meet(ann, ben)
    page = other.see(path)
    check_markup(page)
    assert "<script>alert" not in page.html
    assert "{{ 7 * 7 }}" in page.text
    preview = other.send(
        page.form("council.amend", how="replace"),
        clause="0",
        find="two days",
        words="six hours",
        reason=HOSTILE,
    )
    assert preview.status == 200, preview.text
    assert "Members exchange data within six hours." in preview.text
    done = other.send(preview.form("/sign"))
    check_markup(done)
    meet(ann, ben)
    shown = browser.see(path)
    check_markup(shown)
    assert "1 open bracket" in shown.text
    assert "two days" in shown.text
    assert "six hours" in shown.text
    assert "<b title=x>" not in shown.html
    browser.send(browser.send(shown.form("council.back")).form("/sign"))
    release = next(one for one in browser.see(path).forms if one.value("kind") == "council.release"
                   and one.value("original"))  # fmt: skip
    browser.send(browser.send(release, reservation="Two days were enough.").form("/sign"))
    settled = browser.see(path)
    check_markup(settled)
    assert "keeps a reservation: Two days were enough." in settled.text
    assert "0 open brackets" in settled.text


def test_a_clean_text_is_frozen_as_it_was_shown(ann: Member, browser: Browser) -> None:
    path = seed(ann, "It answers within a day.")
    words = browser.send(
        browser.see(path).form("council.amend", how="replace"), clause="0", find="a day", words="an hour"
    )
    browser.send(words.form("/sign"))
    freeze = browser.see(path).form("council.freeze")
    preview = browser.send(freeze)
    assert "It answers within an hour." in preview.text
    # Meanwhile somebody of the same member amends it: what was shown is not what would be frozen.
    other = browser.send(browser.see(path).form("council.amend", how="out"), clause="0", find="It answers")
    browser.send(other.form("/sign"))
    refused = browser.send(preview.form("/sign"))
    assert refused.status == 409
    assert "has changed since" in refused.text


def test_a_frozen_text_is_put_to_silence_and_amended_again(ann: Member, browser: Browser) -> None:
    path = seed(ann, "One contact point.")
    browser.act(path, "council.amend", fixed={"insert": "yes"}, clause="0", words="It answers.")
    browser.act(path, "council.freeze")
    page = browser.see(path)
    check_markup(page)
    assert "frozen" in page.text
    silence = page.form("council.silence")
    assert silence.value("expires_at")
    done = browser.send(browser.send(silence).form("/sign"))
    assert done.status == 200
    late = browser.send(
        browser.see(path).form("council.amend", how="replace"), clause="1", find="answers", words="replies"
    )
    assert late.status == 200
    browser.send(late.form("/sign"))
    page = browser.see(path)
    versions = [part for part in page.html.split('value="') if part.startswith("ann:")]
    names = sorted({part.partition('"')[0] for part in versions})
    old, now = names[0], next(one for one in names if one.endswith(" now"))
    lines = browser.see(f"{path}?old={old}&new={now.replace(' ', '%20')}")
    check_markup(lines)
    assert "<ins>" in lines.html


def test_leaving_out_takes_one_space_along_or_the_whole_clause(ann: Member, browser: Browser) -> None:
    path = seed(ann, "One very long clause.", "Another one.")
    preview = browser.send(browser.see(path).form("council.amend", how="out"), clause="0", find="very")
    assert "One long clause." in preview.text
    whole = browser.send(browser.see(path).form("council.amend", how="out"), clause="1", find="")
    assert whole.status == 200


@pytest.mark.parametrize(("fields", "status"), [
    ({"clause": "0", "find": "nothing like it", "words": "x"}, 400),
    ({"clause": "7", "find": "One", "words": "x"}, 400),
    ({"clause": "-1", "find": "One", "words": "x"}, 400),
    ({"clause": "0", "find": "One", "words": " "}, 400),
    ({"clause": "0", "find": "One", "words": "One"}, 409),
    ({"clause": "0", "find": "One", "words": "x", "base": "A" * 43 + "="}, 409),
    ({"clause": "0", "find": "One", "words": "x", "draft": "ann:99999"}, 404),
    ({"clause": "0", "find": "One", "words": "x", "which": "many"}, 400),
    ({"clause": "0", "find": "One", "words": "x" * 17_000}, 400),
])  # fmt: skip
def test_forms_that_make_no_sense(ann: Member, browser: Browser, fields: dict[str, str], status: int) -> None:
    form = browser.see(seed(ann, "One clause.")).form("council.amend", how="replace")
    before = ann.size("ann")
    assert browser.send(form, **fields).status == status
    assert ann.size("ann") == before


def test_a_visitor_sees_the_text_and_no_form(ann: Member, visitor: Browser) -> None:
    path = seed(ann, "One clause.")
    page = visitor.see(path)
    check_markup(page)
    assert "One clause." in page.text
    assert not page.has_form("council.amend")


@pytest.mark.parametrize("query", ["?old=x&new=y", "?old=%00&new=", "?new=ann:0", "?at=99999999999999999999"])
def test_versions_that_there_are_not(ann: Member, visitor: Browser, query: str) -> None:
    assert visitor.see(seed(ann, "One clause.") + query).status in (400, 404)


def test_amendments_of_one_member_stay_beside_each_other(ann: Member, browser: Browser) -> None:
    """Nothing is written over: two proposals for the same words are two alternatives."""
    path = seed(ann, "One clause.")
    for words in ("Two clauses.", "Three clauses."):
        browser.act(
            path, "council.amend", fixed={"how": "replace"}, clause="0", find="One clause.", words=words
        )
    with ann.running.shared.lock:
        n = len(ann.running.shared.actions.view().fold.of(Amend))
    assert n >= 2
    page = browser.see(path)
    assert "Two clauses." in page.text
    assert "Three clauses." in page.text
