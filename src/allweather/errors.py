"""The tree of errors that Allweather raises on purpose.

    AllweatherError          the root: catch this to catch everything that we foresaw
    ├── InputError           the input is wrong: says what, where, and what to do (exit code 2)
    │   ├── UnreadableSource     the file or folder cannot be read as any format that we know
    │   ├── MalformedRecord      one line, row or record of a readable file breaks the format
    │   ├── UnknownName          a name that is not in the data (a bloc's member, an anchor, a column)
    │   ├── NothingToReview      the data are readable but hold nothing that can be compared
    │   ├── Malformed            bytes of a record break its format
    │   └── NotVerified          a signature, a hash or a proof does not hold
    ├── Refused              the rules of the record forbid this act now (exit code 2)
    ├── StoreError           a store cannot be opened, read or written; it is unharmed (exit code 2)
    └── OutputError          the result cannot be written where it was asked for (exit code 2)

Each carries one clear sentence. A door prints that sentence and nothing else.
"""

from __future__ import annotations


class AllweatherError(Exception):
    """The root of the tree. `str(error)` is one sentence that a person can act on."""


class InputError(AllweatherError):
    """The input is wrong. `where` names the file, line or field, if there is one."""

    def __init__(self, what: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what = what
        self.where = where


class UnreadableSource(InputError):
    """The file or folder cannot be read as any format that we know."""


class MalformedRecord(InputError):
    """One line, row or record of a readable file breaks the format."""


class UnknownName(InputError):
    """A name is used that the data do not have."""


class NothingToReview(InputError):
    """The data are readable but hold nothing that can be compared."""


class Malformed(InputError):
    """Bytes of a record (an entry, a note, a tile, a proof) break its format."""


class NotVerified(InputError):
    """A signature, a hash or a proof does not hold: what was offered must not be believed."""


class Refused(AllweatherError):
    """The rules of the record forbid this act now; nothing was signed."""


class StoreError(AllweatherError):
    """A store cannot be opened, read or written. What it held before is unharmed."""


class OutputError(AllweatherError):
    """The result cannot be written where it was asked for."""
