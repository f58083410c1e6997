"""Why an act on the record changes nothing, whatever its kind: one sentence that views and minutes show."""

from __future__ import annotations

from allweather.cooperation.rules import why_refused as why_no_cooperation
from allweather.council import refusals
from allweather.council.acts import Act
from allweather.council.view import View


def why_refused(view: View, act: Act) -> str | None:
    """Why an act that is held changes nothing; None if it counts."""
    if type(act.body) in refusals.REFUSALS:
        return refusals.why_refused(view, act)
    return why_no_cooperation(view, act)
