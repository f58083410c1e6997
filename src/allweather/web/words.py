"""The words of the pages for what the council names by codes: states, kinds of acts, shades, the menu.

Each is a message of the catalogues. The codes themselves are the rooms' own and are not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from allweather.web.countries import called
from allweather.web.gate import Kind

MENU: Final[Sequence[tuple[str, str, Kind]]] = (
    ("/", "Home", "public"),
    ("/agenda", "Agenda", "public"),
    ("/positions", "Positions", "public"),
    ("/review", "Joint review", "public"),
    ("/decisions", "Decisions", "public"),
    ("/cooperation", "Cooperation", "public"),
    ("/evidence", "Evidence", "public"),
    ("/explore", "Record", "public"),
    ("/delegation", "Delegation", "delegate"),
)

SHADES: Final[Mapping[str, str]] = {
    "support": "Support",
    "conditional": "Support with a condition",
    "consent": "Let it pass",
    "abstain": "Abstain",
    "oppose": "Oppose",
    "mixed": "Points both ways",
    "reserve": "Holds back",
    "": "Not known",
}

SIGNS: Final[Mapping[str, str]] = {
    "support": "++",
    "conditional": "+?",
    "consent": "+",
    "abstain": "○",
    "oppose": "\N{MINUS SIGN}",
    "mixed": "±",
    "reserve": "…",
    "": "",
}
"""What stands for a shade where there is no room for words and no colour to be relied on."""

TONES: Final[Mapping[str, str]] = {
    "own": "said by the member itself",
    "common": "joined with others",
    "inferred": "read by the secretariat",
}

STATES: Final[Mapping[str, str]] = {
    # concerns
    "listed": "listed",
    "scheduled": "scheduled",
    "open": "open",
    "drafting": "being drafted",
    "parked": "parked",
    "closed": "closed",
    "withdrawn": "withdrawn",
    # decisions
    "running": "in silence",
    "provisional": "provisional",
    "adopted": "adopted",
    "in_force": "in force",
    "amended": "amended",
    "ended": "ended",
    "sunset": "run out",
    "broken": "silence broken",
    "refused": "silence refused",
    "contested": "contested",
    "void": "without effect",
    # drafts
    "bracketed": "bracketed",
    "clean": "clean",
    "frozen": "frozen",
    "seed": "seed",
    "circulated": "circulated",
    # commitments
    "offered": "offered",
    "accepted": "accepted",
    "active": "active",
    "reported": "reported",
    "confirmed": "confirmed",
    "disputed": "disputed",
    "fulfilled": "fulfilled",
    "suspended": "suspended",
    "declined": "declined",
    "overdue": "overdue",
    "lapsed": "lapsed",
    "released": "no longer armed",
    # powers of a delegate
    "speak": "speak",
    "position": "take positions",
    "silence": "open or break silence",
    "commit": "make commitments",
    "accredit": "accredit delegates",
    # texts that stand apart
    "held": "held here",
    "missing": "not fetched yet",
    "redacted": "redacted",
    # whose word a position is, and what stands beside a decision
    "own": "said by the member itself",
    "common": "joined with others",
    "inferred": "read by the secretariat",
    "interpretation": "interpretation",
    "reservation": "reservation",
    # quotations
    "proposed": "proposed",
    "rejected": "rejected",
    "corrected": "corrected",
    "direct": "in quotation marks",
    "indirect": "in the document's words",
    "mixed": "partly in quotation marks",
    "nested": "within what somebody else said",
    "floating": "in quotation marks, nobody is named beside it",
}

KINDS: Final[Mapping[str, str]] = {
    "council.charter": "Found a council",
    "council.join": "Take the seat",
    "council.leave": "Leave the council",
    "council.suspend": "Suspend participation",
    "council.resume": "Take part again",
    "council.mandate": "Accredit a delegate",
    "council.recall": "End a mandate",
    "council.overrule": "Overrule a delegate",
    "council.withdraw": "Withdraw",
    "council.concern": "Raise a concern",
    "council.agenda": "Move a concern along",
    "council.disapprove": "Object to discussing it",
    "council.merge": "Show as a duplicate",
    "council.statement": "Make a statement",
    "council.reply": "Reply by right",
    "council.text": "Table a text",
    "council.revision": "Revise a text",
    "council.position": "Take a position",
    "council.expectation": "Say what is expected of another",
    "council.round": "Open a sealed round",
    "council.seal": "Seal positions",
    "council.reveal": "Reveal what was sealed",
    "council.review": "Table a joint review",
    "council.draft": "Seed a draft",
    "council.amend": "Propose other words",
    "council.back": "Stand behind words",
    "council.release": "Let go of words",
    "council.group": "Send to a small group",
    "council.freeze": "Freeze a clean text",
    "council.silence": "Put to silence",
    "council.receipt": "Sign a receipt",
    "council.refuse": "Refuse the use of silence",
    "council.hold": "Ask for a hold",
    "council.object": "Object",
    "council.answer": "Answer an objection",
    "council.clear": "Clear an objection",
    "council.reserve": "Enter a reservation",
    "council.conflict": "Show a conflict",
    "cooperation.track": "Open a track",
    "cooperation.offer": "Offer a commitment",
    "cooperation.accept": "Accept a commitment",
    "cooperation.decline": "Decline a commitment",
    "cooperation.milestone": "Report a step",
    "cooperation.confirm": "Confirm a step",
    "cooperation.dispute": "Dispute a step",
    "cooperation.suspend": "Suspend a track or a commitment",
    "cooperation.resume": "Resume a track or a commitment",
    "cooperation.withdraw": "Withdraw a commitment",
    "evidence.document": "File a document",
    "evidence.quotation": "Accept a quotation",
    "evidence.rejection": "Reject a quotation",
    # of the record itself
    "record.ack": "Acknowledge other logs",
    "record.redact": "Redact a text",
    "record.delegate": "Let a delegate write",
    "record.withdraw": "Let a delegate write no longer",
    "record.attest": "Vouch for another's new keys",
    "record.frontier": "Fix how far all logs had come",
}

DATES: Final[Mapping[str, str]] = {
    "meeting": "Meeting",
    "parked until": "Parked until",
    "silence ends": "Silence ends",
    "reservations until": "Reservations until",
    "in force": "In force",
    "review": "To be reviewed",
    "runs out": "Runs out",
    "round closes": "Sealed round closes",
    "due": "Due",
    "waits for you": "Waits for you",
}
"""The sorts of dates in calendars and digests."""

SEATS: Final[Mapping[str, str]] = {"secretariat": "Secretariat", "chair": "Chair"}
"""Logs that are named after what their keeper does."""

HEAD: Final = "Head of the delegation of {}"
"""What the seat of a rehearsal is called, with the member's name."""

