"""The workbench for packages: what each member gains by questions adopted together, and whom they cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from allweather.report.strips import Bar, strip_svg
from allweather.report.telling import by_verdict
from allweather.report.words import percent, span
from allweather.review.linking import weigh
from allweather.review.results import Gain, Package, Review
from allweather.web.asking import Ask, Page, Values
from allweather.web.pages.review import frame
from allweather.web.reviewing import KeptReview

RULES: Final = {
    "least gain": "The best for whoever gains least",
    "Nash product": "The best by the product of all gains",
    "smallest trade": "The smallest trade",
}
WORSE: Final = {
    "surely": "worse off",
    "likely": "more likely worse off than not",
    "maybe": "may be worse off",
    "no": "not worse off",
}
_PREFIX = "on."
_SLIGHT = 1e-6


def _packages(ask: Ask) -> Values:
    found = frame(ask)
    kept: KeptReview | None = found["kept"]
    if kept is None:
        return found
    review = kept.review
    known = set(kept.made.stakes.questions)
    chosen = [name.removeprefix(_PREFIX) for name in ask.query if name.startswith(_PREFIX)]
    strange = [one for one in chosen if one not in known]
    chosen = [one for one in chosen if one in known]
    package = weigh(kept.made.stakes, chosen, walk_away=review.packages.walk_away) if chosen else None
    return found | {
        "review": review,
        "groups": by_verdict(review),
        "text": kept.names.text,
        "chosen": frozenset(chosen),
        "strange": strange,
        "package": package,
        "rows": gain_rows(package, kept) if package else [],
        "crossed": crossed(kept, chosen),
        "best": [_best(one, review) for one in review.packages.packages],
        "least": strip_svg([Bar(package.least_gain)], **_reach(package)) if package else "",
        "prefix": _PREFIX,
    }


def gain_rows(package: Package, kept: KeptReview) -> list[dict[str, Any]]:
    """What each member gains, who loses most first."""
    reach = _reach(package)
    rows = sorted(package.gains, key=lambda one: (one.gain.mean, one.party))
    return [
        {
            "member": one.party,
            "name": kept.names.who(one.party),
            "gain": span(one.gain),
            "drawn": strip_svg([Bar(one.gain, is_open=bool(one.n_predicted))], **reach),
            "worse": worse(one),
            "words": WORSE[worse(one)],
            "chance": percent(one.acceptable_prob),
            "gets": one.gets,
            "gives": one.gives,
            "n_predicted": one.n_predicted,
        }
        for one in rows
    ]


def worse(one: Gain) -> str:
    """Whether a package leaves a party worse off, by the interval of its gain."""
    if one.gain.high < -_SLIGHT:
        return "surely"
    if one.gain.mean < -_SLIGHT:
        return "likely"
    return "maybe" if one.gain.low < -_SLIGHT else "no"


def _reach(package: Package) -> dict[str, Any]:
    """From where to where gains are drawn, with the line of no gain."""
    low = min(0.0, *(one.gain.low for one in package.gains))
    high = max(0.0, *(one.gain.high for one in package.gains))
    room = 0.05 * (high - low or 1.0)
    return {"low": low - room, "high": high + room, "lines": ((0.0, "threshold"),)}


def crossed(kept: KeptReview, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Red lines on record that a package crosses: who has drawn it, on which question."""
    stakes = kept.made.stakes
    return [
        (stakes.ids[int(i)], stakes.questions[int(j)])
        for i, j in np.argwhere(stakes.red_line)
        if stakes.questions[int(j)] in chosen
    ]


def _best(one: Package, review: Review) -> dict[str, Any]:
    """A package that the review found: what it links, and the address that sets it on the bench."""
    gives = {
        question: [gain.party for gain in one.gains if question in gain.gives] for question in one.questions
    }
    return {
        "rule": RULES.get(one.rule, one.rule),
        "questions": [(question, gives[question]) for question in one.questions],
        "least": span(one.least_gain),
        "n_givers": len({party for some in gives.values() for party in some}),
        "proven": one.proven,
        "tail": urlencode({f"{_PREFIX}{question}": "1" for question in one.questions}),
    }


PAGES = (Page("/packages", "packages.html.j2", _packages),)
