"""What a node signs by itself, because the rules ask every member's node for it: receipts, and opened seals.

A receipt says that a text in silence has reached this member. A seal is opened when its round has closed;
until then what was sealed stays in a note of this node to itself, which is never published.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec

from allweather.council.acts import Act
from allweather.council.bodies import Expected, Receipt, Reveal, Seal, Taken
from allweather.council.membership import seats
from allweather.council.rounds import bind_salt, commitment, rounds, why_not_sealed
from allweather.council.silence import decisions
from allweather.errors import Refused
from allweather.node.actions import Actions, Doing
from allweather.record.canonical import format_canonical, parse_canonical

_SALT = 16
_MAX_SEALED = 2**20
_OVER = ("void", "withdrawn", "refused", "amended", "ended", "sunset")


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a seal commits to, as the node keeps it until the round has closed."""

    salt: str
    positions: tuple[Taken, ...] = ()
    expectations: tuple[Expected, ...] = ()


def receipts(actions: Actions) -> Iterator[Doing]:
    """Receipts for the silences whose text is held and that this member has not signed one for."""
    view, own = actions.view(), actions.desk.home.origin
    found = seats(view)
    if found is None or own not in found.joined:
        return
    for one in decisions(view):
        due = own in one.members and one.act.member != own and one.state not in _OVER
        signed = any(act.origin == own for act in view.fold.about(Receipt, one.act.ref))
        if due and not signed and one.text in view.fold.acts:
            yield Doing(Receipt(decision=one.act.ref, text=one.text))


def reveals(actions: Actions) -> Iterator[Doing]:
    """What this member sealed in rounds that have closed since."""
    view, own = actions.view(), actions.desk.home.origin
    for one in rounds(view):
        if one.is_closed and own in one.unopened:
            for seal in view.fold.about(Seal, one.round.ref):
                kept = _recall(actions, seal) if seal.origin == own else None
                if kept is not None and not view.fold.about(Reveal, seal.ref):
                    yield Doing(
                        Reveal(
                            seal=seal.ref,
                            salt=kept.salt,
                            positions=kept.positions,
                            expectations=kept.expectations,
                        )
                    )


DUTIES = (receipts, reveals)


def seal(
    actions: Actions, round_ref: str, positions: Sequence[Taken], expectations: Sequence[Expected]
) -> Doing:
    """The seal of what is to be revealed when the round has closed. It is kept here before it is signed.

    Raises Refused if there is nothing in it, or something that would not count when it is revealed.
    """
    if not positions and not expectations:
        raise Refused("a seal holds at least one position or expectation")
    kept = Sealed(
        bind_salt(actions.desk.home.origin, os.urandom(_SALT)), tuple(positions), tuple(expectations)
    )
    hidden = commitment(kept.salt, kept.positions, kept.expectations)
    doing = Doing(Seal(round=round_ref, commitment=hidden))
    actions.preview(doing)  # raises Refused: then nothing is kept
    own, view = actions.desk.own, actions.view()
    act = Act("", own.origin, own.n_standing, view.at, doing.body)
    why = why_not_sealed(view, round_ref, act, kept.positions, kept.expectations)
    if why is not None:
        raise Refused(f"what is sealed would not count when it is revealed, so nothing was signed: {why}")
    actions.remember(_mark(hidden), format_canonical(msgspec.to_builtins(kept)))
    return doing


def _recall(actions: Actions, act: Act) -> Sealed | None:
    assert isinstance(act.body, Seal)
    data = actions.recall(_mark(act.body.commitment))
    if data is None:
        return None
    return msgspec.convert(parse_canonical(data, limit=_MAX_SEALED), Sealed, strict=True)


def _mark(hidden: str) -> str:
    return f"seal:{hidden}"
