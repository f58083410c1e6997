"""A witness's answer to `add-checkpoint` (C2SP tlog-witness), without the web server around it.

The caller keeps, for each origin, the last head that was cosigned. It MUST make the new one durable before
the answer leaves, and must not let two requests for one origin overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allweather.errors import Malformed, NotVerified
from allweather.record.checkpoints import Checkpoint, Head, open_checkpoint, parse_checkpoint
from allweather.record.keys import Signer, VerifierKey, format_base64, parse_base64, parse_decimal
from allweather.record.merkle import EMPTY_ROOT, HASH_SIZE, MAX_PROOF, MAX_SIZE, verify_consistency
from allweather.record.notes import MAX_NOTE, cosign, format_note, format_signature

MAX_REQUEST = MAX_NOTE + 4_096


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks of a witness: to cosign `checkpoint`, which grew from `old` entries by this proof."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status with its body, and the head to make durable before it is sent (None: no change)."""

    status: int
    body: bytes
    head: Head | None = None


def format_request(request: Request) -> bytes:
    """The body of the request."""
    lines = [f"old {request.old}", *map(format_base64, request.proof)]
    return ("\n".join(lines) + "\n\n").encode() + format_note(request.checkpoint.note)


def parse_request(data: bytes, *, where: str = "add-checkpoint") -> Request:
    """The request that a body spells. Raises Malformed."""
    if len(data) > MAX_REQUEST:
        raise Malformed(f"a request of {len(data)} bytes is more than the {MAX_REQUEST} of one", where=where)
    head, gap, note = data.partition(b"\n\n")
    if not gap or not head.isascii() or not head.startswith(b"old "):
        raise Malformed("a request is the old size, a proof, an empty line and a checkpoint", where=where)
    lines = head.decode("ascii").split("\n")
    if len(lines) > MAX_PROOF + 1:
        raise Malformed(f"a proof has at most {MAX_PROOF} hashes", where=where)
    old = parse_decimal(lines[0].removeprefix("old "), limit=MAX_SIZE, where=where)
    proof = tuple(parse_base64(line, size=HASH_SIZE, where=where) for line in lines[1:])
    return Request(old, proof, parse_checkpoint(note, where=where))


def add_checkpoint(
    data: bytes,
    keys: Mapping[str, Sequence[VerifierKey]],
    cosigned: Mapping[str, Head],
    witness: Signer,
    *,
    at: int,
) -> Answer:
    """The answer to a request, at the witness's time `at` (seconds since 1970).

    `keys` are the log keys that speak for each origin, `cosigned` the last head cosigned of each.
    """
    origin, size, root = _stated(data)
    if origin is not None and origin not in keys:
        return _refuse(404, f"{origin!r:.150} is not known here")
    if size == "0" and root != format_base64(EMPTY_ROOT):
        return _refuse(422, "a log of no entries has the hash of nothing as its root")
    try:
        request = parse_request(data)
    except Malformed as error:
        return _refuse(400, str(error))
    head = request.checkpoint.head
    try:
        open_checkpoint(request.checkpoint, keys[head.origin])
    except NotVerified as error:
        return _refuse(403, str(error))
    if request.old > head.size:
        return _refuse(400, f"the old size {request.old} is larger than the checkpoint's {head.size}")
    last = cosigned.get(head.origin)
    held = last.size if last else 0
    if request.old != held:
        return Answer(409, f"{held}\n".encode())
    try:
        if last is not None and held:
            verify_consistency(held, head.size, request.proof, last.root, head.root)
        elif request.proof:
            raise NotVerified("nothing was cosigned before, so that the proof must be empty")
    except NotVerified as error:
        return _refuse(422, str(error))
    line = cosign(head.text, witness, at)
    return Answer(200, format_signature(line).encode(), head)


def _stated(data: bytes) -> tuple[str | None, str, str]:
    """Origin, size and root as the request states them: an unknown name is answered before it is judged."""
    lines = data[:MAX_REQUEST].partition(b"\n\n")[2].split(b"\n", 3)
    if len(lines) < 4:
        return None, "", ""
    origin, size, root = (line.decode("utf-8", "replace") for line in lines[:3])
    return origin, size, root


def _refuse(status: int, sentence: str) -> Answer:
    return Answer(status, f"{sentence}\n".encode())
