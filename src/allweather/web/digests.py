"""Digests by e-mail: what waits for a member and what is new since the last one, for those who asked for it.

Grouped by concern, the newest first, in its reader's language and zone. Nobody is reminded of what its member
has done already, and where nothing waits anew and nothing is new no mail goes out. Words for some members
only are never in a mail: it is carried by others.

    HOME/digests.json   for each person: when the last digest went out, how much of each log it had told of,
                        and what was waiting then

`Digests` is a duty of the node: it signs nothing. It looks while the keeper holds the council, and sends from
a thread of its own, so that a slow mail server holds up nobody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated

import msgspec
from markupsafe import Markup

from allweather.council.acts import Act, short
from allweather.council.bodies import Charter, Join, Receipt, Seal
from allweather.council.membership import seats
from allweather.council.view import View
from allweather.errors import AllweatherError, InputError
from allweather.node.actions import Actions, Doing
from allweather.node.logs import tell
from allweather.node.peers import replace_file
from allweather.node.recounting import concern_of
from allweather.node.views import headline
from allweather.node.waiting import Waiting, waiting
from allweather.store.disk import read_file
from allweather.web import times, words
from allweather.web.mailing import Mail, read_mail, send
from allweather.web.people import People, Person
from allweather.web.tongues import Tongue, tongue

EVERY = {"daily": 86_400, "weekly": 7 * 86_400}
_AGAIN = 600
_MOST = 100
_MAX_STATE = 2**24
_QUIET = (Receipt, Join, Seal)


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last digest of a person: when, how many entries of each log it knew, what was waiting."""

    at: Annotated[int, msgspec.Meta(ge=0)] = 0
    seen: dict[str, int] = {}
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's digest: what waits, and new acts by concern (its title; empty for none), newest first."""

    person: Person
    waiting: tuple[Waiting, ...]
    news: tuple[tuple[str, tuple[Act, ...]], ...]
    n_news: int


def digest_of(view: View, origin: str, person: Person, last: Sent) -> Digest | None:
    """What a digest would say; None if there is nothing to say.

    Where none was sent before, what is on the record already is not news.
    """
    waits = waiting(view, origin) if person.role != "observer" else ()
    fresh = [one for one in waits if _key(one) not in last.waiting]
    acts = _news(view, origin, last) if last.at else []
    if not fresh and not acts:
        return None
    groups: dict[str, list[Act]] = {}
    for act in acts[:_MOST]:
        ref = concern_of(view, act)
        concern = view.fold.acts.get(ref) if ref else None
        groups.setdefault(getattr(concern.body, "title", "") if concern is not None else "", []).append(act)
    return Digest(person, waits, tuple((name, tuple(one)) for name, one in groups.items()), len(acts))


def _news(view: View, origin: str, last: Sent) -> list[Act]:
    """What others did since, the newest first by what they claim."""
    found = [
        act
        for act in view.fold.acts.values()
        if act.index >= last.seen.get(act.origin, 0)
        and origin not in (act.origin, act.member)
        and not isinstance(act.body, _QUIET)
    ]
    return sorted(found, key=lambda act: (-act.at, act.place))


def _key(one: Waiting) -> str:
    return f"{one.about.ref} {one.by}"


def state_after(view: View, origin: str, person: Person, now: int) -> Sent:
    """What is to be remembered once a digest of this view has gone out."""
    waits = waiting(view, origin) if person.role != "observer" else ()
    seen = {log: size for log, (size, _) in view.fold.heads.items()}
    return Sent(now, seen, tuple(sorted(map(_key, waits))))


# Words


def message_of(digest: Digest, view: View, mail: Mail, address: str, now: int) -> EmailMessage:
    """The mail: plain text, and the same as simple HTML."""
    speech = tongue(digest.person.language)
    word = speech.word
    charter = seats(view)
    assert charter is not None
    assert isinstance(charter.charter.body, Charter)
    council = " ".join(charter.charter.body.title.split())
    lines = _lines(digest, speech)
    made = EmailMessage()
    made["From"] = mail.sender
    made["To"] = digest.person.email
    made["Subject"] = f"{council}: {word('what waits and what is new')}"[:200]
    made["Date"] = format_datetime(times.moment(now))
    made["Auto-Submitted"] = "auto-generated"
    mark = hashlib.sha256(f"{digest.person.id} {now} {view.fold.digest}".encode()).hexdigest()[:32]
    made["Message-ID"] = f"<{mark}@{mail.sender.rpartition('@')[2]}>"
    end = word("You asked for this digest; change that on the page Delegation of your node.")
    made.set_content(_plain(council, lines, address, end))
    made.add_alternative(_html(speech, council, lines, address, end), subtype="html")
    made["Content-Language"] = speech.code  # last: what is set before goes to the first part
    return made


Row = tuple[str, str]
"""A line of a digest: its words, and where in the pages it leads."""


def _lines(digest: Digest, speech: Tongue) -> Sequence[tuple[str, Sequence[Row]]]:
    """Headings, each with its rows."""
    word, zone = speech.word, times.zone_of(digest.person.zone)
    found: list[tuple[str, Sequence[Row]]] = []
    if digest.waiting:
        rows = [_waits(one, speech, zone) for one in digest.waiting[:_MOST]]
        found.append((word("What waits for you"), rows))
    for title, acts in digest.news:
        rows = [
            (
                f"{words.name_of(short(act.member), speech.code)}: {_what(act, speech)} "
                f"({times.show_moment(act.at, zone, speech.code)})",
                f"/act/{act.name}/open",
            )
            for act in acts
        ]
        found.append((f"{word('New')}: {title or word('On no concern')}", rows))
    left = digest.n_news - sum(len(acts) for _, acts in digest.news)
    if left > 0:
        more = speech.words("and one more act", "and {} more acts", left).replace("{}", str(left))
        found.append((more, []))
    return found


