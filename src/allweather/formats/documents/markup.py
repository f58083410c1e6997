"""HTML into a flat list of blocks of text with their places in the page.

Libraries that read HTML give up the places of the text in the page, which a quotation must lead back to. So
this reads tags itself, as browsers do where pages are sloppy: unknown tags are passed through, missing end
tags are implied, comments and scripts are skipped. Every character is looked at a bounded number of times.

    markup = read_markup('<p>He said &quot;no&quot;.</p>', "page.html")
    markup.blocks[0].pieces     # (Piece(3, "He said "), Piece(11, '"'), Piece(17, "no"), ...)

What it does not do: run scripts, follow links, or know which block is the article (`pages` does).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from allweather.errors import UnreadableSource

MAX_DEPTH: Final = 500
MAX_ELEMENTS: Final = 400_000
MAX_BROKEN: Final = 10_000
_MAX_TAG: Final = 50_000

_TAG: Final = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]{0,60})")
_INSIDE: Final = re.compile(r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+/?>")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z_:][\w:.-]{0,60})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});?")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")

_RAW: Final = frozenset(
    ("script", "style", "noscript", "template", "textarea", "svg", "math", "iframe", "object", "select")
)
_VOID: Final = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "param",
    )
)
_INLINE: Final = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
     "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "label", "big",
     "tt", "strike")
)  # fmt: skip
#: An open element of the first kind ends where one of the second begins.
_IMPLIED: Final = {
    "p": None,
    "li": frozenset(("li",)),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters as they will be read, and where in the page they begin; entities are pieces of their own."""

    at: int
    text: str


@dataclass(slots=True)
class Element:
    """An element: its tag, its attributes, and the index of the one around it, -1 for none."""

    tag: str
    attributes: dict[str, str]
    parent: int


@dataclass(slots=True)
class Block:
    """Text that stands in one line of blocks, and the index of the element that it stands in."""

    element: int
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The characters of the block."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(slots=True)
class Markup:
    """A page: elements in order of their beginnings, and blocks with text in them."""

    elements: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def around(self, element: int) -> Iterator[int]:
        """An element and those around it, from within."""
        while element >= 0:
            yield element
            element = self.elements[element].parent


def read_markup(page: str, where: str) -> Markup:
    """Read a page. Raises UnreadableSource if it is nested or broken beyond what a page can be."""
    return _Reader(page, where).read()


@dataclass(slots=True)
class _Reader:
    page: str
    where: str
    found: Markup = field(default_factory=Markup)
    stack: list[int] = field(default_factory=list)
    block: Block | None = None
    n_broken: int = 0

    def read(self) -> Markup:
        """From the first character to the last."""
        at, n = 0, len(self.page)
        while at < n:
            next_at = self.page.find("<", at)
            if next_at < 0:
                next_at = n
            if next_at > at:
                self._say(at, next_at)
            at = self._markup(next_at) if next_at < n else n
        self._close_block()
        return self.found

    def _markup(self, at: int) -> int:
        """Read what begins with `<` and give back where it ends."""
        page = self.page
        if page.startswith("<!--", at):
            return self._after("-->", at + 4)
        if page.startswith(("<!", "<?"), at):
            return self._after(">", at + 2)
        tag = _TAG.match(page, at)
        if tag is None:
            self._count_broken()
            self._say(at, at + 1)
            return at + 1
        inside = _INSIDE.match(page, tag.end(), tag.end() + _MAX_TAG)
        end = inside.end() if inside else self._after(">", tag.end())
        self.n_broken += inside is None
        if self.n_broken > MAX_BROKEN:
            raise UnreadableSource(
                f"a page with over {MAX_BROKEN:,} broken tags; save it as text", where=self.where
            )
        name = tag["name"].lower()
        if tag["end"]:
            self._end(name)
        else:
            self._start(name, page[tag.end() : min(end, tag.end() + _MAX_TAG)])
            if name in _RAW and not page.startswith("/>", end - 2):
                return self._skip(name, end)
        return end

    def _count_broken(self) -> None:
        self.n_broken += 1
        if self.n_broken > MAX_BROKEN:
            raise UnreadableSource(
                f"a page with over {MAX_BROKEN:,} broken tags; save it as text", where=self.where
            )

    def _after(self, sign: str, at: int) -> int:
        found = self.page.find(sign, at)
        return len(self.page) if found < 0 else found + len(sign)

    def _skip(self, name: str, at: int) -> int:
        """Over the raw content of an element to behind its end tag."""
        self.stack.pop()
        close = re.compile(rf"</{name}\b[^>]{{0,200}}>?", re.IGNORECASE).search(self.page, at)
        return len(self.page) if close is None else close.end()

    def _start(self, name: str, inside: str) -> None:
        if name == "br":
            self._close_block()
            return
        if name not in _INLINE:
            self._close_block()
            self._imply(name)
        attributes = {}
        if "=" in inside:
            attributes = {
                one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "")
                for one in _ATTRIBUTE.finditer(inside)
            }
        self.found.elements.append(Element(name, attributes, self.stack[-1] if self.stack else -1))
        if len(self.found.elements) > MAX_ELEMENTS:
            raise UnreadableSource(f"a page of more than {MAX_ELEMENTS:,} elements", where=self.where)
        if name not in _VOID:
            self.stack.append(len(self.found.elements) - 1)
        if len(self.stack) > MAX_DEPTH:
            raise UnreadableSource(f"a page nested over {MAX_DEPTH} deep; save it as text", where=self.where)

    def _imply(self, name: str) -> None:
        """End what a block element ends by beginning."""
        while self.stack:
            tag = self.found.elements[self.stack[-1]].tag
            if tag in _IMPLIED and ((ends := _IMPLIED[tag]) is None or name in ends):
                self.stack.pop()
            else:
                return

    def _end(self, name: str) -> None:
        if name not in _INLINE:
            self._close_block()
        for k in range(len(self.stack) - 1, -1, -1):
            if self.found.elements[self.stack[k]].tag == name:
                del self.stack[k:]
                return

    def _say(self, start: int, end: int) -> None:
        """Characters of the page as text: spaces become one, entities what they stand for."""
        at = start
        while at < end:
            entity = _ENTITY.search(self.page, at, end)
            stop = entity.start() if entity else end
            for piece in _spaced(self.page, at, stop):
                self._add(piece)
            if entity is None:
                return
            self._add(Piece(entity.start(), html.unescape(entity.group())))
            at = entity.end()

    def _add(self, piece: Piece) -> None:
        if self.block is None:
            if not piece.text.strip():
                return
            self.block = Block(self.stack[-1] if self.stack else -1)
            piece = Piece(piece.at + len(piece.text) - len(piece.text.lstrip(" ")), piece.text.lstrip(" "))
        self.block.pieces.append(piece)

    def _close_block(self) -> None:
        if self.block is not None and self.block.text.strip():
            self.found.blocks.append(self.block)
        self.block = None


def _spaced(page: str, start: int, end: int) -> Iterator[Piece]:
    """A stretch in pieces between runs of white space that are not a single space."""
    at = start
    for run in _SPACES.finditer(page, start, end):
        if run.group() == " ":
            continue
        yield Piece(at, page[at : run.start()] + " ")
        at = run.end()
    if at < end:
        yield Piece(at, page[at:end])
