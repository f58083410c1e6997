"""The joint review in the pages: computed beside them, kept, tabled, computed again; packages are weighed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from allweather.council.acts import Act
from allweather.council.bodies import Expectation, Position, Review
from allweather.errors import NotVerified
from allweather.node import reviewing as computing
from allweather.node.actions import Doing
from allweather.node.running import Node
from allweather.review.results import Gain, Interval
from allweather.web import reviewing
from allweather.web.pages.packages import worse
from allweather.web.pages.review import named_words
from tests.node.nodes import until
from tests.web.browsing import Browser, Seen, check_markup
from tests.web.planting import HOSTILE, planted_node

SIGNS = {"converges": "converges", "nearly": "nearly", "differs": "differs", "not known": "unknown"}


@contextmanager
def planted(folder: Path) -> Iterator[Node]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "_LONGEST_REST", 0.0)
        patch.setattr(reviewing, "PAUSE", 0.0)
        with planted_node(folder / "homes", n_members=6, n_texts=7, words=[HOSTILE], known=0.9) as found:
            yield found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with planted(tmp_path_factory.mktemp("planted")) as found:
        yield found


@pytest.fixture
def new_visitor(tmp_path: Path) -> Iterator[Browser]:
    """Somebody at a node of which nobody has asked anything yet."""
    with planted(tmp_path) as found, Browser(found.address) as browser:
        yield browser


@pytest.fixture
def browser(node: Node) -> Iterator[Browser]:
    with Browser(node.address) as found:
        found.sit()
        yield found


@pytest.fixture
def visitor(node: Node) -> Iterator[Browser]:
    with Browser(node.address) as found:
        yield found


def ready(browser: Browser, path: str = "/review") -> Seen:
    """The page when what it waits for is computed."""
    until(lambda: "<progress" not in browser.see(path).html, 120.0)
    return browser.see(path)


def file(browser: Browser, page: Seen, name: str) -> Seen:
    """A file of the review that a page shows."""
    return browser.see(next(one for one in page.links if one.endswith(f"/{name}")))


def tabled(node: Node) -> list[Act]:
    """The reviews that were tabled, the last at the end."""
    with node.shared.lock:
        return sorted(node.shared.actions.view().fold.of(Review), key=lambda act: act.index)


def text_of(node: Node, number: int) -> str:
    """The reference of a text by its place among them."""
    with node.shared.lock:
        view = node.shared.actions.view()
    found = [act for act in view.fold.acts.values() if act.kind == "council.text"]
    return sorted(found, key=lambda act: act.index)[number].ref


def test_no_page_waits_for_it(new_visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = new_visitor
    may_go = threading.Event()
    real = computing.review_of

    def slow(given: Any, **how: Any) -> Any:
        how["report"]("fitting 1 dimension", 0.5)
        assert may_go.wait(60)
        return real(given, **how)

    monkeypatch.setattr(reviewing, "review_of", slow)
    until(lambda: "The answers are fitted." in visitor.see("/review").text)
    for path in ("/review", "/review/map", "/review/gaps", "/packages"):
        page = visitor.see(path)
        check_markup(page)
        assert "The joint review is being computed." in page.text
        assert 'hx-trigger="every 1s"' in page.html
        assert "Look again" in page.text
    assert visitor.see("/review/files/index.html").status == 404
    may_go.set()
    assert "is being computed" not in ready(visitor).text


def test_every_question_stands_under_its_verdict_with_its_intervals(visitor: Browser) -> None:
    page = ready(visitor)
    check_markup(page)
    review = json.loads(file(visitor, page, "review.json").html)
    shown = {anchor: kind for kind, anchor in re.findall(r'question v-(\w+)" id="(q-[^"]+)"', page.html)}
    assert shown == {
        f"q-{quote(one['question'], safe='')}": SIGNS[one["verdict"]] for one in review["questions"]
    }
    n_bars = sum(len(one["parties"][:4]) or 1 for one in review["questions"])
    assert len(re.findall(r'class="figure">[<>]?\d+%|class="figure">&[gl]t;\d+%', page.html)) == n_bars
    for one in review["questions"]:
        for entry in one["rests_on"][:1]:
            assert isinstance(entry, int)
            assert f"/text/{one['question']}#m-" in page.html


def test_words_of_members_stay_words(visitor: Browser) -> None:
    for path in ("/review", "/packages", "/review/map"):
        html = ready(visitor, path).html
        assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in ready(visitor).html


def test_the_report_is_served_whole_and_may_have_its_style(visitor: Browser) -> None:
    page = ready(visitor)
    report = file(visitor, page, "index.html")
    assert report.status == 200
    assert report.html.lower().startswith("<!doctype html>")
    policy = report.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "attachment" in file(visitor, page, "convergence.csv").headers["content-disposition"]
    assert visitor.see("/review/files/review.json").html == file(visitor, page, "review.json").html
    for path in ("/review/files/nothing.txt", "/review/files/0123456789abcdef/index.html"):
        assert visitor.see(path).status == 404


def test_only_who_is_signed_in_has_others_computed(visitor: Browser, browser: Browser) -> None:
    assert "This review has not been computed." in visitor.see("/review?seed=7").text
    assert "This review has not been computed." not in browser.see("/review?seed=7").text
    page = ready(browser, "/review?seed=7")
    assert json.loads(file(browser, page, "review.json").html)["method"]["seed"] == 7
    assert visitor.see("/review?seed=7").html.count("figure") > 1  # what is there everybody may read
    for seed in ("-1", "x", "9" * 30):
        assert browser.see(f"/review?seed={seed}").status == 400
    assert browser.see("/review?concern=member-00:0").status == 404


def test_a_review_is_tabled_and_any_node_can_say_whether_it_holds(node: Node, browser: Browser) -> None:
    shown = ready(browser)
    done = browser.act("/review/table", "council.review", title="Where we stand")
    assert "Where we stand" in done.text
    act = tabled(node)[-1]
    assert isinstance(act.body, Review)
    assert f"<code>{act.body.result}</code>" in shown.html
    page = browser.see(f"/review/tabled/{act.name}")
    check_markup(page)
    assert "This node has not computed it again yet." in page.text
    browser.send(page.form("/review/recompute"))
    assert "It holds." in ready(browser, f"/review/tabled/{act.name}").text


def test_a_review_that_does_not_hold_is_said_not_to(
    node: Node, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(*_: Any, **__: Any) -> None:
        raise NotVerified("its result is <b>another</b>")

    monkeypatch.setattr(reviewing, "recompute", forged)
    ready(browser)
    browser.act("/review/table", "council.review", title="Where we do not stand")
    act = tabled(node)[-1]
    page = browser.see(f"/review/tabled/{act.name}")
    browser.send(page.form("/review/recompute"))
    page = ready(browser, f"/review/tabled/{act.name}")
    assert "It does not hold, or cannot be checked here." in page.text
    assert "<b>another</b>" not in page.html


def test_nobody_else_tables_or_recomputes(visitor: Browser, browser: Browser) -> None:
    assert visitor.see("/review/table").url.startswith("/sign-in")
    assert visitor.post("/review/recompute", {"act": "member-00:1"}).status == 409
    assert browser.post("/review/recompute", {"act": "member-00:1", "token": "x"}).status == 409
    form = ready(browser, "/review/table").form("council.review")
    assert browser.send(form, review="0123456789abcdef", title="Another").status == 404
    assert browser.send(form, title="").status == 400


def test_packages_are_weighed_with_their_intervals(node: Node, browser: Browser) -> None:
    page = ready(browser, "/packages")
    check_markup(page)
    names = re.findall(r'name="(on\.[^"]+)"', page.html)
    assert len(names) == 7
    query = "&".join(f"{quote(one)}=1" for one in names[:3])
    page = browser.see(f"/packages?{query}")
    check_markup(page)
    assert "These 3 texts together" in page.text
    rows = re.findall(r'<tr class="w-(\w+)"><th scope="row">([^<]+)', page.html)
    assert {name for _, name in rows} == {f"Member 0{k}" for k in range(6)}
    assert len(re.findall(r'class="figure">[^<]+ \([^<]+ to [^<]+\)', page.html)) == 6
    assert page.html.count(" checked>") == 3
    assert "is no question of this review" in browser.see("/packages?on.nobody:1=1").text


def test_worse_off_is_told_by_the_interval() -> None:
    def gain(mean: float, low: float, high: float) -> Gain:
        return Gain("a", Interval(mean, low, high), 1.0, (), (), 0)

    assert worse(gain(-1, -2, -0.5)) == "surely"
    assert worse(gain(-0.1, -2, 1)) == "likely"
    assert worse(gain(0.5, -0.2, 1)) == "maybe"
    assert worse(gain(0.5, 0.0, 1)) == "no"


def test_gaps_are_what_is_expected_less_what_is_said(node: Node, browser: Browser) -> None:
    ready(browser)
    on, member = text_of(node, 1), "planted/member-01"
    node.shared.sign(Doing(Expectation(on=on, member=member, response="oppose")))
    until(lambda: "Member 00 → Member 01" in browser.see("/review/gaps").text, 120.0)
    page = ready(browser, "/review/gaps")
    check_markup(page)
    assert (
        "worse than said on 1 text" in page.text
        or "as said on 1 text" in page.text
        or "not known" in page.text
    )


def test_new_positions_make_a_new_review_and_the_old_one_stays_meanwhile(
    node: Node, browser: Browser
) -> None:
    before = re.findall(r"/review/files/([0-9a-f]{16})/", ready(browser).html)[0]
    node.shared.sign(Doing(Position(on=text_of(node, 2), response="oppose", red_line=True)))
    page = browser.see("/review")
    assert before in page.html
    until(lambda: before not in browser.see("/review").html, 120.0)
    assert "Member 00 has drawn a red line" in browser.see(f"/packages?on.{name_of(node, 2)}=1").text


def name_of(node: Node, number: int) -> str:
    """The name of a text by its place among them."""
    with node.shared.lock:
        found = node.shared.actions.view().fold.acts[text_of(node, number)]
    return found.name


def test_names_in_sentences_are_those_for_reading() -> None:
    names = {"united-states": "United States", "oman": "Oman", "a": "A"}
    assert named_words("united-states and oman, not woman or a-b", names) == (
        "United States and Oman, not woman or a-b"
    )
    assert named_words("nobody", {}) == "nobody"