def _what(act: Act, speech: Tongue) -> str:
    kind = speech.word(words.KINDS.get(act.kind, act.kind))
    if act.audience:
        return f"{kind} ({speech.word('for some members only')})"
    said = " ".join(headline(act).split())
    return f"{kind}: {said}" if said else kind


def _waits(one: Waiting, speech: Tongue, zone: dt.tzinfo) -> Row:
    title = " ".join(headline(one.about).split()) or one.about.name
    until = ""
    if one.by:
        until = f" [{times.show_moment(one.by, zone, speech.code)}"
        beside = times.moment(one.by, zone).utcoffset()
        until += f", {times.show_clock(one.by, times.UTC, speech.code)} UTC]" if beside else " UTC]"
    return f"{title}: {speech.tell(one.sentence)}{until}", f"/act/{one.about.name}/open"


def _plain(council: str, lines: Sequence[tuple[str, Sequence[Row]]], address: str, end: str) -> str:
    parts = [council, ""]
    for heading, rows in lines:
        parts += [heading, *(f"  * {said}\n    {address}{where}" for said, where in rows), ""]
    return "\n".join([*parts, "-- ", end, address, ""])


def _html(
    speech: Tongue, council: str, lines: Sequence[tuple[str, Sequence[Row]]], address: str, end: str
) -> str:
    body = Markup("")
    for heading, rows in lines:
        items = Markup("").join(
            Markup('<li><a href="{}">{}</a></li>').format(f"{address}{where}", said) for said, where in rows
        )
        body += Markup("<h2>{}</h2><ul>{}</ul>").format(heading, items)
    return Markup(
        '<!doctype html><html lang="{}" dir="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body><h1>{}</h1>{}<hr><p>{}<br><a href="{}">{}</a></p></body></html>'
    ).format(speech.code, speech.direction, council, council, body, end, address, address)


# The duty


class Digests:
    """A duty of the node of `home`. `address` gives where its pages are; `clock` seconds since 1970.

    `begin` starts a thread; a test hands one that does the work at once.
    """

    def __init__(
        self,
        home: Path,
        address: Callable[[], str],
        clock: Callable[[], int],
        *,
        begin: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._home, self._address, self._clock = home, address, clock
        self._begin = begin or _in_a_thread
        self._people = People(home, clock)
        self._is_sending = threading.Event()
        self._not_before = 0
        self._told = ""

    def __call__(self, actions: Actions) -> Iterable[Doing]:
        """Send the digests that are due. Nothing is signed."""
        now = self._clock()
        if self._is_sending.is_set() or now < self._not_before:
            return ()
        try:
            self._look(actions, now)
        except AllweatherError as error:
            self._fail(now, error)
        return ()

    def _look(self, actions: Actions, now: int) -> None:
        mail = read_mail(self._home)
        wanted = [one for one in self._people.book().people if one.digest and one.email]
        if mail is None or not wanted:
            return
        known = read_state(self._home)
        due = [one for one in wanted if now - known.get(one.id, Sent()).at >= EVERY[one.digest]]
        view = actions.view() if due else None
        if view is None or seats(view) is None:
            return
        origin = actions.desk.home.origin
        messages, after = [], {}
        for person in due:
            digest = digest_of(view, origin, person, known.get(person.id, Sent()))
            if digest is not None:
                address = (mail.address or self._address()).rstrip("/")
                messages.append(message_of(digest, view, mail, address, now))
            after[person.id] = state_after(view, origin, person, now)
        self._is_sending.set()
        self._begin(lambda: self._send(mail, messages, after, now))

    def _send(self, mail: Mail, messages: list[EmailMessage], after: Mapping[str, Sent], now: int) -> None:
        try:
            if messages:
                send(mail, messages)
                tell("digests sent", count=len(messages))
            write_state(self._home, {**read_state(self._home), **after})
            self._told = ""
        except AllweatherError as error:
            self._fail(now, error)
        finally:
            self._is_sending.clear()

    def _fail(self, now: int, error: AllweatherError) -> None:
        """Try again in a while; the log hears of each reason once."""
        self._not_before = now + _AGAIN
        if str(error) != self._told:
            self._told = str(error)
            tell("digests were not sent", why=str(error))


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="digests", daemon=True).start()


def read_state(home: Path) -> dict[str, Sent]:
    """What was sent to whom. Raises InputError for a file that is broken."""
    path = home / "digests.json"
    try:
        data = read_file(path, _MAX_STATE)
        return msgspec.json.decode(data, type=dict[str, Sent]) if data else {}
    except (OSError, ValueError, msgspec.DecodeError, RecursionError):
        raise InputError("this file is broken; without it digests begin afresh", where=str(path)) from None


def write_state(home: Path, state: Mapping[str, Sent]) -> None:
    """Keep what was sent to whom. Raises OutputError."""
    replace_file(home / "digests.json", msgspec.json.encode(state, order="sorted") + b"\n")
