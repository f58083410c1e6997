"""What a batch does to the files of a folder store, worked out and written aside before anything is in place.

A `Plan` collects files under `.allweather/staged`, each with the place that it is to be moved to. Files
planned earlier in the same batch are seen by what is planned later: a face may leave a branch that grows at
the same time.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from allweather.errors import Malformed
from allweather.record.merkle import HASH_SIZE, leaf_hash
from allweather.record.notes import format_note
from allweather.record.storage import Growth
from allweather.record.tiles import HEIGHT, WIDTH, Tile, format_bundle, parse_bundle, tile_path
from allweather.store.disk import make_folder, read_file, sync_folder, sync_folders, write_new
from allweather.store.journal import Line

_MAX_TILE = 2**25


class Plan:
    """The files of one batch. `line` is what the journal will say; paths are relative to the store."""

    def __init__(self, root: Path, staged: str, line: Line) -> None:
        self.line = line
        self.sizes: dict[tuple[str, int], int] = {}
        self.payloads: dict[bytes, str] = {}
        self._root = root
        self._staged = staged
        self._by_target: dict[str, str] = {}
        self._folders: set[Path] = set()

    def write(self, target: str, data: bytes) -> None:
        """A file is to stand at `target`."""
        write_new(self._root / self._aside(target), data)

    def share(self, source: str, target: str) -> None:
        """The file at `source` is to stand at `target` as well."""
        old, new = self._root / self._by_target.get(source, source), self._root / self._aside(target)
        try:
            os.link(old, new)
        except OSError:
            shutil.copyfile(old, new)
            handle = os.open(new, os.O_RDWR | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def move(self, source: str, target: str) -> None:
        """The file at `source` is to stand at `target` instead."""
        self._make_room(target)
        self.line.moves.append((source, target))

    def remove(self, target: str) -> None:
        """The file at `target` is to go when all others are in place."""
        self.line.removes.append(target)

    def read(self, target: str) -> bytes:
        """A file as it will stand. Raises Malformed if it is not there."""
        data = read_file(self._root / self._by_target.get(target, target), _MAX_TILE)
        if data is None:
            raise Malformed("a file that ought to be there is missing", where=target)
        return data

    def sync(self) -> None:
        """Make the names of the files written aside last."""
        if self._by_target:
            sync_folder((self._root / self._staged).parent)

    def _aside(self, target: str) -> str:
        self._make_room(target)
        aside = f"{self._staged}-{len(self.line.moves)}"
        (self._root / aside).unlink(missing_ok=True)
        self._by_target[target] = aside
        self.line.moves.append((aside, target))
        return aside

    def _make_room(self, target: str) -> None:
        folder = (self._root / target).parent
        if folder not in self._folders:
            make_folder(folder)
            self._folders.add(folder)


def carry_out(root: Path, line: Line) -> None:
    """Put the files of a committed line into place; doing it twice does no harm."""
    heads = [move for move in line.moves if move[1].endswith("/checkpoint")]
    rest = [move for move in line.moves if not move[1].endswith("/checkpoint")]
    for moves in (rest, heads):
        for source, target in moves:
            with suppress(FileNotFoundError):  # it is in place already
                (root / source).replace(root / target)
        folders = [(root / target).parent for _, target in moves]
        sync_folders(folder for folder in folders if folder.is_dir())
    gone = []
    for name in line.removes:
        with suppress(FileNotFoundError):
            (root / name).unlink()
            gone.append((root / name).parent)
    # A partial tile that comes back after a power cut does no harm; a redacted payload may not.
    sync_folders(folder for folder in gone if folder.name == "payload")
    for folder in dict.fromkeys(gone):
        if folder.suffix == ".p":
            with suppress(OSError):
                folder.rmdir()


def sweep(staged: Path) -> None:
    """Remove files that were written for a batch that has not happened. What stays does no harm."""
    with suppress(OSError):
        for path in staged.iterdir():
            path.unlink()


def plan_growth(plan: Plan, growth: Growth, source: str | None, held: int) -> None:
    """Plan a growth: from the branch's own folder `source`, or from its parent's, which holds `held` entries.

    None: the log begins. A further face gets every tile of its own, those in full before the fork as links.
    """
    branch = growth.branch
    home = f"{branch.origin}/branch/{branch.number}" if branch.number else branch.origin
    is_new = source != home
    if is_new or growth.entries:
        shift, level = 0, 0
        _plan_row(plan, growth, source, home, Tile(None, 0, held))
        while branch.head.size >> shift:
            _plan_row(plan, growth, source, home, Tile(level, 0, held))
            level, shift = level + 1, shift + HEIGHT
    if is_new and branch.parent is not None:
        plan.write(f"{home}/fork", f"{branch.parent}\n{branch.fork_at}\n".encode())
    plan.write(f"{home}/checkpoint", format_note(branch.checkpoint.note))


def _plan_row(plan: Plan, growth: Growth, source: str | None, home: str, row: Tile) -> None:
    """Plan the tiles of one level, or the bundles; `row.width` is the size of the tree at `source`."""
    level, shift = row.level, HEIGHT * (row.level or 0)
    size, start, held = growth.branch.head.size >> shift, growth.start >> shift, row.width >> shift
    if source == home and size == start:
        return
    if source is not None and source != home:
        for index in range(start // WIDTH):
            path = tile_path(Tile(level, index))
            plan.share(f"{source}/{path}", f"{home}/{path}")
    for index in range(start // WIDTH, -(-size // WIDTH)):
        first = index * WIDTH
        data = b""
        if first < start:
            before = Tile(level, index, min(WIDTH, held - first))
            data = _head_of(plan.read(f"{source}/{tile_path(before)}"), before, start - first)
            if source == home:
                plan.remove(f"{home}/{tile_path(before)}")
        data += _new_part(growth, level, max(first, start) - start, min(first + WIDTH, size) - start)
        plan.write(f"{home}/{tile_path(Tile(level, index, min(WIDTH, size - first)))}", data)


def _head_of(data: bytes, tile: Tile, count: int) -> bytes:
    """The first `count` hashes or entries of a tile or bundle."""
    if tile.level is not None:
        if len(data) != tile.width * HASH_SIZE:
            raise Malformed("the tile has not the length that its width asks for", where=tile_path(tile))
        return data[: count * HASH_SIZE]
    entries = parse_bundle(data, count=tile.width, where=tile_path(tile))
    return data if count == tile.width else format_bundle(entries[:count])


def _new_part(growth: Growth, level: int | None, low: int, high: int) -> bytes:
    """What a growth adds to a row, from its `low`-th new element to its `high`-th."""
    if level is None:
        return format_bundle(growth.entries[low:high])
    if level == 0:
        return b"".join(leaf_hash(entry) for entry in growth.entries[low:high])
    start = growth.start >> HEIGHT * level
    return b"".join(value for at, index, value in growth.nodes if at == level and low <= index - start < high)