RELATIONS: Final[Mapping[str, str]] = {
    "exact": "the same words",
    "punctuation": "the same words, other marks",
    "elided": "the same words, some left out with a mark",
    "variant": "other words in places",
    "partial": "one has less, or more beside the same words",
    "altered": "a negation or a number differs",
    "paraphrase": "the same in a reporter's words",
    "stronger": "stronger in the reporter's words than in the quotation",
    "repeat": "the same passage again, which adds nothing",
}
"""How two quotations of one event stand to each other."""

ALARMS: Final = frozenset({"altered", "stronger"})

_SMALL = frozenset({"of", "and", "the"})


def name_of(member: str, language: str = "en") -> str:
    """A member's name for reading: `united-kingdom` is `United Kingdom`, in French `Royaume-Uni`."""
    parts = member.rpartition("/")[2].replace("_", "-").split("-")
    name = " ".join(part if part in _SMALL and place else part[:1].upper() + part[1:]
                    for place, part in enumerate(parts))  # fmt: skip
    return name if language == "en" else called(name, language)


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence with the members' short names as they are read; names of acts (`russia:39`) stay."""
    if not names:
        return sentence
    return _short_names(tuple(names)).sub(lambda found: names[found[0]], sentence)


@cache
def _short_names(names: tuple[str, ...]) -> re.Pattern[str]:
    listed = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![\w/-])(?:{listed})(?![\w-]|:\d)")


FIELDS: Final[Mapping[str, str]] = {
    "title": "Title",
    "area": "Area",
    "words": "Words",
    "reason": "Reason",
    "names": "Members named, who may reply",
    "language": "Language of the words",
    "response": "Position",
    "intensity": "How much it matters, 0 to 100",
    "condition": "Condition",
    "red_line": "This is a red line",
    "reasons": "Reasons",
    "evidence": "Evidence, one a line",
    "held": "Held since (a date), if not from today",
    "basis": "Whose word it is",
    "member": "Member",
    "expires_at": "Silence ends",
    "in_force_at": "In force from",
    "review_at": "To be reviewed",
    "sunset_at": "Runs out",
    "closes_at": "The round closes",
    "until": "Until",
    "by": "By when",
    "on": "On",
    "to": "To",
    "points": "Points, one a line, each to be answered",
    "point": "Which point (from 0; -1 for the whole)",
    "clauses": "Clauses, with an empty line between them",
    "what": "What is promised",
    "measure": "How anyone can tell that it is done",
    "condition_on": "On which condition",
    "sort": "Which",
    "powers": "Powers",
    "name": "Name",
    "key": "Public key",
    "of": "Member that the delegate is of, if another",
    "on_behalf": "In the name of another member, if so",
    "facilitator": "Facilitator",
    "original": "The words as they stood",
    "reservation": "What stays as a reservation",
    "counter": "Text that is set against it",
    "other": "Other decision",
    "council.position.on": "Text",
    "council.expectation.on": "Text",
    "council.round.on": "On which texts",
    "council.agenda.to": "Step",
    "council.agenda.on": "When it is discussed, or until when it is parked",
    "cooperation.offer.to": "To whom",
    "done": "It is done with this",
    "council.review.as_of": "Positions by the end of",
    "council.review.seed": "Seed",
    "council.review.frontier": "How far each log was held",
    "council.review.inputs": "Digest of the positions",
    "council.review.result": "Digest of the result",
    "council.review.version": "Program",
    # what acts refer to, as their pages and previews show it
    "about": "About",
    "areas": "Areas",
    "tracks": "Tracks",
    "charter": "Charter",
    "suspension": "Suspension",
    "concern": "Concern",
    "into": "Into",
    "statement": "Statement",
    "after": "After",
    "round": "Round",
    "commitment": "Commitment",
    "salt": "Salt",
    "draft": "Draft",
    "base": "Base",
    "start": "Start",
    "end": "End",
    "insert": "Insert",
    "merges": "Merges",
    "amendment": "Amendment",
    "ends": "Ends",
    "amends": "Amends",
    "objection": "Objection",
    "track": "Track",
    "parties": "Members whose part it waits for",
    "offer": "Offer",
    "milestone": "Milestone",
    # evidence
    "digest": "SHA-256 of its bytes",
    "event": "Event that it reports on",
    "source": "Published by",
    "published": "Published on",
    "document": "Document",
    "spans": "Places in its text",
    "speaker": "Speaker",
    "role": "Role of the speaker",
    "concerns": "Concerns that it bears on",
    "proposed": "Places that were proposed",
    "note": "Note",
    "evidence.quotation.member": "Member that the speaker speaks for",
    "evidence.quotation.sort": "How the document gives it",
    "evidence.quotation.basis": "Accepted as proposed, corrected, or found by yourself",
}
