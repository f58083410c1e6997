"""Documents on the record and what members read in them: one word a member and place, the latest."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from allweather.council.bodies import Concern, Position, Text
from allweather.council.quotations import (
    Document,
    Filed,
    Quote,
    Reject,
    documents,
    filed,
    format_spans,
    parse_spans,
    quotation,
    quotations_on,
    refused_documents,
)
from allweather.council.quotations import check_document as check
from allweather.council.refusals import why_refused
from allweather.council.reviewing import positions_of
from allweather.council.view import View
from allweather.errors import InputError, UnknownName
from allweather.node.folding import KINDS
from tests.council.story import COUNCIL, Person, Story

_DIGEST = "A" * 43 + "="


def _story() -> tuple[Story, str]:
    """Three members, and a document that one of them has filed."""
    story = Story("ann", "ben", "cat", kinds=KINDS)
    return story, _file(story.people["ann"])


def _file(person: Person, title: str = "Report") -> str:
    body = Document(title=title, digest=_DIGEST, event="The speech")
    return person.does(body, content=b'"Yes," he said.')


def _quote(document: str, **changed: object) -> Quote:
    fields: dict[str, object] = {"spans": ((0, 6),), "words": '"Yes,"', "sort": "direct", "speaker": "He"}
    return Quote(document=document, **{**fields, **changed})  # type: ignore[arg-type]


def _seen(story: Story) -> Filed:
    return documents(View(story.fold(), story.now))[0]


def test_what_one_member_accepts_and_nobody_contests_is_accepted() -> None:
    story, document = _story()
    ref = story.people["ben"].does(_quote(document, basis="accepted"))
    (place,) = _seen(story).places
    assert place.state == "accepted"
    assert [act.ref for act in place.accepted] == [ref]
    story.people["cat"].does(_quote(document))
    (place,) = _seen(story).places
    assert place.state == "accepted"
    assert [act.member for act in place.accepted] == [f"{COUNCIL}/ben", f"{COUNCIL}/cat"]


def test_another_reading_or_a_rejection_disputes_a_place_and_both_stand() -> None:
    story, document = _story()
    story.people["ben"].does(_quote(document))
    story.people["cat"].does(_quote(document, speaker="Somebody else"))
    assert _seen(story).places[0].state == "disputed"
    story.people["cat"].does(_quote(document))
    assert _seen(story).places[0].state == "accepted"
    story.people["cat"].does(Reject(document=document, spans=((0, 6),), reason="he did not say it"))
    (place,) = _seen(story).places
    assert place.state == "disputed"
    assert (len(place.accepted), len(place.rejected)) == (1, 1)


def test_the_latest_word_of_a_member_takes_the_place_of_the_one_before() -> None:
    story, document = _story()
    ben = story.people["ben"]
    first = ben.does(_quote(document))
    ben.does(Reject(document=document, spans=((0, 6),)))
    assert _seen(story).places[0].state == "rejected"
    view = View(story.fold(), story.now)
    assert quotation(view, first) is None
    again = ben.does(_quote(document, speaker="Another"))
    view = View(story.fold(), story.now)
    found = quotation(view, again)
    assert found is not None
    assert (found.place.state, found.document.ref) == ("accepted", document)
    assert quotation(view, found.act.name) == found
    assert quotation(view, "a report of the day") is None
    assert quotation(view, document) is None


def test_what_is_corrected_belongs_to_the_place_that_was_proposed() -> None:
    story, document = _story()
    story.people["ben"].does(_quote(document, basis="accepted"))
    body = _quote(document, spans=((1, 5),), words="Yes,", basis="corrected", proposed=((0, 6),))
    story.people["cat"].does(body)
    (place,) = _seen(story).places
    assert (place.spans, place.state) == (((0, 6),), "disputed")


def test_quotations_bear_on_the_concerns_that_somebody_names() -> None:
    story, document = _story()
    concern = story.people["ann"].does(Concern(title="Water"))
    other = story.people["ann"].does(Concern(title="Fish"))
    ref = story.people["ben"].does(_quote(document, concerns=(concern,)))
    view = View(story.fold(), story.now)
    assert [one.act.ref for one in quotations_on(view, concern)] == [ref]
    assert quotations_on(view, other) == ()


def test_a_review_names_the_quotations_that_positions_rest_on() -> None:
    story, document = _story()
    concern = story.people["ann"].does(Concern(title="Water"))
    text = story.people["ann"].does(Text(concern=concern, title="Sharing", words="We share."))
    ref = story.people["ben"].does(_quote(document, concerns=(concern,)))
    evidence = (ref, "https://example.org/report")
    story.people["ben"].does(Position(on=text, response="support", evidence=evidence))
    sources = positions_of(View(story.fold(), story.now)).sources
    assert sources[ref].title == '"Yes," (He, in Report)'
    assert (sources[ref].kind, sources[evidence[1]].kind) == ("quotation", "evidence")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"spans": ((5, 2),)}, "order of the text"),
        ({"spans": ((0, 4), (2, 6))}, "order of the text"),
        ({"spans": ((3, 3),)}, "order of the text"),
        ({"proposed": ((0, 6),)}, "are no others"),
        ({"member": f"{COUNCIL}/nobody"}, "is no member"),
        ({"document": "B" * 43 + "="}, "no document with the reference"),
    ],
)
def test_a_reading_that_makes_no_sense_does_not_count(changed: dict[str, object], why: str) -> None:
    story, document = _story()
    ref = story.people["ben"].does(_quote(**{"document": document, **changed}))  # type: ignore[arg-type]
    fold = story.fold()
    view = View(fold, story.now)
    assert why in str(why_refused(view, fold.acts[ref]))
    assert filed(view, document).places == ()


def test_a_document_without_its_bytes_and_all_that_is_read_in_it_do_not_count() -> None:
    story, _ = _story()
    bare = story.people["ben"].does(Document(title="A rumour", digest=_DIGEST))
    ref = story.people["cat"].does(_quote(bare))
    view = View(story.fold(), story.now)
    assert [one.ref for one in refused_documents(view)] == [bare]
    assert "its bytes as the payload" in str(why_refused(view, view.fold.acts[bare]))
    assert "the document does not count" in str(why_refused(view, view.fold.acts[ref]))
    assert len(documents(view)) == 1


def test_the_same_document_is_filed_once_for_one_event() -> None:
    story, document = _story()
    ben = story.people["ben"]
    ref = _file(ben)
    again = ben.fold.acts[ref]
    view = View(story.people["cat"].fold, story.now)
    assert "is filed already, as ann:" in str(check(view, again))
    assert len(documents(view)) == 2  # who filed it while cut off is not told that it never happened
    with pytest.raises(UnknownName, match="no document"):
        filed(view, "C" * 43 + "=")
    assert filed(view, document).body.title == "Report"


@given(st.lists(st.tuples(st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1)), min_size=1, max_size=32))
def test_places_are_read_as_they_are_written(spans: list[tuple[int, int]]) -> None:
    assert parse_spans(format_spans(tuple(spans))) == tuple(spans)


@given(st.text(max_size=40))
@example("12-40,,52-60")
@example("-")
@example("1-2 " * 33)
@example("\u0661-\u0662")
def test_what_are_no_places_is_one_sentence(text: str) -> None:
    try:
        found = parse_spans(text)
    except InputError:
        with pytest.raises(InputError, match="12-40"):
            parse_spans(text)
        return
    assert parse_spans(format_spans(found)) == found
