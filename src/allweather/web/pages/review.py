"""The joint review of the positions on record: what converges, the map, what members expect of each other.

Other pages ask for it with `kept_review`. Nothing here waits for it: while it is computed, a page says so and
shows the one before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from markupsafe import Markup

from allweather.council.acts import short
from allweather.council.holding import Expecting
from allweather.errors import InputError, UnknownName
from allweather.report.charts import evidence_svg
from allweather.report.maps import dimension_svg, map_svg
from allweather.report.strips import Bar, strip_svg
from allweather.report.telling import by_verdict, shown_parties
from allweather.report.words import VERDICT_KEY, consensus_range, on_record, percent, share, span
from allweather.review.results import Interval, PartySupport, QuestionReview, Verdict
from allweather.web.asking import Ask, Page, Values
from allweather.web.drawings import told_drawing
from allweather.web.forms import ref_of
from allweather.web.reviewing import MAX_KEPT, KeptReview, Sight, Wish
from allweather.web.words import name_of

TITLES: Final = {
    Verdict.CONVERGES: "Converges",
    Verdict.NEARLY: "Nearly converges",
    Verdict.DIFFERS: "Differs",
    Verdict.NOT_KNOWN: "Not known",
}
STAGES: Final = {
    "waiting": "It waits for its turn.",
    "resting": "It rests after the last one.",
    "weighing": "The sides are weighed.",
    "fitting": "The answers are fitted.",
    "working": "What to expect of each party is worked out.",
    "looking": "Packages are looked for.",
}
_MOST_EVIDENCE = 40
_MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One party on one question: its words and its drawing."""

    name: str
    n_seen: int
    n_all: int
    words: str
    drawn: Any


def kept_review(ask: Ask) -> KeptReview | None:
    """The joint review of all texts that can be shown now; None while the first one is computed."""
    return sight_of(ask).kept


def wish_of(ask: Ask) -> Wish:
    """What review a page is asked for: `concern` names one, `seed` is 0 unless given. Raises InputError."""
    seed, concern = ask.query.get("seed", "0"), ask.query.get("concern", "")
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 10 and int(seed) <= _MAX_SEED):
        raise InputError(f"{seed!r:.40} is no seed; write a whole number from 0 to {_MAX_SEED}")
    return Wish(ref_of(ask, concern) if concern else "", ask.at, int(seed))


def sight_of(ask: Ask) -> Sight:
    """What there is of the review that a page is asked for. The public begins none but the plain one."""
    wish = wish_of(ask)
    return ask.house.reviewer.sight(wish, may_begin=wish == Wish() or ask.visitor.may("observer"))


def frame(ask: Ask) -> dict[str, Any]:
    """What every page of the review shows: the review, how far the next one is, the query to keep."""
    sight = sight_of(ask)
    kept_query = {one: ask.query[one] for one in ("concern", "at", "seed") if ask.query.get(one)}
    return {
        "sight": sight,
        "kept": sight.kept,
        "stage": STAGES.get(sight.progress.what, "") if sight.progress else "",
        "percent": round(100 * sight.progress.share) if sight.progress else 0,
        "tail": f"?{urlencode(kept_query)}" if kept_query else "",
        "named_words": lambda words: named_words(words, ask.full_names),
        "share": share,
        "span": span,
        "title_of": lambda verdict: ask.tongue.word(TITLES[verdict]),
        "key_of": lambda verdict: VERDICT_KEY[verdict],
    }


def named_words(words: str, names: Mapping[str, str]) -> str:
    """A sentence of the review with members' names as they are read."""
    if not names:
        return words
    pattern = _names_in(tuple(sorted(names, key=len, reverse=True)))
    return pattern.sub(lambda found: names[found[0]], words)


