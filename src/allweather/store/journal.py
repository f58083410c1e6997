"""The journal of a folder store: what makes a batch happen as a whole, and what is the holder's own.

One line a batch: the SHA-256 of the rest in hex, a space, and a JSON object. It names the files to be moved
into place (they are written and synced before) and to be removed, and what the holder notes for itself:
marks, redacted and wanted payloads, cosignatures. A batch has happened when its line is synced. Whoever
opens the folder carries out the last line again, which changes nothing if that was done, and cuts off a
line that is not whole. A journal grown long is replaced by one line that says the same.

Nothing here is published, and nothing here knows the layout of the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allweather.errors import Malformed, StoreError
from allweather.record.checkpoints import Head
from allweather.record.keys import format_base64, parse_base64
from allweather.record.notes import format_signature, parse_signature
from allweather.record.storage import Cosigned
from allweather.store.disk import read_file, sync_folder, write_all, write_new

VERSION = 1
_MAX_JOURNAL = 2**32
_LONG = 2**22


@dataclass
class Line:
    """One batch. Paths are relative to the store; each move is (from, to)."""

    number: int
    moves: list[tuple[str, str]] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    marks: dict[str, bytes | None] = field(default_factory=dict)
    erased: list[bytes] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)
    wanted: list[tuple[bytes, str]] = field(default_factory=list)
    cosigned: list[Cosigned] = field(default_factory=list)


class Journal:
    """The open journal and what it says. `last` is the line to be carried out when the store is opened."""

    def __init__(self, path: Path) -> None:
        self.marks: dict[str, bytes] = {}
        self.erased: set[bytes] = set()
        self.wanted: dict[bytes, set[str]] = {}
        self.cosigned: dict[tuple[str, int], set[Cosigned]] = defaultdict(set)
        self.last = Line(0)
        self._path = path
        self.is_broken = False
        self._length = self._fresh = 0
        if not path.exists():
            write_new(path, _spell(Line(0)), mode=0o600)
            sync_folder(path.parent)
        self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            self._read()
        except BaseException:
            os.close(self._handle)
            raise

    def append(self, line: Line) -> None:
        """Write and sync a line. OSError if it was not written; StoreError if it cannot be known."""
        if self.is_broken:
            raise StoreError(f"{self._path} could not be written to the end; open the store again")
        data = _spell(line)
        try:
            write_all(self._handle, data)
            os.fsync(self._handle)
        except OSError:
            self.is_broken = True  # until what was begun is cut off again
            os.ftruncate(self._handle, self._length)
            os.fsync(self._handle)
            self.is_broken = False
            raise
        self._length += len(data)
        self._take(line)

    def shorten(self) -> None:
        """Replace a journal that has grown long. Only when its last line is carried out."""
        if self._length < max(_LONG, 2 * self._fresh):
            return
        line = Line(self.last.number, marks=dict(self.marks), erased=sorted(self.erased))
        line.wanted = [(digest, origin) for digest, origins in self.wanted.items() for origin in origins]
        line.cosigned = [one for found in self.cosigned.values() for one in found]
        data, new = _spell(line), self._path.with_name(self._path.name + ".new")
        new.unlink(missing_ok=True)
        write_new(new, data, mode=0o600)
        handle = os.open(new, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            new.replace(self._path)
        except BaseException:
            os.close(handle)
            raise
        os.close(self._handle)
        self._handle, self.last = handle, line
        self._length = self._fresh = len(data)
        # Only then may a line be added: in the old file it would be lost with the name.
        self.is_broken = True
        sync_folder(self._path.parent)
        self.is_broken = False

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def _read(self) -> None:
        data = read_file(self._path, _MAX_JOURNAL) or b""
        lines = data.split(b"\n")
        for number, raw in enumerate(lines[:-1]):
            line = _parse(raw)
            if line is None:
                if number < len(lines) - 2:
                    raise Malformed(f"line {number + 1} of the journal is not what was written")
                break
            self._take(line)
            self._length += len(raw) + 1
        if self._length < len(data):
            os.ftruncate(self._handle, self._length)
            os.fsync(self._handle)

    def _take(self, line: Line) -> None:
        for name, value in line.marks.items():
            if value is None:
                self.marks.pop(name, None)
            else:
                self.marks[name] = value
        self.erased.update(line.erased)
        for digest, origin in line.wanted:
            self.wanted.setdefault(digest, set()).add(origin)
        for digest in (*line.erased, *line.held):
            self.wanted.pop(digest, None)
        for one in line.cosigned:
            self.cosigned[one.head.origin, one.head.size].add(one)
        self.last = line


def _spell(line: Line) -> bytes:
    made = {
        "version": VERSION,
        "number": line.number,
        "moves": line.moves,
        "removes": line.removes,
        "marks": {
            name: None if value is None else format_base64(value) for name, value in line.marks.items()
        },
        "erased": [digest.hex() for digest in line.erased],
        "held": [digest.hex() for digest in line.held],
        "wanted": [[digest.hex(), origin] for digest, origin in line.wanted],
        "cosigned": [
            [one.head.origin, one.head.size, one.head.root.hex(), format_signature(one.line).rstrip("\n")]
            for one in line.cosigned
        ],
    }
    text = json.dumps({name: value for name, value in made.items() if value not in ([], {})}).encode()
    return hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"


def _parse(raw: bytes) -> Line | None:
    """The line that `raw` spells, without its newline; None if it is not as it was written."""
    digest, _, text = raw.partition(b" ")
    if hashlib.sha256(text).hexdigest().encode() != digest:
        return None
    made: dict[str, Any] = json.loads(text)
    if made.get("version") != VERSION:
        raise StoreError(
            f"this folder is a store of version {made.get('version')!r:.20}, and this program knows "
            f"version {VERSION}: use the program that made it"
        )
    return Line(
        made["number"],
        [(one, other) for one, other in made.get("moves", ())],
        made.get("removes", []),
        {
            name: None if value is None else parse_base64(value)
            for name, value in made.get("marks", {}).items()
        },
        [bytes.fromhex(digest) for digest in made.get("erased", ())],
        [bytes.fromhex(digest) for digest in made.get("held", ())],
        [(bytes.fromhex(digest), origin) for digest, origin in made.get("wanted", ())],
        [
            Cosigned(Head(origin, size, bytes.fromhex(root)), parse_signature(signature))
            for origin, size, root, signature in made.get("cosigned", ())
        ],
    )
