"""A review as PDF, set by Typst with the fonts that come with it: the same review gives the same bytes.

Every text goes to Typst as data and none as markup, so that nothing in it can run or be read as layout. It
needs the extra `report`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from allweather.errors import InputError
from allweather.report.drawing import clean
from allweather.report.outline import Block

MISSING = "a PDF needs Typst, which is not installed; pip install 'allweather[report]' adds it"
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

_LAYOUT = """
#let found = json(bytes(sys.inputs.data))
#set document(title: found.title, date: none)
#set page(paper: "a4", margin: 22mm, numbering: "1 / 1")
#set text(size: 10pt, lang: "en", hyphenate: false)
#set par(justify: false)
#set heading(numbering: none)
#for one in found.blocks {
  if one.sort == "heading" { heading(level: one.level, one.text) }
  else if one.sort == "words" { par(one.text) }
  else {
    let head = one.rows.first()
    table(
      columns: head.len(), stroke: (x, y) => if y <= 1 { (top: 0.6pt) } else { (top: 0.2pt) },
      table.header(..head.map(cell => strong(cell))),
      ..one.rows.slice(1).flatten(),
    )
  }
}
"""


def format_pdf(title: str, blocks: Sequence[Block]) -> bytes:
    """The outline as PDF on A4. Raises InputError where Typst is not installed."""
    try:
        import typst
    except ImportError:
        raise InputError(MISSING) from None
    rows = [{"sort": one.sort, "text": one.text, "rows": one.rows, "level": one.level} for one in blocks]
    data = clean(msgspec.json.encode({"title": title, "blocks": rows}).decode())
    made = typst.compile(
        _LAYOUT.encode(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        timestamp=_EPOCH,
    )
    assert isinstance(made, bytes)
    return made
