"""The matrix: every cell is what is on record, filters leave out, time goes back, words stay words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from allweather.council.bodies import Position
from allweather.node.actions import Doing
from allweather.node.history import matrix_at
from allweather.node.running import Node
from benchmarks.planting import AT
from tests.web.browsing import Browser, check_markup
from tests.web.planting import HOSTILE, planted_node

CELL = re.compile(r'<td class="(c|u)[^"]*">')


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("planted") / "homes"
    with planted_node(folder, n_members=7, n_texts=8, words=[HOSTILE, "Second words."]) as found:
        yield found


@pytest.fixture
def visitor(node: Node) -> Iterator[Browser]:
    with Browser(node.address) as found:
        yield found


def test_every_cell_is_there_and_unknown_ones_are_said_to_be(node: Node, visitor: Browser) -> None:
    page = visitor.see("/positions")
    check_markup(page)
    kinds = CELL.findall(page.html)
    with node.shared.lock:
        view = node.shared.view_bytes("positions", {}, None)
    n_known = view.count(b'"red_line"')
    assert len(kinds) == 7 * 8
    assert kinds.count("c") == n_known
    assert page.html.count('<span class="vh">Not known</span>') == 56 - n_known > 0
    for tone in ("t-own", "t-common", "t-inferred"):
        assert re.search(rf'<td class="c r-[a-z]+ {tone}', page.html), tone


def test_a_cell_leads_to_what_the_member_holds_and_says_it(visitor: Browser) -> None:
    page = visitor.see("/positions")
    links = [one for one in page.links if re.fullmatch(r"/text/[a-z]+:\d+#m-member-\d\d", one)]
    assert len(links) == len(CELL.findall(page.html)) - page.html.count('<td class="u')
    said = re.findall(r'aria-label="(Member \d\d: [^"]+)"', page.html)
    assert len(said) == len(links)
    assert any("; red" not in one and "joined with others" in one for one in said)


def test_columns_stand_by_bloc_and_those_of_none_come_last(visitor: Browser) -> None:
    heads = re.findall(
        r'scope="colgroup" colspan="(\d)".*?<span dir="auto">([^<]*)', visitor.see("/positions").html
    )
    assert heads == [("3", "North"), ("3", "South"), ("1", "in no bloc")]


@pytest.mark.parametrize(
    ("query", "rows", "columns"),
    [
        ("bloc=North", 8, 3),
        ("member=member-04", 8, 1),
        ("area=Area+1", 2, 7),
        ("q=SECOND+words", 1, 7),
        ("q=second&member=member-04&area=Area+1", 1, 1),
    ],
)
def test_filters_leave_out(visitor: Browser, query: str, rows: int, columns: int) -> None:
    page = visitor.see(f"/positions?{query}")
    check_markup(page)
    assert len(CELL.findall(page.html)) == rows * columns
    part = visitor.part(f"/positions?{query}")
    assert len(CELL.findall(part.html)) == rows * columns
    assert not part.forms


@pytest.mark.parametrize("query", ["q=nothing+like+it", "member=nobody", "bloc=East"])
def test_what_fits_nothing_says_so(visitor: Browser, query: str) -> None:
    assert "Nothing fits these filters." in visitor.see(f"/positions?{query}").text


def test_the_slider_goes_back_to_before_there_was_anything(visitor: Browser) -> None:
    page = visitor.see(f"/positions?at={AT - 10}")
    assert page.status == 200
    assert "No text was on the table." in page.text
    assert CELL.findall(page.html) == []


def test_the_last_stop_of_the_slider_is_now(visitor: Browser) -> None:
    found = re.search(r'name="at" min="\d+" max="(\d+)"', visitor.see("/positions").html)
    assert found is not None
    page = visitor.see(f"/positions?at={found[1]}&latest={found[1]}")
    assert "As of now" in page.text
    assert "show it as it is now" not in page.text


def test_a_part_leaves_out_the_rows_that_are_known_and_a_page_never_does(visitor: Browser) -> None:
    whole = visitor.part(f"/positions?at={AT + 60}").html
    sums = re.findall(r'<tr data-row="(\S+)" data-sum="(\w+)" data-said', whole)
    assert len(set(sums)) == 8
    part = visitor.part(f"/positions?at={AT + 60}&since={AT + 30}").html
    assert re.findall(r'<tr data-row="(\S+)" data-sum="(\w+)"></tr>', part) == sums
    french = visitor.part(f"/positions?at={AT + 60}&since={AT + 30}&lang=fr").html
    assert not set(re.findall(r'data-sum="(\w+)"', french)) & {one for _, one in sums}
    for query in (f"at={AT + 60}&since={AT - 60}", f"at={AT + 60}&since=x", f"since={AT + 30}"):
        assert '"></tr>' not in visitor.part(f"/positions?{query}&lang=en").html
    page = visitor.see(f"/positions?at={AT + 60}&since={AT + 30}&lang=en").html
    assert '"></tr>' not in page
    assert len(CELL.findall(page)) == 7 * 8


@pytest.mark.parametrize("at", ["x", "9" * 30, "-1"])
def test_a_time_that_is_none_is_refused_in_one_sentence(visitor: Browser, at: str) -> None:
    assert visitor.see(f"/positions?at={at}").status == 400


def test_words_of_members_stay_words(visitor: Browser) -> None:
    for path in ("/positions", f"/positions?q={'<script>'}", "/positions?area=%22%3E%3Cscript%3E"):
        html = visitor.see(path).html
        assert "<script>alert" not in html
        assert '"><script>' not in html


def test_a_position_that_is_taken_shows_with_its_weight_and_red_line(node: Node, visitor: Browser) -> None:
    text = visitor.see("/positions").links
    name = next(one.removeprefix("/text/") for one in text if re.fullmatch(r"/text/secretariat:\d+", one))
    with node.shared.lock:
        ref = node.shared.actions.view().fold.find(name).ref
    node.shared.sign(Doing(Position(on=ref, response="oppose", intensity=95, red_line=True)))
    html = visitor.see("/positions?member=member-00").html
    assert re.search(r'<td class="c r-oppose t-own i10 red"><a href="/text/\S+#m-member-00"', html)
    assert "Member 00: Oppose, said by the member itself; 95; a red line" in html
    node.shared.sign(Doing(Position(on=ref, response="conditional", condition=HOSTILE)))
    html = visitor.see("/positions?member=member-00").html
    assert "Support with a condition, said by the member itself; if &lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert "&#34;quoted&#34;" in html


def test_the_matrix_as_of_now_is_that_of_its_history(node: Node) -> None:
    with node.shared.lock:
        shown = [json.loads(node.shared.view_bytes(name, {}, None)) for name in ("positions", "history")]
    now, past = shown[0]["texts"], matrix_at(shown[1], 2**40)
    assert [row["ref"] for row in past] == [row["ref"] for row in now]
    for row, known in zip(past, now, strict=True):
        for name, cell in known["positions"].items():
            found = row["positions"][name]
            assert {**cell, "at": 0} == {key: 0 if key == "at" else found[key] for key in cell}
        assert row["positions"].keys() == known["positions"].keys()
