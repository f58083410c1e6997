"""Who speaks in a verbatim record, as the record itself says.

    Mr. Smith (United Kingdom): We welcome the report.
    Mrs. Diallo (Guinea) (spoke in French): ...
    The President (spoke in Spanish): ...

This is how the verbatim records of the United Nations name speakers (A/..../PV., S/PV.). A text counts as
such a record if it has two such labels or more at the beginning of paragraphs, and one of them with a
country. A turn goes on to the next label.

What it does not do: take running heads and page numbers out of a turn; they stand in the text, and so in
the turn.
"""

from __future__ import annotations

import re
from typing import Final

from allweather.evidence.documents import Span, Turn

_LABEL: Final = re.compile(
    r"^[ \t]{0,8}(?P<label>"
    r"(?P<name>The (?:Acting |Temporary )?(?:President|Secretary-General|Chair(?:man|person)?)"
    r"|(?:Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Baroness|Prince|Princess|King|Queen|Sheikh|President|Archbishop)"
    r"\.? [A-Z][^():\r\n]{0,60})"
    r"(?: \((?!spoke |interpretation )(?P<country>[^()\r\n]{2,60})\))?"
    r"(?: ?\r?\n?\((?:spoke|interpretation) [^()\r\n]{3,80}\))?):[ \t\r\n]",
    re.MULTILINE,
)
_LEAST: Final = 2


def find_turns(text: str) -> tuple[Turn, ...]:
    """The turns of a verbatim record, in order; none if the text is no such record."""
    labels = list(_LABEL.finditer(text))
    if len(labels) < _LEAST or not any(label["country"] for label in labels):
        return ()
    turns = []
    for k, label in enumerate(labels):
        end = labels[k + 1].start() if k + 1 < len(labels) else len(text)
        words = text[label.end() : end]
        start = label.end() + len(words) - len(words.lstrip())
        if not words.strip():
            continue
        name = " ".join(label["name"].split())
        is_office = name.startswith("The ")
        turns.append(
            Turn(
                name.removeprefix("The ") if is_office else name,
                Span(start, label.end() + len(words.rstrip())),
                Span(*label.span("label")),
                country=label["country"] or "",
                role=name.removeprefix("The ") if is_office else "",
            )
        )
    return tuple(turns)
