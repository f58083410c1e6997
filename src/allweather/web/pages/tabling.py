"""Joint reviews that members table: signed, checked by computing them again, and as files to take away."""

from __future__ import annotations

from typing import Any

import msgspec

from allweather.council.acts import read_body
from allweather.council.forms import Body
from allweather.errors import Refused, UnknownName
from allweather.node.folding import KINDS
from allweather.node.serving import Asked
from allweather.web.acting import back_of, first
from allweather.web.asking import Ask, File, Page, Values
from allweather.web.forms import Given
from allweather.web.pages.review import STAGES, frame, sight_of
from allweather.web.reviewing import KeptReview
from allweather.web.sessions import check_token

KIND = "council.review"
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The report is one file that carries its style: allowed for it alone. No script would run in it."""


def made(ask: Ask, given: Given) -> Body:
    """The act that tables the review which a form names by `review`. Raises InputError."""
    kept = ask.house.reviewer.named(first(given, "review"))
    body = ask.house.reviewer.body(kept, first(given, "title").strip())
    return read_body(KIND, msgspec.to_builtins(body), KINDS)


def _table(ask: Ask) -> Values:
    return frame(ask)


def _tabled(ask: Ask) -> Values:
    found = _act(ask, ask.path["id"])
    checked, progress = ask.house.reviewer.checked(found["ref"])
    return {
        "found": found,
        "checked": checked,
        "progress": progress,
        "stage": STAGES.get(progress.what, "") if progress else "",
        "percent": round(100 * progress.share) if progress else 0,
    }


def _act(ask: Ask, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ask.view("act", id=name)
    if found["kind"] != KIND:
        raise UnknownName(f"{found['id']} is no joint review")
    return found


def _recompute(request: Asked, ask: Ask, given: Given) -> Any:
    """Compute a tabled review again, in the background."""
    from allweather.web.door import go_to

    check_token(ask.visitor.session, first(given, "token"))
    if not ask.visitor.may("observer"):
        raise Refused("sign in to have a review computed again")
    ask.house.reviewer.check(_act(ask, first(given, "act"))["ref"])
    return go_to(back_of(given))


def _file(ask: Ask) -> tuple[str, str, bytes]:
    """A file of the review that is shown now."""
    kept = sight_of(ask).kept
    if kept is None:
        raise UnknownName("the joint review is being computed; look again in a while")
    return _of(kept, ask.path["name"])


def _kept_file(ask: Ask) -> tuple[str, str, bytes]:
    """A file of a review that is kept, so that links within a report lead to what belongs to it."""
    return _of(ask.house.reviewer.named(ask.path["key"]), ask.path["name"])


def _of(kept: KeptReview, name: str) -> tuple[str, str, bytes]:
    data = kept.made.files.get(name)
    if data is None:
        raise UnknownName(f"a report has no file {name!r:.60}; it has {', '.join(kept.made.files)}")
    shown = name.endswith(("html", "svg"))
    return "" if shown else name, _TYPES[name.rpartition(".")[2]], data


PAGES = (
    Page("/review/table", "review-table.html.j2", _table, "delegate", is_personal=True),
    Page("/review/tabled/{id:str}", "review-tabled.html.j2", _tabled, is_personal=True),
)
FILES = (
    File("/review/files/{name:str}", _file, policy=POLICY),
    File("/review/files/{key:str}/{name:str}", _kept_file, policy=POLICY),
)
FORMS = (("/review/recompute", _recompute),)
MAKERS = {KIND: made}
