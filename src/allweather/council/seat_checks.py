"""What is asked of acts about seats and delegates before they are signed: why one would change nothing.

The fold judges the same acts by what their authors had seen (`seats`); here the council is looked at as the
author's own node sees it.
"""

from __future__ import annotations

from collections.abc import Callable

from allweather.council.acts import Act, short
from allweather.council.bodies import Charter, Join, Mandate, Overrule, Recall, Resume, Suspend
from allweather.council.forms import Body
from allweather.council.membership import seats
from allweather.council.seats import charter_body
from allweather.council.timing import show_time
from allweather.council.view import View


def check_charter(view: View, act: Act) -> str | None:
    """Why a charter would found no council, or one that its author has no seat in."""
    body = act.body
    assert isinstance(body, Charter)
    if act.by or body.on_behalf:
        return "a charter is signed by a member itself, not by a delegate"
    origins = [one.origin for one in (*body.members, *body.chairs, *body.secretariat)]
    strange = next((one for one in origins if not one.startswith(f"{view.fold.council}/")), None)
    if strange is not None:
        return f"{strange!r:.140} is no log of this council; its logs begin with {view.fold.council}/"
    twice = next((one for one in origins if origins.count(one) > 1), None)
    if twice is not None:
        return f"{short(twice)} is named twice; a log has one seat"
    if act.origin not in origins:
        return f"{short(act.origin)}, who signs it, has no seat in it; name it among the seats"
    members = {one.origin for one in body.members}
    unknown = next((one for bloc in body.blocs for one in bloc.members if one not in members), None)
    return f"{short(unknown) or unknown} is in a bloc and is no member" if unknown is not None else None


def check_join(view: View, act: Act) -> str | None:
    """Why a seat would not be taken: no such charter, or none with a seat for the author."""
    body, found = act.body, seats(view)
    assert isinstance(body, Join)
    charter = view.fold.acts.get(body.charter)
    if charter is None or not isinstance(charter.body, Charter):
        return "it names no charter that is held here; fetch the record of its founder first"
    if found is None or found.charter != charter:
        return f"{short(act.member)} has a seat under another charter; a member sits in one council"
    if act.member != act.origin:
        return f"{short(act.member)} takes its seat in its own log"
    body_of_it = charter_body(charter)
    named = {one.origin for one in (*body_of_it.members, *body_of_it.chairs, *body_of_it.secretariat)}
    if act.origin in found.joined and act.origin in named and charter.origin != act.origin:
        return f"{short(act.origin)} has taken its seat already"
    return None


def check_suspend(view: View, act: Act) -> str | None:
    """Why a suspension would change nothing."""
    found = seats(view)
    if found is not None and act.member in found.suspended:
        return f"{short(act.member)} has suspended its participation already"
    return None


def check_resume(view: View, act: Act) -> str | None:
    """Why participation would not be taken up again."""
    body, found = act.body, seats(view)
    assert isinstance(body, Resume)
    suspension = view.fold.acts.get(body.suspension)
    if suspension is None or not isinstance(suspension.body, Suspend):
        return "it names no suspension that is held here; name the act that suspended"
    if suspension.member != act.member:
        return f"only {short(suspension.member)} takes up again what it suspended"
    if found is not None and act.member not in found.suspended:
        return f"{short(act.member)} takes part already"
    return None


def check_mandate(view: View, act: Act) -> str | None:
    """Why nobody could act under a mandate."""
    body, found = act.body, seats(view)
    assert isinstance(body, Mandate)
    if act.member != act.origin:
        return f"a mandate of {short(act.member)} stands in its own log"
    if body.until <= act.at:
        return f"it ended at {show_time(body.until)} already; give a later time"
    if body.of and (found is None or body.of not in (*found.members, *found.chairs, *found.secretariat)):
        return f"{short(body.of) or body.of} has no seat in the council, so that no delegate of it can act"
    return None


def check_recall(view: View, act: Act) -> str | None:
    """Why a recall would end nothing."""
    body = act.body
    assert isinstance(body, Recall)
    mandate = view.fold.acts.get(body.mandate)
    if mandate is None or not isinstance(mandate.body, Mandate):
        return "it names no mandate that is held here; name one like norway:12"
    if act.member != act.origin:
        return f"a mandate of {short(act.member)} is recalled in its own log"
    return None if mandate.member == act.member else f"only {short(mandate.member)} recalls {mandate.name}"


def check_overrule(view: View, act: Act) -> str | None:
    """Why nothing would be taken back."""
    body = act.body
    assert isinstance(body, Overrule)
    target = view.fold.acts.get(body.act)
    if target is None:
        return "it names no act that is held here; name one like norway:12"
    if act.member != act.origin:
        return f"{short(act.member)} overrules in its own log"
    if target.member == target.origin:
        return f"{target.name} was not done by a delegate of another; withdraw what can be withdrawn"
    return None if target.member == act.member else f"only {short(target.member)} overrules {target.name}"


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Charter: check_charter,
    Join: check_join,
    Suspend: check_suspend,
    Resume: check_resume,
    Mandate: check_mandate,
    Recall: check_recall,
    Overrule: check_overrule,
}
