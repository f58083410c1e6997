"""The parts of a document that are not its body: headline, captions, furniture.

    find_zones(text)     # (Zone(FURNITURE, Span(0, 13)), Zone(HEADLINE, Span(15, 55)), Zone(CAPTION, ...))

By rule, a paragraph at a time:

- furniture: a line that is nothing but one of the words of a page ("Advertisement", "Comments", "Read more");
- headline: the first paragraph that is no furniture, if it is short and does not end as a sentence does;
- caption: a paragraph that credits a picture ("(UPI Photo/POOL)", "[Xinhua]" at its end, "Photo by") or
  tells left from right ("(L)", "(2R)").

What it does not do: take anything out of the text, or claim that a page has no other captions.
"""

from __future__ import annotations

import re
from typing import Final

from allweather.evidence.documents import Span, Zone, ZoneKind
from allweather.evidence.lines import paragraphs

_FURNITURE: Final = re.compile(
    r"(?:advertisement|advertising|comments?|leave a comment|latest (?:headlines|news|stories)"
    r"|read (?:more|next|also)|related (?:articles|stories|news|topics|content)|more (?:news|stories)"
    r"|share(?: this(?: article)?)?|print"
    r"|license photo|subscribe(?: now)?|sign (?:up|in)|follow us|most (?:read|popular)|topics|tags"
    r"|skip to (?:main )?content|menu|search|home|back to top|trending|sponsored|newsletter)[:.]?",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    r"\([^()\n]{0,40}\b(?:photos?|file photo|getty|image)\b[^()\n]{0,40}\)|\[[A-Z][\w ./-]{1,30}\]\s*\Z"
    r"|\bphoto(?:graph)? (?:by|credit|courtesy)\b|\bcredit:|\((?:\d?[LR]|left|right|cent(?:er|re))\)",
    re.IGNORECASE,
)
_SENTENCE_ENDS: Final = tuple(".!?…\"'”’»)")  # noqa: RUF001
_HEADLINE_WORDS: Final = 24
_CAPTION_CHARS: Final = 2_000


def find_zones(text: str) -> tuple[Zone, ...]:
    """The zones of a text, in order; whatever lies in none is body."""
    zones: list[Zone] = []
    lines = paragraphs(text)
    seen_body = False
    for line in lines:
        words = line.of(text)
        if _FURNITURE.fullmatch(words):
            zones.append(Zone(ZoneKind.FURNITURE, line))
        elif len(words) <= _CAPTION_CHARS and _CREDIT.search(words):
            zones.append(Zone(ZoneKind.CAPTION, line))
        elif not seen_body:
            seen_body = True
            if _is_headline(words) and line != lines[-1]:
                zones.append(Zone(ZoneKind.HEADLINE, line))
    return tuple(zones)


def headline_of(text: str, zones: tuple[Zone, ...]) -> str:
    """The words of the headline; "" if there is none."""
    found: Span | None = next((zone.span for zone in zones if zone.kind is ZoneKind.HEADLINE), None)
    return "" if found is None else found.of(text)


def _is_headline(words: str) -> bool:
    return len(words.split()) <= _HEADLINE_WORDS and not words.endswith(_SENTENCE_ENDS)
