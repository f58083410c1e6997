"""Everything that can be asked of a node about the council, by name. Doors show these and compute nothing.

A view is a function of the council as of a time and of a few named parameters; it gives JSON values. Members
are shown by their short names, acts by author and place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from allweather.cooperation.board import board
from allweather.cooperation.ledger import ledger
from allweather.council.acts import Act, short
from allweather.council.agenda import Item, agenda, item, refused_concerns
from allweather.council.bodies import Concern, Draft, Freeze, Revision, Silence, Text
from allweather.council.brackets import clean_text
from allweather.council.decisions import Decision
from allweather.council.drafts import DraftState, Version, draft, drafts
from allweather.council.freezing import clean
from allweather.council.holding import Held, Holder, expected, holding
from allweather.council.membership import need_seats
from allweather.council.outlook import outlook
from allweather.council.quotations import quotations_on
from allweather.council.redlines import redline, running_text
from allweather.council.reviewing import frontier, refused_reviews, reviews
from allweather.council.rounds import rounds
from allweather.council.silence import decision, decisions
from allweather.council.statements import statements
from allweather.council.texts import Tabled, text, texts
from allweather.council.view import View
from allweather.errors import InputError, UnknownName
from allweather.node.actions import Actions
from allweather.node.filed import quotations_of, show_document, show_documents, show_quotations
from allweather.node.history import history
from allweather.node.refusing import why_refused
from allweather.node.searching import search
from allweather.node.showing import Named, Parameters, check_parameters, shown
from allweather.node.waiting import waiting

Found = dict[str, Any]


def _council(view: View, asked: Parameters) -> Found:
    found = need_seats(view)
    return {
        "charter": found.charter,
        "members": [short(origin) for origin in found.members],
        "joined": sorted(map(short, found.joined)),
        "left": sorted(map(short, found.left)),
        "suspended": sorted(map(short, found.suspended)),
        "chair": short(found.chair_at(view.at)),
        "secretariat": [short(origin) for origin in found.secretariat],
        "n_acts": len(view.fold.acts),
        "digest": view.fold.digest,
        "frontier": frontier(view),
    }


def _act(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    found: Found = shown(act, view)
    why = why_refused(view, act)
    if why is not None:
        found["why_not"] = why
    return found


def _agenda(view: View, asked: Parameters) -> Found:
    return {
        "concerns": [_row(one) for one in agenda(view)],
        "refused": refused_concerns(view),
        "statements": statements(view, ""),
    }


def _row(one: Item) -> Found:
    body = one.concern.body
    assert isinstance(body, Concern)
    return {
        "id": one.concern.name,
        "ref": one.concern.ref,
        "member": short(one.concern.member),
        "title": body.title,
        "area": body.area,
        "state": one.state,
        "on": one.on,
    }


def _concern(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    found = item(view, act.ref)
    return {
        **_row(found),
        "item": found,
        "statements": statements(view, act.ref),
        "texts": [_tabled(view, one) for one in texts(view, act.ref) if one.current],
        "drafts": [_draft_row(one) for one in drafts(view, act.ref)],
        "decisions": [_decision_row(view, one) for one in decisions(view) if one.concern == act.ref],
        "rounds": [{"round": one, "sentence": one.says} for one in rounds(view, act.ref)],
        "reviews": reviews(view, act.ref),
        "quotations": show_quotations(quotations_on(view, act.ref)),
    }


def _concern_of(view: View, asked: Parameters) -> Act:
    act = view.fold.find(asked["id"])
    body = act.body
    if isinstance(body, Revision):
        act = view.fold.acts.get(body.text, act)
    elif isinstance(body, Freeze):
        act = view.fold.acts.get(body.draft, act)
    if not isinstance(act.body, Text | Draft | Silence):
        raise UnknownName(f"{act.name} belongs to no concern: it is no text, draft or decision")
    if act.body.concern not in view.fold.acts:
        raise UnknownName(f"the concern of {act.name} is not held here yet; fetch the record first")
    return view.fold.acts[act.body.concern]


def _tabled(view: View, one: Tabled) -> Found:
    newest = one.current[0] if one.current else None
    named = newest.act if newest else one.root
    return {
        "id": named.name,
        "ref": named.ref,
        "title": one.title,
        "version": newest.label if newest else "",
        "words": newest.words if newest else "",
        "n_positions": sum(bool(holder.current) for holder in holding(view, one.root.ref).holders),
    }


def _text(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    tabled = text(view, act.ref)
    held = holding(view, tabled.root.ref)
    return {
        **_tabled(view, tabled),
        "versions": tabled.versions,
        "holders": held.holders,
        "expected": expected(view, tabled.root.ref),
        "refused": held.refused,
        "quotations": quotations_of(view, _evidence(held.holders)),
    }


def _evidence(holders: Iterable[Holder]) -> Iterator[str]:
    """Every line of evidence that somebody gives for what it holds, or what another is read to hold."""
    for one in holders:
        for held in (*one.current, *one.earlier, *one.withdrawn, *one.inferred):
            yield from held.taken.evidence


def _positions(view: View, asked: Parameters) -> Found:
    rows = []
    for one in texts(view):
        if not one.current:
            continue
        cells = {
            short(holder.member): _cell(holder)
            for holder in holding(view, one.root.ref).holders
            if holder.current or holder.inferred
        }
        concern = view.fold.body(one.concern, Concern)
        rows.append(
            {
                **_tabled(view, one),
                "area": one.area or (concern.area if concern is not None else ""),
                "positions": cells,
            }
        )
    return {"members": [short(one) for one in need_seats(view).members], "texts": rows}


def _cell(holder: Holder) -> Found:
    held: Held = holder.newest or holder.inferred[-1]
    return {
        "response": held.taken.response,
        "tone": held.tone,
        "intensity": held.taken.intensity,
        "version": held.version.label,
        "asked": bool(holder.asked),
        "red_line": held.taken.red_line,
        "condition": held.taken.condition,
        "at": held.place.at,
        "act": held.act.name,
    }


def _reviews(view: View, asked: Parameters) -> Found:
    return {"reviews": reviews(view), "refused": refused_reviews(view)}


def _draft(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    if isinstance(act.body, Freeze):
        act = view.fold.acts.get(act.body.draft, act)
    found = draft(view, act.ref)
    current = found.current
    return {
        **_draft_row(found),
        "base": current.ref,
        "base_clauses": current.words,
        "clean": clean(view, current.ref).clauses,
        "running_text": running_text(found.clauses),
        "clauses": found.clauses,
        "versions": [_version(one) for one in found.versions],
        "remarks": found.remarks,
        "refused": found.refused,
    }


def _version(one: Version) -> Found:
    return {
        "number": one.number,
        "ref": one.ref,
        "acts": one.acts,
        "text_hash": one.text_hash,
        "n_open": one.n_open,
        "is_head": one.is_head,
    }


def _redline(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    if isinstance(act.body, Freeze):
        act = view.fold.acts.get(act.body.draft, act)
    versions = draft(view, act.ref).versions
    words = {one.ref: one.words for one in versions}
    words |= {f"{one.ref} now": clean_text(one.clauses).clauses for one in versions if one.is_head}
    for name in (asked["old"], asked["new"]):
        if name not in words:
            raise UnknownName(f"{name!r:.60} is no version of {act.name}")
    return {"clauses": redline(words[asked["old"]], words[asked["new"]])}


def _draft_row(found: DraftState) -> Found:
    return {
        "id": found.act.name,
        "ref": found.act.ref,
        "title": found.title,
        "state": found.state,
        "n_open": found.n_open,
        "version": found.current.number,
        "frozen": [act.name for act in found.current.acts if isinstance(act.body, Freeze)],
    }


def _decisions(view: View, asked: Parameters) -> list[Found]:
    return [_decision_row(view, one) for one in decisions(view)]


def _decision_row(view: View, one: Decision) -> Found:
    return {
        "id": one.act.name,
        "ref": one.act.ref,
        "member": short(one.act.member),
        "state": one.state,
        "sentence": outlook(view, one),
        "expires_at": one.expires_at,
    }


def _decision(view: View, asked: Parameters) -> Found:
    act = view.fold.find(asked["id"])
    found = decision(view, act)
    if found is None:
        raise UnknownName(f"{act.name} is no decision: it opens no silence")
    return {**_decision_row(view, found), "decision": replace(found, sentence=outlook(view, found))}


def _rounds(view: View, asked: Parameters) -> list[Found]:
    return [{"id": one.round.name, "sentence": one.says, "round": one} for one in rounds(view)]


def _board(view: View, asked: Parameters) -> Any:
    return board(view)


def _ledger(view: View, asked: Parameters) -> list[Found]:
    return [
        {"giver": short(one.giver), "taker": short(one.taker), "sentence": one.sentence, "pair": one}
        for one in ledger(view)
    ]


def _minutes(view: View, asked: Parameters) -> list[Found]:
    """All acts, or the last `limit` of those that come before the act `before`; always the earliest first."""
    acts = view.fold.by_time()
    end = len(acts)
    if "before" in asked:
        end = bisect_left(acts, _in_time(view.fold.find(asked["before"])), key=_in_time)
    return [_minute(view, act) for act in acts[max(0, end - _limit(asked, end)) : end]]


def _in_time(act: Act) -> tuple[int, tuple[str, int, str]]:
    return act.at, act.place


def _limit(asked: Parameters, most: int) -> int:
    """How many rows are asked for. Raises InputError."""
    given = asked.get("limit", str(most or 1))
    if not (given.isascii() and given.isdecimal() and len(given) <= 9 and int(given) > 0):
        raise InputError(f"limit is a whole number from 1 on, not {given!r:.40}")
    return int(given)


def _minute(view: View, act: Act) -> Found:
    why = why_refused(view, act)
    row: Found = {
        "id": act.name,
        "at": act.at,
        "member": short(act.member),
        "kind": act.kind,
        "what": headline(act),
        "counts": why is None,
    }
    return row if why is None else {**row, "why_not": why}


def _search(view: View, asked: Parameters) -> Found:
    acts, n_found = search(view, asked["words"], asked["member"], asked["kind"])
    return {"n_found": n_found, "acts": [_minute(view, act) for act in acts]}


def headline(act: Act) -> str:
    """The few words of an act that tell a reader which it is; empty if it has none."""
    for field in ("title", "what", "words", "reason", "response", "name", "sort", "to"):
        words = getattr(act.body, field, "")
        if isinstance(words, str) and words:
            return words if len(words) <= 100 else f"{words[:99]}…"
    return ""


def _waiting(view: View, asked: Parameters) -> Any:
    name = asked["member"]
    return waiting(view, name if "/" in name else f"{view.fold.council}/{name}")


_ID = {"id": "the act, named like norway:12, or its reference"}
_PAGE = {
    "limit": "no more acts than this, the last ones",
    "before": "only acts before this one in the minutes, named like norway:12, or its reference",
}
_MEMBER = {"member": "the member, by its short name"}


def _named(
    name: str,
    about: str,
    find: Callable[[View, Parameters], Any],
    parameters: dict[str, str] | None = None,
    optional: dict[str, str] | None = None,
) -> Named:
    def show(view: View, asked: Parameters) -> Any:
        return shown(find(view, asked), view)

    return Named(name, about, show, parameters or {}, optional or {})


_VIEWS = (
    _named("council", "The charter, who sits in the council, how far each log is held.", _council),
    _named("waiting", "What waits for a member, what has a deadline first.", _waiting, _MEMBER),
    _named("agenda", "All concerns with their states, and the statements made on none.", _agenda),
    _named("concern", "One concern with everything said, tabled and decided on it.", _concern, _ID),
    _named("concern-of", "The concern that a text, a draft or a decision belongs to.", _concern_of, _ID),
    _named("text", "One text: its versions, who holds what on it, who expects what.", _text, _ID),
    _named("positions", "All texts and what each member holds on them now.", _positions),
    _named(
        "history",
        "All texts with every position taken on them, in time.",
        lambda view, asked: history(view),
    ),
    _named("reviews", "Joint reviews that were tabled.", _reviews),
    _named("draft", "One draft: its running text with brackets, and the comment table.", _draft, _ID),
    _named(
        "redline",
        "What differs between two versions of a draft.",
        _redline,
        {
            **_ID,
            "old": "a version, by the reference of the act that fixed it; with ` now` after it, as it stands",
            "new": "another one",
        },
    ),
    _named("decisions", "All decisions by silence, each with its one sentence.", _decisions),
    _named("decision", "One decision: who was heard, objections, reservations.", _decision, _ID),
    _named("rounds", "Sealed rounds: who has sealed, and what was opened.", _rounds),
    _named("board", "Tracks of cooperation with their commitments by state.", _board),
    _named("ledger", "What members have promised and given each other, pair by pair.", _ledger),
    _named(
        "minutes",
        "Every act, by the time that its author claims; what changes nothing, with the reason.",
        _minutes,
        optional=_PAGE,
    ),
    _named(
        "search",
        "Acts by their words, member and kind, the newest first; an empty text means any.",
        _search,
        {"words": "all of these stand in it", "member": "the member, by its short name", "kind": "the kind"},
    ),
    _named("documents", "All documents that were filed as evidence.", show_documents),
    _named("document", "One document, and what members have read in it.", show_document, _ID),
    _named("act", "One act: whose it is, when it was signed by its author's clock, what it says.", _act, _ID),
)

VIEWS: dict[str, Named] = {one.name: one for one in _VIEWS}
"""Every view by its name."""


def read_view(actions: Actions, name: str, parameters: Parameters, at: int | None = None) -> Any:
    """A view as JSON values, now or as of `at`.

    Raises UnknownName for a view or act that there is not, InputError for parameters that do not fit.
    """
    found = VIEWS.get(name)
    if found is None:
        raise UnknownName(f"{name!r:.60} is no view; these are: {', '.join(sorted(VIEWS))}")
    check_parameters(name, found, parameters)
    return found.show(actions.view(at), parameters)
