"""The pages of the council, one module for each part of it. Each says which views it shows, and no more.

`PAGES` are read, `FILES` are taken away, `FORMS` are the places that forms other than acts are sent to, and
`WAYS` are addresses that lead on to another page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allweather.council.forms import Body
from allweather.web.asking import Ask
from allweather.web.asking import File as File
from allweather.web.forms import Given
from allweather.web.pages import (
    acts,
    agenda,
    cooperation,
    decisions,
    delegation,
    drafts,
    entering,
    evidence,
    home,
    packages,
    positions,
    record,
    review,
    rounds,
    seen,
    tabling,
    taking,
    texts,
)

PAGES = (
    *home.PAGES,
    *agenda.PAGES,
    *texts.PAGES,
    *acts.PAGES,
    *decisions.PAGES,
    *rounds.PAGES,
    *seen.PAGES,
    *positions.PAGES,
    *review.PAGES,
    *tabling.PAGES,
    *packages.PAGES,
    *drafts.PAGES,
    *cooperation.PAGES,
    *evidence.PAGES,
    *delegation.PAGES,
    *record.PAGES,
    *taking.PAGES,
    *entering.PAGES,
)
OPEN_FILES = taking.OPEN_FILES
FILES: tuple[File, ...] = (*taking.FILES, *OPEN_FILES, *tabling.FILES, *record.FILES)
FORMS = (*home.FORMS, *tabling.FORMS, *delegation.FORMS)
WAYS = (*acts.WAYS,)
MAKERS: Mapping[str, Callable[[Ask, Given], Body]] = {
    **tabling.MAKERS,
    **drafts.MAKERS,
    **evidence.MAKERS,
}
"""Acts of which a form fills only a part; the rest is made here."""

TELLERS: Mapping[str, Callable[[Ask, Body], list[tuple[str, Any]]]] = {**drafts.TELLERS, **delegation.TELLERS}
"""Acts that a preview shows otherwise than field by field: rows of label and value."""
