"""Tiles and entry bundles (C2SP tlog-tiles): a log as a finite set of static files.

A tile of level L holds up to 256 hashes: of level 0 the leaf hashes, above that the roots of full tiles of
the level below. An entry bundle holds the entries of one tile of level 0, each with its length in two bytes
before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from allweather.errors import Malformed
from allweather.record.keys import parse_decimal
from allweather.record.merkle import HASH_SIZE, MAX_SIZE, ReadNode, node_hash

WIDTH = 256
HEIGHT = 8
MAX_ENTRY = 65_535
MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)

_INDEX = re.compile(r"(?:x[0-9]{3}/){0,5}[0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of a tile, or of an entry bundle where `level` is None. `width` is 256 for a full one."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def start(self) -> int:
        """The index of its first entry; of a tile above level 0, the first entry under it."""
        return self.index * WIDTH << (HEIGHT * (self.level or 0))


def tile_path(tile: Tile) -> str:
    """Where a tile stands: `tile/0/x001/067` or `tile/entries/000.p/5`."""
    level = "entries" if tile.level is None else str(tile.level)
    digits = f"{tile.index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    index = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{index}" + ("" if tile.width == WIDTH else f".p/{tile.width}")


def parse_tile_path(path: str) -> Tile:
    """The tile that a path names. Raises Malformed for any other spelling than ours."""
    head, _, rest = path.removeprefix("tile/").partition("/")
    index, partial, width = rest.partition(".p/")
    if not path.startswith("tile/") or _INDEX.fullmatch(index) is None:
        raise Malformed(f"{path!r:.80} is not the path of a tile")
    level = None if head == "entries" else parse_decimal(head, limit=5, where="level of a tile")
    tile = Tile(
        level,
        int(re.sub(r"[x/]", "", index)),
        parse_decimal(width, limit=WIDTH - 1, where="width of a tile") if partial else WIDTH,
    )
    if tile.width == 0 or tile.start > MAX_SIZE or tile_path(tile) != path:
        raise Malformed(f"{path!r:.80} is not the path of a tile")
    return tile


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """The hash tiles of a log of `size` entries, without those that one of `since` entries has in full."""
    level = 0
    while size >> (HEIGHT * level):
        count, before = size >> (HEIGHT * level), since >> (HEIGHT * level)
        for index in range(before // WIDTH, -(-count // WIDTH)):
            yield Tile(level, index, min(WIDTH, count - index * WIDTH))
        level += 1


def bundles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """The entry bundles of a log of `size` entries, from the one that holds entry `since` on."""
    for index in range(since // WIDTH, -(-size // WIDTH)):
        yield Tile(None, index, min(WIDTH, size - index * WIDTH))


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries in a row, each after its length in two bytes. Raises Malformed if one is too long."""
    parts: list[bytes] = []
    for entry in entries:
        if not 0 < len(entry) <= MAX_ENTRY:
            raise Malformed(f"an entry has between 1 and {MAX_ENTRY} bytes, not {len(entry)}")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def parse_bundle(data: bytes, *, count: int, where: str = "") -> list[bytes]:
    """The `count` entries of a bundle. Raises Malformed if it holds fewer, more, or an empty one."""
    entries = []
    place, end = 0, len(data)
    for number in range(count):
        size = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + size]
        if not size or len(entry) != size:
            raise Malformed(f"the bundle is cut: {number} of {count} entries can be read", where=where)
        entries.append(entry)
        place += 2 + size
    if place != end:
        raise Malformed(f"the bundle goes on after its {count} entries", where=where)
    return entries


def parse_tile(data: bytes, *, width: int, where: str = "") -> list[bytes]:
    """The `width` hashes of a tile. Raises Malformed if its length is another."""
    if len(data) != width * HASH_SIZE:
        raise Malformed(f"a tile {width} wide has {width * HASH_SIZE} bytes, not {len(data)}", where=where)
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def node_reader(read_tile: Callable[[Tile], bytes], size: int) -> ReadNode:
    """Gives any complete node of a tree of `size` leaves from its tiles, which are read once each.

    `read_tile` raises what it raises; what it gives is checked for its length only.
    """
    kept: dict[tuple[int, int], list[bytes]] = {}

    def read(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        number = first // WIDTH
        hashes = kept.get((tile_level, number))
        if hashes is None:
            tile = Tile(tile_level, number, min(WIDTH, (size >> HEIGHT * tile_level) - number * WIDTH))
            hashes = kept[tile_level, number] = parse_tile(
                read_tile(tile), width=tile.width, where=tile_path(tile)
            )
        place = first % WIDTH
        row = hashes[place : place + (1 << above)]
        if len(row) != 1 << above:
            raise Malformed(f"the tree of {size} leaves has no complete node {level}/{index}")
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    return read
