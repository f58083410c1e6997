"""The one sentence of a decision with the brackets that were opened in its text since it was frozen.

A text goes into silence without brackets. While it runs, members may amend it further, and whoever reads the
sentence should know. `sentences` cannot say so: who sits in the council follows from decisions, and which
amendments count from who sits there.
"""

from __future__ import annotations

from allweather.council.bodies import Freeze
from allweather.council.decisions import Decision
from allweather.council.drafts import draft
from allweather.council.view import View
from allweather.errors import UnknownName

_OPEN = ("running", "broken", "provisional")


def n_brackets(view: View, decision: Decision) -> int:
    """How many brackets are open in the frozen text that a decision is on, as it stands now."""
    act = view.fold.acts.get(decision.text)
    if act is None or not isinstance(act.body, Freeze):
        return 0
    try:
        found = draft(view, act.body.draft)
    except UnknownName:  # the draft is not held, or does not count
        return 0
    return next((one.n_open for one in found.versions if act in one.acts), 0)


def outlook(view: View, decision: Decision) -> str:
    """The sentence of a decision; while it is open, with the brackets that are left in its text."""
    is_open = decision.state in _OPEN
    if decision.state == "broken" and view.has_passed(decision.expires_at):
        is_open = False  # it has gone back to drafting
    left = n_brackets(view, decision) if is_open else 0
    if not left:
        return decision.sentence
    said = "1 bracket left" if left == 1 else f"{left} brackets left"
    if decision.state != "running":
        return f"{decision.sentence.removesuffix('.')}; {said}."
    until, semicolon, rest = decision.sentence.removesuffix(".").partition("; ")
    return f"{until}; {said}{semicolon}{rest}."
