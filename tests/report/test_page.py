"""The page: self-contained, safe, readable by everyone, honest about what is predicted."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable

import numpy as np
import pytest

from allweather.positions import Basis, Positions, Response
from allweather.report import Conflict, Context, Deal, headline, render_files, render_page
from allweather.report.records import Records, safe_url
from allweather.review.results import Interval, Review, Verdict
from tests.report.builders import bare_review, consultation, council_positions, council_review
from tests.report.html_check import Page

Case = tuple[Positions, Review, Context]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>&\u202e=1+1\x00\x0b"


def council() -> Case:
    context = Context(
        title="Council of 7",
        as_of="2009-09-18",
        format="dossier",
        intake=("3 records dated later were left out.",),
        deals=(Deal("Talks against preparation.", "2008-12-02", ("US", "DE"), ("s2", "s9")),),
        conflicts=(Conflict("Venue", "the headquarters", "a foundation", "two reports", ("s5",)),),
        areas={"forum": "The council itself"},
        attribution="Compiled for this project.",
    )
    return council_positions(), council_review(), context


def plane() -> Case:
    return council_positions(), council_review(n_dimensions=2), Context()


def deep() -> Case:
    return council_positions(), council_review(n_dimensions=4), Context()


def bare() -> Case:
    return council_positions(), bare_review(), Context()


def polis() -> Case:
    return *consultation(), Context(title="A consultation", format="Polis export")


def hostile() -> Case:
    """Every text that comes from the data is an attack, and some are very long."""
    positions, review, _ = council()
    long = HOSTILE + "слово " * 4_000
    positions = dataclasses.replace(
        positions,
        members=tuple(dataclasses.replace(one, name=HOSTILE + one.id) for one in positions.members),
        questions=tuple(dataclasses.replace(one, text=long) for one in positions.questions),
        notes={k: dataclasses.replace(n, text=long, origin=HOSTILE) for k, n in positions.notes.items()},
        sources={
            k: dataclasses.replace(s, title=HOSTILE, note=HOSTILE) for k, s in positions.sources.items()
        },
    )
    review = dataclasses.replace(
        review,
        title=HOSTILE,
        questions=tuple(
            dataclasses.replace(
                one,
                reason=HOSTILE,
                ask=HOSTILE,
                conditions=tuple(dataclasses.replace(c, text=long) for c in one.conditions),
            )
            for one in review.questions
        ),
        map=dataclasses.replace(review.map, conclusion=HOSTILE),
        parties=tuple(dataclasses.replace(one, name=HOSTILE) for one in review.parties),
    )
    return (
        positions,
        review,
        Context(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (Deal(HOSTILE),), attribution=HOSTILE),
    )


CASES = [council, plane, deep, bare, polis, hostile]
every_case = pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)


def page_of(make: Callable[[], Case]) -> tuple[Page, str]:
    positions, review, context = make()
    html = render_page(review, positions, context)
    return Page.of(html), html


@every_case
def test_nothing_is_loaded_and_nothing_runs(make: Callable[[], Case]) -> None:
    page, html = page_of(make)
    policy = [
        one for one in page.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy[0].attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    for tag in (
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "image",
        "foreignobject",
    ):
        assert not page.all(tag), tag
    for one in page.elements:
        assert not any(key.startswith("on") for key in one.attributes)
        assert "src" not in one.attributes
        assert "srcset" not in one.attributes
        if one.tag == "use":
            assert one.attributes["href"].startswith("#")
    styles = "".join(one.text for one in page.all("style")) + " ".join(
        one.attributes.get("style", "") for one in page.elements
    )
    assert "url(" not in styles
    assert "@import" not in styles
    assert "@font-face" not in styles
    assert "\x00" not in html


@every_case
def test_links_lead_somewhere_safe(make: Callable[[], Case]) -> None:
    page, _ = page_of(make)
    ids = page.ids()
    assert not [one for one, n in ids.items() if n > 1]
    positions, review, context = make()
    beside = set(render_files(review, positions, context))
    for one in page.all("a"):
        href = one.attributes["href"]
        if href.startswith("#"):
            assert href[1:] in ids, href
        elif href in beside:
            continue
        else:
            assert re.match(r"https?://", href), href
            assert one.attributes["rel"] == "noreferrer"
    for one in page.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            assert all(name in ids for name in one.attributes.get(key, "").split())


@every_case
def test_order_of_headings_and_landmarks(make: Callable[[], Case]) -> None:
    page, _ = page_of(make)
    levels = [int(one.tag[1]) for one in page.elements if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.all("html")[0].attributes["lang"] == "en"
    assert len(page.all("main")) == 1
    skip = page.all("a")[0]
    assert skip.attributes == {"class": "skip", "href": "#main"}


@every_case
def test_tables_have_captions_and_scopes(make: Callable[[], Case]) -> None:
    page, html = page_of(make)
    assert len(page.all("table")) == html.count("<caption>")
    assert page.all("th")
    assert all("scope" in one.attributes for one in page.all("th"))


@every_case
def test_style_serves_print_dark_and_keyboard(make: Callable[[], Case]) -> None:
    page, _ = page_of(make)
    style = page.all("style")[0].text
    for needed in ("@media print", "prefers-color-scheme: dark", ":focus-visible", "max-width: 40rem"):
        assert needed in style


@pytest.mark.parametrize("make", [council, plane, hostile])
def test_predicted_cells_never_look_like_records(make: Callable[[], Case]) -> None:
    positions, review, context = make()
    page = Page.of(render_page(review, positions, context))
    cells = page.all("td", "c")
    assert len(cells) == len(review.cells)
    predicted = [one for one in cells if "predicted" in one.attributes["class"].split()]
    assert len(predicted) == sum(cell.response is None for cell in review.cells)
    for one in predicted:
        assert "unknown" in one.attributes["class"].split()
        assert re.search(r"not on record; predicted \S+% \(\S+–\S+%\)", one.attributes["title"])
        assert not one.text.strip()
    recorded = [one for one in cells if one not in predicted]
    assert recorded
    for one in recorded:
        kinds = one.attributes["class"].split()
        assert "unknown" not in kinds
        assert {"own", "inferred", "common"} & set(kinds)
        assert "predicted" not in one.attributes["title"]
        assert one.text.strip()


def test_every_recorded_cell_leads_to_its_record() -> None:
    positions, review, context = council()
    page = Page.of(render_page(review, positions, context))
    led = {one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("#e")}
    assert {f"#e{cell.entry}" for cell in review.cells if cell.entry is not None} <= led


@pytest.mark.parametrize("make", [council, polis])
def test_all_questions_are_told_with_intervals(make: Callable[[], Case]) -> None:
    positions, review, context = make()
    page = Page.of(render_page(review, positions, context))
    assert len(page.all("details", "q")) == len(review.questions)
    rows = page.all("span", "fig")
    assert len(rows) >= sum(len(one.parties) for one in review.questions)
    assert all(re.search(r"[<>]?\d+% [<>]?\d+–[<>]?\d+%", one.text) for one in rows)


def test_a_silent_party_is_drawn_as_predicted() -> None:
    positions, review, context = council()
    page = Page.of(render_page(review, positions, context))
    z9 = next(one for one in page.all("details", "q") if "Publish, every year" in one.text)
    drawn = page.elements[page.elements.index(z9) :]
    drawn = drawn[: next(k for k, one in enumerate(drawn) if one.tag == "div")]
    dots = [one for one in drawn if "dot" in one.attributes.get("class", "").split()]
    assert len(dots) == 2
    assert all("guess" in one.attributes["class"].split() for one in dots)
    f1 = next(one for one in page.all("details", "q") if "keep meeting" in one.text)
    drawn = page.elements[page.elements.index(f1) :]
    drawn = drawn[: next(k for k, one in enumerate(drawn) if one.tag == "div")]
    assert not [one for one in drawn if "guess" in one.attributes.get("class", "").split()]


def test_attacks_stay_text() -> None:
    page, html = page_of(hostile)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)</script>" in page.all("h1")[0].text


def test_records_that_are_alike_share_a_row() -> None:
    positions, review, context = council()
    held = Records(review, positions).by_question([one.question for one in review.questions])
    by_question = dict(held)
    alike = [one for one in by_question["F1"] if len(one.held) > 1]
    assert [(one.text, [member for _, member in one.held]) for one in alike] == []
    joined = dataclasses.replace(
        positions,
        notes={k: dataclasses.replace(note, date="2009-09") for k, note in positions.notes.items()},
        response=np.where(positions.basis == Basis.COMMON, int(Response.SUPPORT), positions.response),
    )
    rows = dict(Records(review, joined).by_question(["F1"]))["F1"]
    assert [one.basis for one in rows] == ["own", "own", "inferred", "common"]
    assert [member for _, member in rows[-1].held] == ["DE", "PL"]
    page = Page.of(render_page(review, joined, context))
    ids = page.ids()
    assert all(ids[anchor] == 1 for one in rows for anchor, _ in one.held)


def test_what_each_side_gives_is_told_before_the_figures() -> None:
    page, _ = page_of(council)
    given = [" ".join(one.text.split()) for one in page.all("ul", "given")]
    assert len(given) == 1
    assert given[0].startswith("D1 Combine missile-defence sensors")
    assert given[0].endswith("given by Russia, Lithuania")


def test_the_first_screen_tells_in_words() -> None:
    page, _ = page_of(council)
    head = " ".join(page.all("header")[0].text.split())
    assert "2 Converges F1 The council should keep meeting and talking through disputes" in head
    assert "W1" in head
    assert "Russia supports it; the United States and Lithuania oppose." in head
    assert "On 1 of them nobody is on record." in head


def test_long_texts_are_folded_but_whole() -> None:
    page, _ = page_of(hostile)
    assert any(one.text.count("слово") == 4_000 for one in page.all("p", "whole"))
    assert all(len(one.text) < 1_000 for one in page.all("h4"))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://example.org/a?b=1#c", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" https://example.org", False),
        ("https:///path", False),
        ("//example.org", False),
        ("data:text/html,x", False),
        ("https://example.org/\njavascript:1", False),
        ("http://[::1", False),
        ('https://example.org/"onclick=', False),
        ("https://example.org/" + "a" * 2_000, False),
        ("UPI, 18 September 2009", False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_become_links(text: str, safe: bool) -> None:
    assert safe_url(text) == (text if safe else "")


def test_an_address_that_is_no_link_stays_readable() -> None:
    page, _ = page_of(council)
    assert "Programme leaflet, spring 2009" in page.all("main")[0].text
    assert "javascript:alert(1)" in page.all("main")[0].text


def test_what_is_not_known_is_counted() -> None:
    page, _ = page_of(council)
    text = " ".join(page.all("main")[0].text.split())
    assert "35 of 56 cells have no record" in text
    assert "1 question without any record: Z9" in text
    assert "1 member without any record: Iceland" in text


def test_history_around_the_record_is_told() -> None:
    text = " ".join(page_of(council)[0].all("main")[0].text.split())
    assert "Talks against preparation." in text
    assert "the headquarters; against that, a foundation" in text
    assert "3 records dated later were left out." in text
    assert "The council itself" in text
    assert "Red lines on record: US on F9" in text


def test_large_reviews_stay_small_enough_to_read() -> None:
    positions, review = consultation(3_000, 400)
    html = render_page(review, positions, Context())
    page = Page.of(html)
    assert len(html.encode()) < 3_000_000
    assert len(page.all("details", "q")) <= 4 * 60
    ids = page.ids()
    assert all(f"q{k}" in ids for k in range(400))


def test_no_link_leads_to_what_was_cut() -> None:
    positions, review = consultation(20, 600)
    questions = tuple(dataclasses.replace(one, verdict=Verdict.CONVERGES) for one in review.questions)
    every = tuple(one.question for one in questions)
    first, *rest = review.packages.packages
    packages = dataclasses.replace(
        review.packages, packages=(dataclasses.replace(first, questions=every), *rest)
    )
    review = dataclasses.replace(review, questions=questions, packages=packages)
    page = Page.of(render_page(review, positions, Context()))
    ids = page.ids()
    assert sum(f"q{k}" in ids for k in range(600)) == 60 + 400
    led = [one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("#")]
    assert [one for one in led if one[1:] not in ids] == []


def test_same_review_same_bytes() -> None:
    for make in (council, polis):
        one, other = (
            render_files(review, positions, context) for positions, review, context in (make(), make())
        )
        assert one == other


def test_headline_counts_every_verdict() -> None:
    review = council_review()
    assert headline(review) == (
        "Positions converge on 2 of 8 questions and nearly meet on 2; on 1 they differ. On 3 it is not known."
    )
    only = tuple(dataclasses.replace(one, verdict=Verdict.DIFFERS) for one in review.questions)
    assert headline(dataclasses.replace(review, questions=only)) == (
        "Positions converge on none of 8 questions; on 8 they differ."
    )


def test_convergence_on_no_is_said() -> None:
    positions, review, context = council()
    first = dataclasses.replace(review.questions[0], against=True)
    review = dataclasses.replace(review, questions=(first, *review.questions[1:]))
    assert "The convergence is on no." in render_page(review, positions, context)
    assert "The convergence is on no." not in render_page(council_review(), positions, context)


def test_without_sides_the_page_says_so() -> None:
    text = page_of(bare)[0].all("main")[0].text
    assert "There is no evidence of sides." in text
    assert "the answers do not tell sides apart" in text


def test_a_party_wholly_on_record_has_no_interval() -> None:
    positions, review, context = council()
    first = review.questions[0]
    sure = dataclasses.replace(first.parties[1], support=Interval(1.0, 1.0, 1.0))
    first = dataclasses.replace(
        first, parties=(first.parties[0], sure), least_party="ru", least_support=sure.support
    )
    review = dataclasses.replace(review, questions=(first, *review.questions[1:]))
    figures = [one.text for one in Page.of(render_page(review, positions, context)).all("span", "fig")]
    assert figures[1] == "100% on record"
    silent = dataclasses.replace(sure, n_support=0, n_silent=1)
    first = dataclasses.replace(first, parties=(first.parties[0], silent))
    review = dataclasses.replace(review, questions=(first, *review.questions[1:]))
    figures = [one.text for one in Page.of(render_page(review, positions, context)).all("span", "fig")]
    assert figures[1] == "100% 100–100%"
