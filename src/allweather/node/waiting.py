"""What waits for a member: each thing that it can do or has been asked, with the act that it is about.

Nothing here nags: whoever has answered is not asked again. What has a deadline comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allweather.cooperation.commitments import Commitment, commitments
from allweather.cooperation.parts import State
from allweather.council.acts import Act, short
from allweather.council.bodies import Round
from allweather.council.decisions import Decision
from allweather.council.drafts import drafts
from allweather.council.holding import holding
from allweather.council.membership import seats
from allweather.council.rounds import rounds
from allweather.council.silence import decisions
from allweather.council.statements import said
from allweather.council.texts import texts
from allweather.council.timing import show_time
from allweather.council.view import View


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a member: about which act, what can be done, until when (0: no deadline)."""

    about: Act
    sentence: str
    by: int = 0


def waiting(view: View, member: str) -> tuple[Waiting, ...]:
    """What waits for a member (its origin): what has a deadline first, then by place on the record."""
    found = seats(view)
    if found is None or member not in found.members:
        return ()
    if member not in found.joined:
        return (Waiting(found.charter, "Your seat is empty: join to take it."),)
    things = [
        *(one for decision in decisions(view) for one in _of_decision(view, decision, member)),
        *_of_rounds(view, member),
        *_of_texts(view, member),
        *_of_statements(view, member),
        *_of_drafts(view, member),
        *(one for promise in commitments(view) for one in _of_commitment(view, promise, member)),
    ]
    return tuple(sorted(things, key=lambda one: (one.by == 0, one.by, one.about.place)))


def _of_decision(view: View, one: Decision, member: str) -> Iterator[Waiting]:
    if member not in one.members:
        return
    mine = [thread for thread in one.objections if thread.holder == member and thread.is_standing]
    for thread in mine:
        if thread.answers or any(point.answers for point in thread.points):
            yield Waiting(thread.act, "Your objection was answered: clear it, or let it stand.")
    proposes = one.act.member == member
    if proposes:
        for thread in one.objections:
            if thread.is_standing and thread.holder != member and not thread.answers:
                yield Waiting(thread.act, f"{short(thread.holder)} objects to your text: answer its points.")
    late = next((window for window in one.late if window.member == member), None)
    until = None if late is None or late.joined is not None else late.until
    if one.state == "running" and not mine and not proposes:
        yield Waiting(
            one.act, f"In silence until {show_time(one.expires_at)}: object, or let it pass.", one.expires_at
        )
    elif until is not None and not view.has_passed(until):
        yield Waiting(
            one.act, f"It reached you after its expiry: you may object until {show_time(until)}.", until
        )
    has_reserved = any(reservation.member == member for reservation in one.reservations)
    if one.statements_by is not None and not view.has_passed(one.statements_by) and not has_reserved:
        yield Waiting(
            one.act,
            f"Adopted: you may enter a reservation until {show_time(one.statements_by)}.",
            one.statements_by,
        )


def _of_rounds(view: View, member: str) -> Iterator[Waiting]:
    for one in rounds(view):
        body = one.round.body
        assert isinstance(body, Round)
        if not one.is_closed and member in one.missing:
            until = show_time(body.closes_at)
            yield Waiting(one.round, f"A sealed round is open until {until}: seal yours.", body.closes_at)
        elif one.is_closed and member in one.unopened:
            yield Waiting(one.round, "A round has closed: reveal what you sealed.")


def _of_texts(view: View, member: str) -> Iterator[Waiting]:
    for one in texts(view):
        if one.withdrawn is not None or not one.current:
            continue
        holder = holding(view, one.root.ref).holder(member)
        if holder is None:
            continue
        if holder.asked:
            yield Waiting(
                holder.asked[0].act, "The text has changed since you took your position: does it still hold?"
            )
        elif not holder.current and not holder.withdrawn:
            yield Waiting(one.current[0].act, "No position of yours is on record.")


def _of_statements(view: View, member: str) -> Iterator[Waiting]:
    for act in view.fold.naming(member):
        found = said(view, act.ref)
        if member in found.may_reply and not found.why_not:
            yield Waiting(act, f"{short(act.member)} names you: you may reply, once, beside it.")


def _of_drafts(view: View, member: str) -> Iterator[Waiting]:
    for draft in drafts(view):
        n_mine = sum(
            bracket.is_open and any(member in one.holders for one in bracket.alternatives)
            for clause in draft.clauses
            for bracket in clause.brackets
        )
        if n_mine:
            what = "an open bracket" if n_mine == 1 else f"{n_mine} open brackets"
            yield Waiting(draft.act, f"You hold words in {what}.")


def _of_commitment(view: View, one: Commitment, member: str) -> Iterator[Waiting]:
    offered = one.state is State.OFFERED and member not in one.accepted_by
    if offered and member in one.terms.to and member not in one.part.declined_by:
        yield Waiting(one.offer, f"{short(one.member)} offers you this: accept or decline.", one.terms.by)
    if one.member == member and one.is_overdue:
        yield Waiting(one.offer, f"Overdue since {show_time(one.terms.by)}: report on it.", one.terms.by)
    for step in one.milestones:
        if member in step.waits_for and one.state in (State.REPORTED, State.ACTIVE, State.DISPUTED):
            yield Waiting(step.act, f"{short(one.member)} reports a step: confirm or dispute it.")
