"""Press pages in HTML: the article, without the furniture around it.

A block of text belongs to the article if it stands in the element that holds most of the running text: an
`article` or `main` where the page has one with enough of it, otherwise the element whose own paragraphs are
longest in sum. What is marked as navigation, form, footer or aside is furniture, also by a class such as
`share` or `related`. The first `h1` is the headline, a `figcaption` a caption. Title, date, language and
publisher come from the head.

The runs of the document lead from each stretch of text to the character of the page where it begins.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from allweather.errors import UnreadableSource
from allweather.evidence.documents import Document, Run, Span, Zone, ZoneKind
from allweather.formats.documents.markup import Block, Markup, read_markup

_PAGE: Final = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|article|div|p|h1|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_FURNITURE_TAGS: Final = frozenset(("nav", "footer", "aside", "form", "button", "head", "menu", "dialog"))
_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|sidebar|footer|comments?|share|sharing|social|related|promo|newsletter|advert\w*|ads?"
    r"|cookie\w*|breadcrumbs?|banner|subscribe|subscription|popup|modal|trending|recirc\w*|outbrain|taboola|toolbar|paywall)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_RUNNING: Final = frozenset(
    ("p", "blockquote", "li", "div", "td", "section", "article", "dd", "pre", "figcaption")
)
_SEVERAL_WORDS: Final = 8
#: An `article` or `main` is believed if it holds so much of the running text.
_ENOUGH: Final = 0.4
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_page(text: str) -> bool:
    """Whether a text begins as a page of HTML does."""
    return _PAGE.match(text[:8192]) is not None


def read_page(page: str, id: str, where: str) -> Document:
    """Read a page. Raises UnreadableSource if there is no text in it."""
    markup = read_markup(page, where)
    kept = _article(markup)
    if not kept:
        raise UnreadableSource("a page without text; save the article as text", where=where)
    pieces: list[str] = []
    runs: list[Run] = []
    zones: list[Zone] = []
    n = 0
    for block, kind in kept:
        start = n
        for piece in block.pieces:
            runs.append(Run(n, source_at=piece.at))
            pieces.append(piece.text)
            n += len(piece.text)
        if kind is not None:
            zones.append(Zone(kind, Span(start, n)))
        pieces.append("\n\n")
        n += 2
    n_left = len(markup.blocks) - len(kept)
    notes = (f"{n_left} blocks of the page are taken for furniture and left out.",) if n_left else ()
    return Document(
        id,
        "",
        "".join(pieces),
        title=_title(markup),
        language=next((one.attributes.get("lang", "") for one in markup.elements if one.tag == "html"), ""),
        date=_date(markup),
        source=_meta(markup, "og:site_name"),
        media_type="text/html",
        zones=tuple(zones),
        runs=tuple(runs),
        notes=notes,
    )


def _article(markup: Markup) -> list[tuple[Block, ZoneKind | None]]:
    """The blocks of the article in order, each with its zone."""
    furniture = _furniture(markup)
    own = [block for block in markup.blocks if block.element < 0 or not furniture[block.element]]
    holder = _holder(markup, own)
    kept: list[tuple[Block, ZoneKind | None]] = []
    has_headline = False
    for block in own:
        around = list(markup.around(block.element))
        tags = [markup.elements[one].tag for one in around]
        is_headline = not has_headline and "h1" in tags
        if is_headline:
            has_headline = True
            kept.append((block, ZoneKind.HEADLINE))
        elif holder in around or holder < 0:
            kept.append((block, ZoneKind.CAPTION if "figcaption" in tags else None))
    return kept


def _furniture(markup: Markup) -> list[bool]:
    """For each element whether it is furniture, or stands in some."""
    found: list[bool] = []
    for one in markup.elements:
        said = " ".join(one.attributes.get(key, "")[:500] for key in ("class", "id", "role"))
        is_whole = one.tag in {"html", "body", "article", "main"}
        own = one.tag in _FURNITURE_TAGS or (not is_whole and _FURNITURE.search(said) is not None)
        found.append(own or (one.parent >= 0 and found[one.parent]))
    return found


def _holder(markup: Markup, blocks: list[Block]) -> int:
    """The element that holds the article; -1 if everything is taken."""
    inside: dict[int, int] = defaultdict(int)
    direct: dict[int, float] = defaultdict(float)
    total = 0
    for block in blocks:
        text = block.text
        if len(text.split()) < _SEVERAL_WORDS or block.element < 0:
            continue
        total += len(text)
        around = list(markup.around(block.element))
        for one in around:
            inside[one] += len(text)
        # A paragraph speaks for what holds it, and half as much for what holds that.
        first = 1 if markup.elements[around[0]].tag in {"p", "li", "blockquote"} and len(around) > 1 else 0
        for share, one in zip((1.0, 0.5), around[first : first + 2], strict=False):
            direct[one] += share * len(text)
    marked = [
        k
        for k in inside
        if markup.elements[k].tag in {"article", "main"}
        or markup.elements[k].attributes.get("itemprop") == "articleBody"
    ]
    enough = [k for k in marked if inside[k] >= _ENOUGH * total]
    if enough:
        # The innermost one that still has nearly all of what the outermost has.
        most = max(inside[k] for k in enough)
        return max(k for k in enough if inside[k] >= 0.9 * most)
    return max(direct, key=lambda k: (direct[k], -k), default=-1)


def _title(markup: Markup) -> str:
    for block in markup.blocks:
        if block.element >= 0 and any(markup.elements[k].tag == "h1" for k in markup.around(block.element)):
            return " ".join(block.text.split())[:300]
    return (
        _meta(markup, "og:title")
        or " ".join(
            block.text
            for block in markup.blocks
            if block.element >= 0 and markup.elements[block.element].tag == "title"
        )[:300]
    )


def _date(markup: Markup) -> str:
    said = _meta(markup, "article:published_time") or _meta(markup, "date")
    if not _DAY.match(said):
        said = next((one.attributes.get("datetime", "") for one in markup.elements if one.tag == "time"), "")
    return said[:10] if _DAY.match(said) else ""


def _meta(markup: Markup, name: str) -> str:
    for one in markup.elements:
        if one.tag == "meta" and name in (one.attributes.get("property"), one.attributes.get("name")):
            return one.attributes.get("content", "")[:300]
    return ""
