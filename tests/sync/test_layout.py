"""What a node publishes: paths, files, the index."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed
from allweather.record.canonical import format_canonical
from allweather.record.checkpoints import MAX_ATTACHED, open_checkpoint, parse_checkpoint
from allweather.record.entries import parse_entry
from allweather.record.keys import format_base64
from allweather.record.merkle import root_of
from allweather.record.notes import open_note
from allweather.record.tiles import parse_bundle, parse_tile
from allweather.sync.layout import (
    INDEX,
    Index,
    ListedBranch,
    ListedLog,
    Publication,
    branch_prefix,
    digest_name,
    named_payload,
    parse_index,
)
from tests.record.making import (
    Node,
    attack,
    council,
    exchange,
    files_of,
    origins,
    quick,
    salted,
    text_entry,
)
from tests.simulation.cheap import cheap_signatures

ROOT = format_base64(bytes(32))
NAME = "ab" * 32

branches = st.builds(ListedBranch, st.integers(0, 99), st.integers(1, 2**48), st.just(ROOT))
names = st.lists(st.integers(0, 9).map(lambda n: digest_name(bytes([n]))), max_size=3).map(tuple)
logs = st.builds(
    lambda origin, rows, keys, proofs: ListedLog(origin, rows, keys or (NAME,), proofs),
    origins,
    st.lists(branches, max_size=2).map(tuple),
    names,
    names,
)
indexes = st.builds(
    lambda node, rows: Index(
        1, node, tuple(sorted({row.origin: row for row in rows}.values(), key=lambda row: row.origin))
    ),
    origins | st.just(""),
    st.lists(logs, max_size=3),
)


@quick
@given(indexes)
def test_indexes_come_back(index: Index) -> None:
    assert parse_index(format_canonical(index)) == index


LISTED = Index(1, "nrc/a", (ListedLog("nrc/a", (ListedBranch(0, 5, ROOT),), (NAME,), (NAME,)),))


def test_spoiled_indexes_are_refused_or_mean_themselves() -> None:
    attack(parse_index, format_canonical, format_canonical(LISTED), bits=range(4))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1,"x":1'),
        (b'"node":"nrc/a"', b'"node":"nrc"'),
        (b'"size":5', b'"size":0'),
        (b'"size":5', b'"size":-5'),
        (b'"size":5', b'"size":562949953421312'),
        (b'"number":0', b'"number":1000'),
        (b'"number":0', b'"number":-1'),
        (NAME.encode(), b"AB" * 32),
        (NAME.encode(), b"../" + b"a" * 61),
        (b'"keys":["' + NAME.encode() + b'"]', b'"keys":[]'),
        (ROOT.encode(), b"AA=="),
        (b'"origin":"nrc/a"', b'"origin":"../a"'),
    ],
)
def test_other_indexes_are_refused(old: bytes, new: bytes) -> None:
    data = format_canonical(LISTED)
    assert old in data
    with pytest.raises(Malformed):
        parse_index(data.replace(old, new))


def test_an_index_lists_each_log_once() -> None:
    for rows in (LISTED.logs * 2, (ListedLog("nrc/b", (), (NAME,), ()), *LISTED.logs)):
        with pytest.raises(Malformed):
            parse_index(format_canonical(Index(1, "", rows)))


def test_an_index_is_closed() -> None:
    data = format_canonical(LISTED).replace(b'"equivocations":["' + NAME.encode() + b'"],', b"")
    with pytest.raises(Malformed):
        parse_index(data)


def publishing() -> Node:
    """A node with payloads, a long log of two faces, a succession, cosignatures."""
    a, b, c = council("a", "b", "c")
    a.pay(*(f"p{number}" for number in range(3)))
    a.write(*(str(number) for number in range(300)))
    twin = a.copy()
    a.write("one")
    twin.write("two")
    for node in (b, c):
        node.write("x")
        node.succeed()
        node.write("y")
    b.pull(a)
    b.pull(twin)
    exchange(b, c)
    for node in (b, c):
        node.acknowledge()
    exchange(b, c)
    return b


def test_every_path_is_answered_and_every_file_is_what_its_name_says() -> None:
    node = publishing()
    publication = node.publication()
    paths = list(publication.paths())
    assert len(paths) == len(set(paths)) or any("/payload/" in path for path in paths)
    assert paths[-1] == INDEX
    files = files_of(node)
    assert set(files) == set(paths)
    for path, data in files.items():
        folder, _, name = path.rpartition("/")
        if folder.endswith(("keys", "payload", "equivocations")):
            assert hashlib.sha256(data).hexdigest() == name
    index = parse_index(files[INDEX])
    assert index.node == "nrc/b"
    assert [log.origin for log in index.logs] == ["nrc/a", "nrc/b", "nrc/c"]
    for log in index.logs:
        assert f"{log.origin}/keys/{log.keys[0]}" in files
        for branch in log.branches:
            prefix = branch_prefix(log.origin, branch.number)
            checkpoint = parse_checkpoint(files[f"{prefix}checkpoint"])
            assert (checkpoint.head.size, format_base64(checkpoint.head.root)) == (branch.size, branch.root)
            open_checkpoint(checkpoint, node.standing(log.origin).history.log_keys)
            assert paths.index(f"{prefix}checkpoint") > max(
                paths.index(path) for path in paths if path.startswith(f"{prefix}tile/")
            )


def test_a_log_can_be_built_again_from_its_files() -> None:
    node = publishing()
    files = files_of(node)
    entries = parse_bundle(files["nrc/a/tile/entries/000"], count=256)
    entries += parse_bundle(files["nrc/a/tile/entries/001.p/48"], count=48)
    leaves = parse_tile(files["nrc/a/tile/0/000"], width=256)
    assert root_of(leaves) == files["nrc/a/tile/1/000.p/1"]
    leaves += parse_tile(files["nrc/a/tile/0/001.p/48"], width=48)
    assert root_of(leaves) == parse_checkpoint(files["nrc/a/checkpoint"]).head.root
    assert [parse_entry(one).n for one in entries] == list(range(304))


def test_narrower_tiles_are_answered_and_wider_ones_are_not_there() -> None:
    publication = publishing().publication()
    whole = publication.read("nrc/a/tile/0/001.p/48")
    assert whole is not None
    assert publication.read("nrc/a/tile/0/001.p/47") == whole[:-32]
    for path in (
        "nrc/a/tile/0/001.p/49",
        "nrc/a/tile/0/001",
        "nrc/a/tile/entries/002.p/1",
        "nrc/a/tile/2/000.p/1",
    ):
        assert publication.read(path) is None


@pytest.mark.parametrize(
    "path",
    [
        f"nrc/a/keys/{NAME}",
        f"nrc/a/payload/{NAME}",
        f"nrc/a/equivocations/{NAME}",
        "nrc/a/branch/9/checkpoint",
        "nrc/z/checkpoint",
        "nrc/a/branch/9/tile/0/000",
        "nrc/z/tile/0/000.p/1",
    ],
)
def test_what_is_not_there_is_none(path: str) -> None:
    assert publishing_once().read(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "index/",
        "Index",
        "checkpoint",
        "nrc/checkpoint",
        "nrc/a",
        "nrc/a/",
        "nrc/a/x",
        "../a/checkpoint",
        "nrc/../checkpoint",
        "nrc/a/keys/x",
        f"nrc/a/keys/{NAME.upper()}",
        f"nrc/a/keys/../{NAME}",
        "nrc/a/checkpoint/",
        "nrc/a/tile/0/0",
        "nrc/a/branch/x/checkpoint",
        "nrc/a/branch/01/checkpoint",
        "nrc/a/branch/1/keys/" + NAME,
        "nrc/a/branch/1/branch/1/checkpoint",
        "nrc/a/tile/../checkpoint",
        "nrc/a/checkpoint\n",
        "NRC/a/checkpoint",
        "nrc/minutes/checkpoint",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(Malformed):
        publishing_once().read(path)


def publishing_once() -> Publication:
    if not _KEPT:
        _KEPT.append(publishing().publication())
    return _KEPT[0]


_KEPT: list[Publication] = []


def test_sixteen_lines_are_attached_and_every_cosignature_is_beside() -> None:
    with cheap_signatures():
        a, *others = council("a", *(f"w{number:02d}" for number in range(24)))
        a.write("1")
        for other in others:
            other.pull(a)
            assert other.acknowledge()
            a.pull(other)
        publication = a.publication()
        short, every = publication.read("nrc/a/checkpoint"), publication.read("nrc/a/cosignatures")
        assert short is not None
        assert every is not None
        attached, beside = parse_checkpoint(short).note, parse_checkpoint(every).note
        assert len(attached.signatures) == MAX_ATTACHED
        assert len(beside.signatures) == 25
        keys = [a.log.verifier, *(other.witness.verifier for other in others)]
        assert len(open_note(beside, keys)) == 25
        assert len(open_note(attached, keys)) == MAX_ATTACHED


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (text_entry("nrc/a", 0), None),
        (text_entry("nrc/a", 0, '"payload":{'), None),
        (b'"payload":{', None),
        (text_entry("nrc/a", 0, payload=salted("x")[0]), hashlib.sha256(salted("x")[1]).digest()),
    ],
)
def test_the_payload_that_an_entry_names(entry: bytes, named: bytes | None) -> None:
    assert named_payload(entry) == named


@quick
@given(st.text(st.sampled_from("nrc/a.-tilekys0123x\n"), max_size=24))
def test_any_path(path: str) -> None:
    try:
        publishing_once().read(path)
    except InputError:
        return
