"""A body of texts in which a quotation is looked for: an index of every three words, then word by word.

    index = build_index([("USA_65_2010", text), ...])
    matches = find(index, texts.__getitem__, "We will … not cut 40 warheads")
    matches[0].document_id, matches[0].finding.verdict

The index leads to the places that share three words in a row with the quotation; `alignment` judges them. In
the index numbers are all one word, and negations, `and` and units are none: so a copy in which one of these
was changed leads to its source as surely as a true copy does. The index holds no text, and decides nothing.

An index is two arrays of 64-bit numbers, sorted. In the first the upper half is the hash of three words, the
lower the character where they begin, counted through all texts. The second (`pairs`) has single words and two
in a row. Together that is some 16 bytes a word. As bytes (`dump_index`): a line with the name of the format,
one line of JSON (ids and lengths, numbers of postings, SHA-256 of what follows), then the arrays, lower byte
first.

What it misses: a quotation of which no three words in a row are right. One that has fewer than three words
for the index is looked for word for word only, in the order of the texts, and up to `MAX_LOOKED_AT` places
are looked at: no word and no two words stand in so many places where they are not the quotation, unless the
texts are made for it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, Malformed
from allweather.evidence.alignment import MAX_QUOTATION, Finding, Verdict, align
from allweather.evidence.documents import Span
from allweather.evidence.pairs import places_of, postings_of, unit_of
from allweather.evidence.passages import Passage
from allweather.evidence.paths import MAX_CELLS
from allweather.evidence.words import TOKEN, Kind, kinds_of, words_of

#: All texts of an index together, in characters: its places are counted in 32 bits.
MAX_CHARACTERS: Final = 1_000_000_000
MAX_DOCUMENTS: Final = 1_000_000
#: A quotation, in characters.
MAX_QUOTATION_CHARACTERS: Final = 40_000
#: How many places are returned for a quotation.
MAX_MATCHES: Final = 5

#: Places that are looked at for a quotation of fewer than three words.
MAX_LOOKED_AT: Final = 20_000

_FORMAT: Final = b"allweather index of texts 2\n"
#: Postings looked at for one quotation: the rarest triples come first.
_MAX_POSTINGS: Final = 20_000
#: Places that are judged word by word, places tried for the very words before that, and
#: places in one document.
_MAX_JUDGED: Final = 6
_MAX_TRIED: Final = 400
_MAX_OF_ONE: Final = 2
#: Characters of text taken before and behind a likely place.
_MARGIN: Final = 300
_MAX_MARGIN: Final = 1_500
#: A text of which no part is chosen if a quotation leaves something out, in characters.
_WHOLE: Final = 60_000
#: A quotation has fewer triples, and all texts fewer boxes of 200 characters, than so many bits can count.
_TRIPLE_BITS: Final = 16
_BOX_BITS: Final = 23
_SKIPPED: Final = frozenset(("and", "per", "cent"))
#: Between two words of a quotation that is looked for word for word stand so many other characters at most.
_BETWEEN: Final = 40
#: Places of a short quotation that are taken in order at a time.
_CHUNK: Final = 1_024
#: A longer quotation is not looked for with a pattern, in characters.
_SHORT: Final = 80
_LETTERS: Final = re.compile(r"\w+")
_APOSTROPHE: Final = re.compile("['’ʼ＇]")  # noqa: RUF001
_MANY_SPACES: Final = re.compile(r"\s")

_Numbers = npt.NDArray[np.uint64]
Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Match:
    """A quotation in one document of the body."""

    document_id: str
    finding: Finding


@dataclass(frozen=True)
class Index:
    """Where each three words in a row stand, and (`pairs`) each word and each two.

    `ids` and `lengths` (in characters) are of the texts.
    """

    ids: tuple[str, ...]
    lengths: tuple[int, ...]
    postings: _Numbers
    pairs: _Numbers

    @cached_property
    def starts(self) -> list[int]:
        """Where each text begins, counted through all texts; the last number is their end."""
        return [0, *accumulate(self.lengths)]

    @property
    def n_bytes(self) -> int:
        """The memory of the postings, in bytes."""
        return int(self.postings.nbytes + self.pairs.nbytes)


def build_index(texts: Iterable[tuple[str, str]]) -> Index:
    """Index texts given as (id, text). Ids are distinct. Raises InputError over the bounds."""
    ids: list[str] = []
    lengths: list[int] = []
    triples, pairs, start = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)], 0
    codes: _Known = {}
    for id, text in texts:
        if len(ids) == MAX_DOCUMENTS or start + len(text) > MAX_CHARACTERS:
            raise InputError(
                f"more than {MAX_DOCUMENTS:,} texts or {MAX_CHARACTERS:,} characters; index a part of them",
                where=id,
            )
        read = _read(text, codes)
        hashes, places = _triples(read)
        triples.append((hashes << np.uint64(32)) | (places + np.uint64(start)))
        pairs.append(postings_of(read.units, read.unit_places, start))
        ids.append(id)
        lengths.append(len(text))
        start += len(text)
        if len(codes) > 1_000_000:  # words of noise: forget, and go on
            codes.clear()
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise InputError("two texts have this id", where=twice)
    return Index(tuple(ids), tuple(lengths), _sorted(triples), _sorted(pairs))


def _sorted(parts: list[_Numbers]) -> _Numbers:
    """The parts as one sorted row; they are given up, so that memory holds one of both."""
    row = np.concatenate(parts)
    parts.clear()
    row.sort()
    return row


def dump_index(index: Index) -> bytes:
    """The index as bytes, to be kept by the caller."""
    body = b"".join(row.astype("<u8", copy=False).tobytes() for row in (index.postings, index.pairs))
    head = {
        "ids": index.ids,
        "lengths": index.lengths,
        "n_postings": len(index.postings),
        "n_pairs": len(index.pairs),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return _FORMAT + msgspec.json.encode(head) + b"\n" + body


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    ids: list[str]
    lengths: list[int]
    n_postings: int
    n_pairs: int
    sha256: str


def parse_index(data: bytes) -> Index:
    """The index that `dump_index` gave. Raises Malformed for anything else."""
    if not data.startswith(_FORMAT):
        raise Malformed("not an index of texts in this format")
    end = data.find(b"\n", len(_FORMAT))
    try:
        head = msgspec.json.decode(data[len(_FORMAT) : end], type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Malformed("an index of texts without a readable head") from None
    body = memoryview(data)[end + 1 :]
    whole = 8 * (head.n_postings + head.n_pairs)
    if min(head.n_postings, head.n_pairs) < 0 or len(body) != whole:
        raise Malformed("an index of texts that was cut or changed")
    if hashlib.sha256(body).hexdigest() != head.sha256:
        raise Malformed("an index of texts that was cut or changed")
    rows = np.frombuffer(body, dtype="<u8").astype(np.uint64, copy=False)
    postings, pairs = rows[: head.n_postings], rows[head.n_postings :]
    total = sum(head.lengths)
    fits = len(head.ids) == len(head.lengths) == len(set(head.ids)) and min(head.lengths, default=0) >= 0
    if not fits or total > MAX_CHARACTERS:
        raise Malformed("an index of texts whose head contradicts itself")
    for row in (postings, pairs):
        is_ordered = not np.any(row[1:] < row[:-1])
        if len(row) and (not is_ordered or int((row & np.uint64(0xFFFFFFFF)).max()) >= total):
            raise Malformed("an index of texts with postings out of order or range")
    return Index(tuple(head.ids), tuple(head.lengths), postings, pairs)


def find(index: Index, read: Reader, quotation: str) -> tuple[Match, ...]:
    """The best places of a quotation, best first, at most one a document; none if it is not found.

    `read` gives the text of a document by its id, as it was indexed. Raises InputError for a quotation
    without words or over the bounds.
    """
    passage = check_quotation(quotation)
    own = _read(quotation, {})
    hashes, offsets = _triples(own)
    if not len(hashes):
        places: Iterable[tuple[str, Span]] = _word_for_word(index, read, quotation, own)
    else:
        ranges = _hits(index, hashes, offsets)
        places = (
            _spread(index, read, ranges, len(passage.words))
            if passage.elided
            else _close(index, read, ranges, quotation)
        )
    best: dict[str, Finding] = {}
    for id, span in places:
        text = read(id)
        source = Passage(text, tuple(words_of(text, span)))
        finding = align(passage, source)
        if finding.verdict is not Verdict.NOT_FOUND and (id not in best or _rank(finding) < _rank(best[id])):
            best[id] = finding
    matches = [Match(id, finding) for id, finding in best.items()]
    return tuple(sorted(matches, key=lambda match: _rank(match.finding))[:MAX_MATCHES])


def check_quotation(quotation: str) -> Passage:
    """The quotation as a passage. Raises InputError if it has no words or is over the bounds."""
    if len(quotation) > MAX_QUOTATION_CHARACTERS:
        raise InputError(
            f"a quotation of more than {MAX_QUOTATION_CHARACTERS:,} characters; look for a part of it"
        )
    passage = Passage.of(quotation)
    if not passage.words:
        raise InputError("the quotation has no words to look for")
    if len(passage.words) > MAX_QUOTATION:
        raise InputError(
            f"a quotation of {len(passage.words):,} words; at most {MAX_QUOTATION:,} are looked for"
        )
    return passage


_CLEAN: Final = {Verdict.EXACT: 0, Verdict.PUNCTUATION: 1, Verdict.ELIDED: 2}


def _rank(finding: Finding) -> tuple[int, int, bool, int]:
    """Clean places first; then those with more of the words; of equal ones the alarming first."""
    return (
        _CLEAN.get(finding.verdict, len(_CLEAN)),
        -finding.n_equal,
        finding.verdict is not Verdict.ALTERED,
        len(finding.alarms),
    )


_Known = dict[str, tuple[tuple[int, ...], int]]


@dataclass(frozen=True, slots=True)
class _Words:
    """What the index takes of a text: codes for triples, units for pairs, and the character of each."""

    codes: list[int]
    places: list[int]
    units: list[int]
    unit_places: list[int]


def _read(text: str, known: _Known) -> _Words:
    """The words of a text for the index. `known` keeps what tokens come to."""
    codes: list[int] = []
    places: list[int] = []
    units: list[int] = []
    unit_places: list[int] = []
    for match in TOKEN.finditer(text):
        surface, at = match[0], match.start()
        both = known.get(surface)
        if both is None:
            both = known[surface] = (_codes(surface), unit_of(surface))
        for one in both[0]:
            codes.append(one)
            places.append(at)
        if both[1]:
            units.append(both[1])
            unit_places.append(at)
    return _Words(codes, places, units, unit_places)


def _triples(words: _Words) -> tuple[_Numbers, _Numbers]:
    """The hashes of three words in a row, and the character where each begins."""
    row, at = np.array(words.codes, dtype=np.uint64), np.array(words.places, dtype=np.uint64)
    if len(row):
        single = np.ones(len(row), dtype=bool)
        single[1:] = (row[1:] != 0) | (row[:-1] != 0)  # 1 000 000, two hundred and six: one number
        row, at = row[single], at[single]
    if len(row) < 3:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64)
    mixed = row[:-2] * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ row[1:-1]) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed ^ row[2:]) * np.uint64(0x165667B19E3779F9)
    return mixed >> np.uint64(32), at[:-2]


def _codes(surface: str) -> tuple[int, ...]:
    """What the index takes of a token: 0 for a number, nothing for a negation, else a hash of the key."""
    return tuple(
        0 if kind is Kind.NUMBER else zlib.crc32(key.encode("utf-8", "surrogatepass")) or 1
        for key, kind in kinds_of(surface)
        if kind in (Kind.PLAIN, Kind.NUMBER) and key not in _SKIPPED
    )


@dataclass(frozen=True, slots=True)
class _Hits:
    """Places that share triples with the quotation: where, which triple, where that is in the quotation."""

    places: npt.NDArray[np.int64]
    triples: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]


def _hits(index: Index, hashes: _Numbers, offsets: _Numbers) -> _Hits:
    """The postings of the quotation's triples, the rarest triples first, up to `_MAX_POSTINGS`."""
    lower = np.searchsorted(index.postings, hashes << np.uint64(32))
    upper = np.searchsorted(index.postings, (hashes << np.uint64(32)) | np.uint64(0xFFFFFFFF), side="right")
    rarest = np.argsort(upper - lower, kind="stable")
    before = np.cumsum(upper[rarest] - lower[rarest])
    counts = np.minimum(np.diff(np.minimum(before, _MAX_POSTINGS), prepend=0), (upper - lower)[rarest])
    # The postings of all triples in one row: each triple's own begin at its lower end.
    row = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = index.postings[np.repeat(lower[rarest], counts) + row] & np.uint64(0xFFFFFFFF)
    triples = np.repeat(rarest, counts)
    return _Hits(taken.astype(np.int64), triples, offsets.astype(np.int64)[triples])


