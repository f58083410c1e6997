"""What is asked of every act before it is signed, kind by kind: why it would not count, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from allweather.council import (
    agenda,
    drafts,
    holding,
    quotations,
    reviewing,
    rounds,
    seat_checks,
    silence_checks,
    statements,
    texts,
)
from allweather.council.acts import Act
from allweather.council.forms import Body
from allweather.council.view import View

Check = Callable[[View, Act], "str | None"]

_MODULES = (
    seat_checks,
    agenda,
    statements,
    texts,
    holding,
    rounds,
    reviewing,
    drafts,
    silence_checks,
    quotations,
)

CHECKS: Mapping[type[Body], Check] = {kind: check for one in _MODULES for kind, check in one.CHECKS.items()}
"""A kind without a check counts whenever its author has the seat and the power for it."""
