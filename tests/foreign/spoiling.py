"""Spoiled copies of one sound case: each says which checks must refuse it; the others must not.

`breaks` names checks; a verifier that has none of them is not concerned. Where a verifier accepts what we
would not, `LENIENT` says so with the reason.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from allweather.record.checkpoints import parse_checkpoint, with_signature
from allweather.record.keys import SignatureType, VerifierKey, format_base64
from allweather.record.notes import Note, NoteSignature, cosign, format_note
from allweather.record.tiles import format_bundle, parse_bundle
from tests.foreign.logs import Files, Member, contradiction, cosigned, other_face, other_log, shorter, whole

CHECKPOINT = "log/checkpoint"
COSIGNATURES = "log/cosignatures"
#: The log of `whole` has 1,000 entries: three full tiles, one of 232, and one above them of three.
TILE, NEXT, EDGE, ABOVE = (f"log/tile/{one}" for one in ("0/000", "0/001", "0/003.p/232", "1/000.p/3"))
BUNDLE, NEXT_BUNDLE, EDGE_BUNDLE = (f"log/tile/entries/{one}" for one in ("000", "001", "003.p/232"))
PROOF, ENTRY = "proofs/333.tlog-proof", "proofs/333.entry"

Spoil = Callable[[Files], None]


@dataclass(frozen=True)
class Spoiling:
    """How to spoil a copy, and what then has to be refused."""

    name: str
    breaks: frozenset[str]
    spoil: Spoil

    def files(self) -> Files:
        """The spoiled copy of the sound case."""
        files = dict(whole())
        self.spoil(files)
        assert files != whole(), f"{self.name}: nothing was spoiled"
        return files


SPOILINGS: list[Spoiling] = []

#: What a verifier accepts although `breaks` names it, by verifier and spoiling, and why that is harmless.
LENIENT: Mapping[tuple[str, str], str] = {
    (
        "go",
        "checkpoint: signed again with a bit flipped",
    ): "passes over further lines of a key that has signed",
    ("sigstore", "checkpoint: signed again with a bit flipped"): "stops at the first line that verifies",
    ("aics-tlog", "checkpoint: no newline at the end"): "reads a last line that does not end; all is signed",
    ("sigstore", "checkpoint: no newline at the end"): "passes over a line that does not end; one is enough",
    (
        "sigstore",
        "checkpoint: cut within a cosignature",
    ): "passes over lines that it cannot read; one is enough",
    (
        "aics-tlog",
        "tile: a hash more",
    ): "takes as many hashes as the tile's width says, and authenticates these",
    ("sigstore", "key: a bit of its id"): "knows no verifier keys; check.mjs gives it the public key only",
}


def spoiled(name: str, *breaks: str) -> Callable[[Spoil], Spoil]:
    """Adds a function that spoils files to the list."""

    def add(spoil: Spoil) -> Spoil:
        SPOILINGS.append(Spoiling(name, frozenset(breaks), spoil))
        return spoil

    return add


def add(name: str, spoil: Spoil, *breaks: str) -> None:
    """Adds one line to the list."""
    SPOILINGS.append(Spoiling(name, frozenset(breaks), spoil))


# What is done to files


def flip(path: str, place: int = -1, bit: int = 0) -> Spoil:
    """One bit of a file; `place` counts bytes, by default the one in the middle."""

    def spoil(files: Files) -> None:
        data = bytearray(files[path])
        data[place if place >= 0 else len(data) // 2] ^= 1 << bit
        files[path] = bytes(data)

    return spoil


def flip_line(path: str, line: int, *, byte: int = 5) -> Spoil:
    """One bit of the bytes that the last word of a line spells in base64."""

    def change(text: str) -> str:
        before, space, word = text.rpartition(" ")
        data = bytearray(base64.b64decode(word, validate=True))
        data[byte] ^= 1
        return before + space + format_base64(bytes(data))

    return edit(path, line, change)


def edit(path: str, line: int, change: Callable[[str], str]) -> Spoil:
    """One line of a text."""

    def spoil(files: Files) -> None:
        lines = files[path].decode().split("\n")
        lines[line] = change(lines[line])
        files[path] = "\n".join(lines).encode()

    return spoil


def cut(path: str, n_left: int | None = None) -> Spoil:
    """The file's beginning: by default its first half."""

    def spoil(files: Files) -> None:
        data = files[path]
        files[path] = data[: len(data) // 2 if n_left is None else n_left]

    return spoil


def lose(path: str) -> Spoil:
    """The file is not there."""
    return lambda files: files.__delitem__(path)


def swap(one: str, other: str) -> Spoil:
    """Two files stand in each other's place."""

    def spoil(files: Files) -> None:
        files[one], files[other] = files[other], files[one]

    return spoil


def take(path: str, source: Callable[[], Files], path_there: str = "") -> Spoil:
    """A file of another case."""
    return lambda files: files.__setitem__(path, source()[path_there or path])


def take_all(
    start: str, source: Callable[[], Files], keep: Callable[[str], bool] = lambda path: True
) -> Spoil:
    """All files of another case whose path begins so."""

    def spoil(files: Files) -> None:
        files |= {path: data for path, data in source().items() if path.startswith(start) and keep(path)}

    return spoil


def rows(path: str, change: Callable[[list[bytes]], list[bytes]], *, size: int = 32) -> Spoil:
    """The hashes of a tile."""

    def spoil(files: Files) -> None:
        data = files[path]
        files[path] = b"".join(change([data[i : i + size] for i in range(0, len(data), size)]))

    return spoil


def entries(path: str, count: int, change: Callable[[list[bytes]], list[bytes]]) -> Spoil:
    """The entries of a bundle."""

    def spoil(files: Files) -> None:
        files[path] = format_bundle(change(parse_bundle(files[path], count=count)))

    return spoil


def lines(
    path: str, change: Callable[[list[str]], list[str]], start: int = 0, end: int | None = None
) -> Spoil:
    """Some lines of a text; with no end, all but the empty one after the last newline."""

    def spoil(files: Files) -> None:
        found = files[path].decode().split("\n")
        stop = len(found) - 1 if end is None else end
        files[path] = "\n".join([*found[:start], *change(found[start:stop]), *found[stop:]]).encode()

    return spoil


def exchange(items: list[bytes]) -> list[bytes]:
    """The fourth and the fifth in each other's place."""
    return [*items[:3], items[4], items[3], *items[5:]]


# The checkpoint

add("checkpoint: a bit of the root", flip_line(CHECKPOINT, 2), "checkpoint")
add("checkpoint: another size", edit(CHECKPOINT, 1, lambda text: "1001"), "checkpoint")
add("checkpoint: another origin", edit(CHECKPOINT, 0, lambda text: "nrc/canada"), "checkpoint")
add("checkpoint: a bit of the signature", flip_line(CHECKPOINT, 4, byte=40), "checkpoint")
add("checkpoint: a bit of the key's id", flip_line(CHECKPOINT, 4, byte=0), "checkpoint")
add("checkpoint: signed in another name", edit(CHECKPOINT, 4, lambda x: x.replace("y ", "z ")), "checkpoint")
add("checkpoint: a line more", edit(CHECKPOINT, 2, lambda text: f"{text}\nmore"), "checkpoint")
add("checkpoint: cut within its own signature", cut(CHECKPOINT, 120), "checkpoint")
add("checkpoint: cut within a cosignature", cut(CHECKPOINT, -20), "checkpoint")
add("checkpoint: empty", cut(CHECKPOINT, 0), "checkpoint")
add("checkpoint: no newline at the end", cut(CHECKPOINT, -1), "checkpoint")
add("checkpoint: without its own signature", lines(CHECKPOINT, lambda found: found[1:], 4), "checkpoint")
add("checkpoint: signed again with a bit flipped", lines(CHECKPOINT, lambda x: _again(x), 4), "checkpoint")
add("checkpoint: not there", lose(CHECKPOINT), "checkpoint")
add("checkpoint: of another log", take(CHECKPOINT, other_log), "checkpoint")
add(
    "checkpoint: of the other face",
    take(CHECKPOINT, other_face),
    "entries",
    "tiles",
    "consistency",
    "cosignatures",
)


@spoiled("checkpoint: an older one replayed with the newer tiles", "consistency", "tiles", "cosignatures")
def _replay(files: Files) -> None:
    files["older"] = files[CHECKPOINT]
    files[CHECKPOINT] = shorter()[CHECKPOINT]


@spoiled("checkpoint: newer than the tiles", "entries", "tiles", "consistency", "cosignatures")
def _ahead(files: Files) -> None:
    member = Member("nrc/norway")
    member.write(257)
    member.write(943)
    files[CHECKPOINT] = format_note(member.branch().checkpoint.note)


def _again(found: list[str]) -> list[str]:
    before, _, word = found[0].rpartition(" ")
    data = bytearray(base64.b64decode(word))
    data[40] ^= 1
    return [found[0], f"{before} {format_base64(bytes(data))}", *found[1:]]


# The key that the verifier trusts

_KEY = ("checkpoint", "proofs", "equivocation")
add("key: a bit", edit("key", 0, lambda text: _other_bit(text, 20)), *_KEY)
add("key: a bit of its id", edit("key", 0, lambda text: text.replace("+93526f", "+93526e")), *_KEY)
add("key: of another type", edit("key", 0, lambda text: _other_bit(text, 0)), *_KEY)
add("key: of another log", take("key", other_log), *_KEY)


def _other_bit(text: str, byte: int) -> str:
    name, key_id, word = text.split("+", 2)
    data = bytearray(base64.b64decode(word))
    data[byte] ^= 1
    return f"{name}+{key_id}+{format_base64(bytes(data))}"


@spoiled("key: another key of the same name", *_KEY)
def _stranger(files: Files) -> None:
    stranger = VerifierKey("nrc/norway", SignatureType.NOTE, Member("nrc/canada").log.verifier.public)
    files["key"] = f"{stranger}\n".encode()


# Tiles

add("tile: a bit of a full one", flip(TILE), "tiles")
add("tile: a bit of its first hash", flip(TILE, 0), "tiles")
add("tile: a bit of the last one", flip(EDGE), "tiles")
add("tile: a bit of the one above", flip(ABOVE), "tiles")
add("tile: cut by a byte", cut(TILE, -1), "tiles")
add("tile: cut by a hash", cut(EDGE, -32), "tiles")
add("tile: empty", cut(TILE, 0), "tiles")
add("tile: a hash more", rows(EDGE, lambda found: [*found, found[-1]]), "tiles")
add("tile: two swapped", swap(TILE, NEXT), "tiles")
add("tile: two hashes reordered", rows(TILE, exchange), "tiles")
add("tile: not there", lose(NEXT), "tiles")
add("tile: the one above not there", lose(ABOVE), "tiles")
add("tile: of another log", take(TILE, other_log), "tiles")

# Entry bundles

add("bundle: a bit of an entry", flip(BUNDLE), "entries")
add("bundle: a bit of the last one", flip(EDGE_BUNDLE), "entries")
add("bundle: a bit of a length", flip(BUNDLE, 1), "entries")
add("bundle: an entry dropped", entries(BUNDLE, 256, lambda found: found[:9] + found[10:]), "entries")
add("bundle: the last entry dropped", entries(EDGE_BUNDLE, 232, lambda found: found[:-1]), "entries")
add("bundle: an entry added", entries(EDGE_BUNDLE, 232, lambda found: [*found, found[0]]), "entries")
add("bundle: an entry put in", entries(BUNDLE, 256, lambda found: [b"{}", *found[:-1]]), "entries")
add("bundle: two entries reordered", entries(BUNDLE, 256, exchange), "entries")
add("bundle: cut", cut(BUNDLE), "entries")
add("bundle: cut by a byte", cut(EDGE_BUNDLE, -1), "entries")
add("bundle: a byte more", lambda files: files.update({BUNDLE: files[BUNDLE] + b"\0"}), "entries")
add("bundle: two swapped", swap(BUNDLE, NEXT_BUNDLE), "entries")
add("bundle: not there", lose(NEXT_BUNDLE), "entries")
add("bundle: of another log", take(BUNDLE, other_log), "entries")

# Two faces joined

add("faces: tiles and entries of the other", take_all("log/tile/", other_face), "entries", "tiles")
add("faces: tiles of one, entries of the other", take_all("log/tile/entries/", other_face), "entries")
add(
    "faces: the later half of the other's tiles and entries",
    take_all("log/tile/", other_face, lambda path: "/000" not in path),
    "entries",
    "tiles",
)


# Proofs of entries

add("proof: a bit of a hash", flip_line(PROOF, 4), "proofs")
add("proof: another index", edit(PROOF, 1, lambda text: "index 334"), "proofs")
add("proof: an index beyond the log", edit(PROOF, 1, lambda text: "index 1000"), "proofs")
add("proof: a hash dropped", lines(PROOF, lambda found: found[1:], 2, 6), "proofs")
add("proof: the last hash dropped", lines(PROOF, lambda found: found[:-1], 2, 12), "proofs")
add("proof: a hash more", lines(PROOF, lambda found: [*found, found[-1]], 2, 12), "proofs")
add("proof: hashes reordered", lines(PROOF, lambda found: found[::-1], 2, 12), "proofs")
add("proof: no hashes", lines(PROOF, lambda found: [], 2, 12), "proofs")
add("proof: a bit of the entry", flip(ENTRY), "proofs")
add("proof: another entry", take(ENTRY, whole, "proofs/500.entry"), "proofs")
add("proof: of another entry", take(PROOF, whole, "proofs/500.tlog-proof"), "proofs")
add("proof: of another log", take(PROOF, other_log), "proofs")
add("proof: of the other face", take(PROOF, other_face), "proofs")
add("proof: a bit of its checkpoint's root", flip_line(PROOF, 15), "proofs")
add("proof: a bit of its checkpoint's signature", flip_line(PROOF, 17, byte=40), "proofs")
add("proof: another size in its checkpoint", edit(PROOF, 14, lambda text: "999"), "proofs")
add("proof: cut", cut(PROOF), "proofs")

# Consistency with what the verifier has kept

add("consistency: a bit of a hash", flip_line("consistency", 2), "consistency")
add("consistency: a hash dropped", lines("consistency", lambda found: found[:-1]), "consistency")
add("consistency: a hash more", lines("consistency", lambda found: [*found, found[-1]]), "consistency")
add("consistency: hashes reordered", lines("consistency", lambda found: found[::-1]), "consistency")
add("consistency: no hashes", cut("consistency", 0), "consistency")
add("consistency: of another log", take("consistency", other_log), "consistency")
add("consistency: a bit of the kept root", flip_line("older", 2), "consistency")
add("consistency: a bit of the kept signature", flip_line("older", 4, byte=40), "consistency")
add("consistency: the kept checkpoint is of another log", take("older", other_log), "consistency")
add("consistency: the kept checkpoint is of another size", take("older", shorter), "consistency")


@spoiled("consistency: the kept checkpoint is of the other face", "consistency")
def _kept_of_other_face(files: Files) -> None:
    # Of the length at which the faces have parted, so that a proof of the right shape can be given with it.
    files["older"] = other_face()[CHECKPOINT]
    files["consistency"] = b""


# Cosignatures


def _with_line(line: NoteSignature) -> Spoil:
    def spoil(files: Files) -> None:
        checkpoint = parse_checkpoint(files[CHECKPOINT])
        own = tuple(one for one in checkpoint.note.signatures if one.name != line.name)
        bare = with_signature(parse_checkpoint(format_note(Note(checkpoint.note.text, own))), line)
        files[CHECKPOINT] = format_note(bare.note)

    return spoil


def _cosigned_text(text: str) -> NoteSignature:
    _, _, (witness, _) = cosigned()
    return cosign(text, witness.witness, 1_700_086_400)


add("cosignature: a bit", flip_line(CHECKPOINT, 5, byte=40), "cosignatures")
add("cosignature: a bit of its time", flip_line(CHECKPOINT, 5, byte=10), "cosignatures")
add("cosignature: cut", flip_line(COSIGNATURES, 6, byte=70), "cosignatures")
add("cosignature: one is missing", lines(CHECKPOINT, lambda found: found[:-1], 4), "cosignatures")
add("cosignature: of another witness", take("witnesses", lambda: _strangers()), "cosignatures")
add(
    "cosignature: of another head",
    lambda files: _with_line(_cosigned_text(shorter()[CHECKPOINT].decode().partition("\n\n")[0] + "\n"))(
        files
    ),
    "cosignatures",
)


def _strangers() -> Files:
    keys = [Member(f"nrc/{name}").witness.verifier for name in ("italy", "germany")]
    return {"witnesses": "".join(f"{key}\n" for key in keys).encode()}


# The proof that a log has two faces

_TWO = "equivocation"
add("two faces: a bit of the implied root", flip_line(_TWO, 1), _TWO)
add("two faces: a bit of a hash", flip_line(_TWO, 3), _TWO)
add("two faces: a hash dropped", lines(_TWO, lambda found: found[1:], 2, 5), _TWO)
add("two faces: a bit of the smaller root", flip_line(_TWO, -10), _TWO)
add("two faces: a bit of the larger root", flip_line(_TWO, -4), _TWO)
add("two faces: a bit of a signature", flip_line(_TWO, -2, byte=40), _TWO)
add("two faces: the same checkpoint twice", lines(_TWO, lambda x: [*x[:-11], *x[-5:], "", *x[-5:]]), _TWO)
add(
    "two faces: the larger checkpoint first", lines(_TWO, lambda x: [*x[:-11], *x[-5:], "", *x[-11:-6]]), _TWO
)
add("two faces: cut", cut(_TWO), _TWO)


@spoiled("two faces: a proof against another log", _TWO)
def _against_another(files: Files) -> None:
    member = Member("nrc/canada")
    member.write(257)
    member.write(743)
    files[_TWO] = contradiction(member)


@spoiled("two faces: two checkpoints that agree", _TWO)
def _agreeing(files: Files) -> None:
    # The log itself at 257 and at 1,000 entries, with its honest consistency proof and root.
    older = files["older"].decode()
    root = older.split("\n")[2]
    files[_TWO] = b"\n".join(
        [
            b"allweather/equivocation@v1",
            root.encode(),
            files["consistency"],
            _bare(files["older"]),
            _bare(files[CHECKPOINT]),
        ]
    )


def _bare(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:5])