def _names_in(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")


def _review(ask: Ask) -> Values:
    found = frame(ask)
    kept: KeptReview | None = found["kept"]
    tabled = ask.view("reviews")
    found |= {"tabled": tabled["reviews"], "refused": tabled["refused"], "concern": _concern(ask)}
    if kept is None:
        return found
    return found | {
        "review": kept.review,
        "groups": _groups(kept),
        "said": _conditions(ask),
        "parties": [(kept.names.party(one.id), _mark(kept, one.id)) for one in kept.review.parties],
    }


def _concern(ask: Ask) -> Mapping[str, Any] | None:
    name = ask.query.get("concern", "")
    found: Mapping[str, Any] | None = ask.view("act", id=name) if name else None
    if found is not None and found["kind"] != "council.concern":
        raise UnknownName(f"{name!r:.60} is no concern")
    return found


def _mark(kept: KeptReview, party: str) -> Any:
    """A party's mark alone."""
    middle = Interval(0.5, 0.5, 0.5)
    return strip_svg([Bar(middle, kept.names.mark(party), kept.names.shade(party))])


def _conditions(ask: Ask) -> Mapping[str, str]:
    """The conditions of positions as they stand on record, by the act that says them."""
    texts = ask.view("positions")["texts"]
    return {one["act"]: one["condition"] for row in texts for one in row["positions"].values()}


@lru_cache(maxsize=MAX_KEPT)
def _groups(kept: KeptReview) -> Sequence[tuple[Verdict, Sequence[Mapping[str, Any]]]]:
    """The questions by verdict, as a page shows them: drawn once for each review."""
    found = by_verdict(kept.review)
    return [(verdict, [_question(kept, one) for one in some]) for verdict, some in found.items()]


def _question(kept: KeptReview, one: QuestionReview) -> dict[str, Any]:
    names, threshold = kept.names, kept.review.method.threshold
    limit = 1 - threshold if one.against else threshold
    held = [_line(kept, party, limit) for party in shown_parties(one)]
    if not held:
        bar = Bar(one.support, is_open=not one.n_answers)
        drawn = strip_svg([bar], lines=((limit, "threshold"),))
        held = [Line("", one.n_answers, kept.review.n_members, share(one.support), drawn)]
    return {
        "id": one.question,
        "anchor": f"q-{quote(one.question, safe='')}",
        "text": names.text(one.question),
        "one": one,
        "lines": held,
        "closes": [_entry(kept, each.entry) | {"words": each.text} for each in one.conditions],
        "apart": [name for name in one.hold_outs if names.place(name) < 0],
        "rests": [_entry(kept, entry) for entry in one.rests_on[:_MOST_EVIDENCE]],
        "n_more": max(0, len(one.rests_on) - _MOST_EVIDENCE),
        "chance": consensus_range(one.consensus) if one.consensus and one.consensus.known else "",
        "objectors": [
            {"member": who.member, "why": who.why, "prob": share(who.prob), "predicted": who.predicted}
            for who in (one.consensus.objectors if one.consensus else ())
        ][:12],
    }


def _line(kept: KeptReview, party: PartySupport, limit: float) -> Line:
    names, (seen, everybody) = kept.names, on_record(party)
    bar = Bar(party.support, names.mark(party.party), names.shade(party.party), not seen)
    drawn = strip_svg([bar], lines=((0.0, "axis"), (1.0, "axis"), (limit, "threshold")))
    is_sure = seen == everybody and party.support.low == party.support.high
    words = f"{percent(party.support.mean)}%" if is_sure else share(party.support)
    return Line(names.party(party.party), seen, everybody, words, drawn)


def _entry(kept: KeptReview, index: int) -> dict[str, str]:
    """Whose position an entry is, and where the council's pages show it."""
    entry = kept.positions.entry(index)
    return {
        "member": entry.member.id,
        "question": entry.question.id,
        "act": entry.note.origin,
        "response": entry.response.name.lower(),
        "basis": entry.basis.name.lower(),
    }


def _map(ask: Ask) -> Values:
    found = frame(ask)
    kept: KeptReview | None = found["kept"]
    if kept is None:
        return found
    review, names = kept.review, kept.names
    dimensions = review.map.n_dimensions
    called = {name_of(one): ask.named(one) for one in ask.full_names}

    def told(drawn: Markup) -> Markup:
        return told_drawing(drawn, ask.tongue, called)

    return found | {
        "review": review,
        "drawn": told(map_svg(review, names)),
        "further": [told(dimension_svg(review, names, d)) for d in range(2, min(dimensions, 6))],
        "evidence": told(evidence_svg(review.map.evidence)) if review.map.evidence else "",
        "points": sorted(review.map.points, key=lambda one: (names.place(one.party), one.id)),
        "party": names.party,
        "text": names.text,
    }


def _gaps(ask: Ask) -> Values:
    found = frame(ask)
    kept: KeptReview | None = found["kept"]
    if kept is None:
        return found
    pairs: dict[tuple[str, str], list[Expecting]] = {}
    for one in kept.expected:
        pairs.setdefault((short(one.author), short(one.member)), []).append(one)
    rows = [_pair(kept, author, member, some) for (author, member), some in pairs.items()]
    rows.sort(key=lambda row: (row["mean"] is None, row["mean"] or 0.0, row["author"], row["member"]))
    return found | {"rows": rows}


def _pair(kept: KeptReview, author: str, member: str, some: Sequence[Expecting]) -> dict[str, Any]:
    """What one member expects of another: each gap as a mark, from worse than said to better than said."""
    known = [(one, one.gap) for one in some if one.gap is not None]
    n = Counter((gap > 0) - (gap < 0) for _, gap in known)
    drawn = strip_svg(
        [Bar(Interval(gap, min(gap, 0), max(gap, 0))) for _, gap in known],
        low=-3.3,
        high=3.3,
        lines=((0.0, "axis"), *((float(tick), "grid") for tick in (-3, -2, -1, 1, 2, 3))),
    )
    return {
        "author": author,
        "member": member,
        "mean": sum(gap for _, gap in known) / len(known) if known else None,
        "n_worse": n[-1],
        "n_same": n[0],
        "n_better": n[1],
        "n_unknown": len(some) - len(known),
        "drawn": drawn if known else "",
        "each": [
            {
                "text": one.version.act.name,
                "words": one.version.words,
                "expected": one.response,
                "said": one.said.taken.response if one.said is not None else "",
                "gap": one.gap,
                "act": one.act.name,
            }
            for one in some
        ],
    }


PAGES = (
    Page("/review", "review.html.j2", _review),
    Page("/review/map", "review-map.html.j2", _map),
    Page("/review/gaps", "review-gaps.html.j2", _gaps),
)
