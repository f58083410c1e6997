"""Statements, and the right of reply: what a named member answers always stands beside what was said of it.

A statement names the members that it speaks of. Each of them has one reply by right: its first. Whatever it
wants to add is a statement of its own. Nothing said can be withdrawn, merged or closed away.

A statement may be for some members only: its entry names them and holds no word of it, and the payload is
encrypted. Whether a visitor may read it is for whoever shows it to decide (`node.access`).

What it does not do: read payloads. Long words stand apart, and whoever shows a statement fetches them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.agenda import wrong_subject
from allweather.council.bodies import Concern, Reply, Statement
from allweather.council.forms import Body
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.view import View
from allweather.errors import UnknownName

ENCRYPTED = "application/age"
"""The media type of words that only those whom an entry names as its audience can read."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with the replies by right that stand beside it.

    `may_reply` are members that it names and that have not replied. `refused` are replies that do not stand
    beside it, with the reason. `why_not` is not empty if the statement itself does not count; its replies
    stand beside it all the same.
    """

    statement: Act
    replies: tuple[Act, ...]
    may_reply: tuple[str, ...]
    refused: tuple[Refusal, ...]
    why_not: str = ""

    @property
    def body(self) -> Statement:
        """What was said; where `words` is empty it stands in the payload."""
        assert isinstance(self.statement.body, Statement)
        return self.statement.body


def statements(view: View, concern_ref: str) -> tuple[Said, ...]:
    """What was said on a concern (with an empty reference: on none), by the time that authors claim."""
    return view.memo(("statements", concern_ref), lambda: _statements(view, concern_ref))


def refused_statements(view: View, concern_ref: str) -> tuple[Refusal, ...]:
    """Statements on a concern that do not count, with the reason."""
    return tuple(sift(_on(view, concern_ref), lambda act: _why_not(view, act))[1])


def said(view: View, statement_ref: str) -> Said:
    """One statement, whether it counts or not. Raises UnknownName if no such statement is held."""
    act = view.fold.acts.get(statement_ref)
    if act is None or not isinstance(act.body, Statement):
        raise UnknownName(wrong_subject(view, statement_ref, (Statement,), "statement") or "")
    return view.memo(("said", statement_ref), lambda: _said(view, act))


def _on(view: View, concern_ref: str) -> list[Act]:
    if concern_ref:
        return view.fold.about(Statement, concern_ref)
    return [act for act in view.fold.of(Statement) if _body(act).concern == ""]


def _statements(view: View, concern_ref: str) -> tuple[Said, ...]:
    good, _ = sift(_on(view, concern_ref), lambda act: _why_not(view, act))
    return tuple(said(view, act.ref) for act in sorted(good, key=lambda act: (act.at, act.place)))


def _said(view: View, statement: Act) -> Said:
    found = seats(view)
    named = {name for name in _body(statement).names if found is not None and name in found.members}
    standing: dict[str, Act] = {}
    good, refused = sift(
        view.fold.about(Reply, statement.ref),
        lambda act: why_not_then(view, act) or _reply_fault(view, act),
    )
    for act in sorted(good, key=_own_order):
        first = standing.setdefault(act.member, act)
        if first is not act:
            refused.append(Refusal.of(act, _again(first)))
    return Said(
        statement=statement,
        replies=tuple(sorted(standing.values(), key=lambda act: (act.at, act.place))),
        may_reply=tuple(sorted(named - standing.keys())),
        refused=tuple(sorted(refused, key=lambda one: one.name)),
        why_not=_why_not(view, statement) or "",
    )


def _own_order(act: Act) -> tuple[bool, int, str, str]:
    """What a member wrote in its own log, in that order; then what delegates wrote in its name elsewhere."""
    return act.origin != act.member, act.index, act.origin, act.ref


def _why_not(view: View, act: Act) -> str | None:
    return why_not_then(view, act) or _statement_fault(view, act)


def _statement_fault(view: View, act: Act) -> str | None:
    body = _body(act)
    if act.audience:
        fault = _confided_fault(act)
        if fault:
            return fault
    elif not body.words and act.payload is None:
        return "the statement says nothing; give it words, or a payload"
    if body.concern in view.fold.acts:
        return wrong_subject(view, body.concern, (Concern,), "concern")
    return None


def _confided_fault(act: Act) -> str | None:
    """Why a statement for some members only would not be one. Its sentences are the same whatever it says."""
    body = _body(act)
    if body.title or body.words or body.language or body.names:
        return (
            "a statement for some members only has no title, words, language or names in its entry, "
            "which everybody reads; they stand in what is encrypted"
        )
    if act.payload is None or act.payload.type != ENCRYPTED:
        return f"a statement for some members only has its words apart, encrypted, as {ENCRYPTED}"
    return None


def _audience_fault(view: View, act: Act) -> str | None:
    found = seats(view)
    seated = set() if found is None else {*found.members, *found.chairs, *found.secretariat}
    for origin in act.audience:
        if origin not in seated:
            return f"{short(origin) or origin} has no seat in the council and could not read it; leave it out"
    if act.audience and act.origin not in act.audience:
        return f"{short(act.origin)}, in whose log it stands, is not among those who may read it; name it"
    if len(act.audience) == 1:
        return "a statement for some members only names at least one other member"
    return None


def _reply_fault(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Reply)
    fault = wrong_subject(view, body.statement, (Statement,), "statement")
    if fault:
        return fault
    statement = view.fold.acts[body.statement]
    if act.member not in _body(statement).names:
        return f"{statement.name} does not name {short(act.member)}; answer it with a statement of your own"
    if not body.words and act.payload is None:
        return "the reply says nothing; give it words, or a payload"
    return None


def _again(first: Act) -> str:
    name = short(first.member)
    return f"{name} has replied by right already ({first.name}); what it adds is a statement of its own"


def _body(act: Act) -> Statement:
    assert isinstance(act.body, Statement)
    return act.body


def check_statement(view: View, act: Act) -> str | None:
    """Why a statement would not count, or names somebody who could not reply."""
    body, found = _body(act), seats(view)
    if body.concern:
        fault = wrong_subject(view, body.concern, (Concern,), "concern")
        if fault:
            return fault
    for name in body.names:
        if found is None or name not in found.members:
            return f"{short(name) or name} is no member of the council, and could not reply; leave it out"
    return _statement_fault(view, act) or _audience_fault(view, act)


def check_reply(view: View, act: Act) -> str | None:
    """Why a reply would not stand beside the statement."""
    fault = _reply_fault(view, act)
    if fault:
        return fault
    assert isinstance(act.body, Reply)
    for one in said(view, act.body.statement).replies:
        if one.member == act.member:
            return _again(one)
    return None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Statement: check_statement,
    Reply: check_reply,
}