def _close(index: Index, read: Reader, hits: _Hits, quotation: str) -> Iterator[tuple[str, Span]]:
    """The likely places of a quotation in one piece: most of its triples stand there, as far apart."""
    if not len(hits.places):
        return
    width = max(200, len(quotation) // 2)
    documents = np.searchsorted(index.starts, hits.places, side="right") - 1
    # One number for a document and a box of characters in which the quotation would begin. Each distinct
    # triple votes once a box; a place at the edge of a box has votes in two.
    boxes = (documents << _BOX_BITS) + (hits.places - hits.offsets + MAX_QUOTATION_CHARACTERS) // width
    distinct = np.unique((boxes << _TRIPLE_BITS) + hits.triples)
    found, votes = np.unique(distinct >> _TRIPLE_BITS, return_counts=True)
    votes[:-1] += np.where(found[1:] == found[:-1] + 1, votes[1:], 0)
    likely = np.flatnonzero(votes * 2 >= votes.max())
    order = likely[np.argsort(-votes[likely], kind="stable")][:_MAX_TRIED]
    margin = min(_MARGIN + len(quotation) // 2, _MAX_MARGIN)
    stands_in = _stands_in(quotation)
    verbatim: dict[str, Span] = {}
    others: list[tuple[str, Span]] = []
    n_others: Counter[str] = Counter()
    for k in order:
        document, box = divmod(int(found[k]), 1 << _BOX_BITS)
        at = box * width - MAX_QUOTATION_CHARACTERS - index.starts[document]
        id, start, end = index.ids[document], at - margin, at + 2 * width + len(quotation) + margin
        # Many places may have all triples, with other numbers perhaps: the very words come first.
        if votes[k] == votes[order[0]] and stands_in(read(id), max(0, start), max(0, end)):
            verbatim.setdefault(id, _whole_words(read(id), start, end))
        elif n_others[id] < _MAX_OF_ONE and len(others) < _MAX_JUDGED:
            n_others[id] += 1
            others.append((id, _whole_words(read(id), start, end)))
        if len(verbatim) == _MAX_JUDGED:
            break
    yield from [*verbatim.items(), *others][:_MAX_JUDGED]


def _spread(index: Index, read: Reader, hits: _Hits, n_words: int) -> Iterator[tuple[str, Span]]:
    """The likely places of a quotation that leaves something out: the texts with most of its triples."""
    if not len(hits.places):
        return
    documents = np.searchsorted(index.starts, hits.places, side="right") - 1
    distinct = np.unique((documents << _TRIPLE_BITS) + hits.triples)
    found, n_votes = np.unique(distinct >> _TRIPLE_BITS, return_counts=True)
    likely = np.flatnonzero(n_votes * 3 >= n_votes.max() * 2)
    for document in found[likely[np.argsort(-n_votes[likely], kind="stable")]][:_MAX_JUDGED]:
        id, length = index.ids[document], index.lengths[document]
        if length <= _WHOLE:
            yield id, Span(0, length)
            continue
        places = hits.places[documents == document] - index.starts[document]
        # As much of a long text as can be compared, around the middle of what was hit.
        room = min(3 * MAX_CELLS // max(n_words, 1), max(_WHOLE, int(np.ptp(places)) + 2 * _MAX_MARGIN))
        middle = int(np.median(places))
        yield id, _whole_words(read(id), middle - room // 2, middle + room // 2)


def _word_for_word(index: Index, read: Reader, quotation: str, own: _Words) -> Iterator[tuple[str, Span]]:
    """The places of a quotation that is too short for the triples: its very words, the first of a text."""
    surfaces = [match[0] for match in TOKEN.finditer(quotation) if unit_of(match[0])]
    if not surfaces:
        return
    lead = places_of(index.pairs, surfaces)
    verbatim = _verbatim(quotation)
    reach = len(quotation) + _BETWEEN * len(surfaces)
    before = own.unit_places[lead.word] + _BETWEEN * lead.word
    left, looked_at, found, done = lead.places, 0, 0, -1
    while len(left) and looked_at < MAX_LOOKED_AT:
        near = np.sort(np.partition(left, _CHUNK)[:_CHUNK] if len(left) > _CHUNK else left)
        for place in near.tolist():
            if place <= done:
                continue  # in a text in which it was found already
            k = bisect_right(index.starts, place) - 1
            text, at = read(index.ids[k]), place - index.starts[k]
            looked_at += 1 + len(surfaces) // 16
            match = (
                verbatim.search(text, max(0, at - before), at + reach)
                if lead.word
                else verbatim.match(text, at)
            )
            if match:
                yield index.ids[k], _whole_words(text, match.start() - _MARGIN, match.end() + _MARGIN)
                found += 1
                if found == MAX_MATCHES:
                    return
                done = index.starts[k + 1] - 1
        left = left[left > max(done, int(near[-1]))]


def _stands_in(quotation: str) -> Callable[[str, int, int], bool]:
    """Whether the very words of a quotation stand in a part of a text, marks and capitals apart."""
    if len(quotation) <= _SHORT:
        pattern = _verbatim(quotation)
        return lambda text, start, end: pattern.search(text, start, end) is not None
    # To prepare a pattern of hundreds of words takes longer than to look at all places without one.
    wanted = f" {' '.join(_LETTERS.findall(quotation.casefold()))} "
    return lambda text, start, end: wanted in f" {' '.join(_LETTERS.findall(text[start:end].casefold()))} "


def _verbatim(quotation: str) -> re.Pattern[str]:
    """A pattern of the words of a quotation, whatever stands between them."""
    words = (
        _APOSTROPHE.sub("['’ʼ＇]", re.escape(quotation[word.start : word.end]))  # noqa: RUF001
        for word in words_of(quotation)
    )
    return re.compile(r"(?<!\w)" + rf"\W{{0,{_BETWEEN}}}".join(words) + r"(?!\w)", re.IGNORECASE)


def _whole_words(text: str, start: int, end: int) -> Span:
    """A span of the text, widened to the next spaces, so that no word is cut."""
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    found = _MANY_SPACES.search(text, end)
    return Span(start, found.start() if found else len(text))


def document_at(index: Index, place: int) -> tuple[str, int]:
    """The document of a place counted through all texts, and the place in it."""
    k = bisect_right(index.starts, place) - 1
    return index.ids[k], place - index.starts[k]


def describe(matches: Sequence[Match]) -> Verdict:
    """The verdict on a quotation in a body of texts: that of its best place."""
    return matches[0].finding.verdict if matches else Verdict.NOT_FOUND
