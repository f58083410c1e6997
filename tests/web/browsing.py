"""A browser of the tests: it keeps cookies, signs in at a seat, reads pages, and fills in their forms."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from allweather.web.people import People, Role

Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Filled:
    """One form of a page: where it is sent, how, and what its fields hold before anybody writes in them."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""

    def value(self, name: str) -> str:
        """What a field holds; empty if it holds nothing or there is none."""
        return next(iter(self.fields.get(name, [])), "")


@dataclass
class Seen:
    """A page as it was answered: its text without markup, its forms, its links, all ids."""

    status: int
    html: str
    url: str
    headers: Mapping[str, str]
    text: str = ""
    forms: list[Filled] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)

    def form(self, kind: str, **fixed: str) -> Filled:
        """The first form of a kind of act (or sent to a place such as /seal) with these fields fixed."""
        for one in self.forms:
            is_it = one.value("kind") == kind or one.action == kind
            if is_it and all(one.value(name) == value for name, value in fixed.items()):
                return one
        raise AssertionError(
            f"{self.url} has no form for {kind}; {[one.value('kind') for one in self.forms]}"
        )

    def has_form(self, kind: str) -> bool:
        """Whether there is a form of a kind of act, or one that is sent to this place."""
        return any(one.value("kind") == kind or one.action == kind for one in self.forms)


class _Reader(HTMLParser):
    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen, self.form, self.select = seen, None, ""  # type: Seen, Filled | None, str
        self.area, self.heading, self.silent = "", 0, 0
        self.options: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.title: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.seen.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.seen.links.append(given["href"])
        if tag in ("script", "style"):
            self.silent += 1
        if tag in ("h1", "h2", "h3", "h4"):
            self.heading, self.title = int(tag[1]), []
        if tag == "form":
            self.form = Filled(given.get("action", ""), given.get("method", "get"))
            self.seen.forms.append(self.form)
        elif tag == "input" and self.form is not None and given.get("name"):
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self._put(given["name"], given.get("value", ""))
        elif tag == "textarea":
            self.area, self.words = given.get("name", ""), []
        elif tag == "select":
            self.select, self.options = given.get("name", ""), []
        elif tag == "option":
            self.options.append((given.get("value", ""), "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.area:
            self._put(self.area, "".join(self.words).removeprefix("\n"))
            self.area = ""
        elif tag == "select" and self.select:
            chosen = [value for value, is_chosen in self.options if is_chosen] or [
                value for value, _ in self.options[:1]
            ]
            self._put(self.select, *chosen)
            self.select = ""
        elif tag in ("script", "style"):
            self.silent -= 1
        elif self.heading and tag == f"h{self.heading}":
            self.seen.headings.append((self.heading, " ".join("".join(self.title).split())))
            self.heading = 0

    def handle_data(self, data: str) -> None:
        if self.area:
            self.words.append(data)
        if self.heading:
            self.title.append(data)
        if not self.silent:
            self.seen.text += data
            if self.form is not None:
                self.form.words += data

    def _put(self, name: str, *values: str) -> None:
        if self.form is not None:
            self.form.fields.setdefault(name, []).extend(values)


class Browser:
    """One person's browser at a node. `address` is the node's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._line = httpx.Client(base_url=address, trust_env=False, timeout=30)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def see(self, path: str, **more: Any) -> Seen:
        """A page, and whatever it leads on to."""
        return self._seen(self._line.get(path, follow_redirects=True, **more))

    def part(self, path: str) -> Seen:
        """The live part of a page, as htmx asks for it."""
        return self.see(path, headers={"HX-Request": "true"})

    def where(self, path: str) -> str:
        """Where an address leads on to; empty if it does not."""
        found: str = self._line.get(path).headers.get("location", "")
        return found

    def post(self, path: str, fields: Fields, *, origin: str = "") -> Seen:
        """Send fields to a place, as a browser does from a page of this site (or of `origin`)."""
        headers = {
            "Origin": origin or self.address,
            "Sec-Fetch-Site": "cross-site" if origin else "same-origin",
        }
        data = {name: value if isinstance(value, str) else list(value) for name, value in fields.items()}
        return self._seen(self._line.post(path, data=data, headers=headers, follow_redirects=True))

    def send(self, form: Filled, **fields: str | Sequence[str]) -> Seen:
        """Send a form with these fields filled in."""
        return self.post(form.action, {**form.fields, **fields})

    def act(self, path: str, kind: str, *, fixed: Mapping[str, str] | None = None, **fields: Any) -> Seen:
        """Fill in the form of an act on a page, look at the preview, sign; the page that follows."""
        preview = self.send(self.see(path).form(kind, **(fixed or {})), **fields)
        assert preview.status == 200, preview.text[-800:]
        done = self.send(preview.form("/sign"))
        assert done.status == 200, done.text[-800:]
        return done

    def sit(self) -> Seen:
        """Take the first free seat of a rehearsal."""
        seats = [one for one in self.see("/sign-in").forms if one.action.startswith("/seat/")]
        assert seats, "no seat is free"
        return self.send(seats[0])

    def _seen(self, answer: httpx.Response) -> Seen:
        url = answer.url.raw_path.decode() + (f"#{answer.url.fragment}" if answer.url.fragment else "")
        seen = Seen(answer.status_code, answer.text, url, answer.headers)
        reader = _Reader(seen)
        reader.feed(answer.text)
        reader.close()
        seen.text = " ".join(seen.text.split())
        return seen


def add_seat(home: Any, name: str = "Head", role: Role = "head") -> None:
    """A free seat at a member's node of a rehearsal."""
    People(home, time.time).add(name, role, seat=True)


def check_markup(seen: Seen) -> None:
    """What holds for every page: answered, headings in order, ids unique, nothing that its policy forbids."""
    assert seen.status == 200, f"{seen.url}: {seen.status}: {seen.text[-600:]}"
    assert len(set(seen.ids)) == len(seen.ids), (
        f"{seen.url}: {sorted(one for one in seen.ids if seen.ids.count(one) > 1)}"
    )
    levels = [level for level, _ in seen.headings]
    assert levels.count(1) == 1, f"{seen.url}: {seen.headings}"
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), seen.headings
    assert " style=" not in seen.html
    assert "onclick" not in seen.html
