"""Tiles, bundles and their paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed
from allweather.record.merkle import MAX_SIZE, Edge, leaf_hash, prove_inclusion, verify_inclusion
from allweather.record.tiles import (
    MAX_ENTRY,
    WIDTH,
    Tile,
    bundles_of,
    format_bundle,
    node_reader,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tile_path,
    tiles_of,
)
from tests.record.making import attack, hashes, quick

tiles = st.builds(
    Tile,
    st.none() | st.integers(0, 4),
    st.integers(0, 2**8 - 1) | st.integers(0, 10**6).filter(lambda index: index << 40 <= MAX_SIZE),
    st.integers(1, WIDTH),
)


def parse_path(data: bytes) -> Tile:
    try:
        return parse_tile_path(data.decode())
    except UnicodeDecodeError:
        raise Malformed("not text") from None


@quick
@given(tiles)
def test_paths_come_back(tile: Tile) -> None:
    assert parse_tile_path(tile_path(tile)) == tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1067), "tile/0/x001/067"),
        (Tile(1, 999_999, 1), "tile/1/x999/999.p/1"),
        (Tile(0, 1_234_067, 255), "tile/0/x001/x234/067.p/255"),
        (Tile(None, 5, 7), "tile/entries/005.p/7"),
    ],
)
def test_paths_of_c2sp(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/001",
        "tile/6/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/5/x999/999",
        "TILE/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000\n",
        "tile/0/ 00",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile_path(path)


@pytest.mark.parametrize("path", ["tile/0/x001/067.p/12", "tile/entries/000", "tile/2/x255/000.p/3"])
def test_spoiled_paths_are_refused_or_mean_themselves(path: str) -> None:
    attack(parse_path, lambda tile: tile_path(tile).encode(), path.encode())


@quick
@given(st.lists(st.binary(min_size=1, max_size=30), max_size=8))
def test_bundles_come_back(entries: list[bytes]) -> None:
    data = format_bundle(entries)
    assert parse_bundle(data, count=len(entries)) == entries
    for count in {len(entries) - 1, len(entries) + 1} - {-1}:
        with pytest.raises(Malformed):
            parse_bundle(data, count=count)


def test_spoiled_bundles_are_refused_or_mean_themselves() -> None:
    attack(lambda data: parse_bundle(data, count=3), format_bundle, format_bundle([b"one", b"2", b"three"]))


@pytest.mark.parametrize("entry", [b"", b"x" * (MAX_ENTRY + 1)], ids=["empty", "too long"])
def test_an_entry_out_of_bounds_is_not_bundled(entry: bytes) -> None:
    assert parse_bundle(format_bundle([b"y" * MAX_ENTRY]), count=1) == [b"y" * MAX_ENTRY]
    with pytest.raises(Malformed):
        format_bundle([entry])


@quick
@given(st.lists(hashes, min_size=1, max_size=8))
def test_tiles_come_back(row: list[bytes]) -> None:
    assert parse_tile(b"".join(row), width=len(row)) == row
    for bad in (b"".join(row)[:-1], b"".join(row) + b"x", b""):
        with pytest.raises(Malformed):
            parse_tile(bad, width=len(row))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 16_777_217])
def test_the_tiles_of_a_log_are_all_its_nodes_once(size: int) -> None:
    found = list(tiles_of(size)) if size < 10**6 else list(tiles_of(size, since=size - 1))
    for level in {tile.level for tile in found}:
        assert level is not None
        row = [tile for tile in found if tile.level == level]
        assert sum(tile.width for tile in row[:-1]) % WIDTH == 0
        assert row[-1].index * WIDTH + row[-1].width == size >> 8 * level
        assert all(tile.width == WIDTH for tile in row[:-1])
    if size < 10**6:
        assert sum(tile.width for tile in bundles_of(size)) == size
        assert sum(tile.width for tile in found if tile.level == 0) == size


@pytest.mark.parametrize(("since", "size"), [(0, 300), (255, 300), (256, 300), (257, 700), (65_535, 65_600)])
def test_what_is_new_leaves_out_only_full_tiles(since: int, size: int) -> None:
    before = {tile for tile in tiles_of(since) if tile.width == WIDTH}
    assert set(tiles_of(size, since=since)) == set(tiles_of(size)) - before
    assert set(bundles_of(size, since=since)) == {
        tile for tile in bundles_of(size) if tile.start + tile.width > since
    }


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 66_000])
def test_any_proof_can_be_read_from_tiles(size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    nodes: list[tuple[int, int, bytes]] = []
    root = Edge().extend(leaves, nodes).root()
    above = {(level, index): value for level, index, value in nodes}
    reads: list[Tile] = []

    def read_tile(tile: Tile) -> bytes:
        reads.append(tile)
        first = tile.index * WIDTH
        if tile.level == 0:
            return b"".join(leaves[first : first + tile.width])
        return b"".join(above[tile.level or 0, index] for index in range(first, first + tile.width))

    read = node_reader(read_tile, size)
    for index in {0, size // 2, size - 1}:
        verify_inclusion(index, size, leaves[index], prove_inclusion(index, size, read), root)
    assert len(reads) == len(set(reads))


def test_a_node_that_is_not_complete_is_refused() -> None:
    read = node_reader(lambda tile: bytes(32 * tile.width), 5)
    with pytest.raises(InputError):
        read(2, 1)
    with pytest.raises(InputError):
        node_reader(lambda tile: b"short", 5)(0, 0)
