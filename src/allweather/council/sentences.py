"""The one sentence of a decision: what is missing, for whom it waits, until when, and under which rule."""

from __future__ import annotations

from collections.abc import Callable

from allweather.council.acts import short
from allweather.council.decisions import Decision, Finding, State, and_list, names
from allweather.council.seats import charter_body, charter_of
from allweather.council.timing import show_time
from allweather.council.view import View

_PLAIN = "is not yet heard"


def sentence(view: View, decision: Decision) -> str:
    """What there is to say of a decision, in one sentence."""
    return f"{_SENTENCES[decision.state](view, decision)}."


def _running(view: View, decision: Decision) -> str:
    parts = [f"Adopted if nobody objects by {show_time(decision.expires_at)}"]
    parts += [f"hold by {short(one.member)} until {show_time(one.until)}" for one in decision.holds]
    plain = [one.member for one in decision.not_heard if one.why == _PLAIN]
    if plain:
        parts.append(f"{names(plain)} not yet heard")
    parts += [f"{short(one.member)} {one.why}" for one in decision.not_heard if one.why != _PLAIN]
    rivals = _rivals(decision)
    if rivals:
        parts.append(f"conflicts with {rivals}, so that neither is adopted while both stand")
    return "; ".join(parts)


def _void(view: View, decision: Decision) -> str:
    return f"Not open: {decision.why_void}"


def _withdrawn(view: View, decision: Decision) -> str:
    by = f" ({decision.withdrawn.name})" if decision.withdrawn else ""
    return f"Withdrawn by its proposer {short(decision.act.member)}{by}"


def _refused(view: View, decision: Decision) -> str:
    who = and_list(
        [
            f"{short(one.member)} ({one.act.name})"
            for one in decision.refusals
            if one.finding.effect == "breaks"
        ]
    )
    return f"Returned to drafting: any member may refuse the use of silence, and {who} did"


def _broken(view: View, decision: Decision) -> str:
    standing = [one for one in decision.objections if one.is_standing and one.finding.effect == "breaks"]
    which = and_list([one.act.name for one in standing])
    holders = names(sorted({one.holder for one in standing}))
    by = show_time(decision.expires_at)
    if not view.has_passed(decision.expires_at):
        return (
            f"Broken by {holders} ({which}): it runs on if {holders}, and nobody else, "
            f"clears {'that' if len(standing) == 1 else 'those'} by {by}, and else returns to drafting"
        )
    return f"Returned to drafting: {holders} broke silence ({which}), and did not clear that by {by}"


def _contested(view: View, decision: Decision) -> str:
    found: list[tuple[str, str, Finding]] = [
        (one.holder, one.act.name, one.finding) for one in decision.objections if one.is_standing
    ]
    found += [(one.member, one.act.name, one.finding) for one in decision.refusals]
    parts = [
        f"{short(member)} contests the decision ({name}): {finding.reason}"
        for member, name, finding in found
        if finding.effect == "contests"
    ]
    return f"Returned to drafting: {'; '.join(parts)}"


def _provisional(view: View, decision: Decision) -> str:
    parts = []
    if decision.not_heard:
        plain = [one.member for one in decision.not_heard if one.why == _PLAIN]
        waits = [f"{names(plain)} {'is' if len(plain) == 1 else 'are'} not yet heard"] if plain else []
        waits += [f"{short(one.member)} {one.why}" for one in decision.not_heard if one.why != _PLAIN]
        parts.append(f"silence binds only who was reached, and {', '.join(waits)}")
        if len(decision.late) < len(decision.not_heard):
            parts.append(f"each has {_catch_up(view)} from its receipt to object")
    rivals = _rivals(decision)
    if rivals:
        parts.append(
            f"it conflicts with {rivals}, as neither proposer knew of the other, and waits until one is "
            "broken, withdrawn by its proposer, or ended or amended by a decision that knows both"
        )
    return f"Provisional: {'; '.join(parts)}"


def _adopted(view: View, decision: Decision) -> str:
    parts = [f"Adopted at {_time(decision.adopted_at)}, as every member was heard and no objection stands"]
    if decision.statements_by is not None and not view.has_passed(decision.statements_by):
        parts.append(f"reservations are taken until {show_time(decision.statements_by)}")
    parts.append(f"in force from {_time(decision.in_force_at)}")
    return "; ".join(parts + _not_final(view, decision))


def _in_force(view: View, decision: Decision) -> str:
    parts = [f"In force since {_time(decision.in_force_at)}"]
    return "; ".join(parts + _dates(view, decision) + _not_final(view, decision))


def _amended(view: View, decision: Decision) -> str:
    parts = [f"In force as amended by {and_list([one.name for one in decision.amended_by])}"]
    return "; ".join(parts + _dates(view, decision) + _not_final(view, decision))


def _ended(view: View, decision: Decision) -> str:
    by = decision.ended_by.name if decision.ended_by else "a later decision"
    return f"Ended by {by}" + ("" if decision.is_adopted else ", without having been adopted")


def _sunset(view: View, decision: Decision) -> str:
    return f"Ended at {show_time(decision.sunset_at)}, the time that the decision itself sets"


_SENTENCES: dict[State, Callable[[View, Decision], str]] = {
    "running": _running,
    "void": _void,
    "withdrawn": _withdrawn,
    "refused": _refused,
    "broken": _broken,
    "provisional": _provisional,
    "contested": _contested,
    "adopted": _adopted,
    "in_force": _in_force,
    "amended": _amended,
    "ended": _ended,
    "sunset": _sunset,
}


def _rivals(decision: Decision) -> str:
    return and_list([one.other.name for one in decision.conflicts if one.is_open])


def _dates(view: View, decision: Decision) -> list[str]:
    parts = []
    if decision.review_at:
        due = "review due since" if view.has_come(decision.review_at) else "to be reviewed at"
        parts.append(f"{due} {show_time(decision.review_at)}")
    if decision.sunset_at:
        parts.append(f"ends at {show_time(decision.sunset_at)}")
    if decision.statements_by is not None and not view.has_passed(decision.statements_by):
        parts.append(f"reservations are taken until {show_time(decision.statements_by)}")
    return parts


def _not_final(view: View, decision: Decision) -> list[str]:
    """Until when an objection may arrive whose holder was cut off."""
    if view.has_passed(decision.final_at):
        return []
    return [f"final at {show_time(decision.final_at)}, when nobody can have been cut off and still object"]


def _time(at: int | None) -> str:
    return "a time not yet known" if at is None else show_time(at)


def _catch_up(view: View) -> str:
    charter = charter_of(view.fold)
    return spell(charter_body(charter).rules.catch_up) if charter is not None else "the catch-up window"


def spell(seconds: int) -> str:
    """A length of time for people: `3 days`, `1 day and 6 hours`."""
    parts = []
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return and_list(parts) or "no time"
