"""The pages of the council, one module for each part of it. Each says which views it shows, and no more.

`PAGES` are read, `FILES` are taken away, `FORMS` are the places that forms other than acts are sent to.
"""

from __future__ import annotations

from allweather.web.asking import File as File
from allweather.web.pages import agenda, decisions, entering, home

PAGES = (*home.PAGES, *agenda.PAGES, *decisions.PAGES, *entering.PAGES)
FILES: tuple[File, ...] = ()
FORMS = (*home.FORMS,)
