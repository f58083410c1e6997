"""Bytes of a text file to text: Unicode with or without a mark, or Windows-1252, and a note where it was a
guess.

Line ends and everything else stay as they are; only the byte order mark, which is no text, goes.
"""

from __future__ import annotations

from typing import Final

from allweather.errors import UnreadableSource

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
#: Control characters that no text has. A file with one in a thousand characters is something else.
_CONTROLS: Final = frozenset(chr(k) for k in range(32)) - frozenset("\t\n\r\x0b\x0c\x1b\x1a")
_SAMPLE: Final = 65_536


def decode(data: bytes, where: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and notes on how it was read. Raises UnreadableSource if it is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, where), ()
    if b"\0" in data:
        raise UnreadableSource("holds NUL bytes, so it is not a text file", where=where)
    try:
        text = data.decode("utf-8")
        notes: tuple[str, ...] = ()
    except UnicodeDecodeError as error:
        text = _strict(data, "cp1252", where, error.start)
        notes = (
            "Not UTF-8; read as Windows-1252, the encoding of old Western texts. "
            "If words look wrong, save it as UTF-8.",
        )
    sample = text[:_SAMPLE]
    if sum(one in _CONTROLS for one in sample) * 1000 > len(sample):
        raise UnreadableSource("holds control characters, so it is not a text file", where=where)
    return text, notes


def _strict(data: bytes, encoding: str, where: str, at: int | None = None) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start if at is None else at
        raise UnreadableSource(
            f"neither UTF-8 (byte {place:,}) nor an encoding that can be told; save it as UTF-8", where=where
        ) from None
    if "\0" in text:
        raise UnreadableSource("holds NUL characters, so it is not a text file", where=where)
    return text
