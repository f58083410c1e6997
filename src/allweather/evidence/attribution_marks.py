# ruff: noqa: RUF001 - quotation marks and dashes are what this module is about
"""Whose words a passage in quotation marks is, by the words beside it and by rule alone.

    "It is a matter of necessity," said Rasmussen in a speech.     after it, source behind the cue
    "It is a matter of necessity," he said.                        after it, source before the cue
    The new secretary-general said: "It is a matter of necessity."  before it

A verb of saying must stand close, in the same sentence. Where a parser has read the text, it is asked first
who the subject is; without one, the source is the words between passage and verb, or behind the verb up to
a comma, a full stop or a preposition.

What it does not do: a passage that nothing near it explains is left without a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from allweather.evidence import cues
from allweather.evidence.attribution_sources import source_of
from allweather.evidence.documents import Span
from allweather.evidence.marks import Passage
from allweather.evidence.parses import Parse

#: How far from a passage its cue may stand, in characters.
_NEAR: Final = 160

#: The bare form is too often a noun ("state", "report") or stands behind "to", except for these.
_BARE: Final = frozenset({"say", "tell", "argue", "insist", "agree", "add", "suggest", "admit"})
_FORMS: Final = frozenset(
    form for verb in cues.SAYING for form in cues.forms(verb) if form != verb or verb in _BARE
)
_WORD: Final = re.compile(r"(?<![\w'’-])[A-Za-z]+(?![\w])")
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’»]*(?=\s+[\"“„«'‘]?[A-Z]|\s*$)")
_NOT_AFTER_ABBREVIATION: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Prof|Rev|Hon|St|Jr|Sr|U\.S|U\.N|[A-Z])\.$"
)
_ADVERBS: Final = (
    r"(?:\s+(?:also|later|then|once|has|had|have|recently|reportedly|repeatedly|is|was|quickly|\w+ly))*"
)
_SOURCE_BEFORE: Final = re.compile(rf"(?P<who>\S(?:.*?\S)?){_ADVERBS}\s*$", re.DOTALL)
_BEHIND: Final = re.compile(
    r"\s+(?P<who>(?:(?!(?:in|on|at|during|after|before|when|as|while|who|that|to|with|by|from|about|if)\b)"
    r"[\w’'.\-&]+(?:\s+|(?=[,.;:!?—–(]|$))){1,12})",
)
_PRONOUN: Final = re.compile(r"(?:he|she|they|it|I|we|you)\b", re.IGNORECASE)
_MAX_WORDS: Final = 14
_NAME_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Cue:
    """What says whose words a passage is: the cue, and its source, None where nobody is named."""

    cue: Span
    source: Span | None


def cue_of(
    text: str, above: Span | None, first: Span, last: Span, passage: Passage, parse: Parse | None
) -> Cue | None:
    """The cue of a passage that begins in the paragraph `first` and ends in `last`, or None.

    Before it, if the words before it lead up to it (a colon, a comma, the verb itself), otherwise after it.
    `above` is the paragraph before; it counts where it ends with a colon and the passage begins its own.
    """
    if passage.start == first.start and above is not None and text[above.end - 1] == ":":
        return _cue_before(text, above, above.end, passage, parse)
    before = _cue_before(text, first, passage.start, passage, parse)
    if before is not None:
        return before
    return _cue_after(text, last, passage, parse)


def _cue_after(text: str, paragraph: Span, passage: Passage, parse: Parse | None) -> Cue | None:
    end = min(paragraph.end, passage.end + _NEAR)
    if passage.end >= end:
        return None
    stretch = _up_to_sentence_end(text, passage.end, end)
    opening = re.search(r"[\"“„«]", text[stretch.start : stretch.end])
    if opening:
        stretch = Span(stretch.start, stretch.start + opening.start())
    cue = next(_verbs(text, stretch), None)
    if cue is None:
        return None
    between = text[passage.end : cue.start].strip(" ,—–-\n")
    if len(between.split()) > _MAX_WORDS:
        return None
    asked = _source_by_parse(parse, cue, passage)
    if asked is not None:
        return Cue(cue, asked)
    if between:
        found = _SOURCE_BEFORE.match(text, passage.end + _leading(text, passage.end), cue.start)
        return Cue(cue, Span(*found.span("who")) if found else None)
    behind = _BEHIND.match(text, cue.end, paragraph.end)
    return Cue(cue, _stripped(text, *behind.span("who")) if behind else None)


def _cue_before(text: str, paragraph: Span, end: int, passage: Passage, parse: Parse | None) -> Cue | None:
    start = max(paragraph.start, end - _NEAR)
    stretch = _since_sentence_end(text, start, end)
    lead = text[stretch.start : stretch.end]
    closes = lead.rstrip()[-1:]
    verbs = list(_verbs(text, stretch))
    if not verbs:
        return _by_colon(text, stretch, passage, parse) if closes == ":" else None
    cue = verbs[-1]
    rest = text[cue.end : end].strip()
    leads_up = closes == ":" or (closes == "," and len(rest.split()) <= 8) or rest in {"", "that"}
    if not leads_up or '"' in rest or "”" in rest:
        return None
    asked = _source_by_parse(parse, cue, passage)
    if asked is not None:
        return Cue(cue, asked)
    who = _SOURCE_BEFORE.match(text, stretch.start + _leading(text, stretch.start), cue.start)
    if who is None or len(who["who"].split()) > _MAX_WORDS:
        return Cue(cue, None)
    return Cue(cue, Span(*who.span("who")))


def _by_colon(text: str, stretch: Span, passage: Passage, parse: Parse | None) -> Cue | None:
    """`Name: "..."`, and what leads up with a verb that is no verb of saying: `then he leaned in: "..."`."""
    at = text.rindex(":", stretch.start, stretch.end)
    start = stretch.start + _leading(text, stretch.start)
    if parse is not None:
        for k in reversed(parse.within(Span(start, max(start, at)))):
            if parse.tokens[k].tag.startswith("VB") and (found := source_of(parse, k)):
                source = parse.span(found)
                if start <= source.start and source.end <= at:
                    return Cue(Span(parse.tokens[k].start, parse.tokens[k].end), source)
    who = text[start:at].strip()
    if not who or len(who.split()) > _NAME_WORDS or not who[0].isupper():
        return None
    return Cue(Span(at, at + 1), Span(start, start + len(who)))


def _verbs(text: str, stretch: Span) -> Iterator[Span]:
    """The verbs of saying in a stretch of text, in order."""
    for word in _WORD.finditer(text, stretch.start, stretch.end):
        if word.group().lower() in _FORMS:
            yield Span(*word.span())


def _source_by_parse(parse: Parse | None, cue: Span, passage: Passage) -> Span | None:
    if parse is None:
        return None
    for k in parse.within(cue):
        if found := source_of(parse, k):
            span = parse.span(found)
            if not any(span.overlaps(one) for one in passage.spans):
                return span
    return None


def _up_to_sentence_end(text: str, start: int, end: int) -> Span:
    for found in _SENTENCE_END.finditer(text, start, end):
        if found.start() > start and not _NOT_AFTER_ABBREVIATION.search(text, start, found.start() + 1):
            return Span(start, found.start())
    return Span(start, end)


def _since_sentence_end(text: str, start: int, end: int) -> Span:
    for found in reversed(list(_SENTENCE_END.finditer(text, start, end))):
        if found.end() < end and not _NOT_AFTER_ABBREVIATION.search(text, start, found.start() + 1):
            return Span(found.end(), end)
    return Span(start, end)


def _leading(text: str, at: int) -> int:
    """How many characters at `at` are spaces or marks of punctuation."""
    n = 0
    while at + n < len(text) and (text[at + n].isspace() or text[at + n] in ",;:—–-"):
        n += 1
    return n


def _stripped(text: str, start: int, end: int) -> Span:
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;"):
        end -= 1
    return Span(start, end)
