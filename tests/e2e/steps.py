"""Every kind of act that the pages offer, each with a page that offers it and what is filled in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.e2e.hands import Fields

LATER = "2031-02-02T10:00"
"""Typed alike whether the day or the month is asked for first."""


@dataclass(frozen=True)
class Step:
    """One act: its kind, the page that offers it, what is filled in, what the form knows already.

    `{name}` in a page is the short name of an act, and its reference in `fixed` and `fields`.
    """

    kind: str
    at: str
    fields: Fields = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


WHY = {"reason": "By keyboard alone."}
SAID = {"words": "By keyboard alone."}
STEPS: Mapping[str, tuple[Step, ...]] = {
    "agenda": (
        Step("council.concern", "/agenda", {"title": "Keys", "area": "Keys", **SAID}),
        Step("council.statement", "/agenda", {"title": "On no concern", **SAID, "names": ("ben",)}),
        Step(
            "council.statement",
            "/concern/{concern}",
            {**SAID, "payload": "At length.", "language": "fr", "names": ("ben", "cem")},
        ),
        Step("council.reply", "/concern/{nets}", SAID, {"statement": "{on nets}"}),
        Step("council.text", "/concern/{concern}", {"title": "Keys are kept", **SAID, "area": "Keys"}),
        Step("council.draft", "/concern/{concern}", {"title": "Keys", "clauses": "One key.\n\nTwo keys."}),
        Step("council.round", "/concern/{concern}", {"on": ("{gauge2}", "{gauge4}")}),
        Step("council.agenda", "/concern/{concern}", {"to": "scheduled", "on": LATER, **WHY}),
        Step("council.disapprove", "/concern/{nets}", WHY),
        Step("council.withdraw", "/concern/{spare}", WHY, {"act": "{spare}"}),
    ),
    "texts": (
        Step(
            "council.position",
            "/text/{gauge0}",
            {
                "response": "conditional",
                "intensity": "70",
                "condition": "by keyboard alone",
                "red_line": "yes",
                "reasons": "So.",
                "evidence": "ann:1\nann:2",
                "basis": "common",
            },
        ),
        Step("council.expectation", "/text/{gauge0}", {"member": "ben", "response": "oppose"}),
        Step("council.silence", "/text/{gauge2}", {}, {"text": "{gauge2}"}),
        Step("council.round", "/text/{gauge2}", {}, {"on": "{gauge2}"}),
        Step("council.withdraw", "/text/{gauge0}", WHY, {"act": "{new position}"}),
        Step("council.revision", "/text/{gauge4}", {"words": "Read at noon.", **WHY}),
        Step("council.withdraw", "/text/{gauge4}", WHY, {"act": "{gauge4}"}),
    ),
    "decisions": (
        Step("council.hold", "/decision/{first}", WHY),
        Step("council.reserve", "/decision/{first}", {"sort": "interpretation", **SAID}),
        Step("council.conflict", "/decision/{first}", {"other": "{third}", **WHY}),
        Step("council.object", "/decision/{first}", {**WHY, "points": "Who pays?\nWho counts?"}),
        Step("council.clear", "/decision/{first}", WHY),
        Step("council.refuse", "/decision/{second}", WHY),
        Step("council.answer", "/decision/{silence}", {"point": "0", **SAID}, {"objection": "{objection}"}),
        Step("council.withdraw", "/decision/{third}", WHY, {"act": "{third}"}),
    ),
    "drafts": (
        Step(
            "council.amend",
            "/draft/{draft}",
            {"clause": "1", "find": "reviewed", "words": "reviewed yearly", **WHY},
            {"how": "replace"},
        ),
        Step("council.amend", "/draft/{clean}", {"clause": "0", "find": "kindly", **WHY}, {"how": "out"}),
        Step("council.amend", "/draft/{draft}", {"clause": "0", **SAID}, {"insert": "yes"}),
        Step("council.amend", "/draft/{draft}", {"words": "two or three days"}, {"merges": "{other words}"}),
        Step("council.group", "/draft/{draft}", {"facilitator": "cem", "by": LATER}),
        Step("council.back", "/draft/{draft}", {}, {"amendment": "{other words}"}),
        Step("council.release", "/draft/{draft}", {"reservation": "Slowly."}, {"amendment": "{own words}"}),
        Step("council.freeze", "/draft/{clean}"),
        Step("council.silence", "/draft/{clean}"),
    ),
    "cooperation": (
        Step("cooperation.track", "/cooperation", {"title": "Buoys", "area": "Keys", **SAID}),
        Step(
            "cooperation.offer",
            "/cooperation",
            {"what": "Two buoys", "by": LATER, "measure": "They swim.", "to": ("ben",)},
            {"track": "{track}"},
        ),
        Step("cooperation.accept", "/cooperation", SAID, {"offer": "{nets taken in}"}),
        Step("cooperation.decline", "/cooperation", WHY, {"offer": "{nets mended}"}),
        Step("cooperation.dispute", "/cooperation", WHY, {"milestone": "{step}"}),
        Step("cooperation.confirm", "/cooperation", SAID, {"milestone": "{step}"}),
        Step("cooperation.milestone", "/cooperation", {**SAID, "evidence": "ann:1"}, {"offer": "{offer}"}),
        Step("cooperation.suspend", "/cooperation", {**WHY, "review_at": LATER}, {"about": "{offer}"}),
        Step("cooperation.resume", "/cooperation", WHY),
        Step("cooperation.withdraw", "/cooperation", WHY, {"offer": "{offer}"}),
    ),
    "evidence": (
        Step("evidence.quotation", "/evidence/{filed}", {"note": "So it is."}, {"basis": "corrected"}),
        Step("evidence.quotation", "/evidence/{filed}", {}, {"basis": "accepted"}),
        Step(
            "evidence.quotation",
            "/evidence/{filed}",
            {"spans": "0-8", "speaker": "A paper", "sort": "floating"},
            {"basis": "own"},
        ),
        Step("evidence.rejection", "/evidence/{filed}", WHY),
    ),
    "review": (Step("council.review", "/review/table", {"title": "By keyboard alone"}),),
    "delegation": (
        Step("council.mandate", "/delegation", {"powers": ("speak", "position"), "until": LATER}),
        Step("council.recall", "/delegation", WHY),
    ),
    "chair": (Step("council.merge", "/concern/{spare}", {"into": "{concern}", **WHY}),),
}
