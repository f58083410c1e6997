"""Formats: readers of other people's formats, each into positions.

    from allweather.formats import read
    reading = read(Path("examples/nrc-2009"))
    reading.positions       # who holds what on which question
    reading.intake          # what was dropped or corrected on the way in, in sentences

`read` recognises its input by its content: a dossier, a Polis export, UN roll calls, or a long
table in CSV, Parquet or JSON lines. `read_blocs` reads declared blocs. The formats are written out
in docs/reference/formats.md, with a worked example each.

What it does not do: settle which entry counts (`positions`), judge (`review`), or guess. A source
that is not exactly one of these formats is refused with one sentence.
"""

from allweather.formats.blocs import read_blocs
from allweather.formats.reading import Conflict, Deal, Reading
from allweather.formats.recognise import read

__all__ = ["Conflict", "Deal", "Reading", "read", "read_blocs"]
