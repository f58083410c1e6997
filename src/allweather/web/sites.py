"""The public record as a site: plain pages, the record beside them, nothing that needs a program.

The pages hold no script and ask for nothing from elsewhere; their links are relative, so that a plain web
server or a stick can hold them. Words for some members only are not in them. The same record as of the same
time gives the same bytes.

    index.html        the council, its agenda, how to verify
    concern/…html     each concern with everything said, tabled and decided on it
    positions.html    who holds what          decisions.html   decisions and what they wait for
    minutes.html      every act               verify.html      how to verify, with and without this program
    calendar.ics, minutes.xml, positions.json, review/, record/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from allweather.council.acts import Act
from allweather.council.view import View
from allweather.errors import NothingToReview
from allweather.formats.calendar import format_calendar
from allweather.formats.minutes import Section, format_minutes
from allweather.formats.popolo import format_popolo
from allweather.node import recounting
from allweather.node.caucus import words_of
from allweather.node.home import Desk
from allweather.node.reviewing import review_council
from allweather.node.siting import signed_site
from allweather.node.taking import frozen
from allweather.node.views import VIEWS
from allweather.sync.layout import Publication
from allweather.web import times, words
from allweather.web.house import paragraphs
from allweather.web.tongues import Tongue

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Maker:
    """What a site is made of: the council as of a time, at a member's desk, in one language."""

    desk: Desk
    view: View
    tongue: Tongue

    def see(self, name: str, **asked: str) -> Any:
        """A view, as JSON values."""
        return VIEWS[name].show(self.view, asked)

    def named(self, member: str) -> str:
        """A member's name in the site's language."""
        role = words.SEATS.get(member.rpartition("/")[2], "")
        return self.tongue.word(role) or words.name_of(member, self.tongue.code)

    def say(self, code: str) -> str:
        """A code or a sentence of the council in the site's language."""
        for known in (words.DATES, words.KINDS):
            if code in known:
                return self.tongue.word(known[code])
        return self.tongue.tell(code)


def make_site(maker: Maker, *, with_review: bool = True, report: Report | None = None) -> dict[str, bytes]:
    """Every file of the site by its path, signed. Raises Refused where this desk may not sign."""
    tell = report or (lambda _what, _share: None)
    tell("pages", 0.0)
    found = dict(_pages(maker))
    tell("files for other programs", 0.2)
    found |= _exports(maker)
    if with_review:
        found |= _review(maker, tell)
    tell("record", 0.8)
    found |= _record(maker)
    found["review.html"] = _review_page(maker, found)
    desk = maker.desk
    return signed_site(found, desk.home.origin, maker.view.at, desk.signer("log"))


def page_of(name: str) -> str:
    """The file of a concern's page: `norway:12` is `concern/norway-12.html`."""
    return f"concern/{name.replace(':', '-')}.html"


def _pages(maker: Maker) -> Iterator[tuple[str, bytes]]:
    minutes = _minutes(maker)
    agenda = maker.see("agenda")["concerns"]
    found = {
        "agenda": agenda,
        "decisions": maker.see("decisions"),
        "positions": maker.see("positions"),
        "sections": minutes.sections,
    }
    for name in ("index", "positions", "decisions", "minutes", "verify"):
        yield f"{name}.html", _drawn(maker, name, "", found)
    by_name = {one.name: one for one in minutes.sections}
    for row in agenda:
        own = {
            "concern": maker.see("concern", id=row["ref"]),
            "section": by_name.get(row["id"], Section(row["id"], row["title"], ())),
        }
        yield page_of(row["id"]), _drawn(maker, "concern", "../", own)
    folder = files("allweather.web").joinpath("static")
    yield "site.css", folder.joinpath("style.css").read_bytes() + folder.joinpath("site.css").read_bytes()


def _review_page(maker: Maker, found: Mapping[str, bytes]) -> bytes:
    return _drawn(maker, "review", "", {"names": sorted(one for one in found if one.startswith("review/"))})


def _drawn(maker: Maker, name: str, up: str, values: Mapping[str, Any]) -> bytes:
    tongue, at, council = maker.tongue, maker.view.at, maker.see("council")
    names = {one: maker.named(one) for one in council["members"]}
    context = {
        "_": tongue.word,
        "tell": lambda sentence: words.with_names(tongue.tell(sentence), names),
        "tongue": tongue,
        "up": up,
        "at": at,
        "here": name,
        "when": lambda time: _when(time, tongue.code),
        "named": maker.named,
        "kind": maker.say,
        "state": lambda word: tongue.word(words.STATES.get(word, word)),
        "shade": lambda word: tongue.word(words.SHADES.get(word, word)),
        "signs": words.SIGNS,
        "page_of": page_of,
        "council": council,
        "origin": maker.desk.home.origin,
        **values,
    }
    return _environment().get_template(f"{name}.html.j2").render(context).encode()


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("allweather.web", "templates/site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["paragraphs"] = paragraphs
    return made


def _when(at: int, code: str) -> Markup:
    utc = times.moment(at)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"), times.show_moment(at, times.UTC, code)
    )


def _minutes(maker: Maker) -> Any:
    return recounting.minutes(
        maker.view,
        lambda act: words_of(maker.desk, act, "public"),
        language=maker.tongue.code,
        say=maker.say,
        name_of=maker.named,
    )


def _exports(maker: Maker) -> dict[str, bytes]:
    events = recounting.events(maker.view, maker.say, _nowhere)
    title = maker.see("council")["charter"]["body"]["title"]
    return {
        "calendar.ics": format_calendar(title, events),
        "minutes.xml": format_minutes(_minutes(maker)),
        "positions.json": format_popolo(recounting.positions(maker.view, words.name_of)),
    }


def _nowhere(act: Act) -> str:
    """A site does not know where it will stand."""
    return ""


def _review(maker: Maker, tell: Report) -> dict[str, bytes]:
    try:
        made = review_council(maker.view, report=lambda what, share: tell(what, 0.25 + share / 2))
    except NothingToReview:
        return {}
    return {f"review/{name}": data for name, data in made.files.items()}


def _record(maker: Maker) -> dict[str, bytes]:
    publication = Publication(frozen(maker.desk.storage), maker.desk.standing, maker.desk.home.origin)
    found = ((path, publication.read(path)) for path in publication.paths())
    return {f"record/{path}": data for path, data in found if data is not None}
