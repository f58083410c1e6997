"""Figures and words as a reader sees them: percentages, intervals, short texts, signs.

One place, so that the page, the charts and the terminal say the same thing in the same way.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from allweather.review.results import Consensus, Interval, PartySupport, Review, Verdict

#: In the order in which verdicts are told.
VERDICTS: Final = (Verdict.CONVERGES, Verdict.NEARLY, Verdict.DIFFERS, Verdict.NOT_KNOWN)

#: A sign a verdict, readable without colour and present in any monospaced font.
VERDICT_SIGN: Final = {
    Verdict.CONVERGES: "●",
    Verdict.NEARLY: "◐",
    Verdict.DIFFERS: "◇",
    Verdict.NOT_KNOWN: "○",
}

VERDICT_KEY: Final = {
    Verdict.CONVERGES: "converges",
    Verdict.NEARLY: "nearly",
    Verdict.DIFFERS: "differs",
    Verdict.NOT_KNOWN: "unknown",
}

VERDICT_TITLE: Final = {
    Verdict.CONVERGES: "Converges",
    Verdict.NEARLY: "Nearly",
    Verdict.DIFFERS: "Differs",
    Verdict.NOT_KNOWN: "Not known",
}

#: Response -> (sign in the matrix, words, direction: +1 towards yes, 0 neither, -1 towards no).
RESPONSES: Final = {
    "support": ("+", "support", 1),
    "conditional": ("if", "conditional support", 1),
    "consent": ("∼", "consent, lets it pass", 1),  # noqa: RUF001
    "abstain": ("a", "abstains", 0),
    "mixed": ("±", "mixed, the record points both ways", 0),
    "reserve": ("r", "reserve, holds back", -1),
    "oppose": ("−", "opposes", -1),  # noqa: RUF001
    "pass": ("p", "pass, looked and did not answer", 0),
}

BASES: Final = {
    "own": "own words or act",
    "inferred": "inferred",
    "common": "common text",
}

#: What a package is best at, by the rule that found it.
RULES: Final = {
    "least gain": "the best for whoever gains least",
    "Nash product": "the best by the product of all gains",
    "smallest trade": "the smallest trade",
}


def percent(share: float) -> str:
    """A share as whole per cent, without the sign; certainty is claimed only where it is exact."""
    if 0 < share < 0.005:
        return "<1"
    if 0.995 < share < 1:
        return ">99"
    return f"{share * 100:.0f}"


def band(interval: Interval, unit: str = "%") -> str:
    """The 90% interval of a share: `79-95%` with an en dash."""
    # The ends are rounded outwards at 0 and 1: a wider interval claims less.
    low = "0" if interval.low < 0.005 else percent(interval.low)
    high = "100" if interval.high > 0.995 else percent(interval.high)
    return f"{low}–{high}{unit}"  # noqa: RUF001


def share(interval: Interval) -> str:
    """A share with its interval: `88% (79-95%)`."""
    return f"{percent(interval.mean)}% ({band(interval)})"


def on_record(party: PartySupport) -> tuple[int, int]:
    """How many members of a party have answered a question, and how many there are."""
    n_answered = party.n_support + party.n_limited + party.n_held_back + party.n_oppose
    return n_answered, n_answered + party.n_pass + party.n_silent


def number(value: float, decimals: int = 2) -> str:
    """A signed figure with a true minus sign; -0.00 is 0.00."""
    text = f"{value:.{decimals}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", "−")  # noqa: RUF001


def span(interval: Interval, decimals: int = 2) -> str:
    """A figure with its interval: `0.42 (0.10 to 0.77)`."""
    return (
        f"{number(interval.mean, decimals)} "
        f"({number(interval.low, decimals)} to {number(interval.high, decimals)})"
    )


def count(n: int, one: str, many: str = "") -> str:
    """`1 member`, `1,160 cells`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def who(review: Review) -> str:
    """What the members of this body are called: in a consultation they are participants."""
    return "participant" if review.body == "consultation" else "member"


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def consensus_range(consensus: Consensus) -> str:
    """The chance that nobody opposes, from the doubtful reading of silence to the other."""
    low, high = sorted((consensus.doubtful.mean, consensus.alike.mean))
    if percent(low) == percent(high):
        return f"{percent(low)}%"
    return f"{percent(low)}–{percent(high)}%"  # noqa: RUF001


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join(plain.split())


def text_width(text: str) -> int:
    """Columns that a text takes, wide East Asian characters counted twice."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def shorten(text: str, width: int) -> str:
    """The text on one line in at most `width` columns, cut at a word where one is near."""
    far = 4 * width + 40  # a bound on the work for a text of any length
    clipped, text = len(text) > far, one_line(text[:far])
    if text_width(text) <= width and not clipped:
        return text
    taken, used = [], 0
    for c in text:
        used += text_width(c)
        if used > width - 1:
            break
        taken.append(c)
    cut = "".join(taken)
    at_word = cut.rfind(" ")
    if at_word > len(cut) * 3 // 4:
        cut = cut[:at_word]
    return cut.rstrip(" ,.;:–-") + "…"  # noqa: RUF001
