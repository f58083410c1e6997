"""What the pages of one node share: the node, its people, who is signed in, templates, what was drawn."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from allweather.council.acts import short
from allweather.errors import Refused
from allweather.node.exploring import Explorer
from allweather.node.serving import Serving
from allweather.store.keyfiles import read_key
from allweather.web.live import Hub
from allweather.web.passkeys import Passkeys
from allweather.web.people import People, Person
from allweather.web.proposing import Proposer
from allweather.web.reviewing import Reviewer
from allweather.web.sessions import Sessions, Tries
from allweather.web.uploads import Uploads

_MAX_DRAWN = 512
_Key = tuple[Any, ...]


class House:
    """Everything behind the pages. `is_public`: whether who is not signed in may read what is public."""

    def __init__(self, node: Serving, *, is_public: bool = False) -> None:
        self.node = node
        self.is_public = is_public
        self.people = People(node.shared.desk.home.path, time.time)
        self.sessions = Sessions(time.monotonic)
        self.tries = Tries(time.monotonic)
        self.passkeys = Passkeys(time.monotonic)
        self.hub = Hub()
        self.explorer = Explorer(node.shared)
        self.drawn = Drawn()
        self.reviewer = Reviewer(node.shared, self.hub.tell, node.ended.is_set)
        self.proposer = Proposer(node.shared, self.hub.tell, node.ended.is_set)
        self.uploads = Uploads()
        self.templates = _environment()
        self.has_scripts = files("allweather.web").joinpath("static", "vendor", "htmx.min.js").is_file()
        self._seeds: dict[str, bytes] = {}
        self._history: tuple[bytes, Any] = b"", None
        node.shared.on_news.append(lambda _source: self.hub.tell())

    @property
    def origin(self) -> str:
        """Whose node it is."""
        return self.node.shared.origin

    @property
    def member(self) -> str:
        """The same by its short name."""
        return short(self.origin)

    @property
    def address(self) -> str:
        """Where others reach the node: its public address; if none was given, where it listens."""
        return self.node.public or self.node.address

    @property
    def is_rehearsal(self) -> bool:
        """Whether the node plays: its line can be cut by a button, and its seats are free to take."""
        return self.node.weather.rehearsal

    def view(self, name: str, parameters: Mapping[str, str], at: int | None) -> Any:
        """A view of the council. Raises UnknownName, InputError."""
        return msgspec.json.decode(self._view_bytes(name, parameters, at))

    def history(self) -> Any:
        """The view `history`, which is large and asked for at every move of a slider: nobody changes it."""
        data = self._view_bytes("history", {}, None)
        kept = self._history
        if kept[0] is not data:
            kept = self._history = data, msgspec.json.decode(data)
        return kept[1]

    def _view_bytes(self, name: str, parameters: Mapping[str, str], at: int | None) -> bytes:
        shared = self.node.shared
        data = shared.kept_view(name, parameters, at)
        return shared.view_bytes(name, parameters, at) if data is None else data

    def seed_of(self, person: Person) -> bytes | None:
        """The seed of the key that a delegate signs with; None for a head, who acts in the member's name.

        Raises Refused for an observer, or if the key's file is not there.
        """
        if person.role == "head":
            return None
        if person.role != "delegate" or not person.key:
            raise Refused(f"{person.name} reads here and does not act")
        if person.id not in self._seeds:
            desk = self.node.shared.desk
            path = desk.home.path / "delegates" / f"{person.id}.key"
            self._seeds[person.id] = read_key(path, desk.passphrase.get())
        return self._seeds[person.id]

    def forget(self, person: str) -> None:
        """Hold the key of somebody who was removed no longer."""
        self._seeds.pop(person, None)


class Drawn:
    """Parts of pages that were drawn before, by everything that they depend on; the oldest go first.

    Of those who ask for one that is not there, one draws it, and the others wait for that.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._turns: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: _Key, draw: Callable[[], bytes]) -> bytes:
        """What was drawn under a key, or drawn now."""
        with self._lock:
            found = self._find(key)
            if found is not None:
                return found
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                found = self._find(key)
            return self._drawn(key, draw) if found is None else found

    def _find(self, key: _Key) -> bytes | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def _drawn(self, key: _Key, draw: Callable[[], bytes]) -> bytes:
        made = None
        try:
            made = draw()
            return made
        finally:
            with self._lock:
                self._turns.pop(key, None)
                if made is not None:
                    self._kept[key] = made
                while len(self._kept) > _MAX_DRAWN:
                    self._kept.popitem(last=False)


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("allweather.web"),
                jinja2.PrefixLoader({"report": jinja2.PackageLoader("allweather.report")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.do"],
        auto_reload=False,
    )
    made.filters["paragraphs"] = paragraphs
    return made


def paragraphs(text: str) -> Markup:
    """What a member wrote, its paragraphs kept apart and every character escaped."""
    parts = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(part.strip().split("\n"))) for part in parts
    )
