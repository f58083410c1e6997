"""Actions: the one way in which a node writes. Check, sign, store, and only then tell.

An act is first held against the rules of the council as they stand here, so that nobody signs what would not
count. It then becomes an entry of the member's own log. Nothing is acknowledged to the caller before it is
durable, and what is refused has changed nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allweather.cooperation.checks import CHECKS as COOPERATION_CHECKS
from allweather.council.acts import Act, fields_of, make_act, ref_of
from allweather.council.bodies import Charter, Join, Leave
from allweather.council.checks import CHECKS as COUNCIL_CHECKS
from allweather.council.checks import Check
from allweather.council.findings import Finding
from allweather.council.forms import Body
from allweather.council.membership import why_not
from allweather.council.view import View
from allweather.errors import Refused
from allweather.node.cards import why_wrong_card
from allweather.node.filing import Shelf, why_not_verbatim, why_other_bytes
from allweather.node.folding import KINDS, KeptFold
from allweather.node.home import Desk
from allweather.record.entries import (
    SALT_SIZE,
    VERSION,
    Entry,
    format_entry,
    make_payload,
    parse_entry,
    sign_as_delegate,
)
from allweather.record.storage import Batch
from allweather.record.writing import Draft, write

CHARTER_MARK = "charter"
CHECKS: Mapping[type[Body], Check] = {**COUNCIL_CHECKS, **COOPERATION_CHECKS}


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody wants to do: a body, perhaps a long text apart; as a delegate with its key's seed."""

    body: Body
    content: bytes | None = None
    media_type: str = "text/plain"
    delegate: bytes | None = None
    audience: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be signed: in whose name, the kind, the fields as they stand in the entry, its bytes."""

    member: str
    kind: str
    fields: dict[str, Any]
    n_bytes: int
    n_content: int


class Actions:
    """The acts of one member, at its own desk. `clock` gives seconds since 1970.

    With `keeps_findings` what is found about the council now is kept as long as it is true: for a node that
    runs, not for a single question.
    """

    def __init__(self, desk: Desk, clock: Callable[[], int], *, keeps_findings: bool = False) -> None:
        self.desk = desk
        self.clock = clock
        self.shelf = Shelf()
        pinned = desk.storage.mark(CHARTER_MARK)
        council = desk.home.origin.partition("/")[0]
        self._kept = KeptFold(
            council, charter=pinned.decode() if pinned else "", keeps_findings=keeps_findings
        )
        self._view: tuple[tuple[int, int, int], View] | None = None

    def view(self, at: int | None = None) -> View:
        """The council as this node sees it, now or as of `at`."""
        fold = self._kept.update(self.desk.storage, self.desk.standing)
        now = self.clock()
        moment = fold.version, now if at is None else at, now
        known = self._view
        if known is None or known[0] != moment or known[1].fold is not fold:
            findings = self._kept.findings if moment[1] == now else None
            known = self._view = moment, View(fold, moment[1], now=now, findings=findings)
        return known[1]

    def forget(self, finding: Finding) -> None:
        """Let go of a finding of a view of now that was watched."""
        if self._kept.findings is not None:
            self._kept.findings.forget(finding)

    def preview(self, doing: Doing) -> Preview:
        """What would be signed. Raises Refused with the reason if it would not count."""
        data = self._tentative(doing)
        self._check(doing, data, doing.body.charter if isinstance(doing.body, Join) else "")
        fields = fields_of(doing.body)
        member = doing.body.on_behalf or self.desk.home.origin
        return Preview(member, doing.body.KIND, fields, len(data), len(doing.content or b""))

    def sign(self, *doings: Doing, more: Sequence[Draft] = ()) -> tuple[Act, ...]:
        """Sign acts under one checkpoint and store them; with `more` entries of the record before them.

        Gives the acts as they stand on the record. Raises Refused if one would not count: none is signed.
        """
        desk = self.desk
        desk.check_guard()
        _check_together(doings)
        body = doings[0].body if doings else None
        for doing in doings:
            self._check(doing, self._tentative(doing), body.charter if isinstance(body, Join) else "")
        drafts = [*more, *map(_draft, doings)]
        batch = write(desk.storage, desk.own, desk.signer("log"), drafts, at=self.clock())
        made = batch.growths[0].entries[len(more) :]
        pin = body.charter if isinstance(body, Join) else ref_of(made[0]) if isinstance(body, Charter) else ""
        if pin:
            batch = replace(batch, marks=(*batch.marks, (CHARTER_MARK, pin.encode())))
        desk.commit(batch)
        if pin:
            self._kept.pin(pin)
        fold = self._kept.update(desk.storage, desk.standing)
        return tuple(fold.acts[ref_of(data)] for data in made)

    def remember(self, name: str, value: bytes | None) -> None:
        """Keep (or forget) a note of this node to itself, which is never published."""
        self.desk.storage.commit(Batch(marks=((name, value),)))

    def recall(self, name: str) -> bytes | None:
        """A note of this node to itself."""
        return self.desk.storage.mark(name)

    def _tentative(self, doing: Doing) -> bytes:
        """The entry as it would be, but for the heads seen and the payload's salt."""
        own, body = self.desk.own, doing.body
        payload = None
        if doing.content is not None:
            payload, _ = make_payload(own.origin, doing.content, doing.media_type, bytes(SALT_SIZE))
        entry = Entry(
            VERSION,
            own.origin,
            own.n_standing,
            body.KIND,
            self.clock(),
            fields_of(body),
            payload=payload,
            audience=doing.audience,
        )
        if doing.delegate is not None:
            entry = sign_as_delegate(entry, doing.delegate)
        return format_entry(entry, where=doing.body.KIND)

    def _check(self, doing: Doing, data: bytes, joins: str) -> None:
        """Raise Refused if an act would not count; `joins` is the charter that is joined with it."""
        act = make_act(parse_entry(data), ref_of(data), KINDS)
        view = self.view()
        if joins and not view.fold.charter:
            # Nothing binds this member yet: its seat is looked for in the charter that it is to join.
            view = View(view.fold.under(joins), view.at)
        if isinstance(act.body, Charter):
            why = "this member has a council already: its charter stands" if view.fold.charter else None
        else:
            why = why_not(view, act)
        check = CHECKS.get(type(act.body))
        if why is None and check is not None:
            why = check(view, act)
        if why is None:
            why = why_wrong_card(self.desk.storage, view.fold, self.desk.home.origin, act.body)
        if why is None:
            why = why_other_bytes(act.body, doing.content)
        if why is None:
            why = why_not_verbatim(self.shelf, self.desk, view.fold, act.body)
        if why is not None:
            raise Refused(f"{act.body.KIND} would not count, so nothing was signed: {why}")


_ALONE = (Charter, Join, Leave)
_OFTEN = ("", "concern", "track", "draft", "on")
"""Of what there may be any number of acts of one kind, none of which another takes the place of."""


def _check_together(doings: Sequence[Doing]) -> None:
    """Raise Refused if one of several acts could change whether another counts. To join may come first."""
    if len(doings) > 1:
        subjects = [
            (type(one.body), getattr(one.body, one.body.SUBJECT))
            for one in doings
            if one.body.SUBJECT not in _OFTEN
        ]
        alone = [one.body for one in doings[1:] if isinstance(one.body, _ALONE)]
        if (
            alone
            or isinstance(doings[0].body, Charter | Leave)
            or any(subject and subjects.count((kind, subject)) > 1 for kind, subject in subjects)
        ):
            raise Refused("acts that bear on each other are signed one after the other, not at once")


def _draft(doing: Doing) -> Draft:
    salt = os.urandom(SALT_SIZE) if doing.content is not None else b""
    return Draft(
        doing.body.KIND,
        fields_of(doing.body),
        doing.content,
        doing.media_type,
        salt,
        doing.audience,
        doing.delegate,
    )
