"""What a page is made with: who visits, the views, words in its language, times in its zone.

A page is a path, a template and a function from an `Ask` to the template's values. The part of a page that
others' acts change stands in the template's block `live`; it is drawn alone when an open page asks for it,
and once for all who would see the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from allweather.errors import AllweatherError, InputError, Refused
from allweather.node.caucus import Words
from allweather.web import times, words
from allweather.web.fields import form_of
from allweather.web.gate import Kind, Visitor
from allweather.web.house import House
from allweather.web.people import Person
from allweather.web.tongues import LANGUAGES, Tongue

Values = Mapping[str, Any]
_SLICE, _TOLD_SLICE = 5.0, 30.0
_MAX_TIME = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `level` is for whom it is; `is_personal` if it differs between people of one kind."""

    path: str
    template: str
    make: Callable[[Ask], Values]
    level: Kind = "public"
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file to take away. `make` gives its name (empty: shown in the browser), media type and bytes.

    `policy` is its content policy where that of the pages does not fit.
    """

    path: str
    make: Callable[[Ask], tuple[str, str, bytes]]
    level: Kind = "public"
    policy: str = ""


@dataclass
class Ask:
    """One request for a page. `path` holds the parts of the address that vary, `query` its parameters."""

    house: House
    visitor: Visitor
    tongue: Tongue
    zone: dt.tzinfo
    zone_name: str
    url: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    news: int = 0
    """The number of the last news when this was asked; whatever is newer is not on the page yet."""
    _views: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def now(self) -> int:
        """The council's time, in seconds since 1970."""
        return self.house.node.shared.clock()

    @cached_property
    def at(self) -> int | None:
        """As of when the page is asked for; None for now. Raises InputError."""
        given = self.query.get("at", "")
        if not given:
            return None
        if given.isascii() and given.isdigit():
            if int(given) > _MAX_TIME:
                raise InputError("this time is beyond all times")
            return int(given)
        return times.parse_moment(given, self.zone)

    def view(self, name: str, **parameters: str) -> Any:
        """A view of the council as of `at`; read once a page, so leave it as it is.

        Raises UnknownName, InputError.
        """
        key = (name, *(text for one in sorted(parameters.items()) for text in one))
        if key not in self._views:
            self._views[key] = self.house.view(name, parameters, self.at)
        return self._views[key]

    @cached_property
    def council(self) -> Mapping[str, Any] | None:
        """The view of the council itself; None while this node knows no charter."""
        try:
            found: Mapping[str, Any] = self.view("council")
        except AllweatherError:
            return None
        return found

    @cached_property
    def charter(self) -> Mapping[str, Any]:
        """What the charter states; empty while none is known."""
        if self.council is None:
            return {}
        found: Mapping[str, Any] = self.council["charter"]["body"]
        return found

    @cached_property
    def full_names(self) -> Mapping[str, str]:
        """The members' names for reading, by their short names."""
        return {} if self.council is None else {one: self.named(one) for one in self.council["members"]}

    def named(self, member: str) -> str:
        """A member's name as this visitor reads it."""
        role = words.SEATS.get(member.rpartition("/")[2], "")
        return self.tongue.word(role) or words.name_of(member, self.tongue.code)

    @property
    def person(self) -> str:
        """Who is signed in, by name; the free seat of a rehearsal in the visitor's language."""
        person = self.visitor.person
        return "" if person is None else self.seat_of(person)

    def seat_of(self, person: Person) -> str:
        """A person's name; of a seat, which the program named itself, in the visitor's language."""
        head = words.HEAD.format(words.name_of(self.house.member))
        if not person.seat or person.name != head:
            return person.name
        return self.tongue.word(words.HEAD).replace("{}", self.named(self.house.member))

    def number(self) -> str:
        """A number that a form may bring once."""
        if self.visitor.session is None:
            raise Refused("sign in first")
        return self.house.sessions.number(self.visitor.session)

    def words(self, act: str) -> Words:
        """The words of an act as this visitor may have them. Raises UnknownName."""
        return self.house.node.shared.words(act, self.visitor.kind)

    # Words and times

    def when(self, at: int) -> Markup:
        """A time in the visitor's zone, with UTC beside where that differs."""
        if not at:
            return Markup("")
        shown = times.show_moment(at, self.zone, self.tongue.code)
        utc = times.moment(at)
        beside = ""
        if times.moment(at, self.zone).utcoffset():
            beside = Markup(" <small>{} UTC</small>").format(
                times.show_clock(at, times.UTC, self.tongue.code)
            )
        return Markup('<time datetime="{}">{}{}</time>').format(
            utc.strftime("%Y-%m-%dT%H:%M:%SZ"), shown, beside or Markup(" <small>UTC</small>")
        )

    def base(self) -> dict[str, Any]:
        """What every template may use."""
        code, now = self.tongue.code, self.now if self.at is None else self.at
        return {
            "ask": self,
            "_": self.tongue.word,
            "n_": self.tongue.words,
            "tell": self.told,
            "when": self.when,
            "day": lambda at: times.show_day(at, self.zone, code),
            "until": lambda at: times.show_until(at, now, code),
            "span": lambda seconds: times.show_span(seconds, code),
            "local": lambda at: times.format_moment(at, self.zone),
            "named": self.named,
            "state": lambda word: self.tongue.word(words.STATES.get(word, word)),
            "kind": lambda word: self.tongue.word(words.KINDS.get(word, word)),
            "shade": lambda word: self.tongue.word(words.SHADES.get(word, word)),
            "signs": words.SIGNS,
            "visitor": self.visitor,
            "may": self.visitor.may,
            "member": self.house.member,
            "now": now,
            "news": self.news,
            "languages": LANGUAGES,
            "zones": times.zones(),
            "is_cut": self.house.node.weather.is_cut,
            "is_rehearsal": self.house.is_rehearsal,
            "menu": self.menu(),
            "form": form_of,
            "council": self.council,
            "charter": self.charter,
            "has_scripts": self.house.has_scripts,
            "token": self.visitor.session.token if self.visitor.session else "",
        }

    def told(self, sentence: str) -> Markup:
        """A sentence of the council in the visitor's language, with members' names as they are read.

        What is not known in that language is marked as English.
        """
        told = words.with_names(self.tongue.tell(sentence), self.full_names)
        if self.tongue.code != "en" and not self.tongue.knows(sentence):
            return Markup('<span lang="en">{}</span>').format(told)
        return Markup("{}").format(told)

    def menu(self) -> Sequence[tuple[str, str, bool]]:
        """The pages that this visitor can go to: address, words, whether it is the one shown."""
        first = "/" + self.url.lstrip("/").split("/")[0].split("?")[0]
        return [
            (path, self.tongue.word(title), path == first)
            for path, title, level in words.MENU
            if self.visitor.may(level)
        ]


def draw(ask: Ask, page: Page, *, is_part: bool, is_told: bool = False) -> bytes:
    """A page as HTML, or only its live part. Raises AllweatherError.

    `is_told`: whether the part is asked for because there is a new edition of the news. It is then as of that
    edition or later, and one drawing serves all who were told.
    """
    template = ask.house.templates.get_template(page.template)

    def drawn() -> bytes:
        values = {**ask.base(), **page.make(ask)}
        if not is_part or "live" not in template.blocks:  # a page without such a part is drawn whole
            return template.render(values).encode()
        # A block alone has not the imports of the page around it.
        macros = ask.house.templates.get_template("macros.html.j2").make_module(values)
        context = template.new_context({**values, "m": macros})
        return "".join(template.blocks["live"](context)).encode()

    if not is_part or page.is_personal:
        return drawn()
    house = ask.house
    state: tuple[Any, ...] = (house.hub.edition, int(ask.now / _TOLD_SLICE))
    if not is_told:
        is_cut = house.node.weather.is_cut
        state = house.node.shared.fold_version, house.reviewer.version, int(ask.now / _SLICE), is_cut
    key = ask.url, ask.tongue.code, ask.zone_name, ask.visitor.kind, is_told, *state
    return house.drawn.get(key, drawn)
