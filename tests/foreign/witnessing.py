"""aics-witness, run as the service that it is, on the loopback interface, and requests to it from our logs.

And the other way round: a witness of ours in a bare web server, for aics-witness's client. Each request (C2SP
tlog-witness, `add-checkpoint`) states the status with which it has to be answered. They come in order: a
witness keeps what it has cosigned, and a refused request must leave that as it was.
"""

from __future__ import annotations

import hashlib
import http.client
import http.server
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from allweather.record import merkle, witness
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint, with_signature
from allweather.record.keys import VerifierKey, log_signer, parse_verifier_key
from allweather.record.notes import Note, NoteSignature, sign_note
from allweather.record.storage import Branch, read_nodes
from tests.foreign import peers
from tests.foreign.logs import SIZES, Member, cosigned, grown, seed

NAME = "witness.example/one"
CLOCK = 1_700_100_000


@dataclass(frozen=True)
class Request:
    """One request and the status that it has to get; `size` is what a 409 has to name."""

    name: str
    body: bytes
    status: int
    head: Head | None = None
    size: int | None = None


def _body(old: int, hashes: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    return witness.format_request(witness.Request(old, tuple(hashes), checkpoint))


class History:
    """A log with its checkpoints at some sizes, and proofs between any of them."""

    def __init__(self, member: Member, checkpoints: Sequence[Checkpoint]) -> None:
        self.member = member
        self.at = {one.head.size: one for one in checkpoints}
        self.branch: Branch = member.branch()

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        return merkle.prove_consistency(old, new, read_nodes(self.member.store, self.branch)) if old else ()

    def request(self, name: str, old: int, new: int) -> Request:
        checkpoint = self.at[new]
        return Request(name, _body(old, self.proof(old, new), checkpoint), 200, checkpoint.head)


@cache
def history() -> History:
    """The log of nrc/norway at each of the sizes."""
    member = Member("nrc/norway")
    checkpoints = []
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        member.write(size - before)
        checkpoints.append(member.branch().checkpoint)
    return History(member, checkpoints)


@cache
def requests() -> tuple[Request, ...]:
    """Every request, in the order in which the witness gets them."""
    log = history()
    growth = [
        log.request(f"from {old} to {new}", old, new)
        for old, new in zip((0, *SIZES), SIZES[:4], strict=False)
    ]
    last = [
        log.request("the same again", 257, 257),
        *_spoiled(log),
        log.request("from 257 to 1000", 257, 1000),
        Request(
            "the same with cosignatures of our own",
            _body(1000, (), _with_own_cosignatures()),
            200,
            log.at[1000].head,
        ),
    ]
    nothing = sign_checkpoint(Head("nrc/norway", 0, log.at[1].head.root), log.member.log)
    first = Request("no entries, with the root of one", _body(0, (), nothing), 422)
    return (first, *growth, *last, *_contradicting(log), *_marginal(log))


def _with_own_cosignatures() -> Checkpoint:
    member, _, _ = cosigned()
    checkpoint = member.branch().checkpoint
    for one in member.store.cosigned(member.origin, 1000):
        checkpoint = with_signature(checkpoint, one.line)
    return checkpoint


def _spoiled(log: History) -> Iterator[Request]:
    """What may not be cosigned on top of 257 entries, although the log has honestly grown to 1,000."""
    old, new, held = log.at[256], log.at[1000], 257
    hashes = log.proof(held, 1000)
    head = new.head

    def refused(name: str, status: int, body: bytes, size: int | None = None) -> Request:
        return Request(name, body, status, size=size)

    def with_proof(name: str, changed: Sequence[bytes]) -> Request:
        return refused(name, 422, _body(held, changed, new))

    yield with_proof("a bit of a hash", (bytes([hashes[0][0] ^ 1]) + hashes[0][1:], *hashes[1:]))
    yield with_proof("a hash dropped", hashes[:-1])
    yield with_proof("a hash more", (*hashes, hashes[-1]))
    yield with_proof("hashes reordered", hashes[::-1])
    yield with_proof("no hashes", ())
    yield refused("from a size that was passed", 409, _body(256, log.proof(256, 1000), new), held)
    yield refused("from a size not yet reached", 409, _body(300, log.proof(300, 1000), new), held)
    yield refused("as if from the beginning", 409, _body(0, (), new), held)
    yield refused("back to 256 entries", 400, _body(held, (), old))
    yield refused("back to 256 entries, from there", 409, _body(256, (), old), held)
    yield refused("too many hashes", 400, _body(held, hashes * 10, new))
    good = _body(held, hashes, new)
    yield refused("a size with a zero before it", 400, good.replace(b"old 257", b"old 0257"))
    yield refused("no line of the old size", 400, good.partition(b"\n")[2])
    yield refused("cut", 400, good[: len(good) // 2])
    yield refused("empty", 400, b"")
    bits = new.note.signatures[0].signature
    broken = NoteSignature(head.origin, log.member.log.verifier.key_id, bits[:40] + b"\0" + bits[41:])
    yield refused("a bit of the signature", 403, _signed(held, hashes, head, broken))
    stranger = sign_checkpoint(head, log_signer(head.origin, seed("stranger")))
    yield refused("signed by a stranger in the log's name", 403, _body(held, hashes, stranger))
    other = Head(head.origin, 1000, hashlib.sha256(b"").digest())
    forged = Checkpoint(other, sign_checkpoint(other, log.member.log).note)
    yield refused("another root, signed by the log", 422, _body(held, hashes, forged))
    more = Checkpoint(head, sign_note(f"{head.text}more\n", log.member.log))
    yield refused("a line more, signed by the log", 400, _body(held, hashes, more))
    canada, _ = grown(257, 256, "nrc/canada")
    yield refused("a log that the witness does not know", 404, _body(0, (), canada.branch().checkpoint))


def _signed(old: int, hashes: Sequence[bytes], head: Head, line: NoteSignature) -> bytes:
    return _body(old, hashes, Checkpoint(head, Note(head.text, (line,))))


def _contradicting(log: History) -> Iterator[Request]:
    """The other face of the log: honest in itself, and parted from this one after entry 257."""
    checkpoints = []
    member = Member(log.member.origin)
    member.write(257)
    for size in (1000, 1100):
        member.write(size - len(member), word="otherwise")
        checkpoints.append(member.branch().checkpoint)
    face = History(member, checkpoints)
    body = _body(1000, (), face.at[1000])
    yield Request("another face of the same size", body, 422)
    body = _body(1000, face.proof(1000, 1100), face.at[1100])
    yield Request("another face, longer, with its own proof", body, 422)
    body = _body(257, face.proof(257, 1100), face.at[1100])
    yield Request("another face, from where the faces part", body, 409, size=1000)


def _marginal(log: History) -> Iterator[Request]:
    """Requests on which it takes C2SP tlog-witness to the letter to agree."""
    checkpoint = log.at[1000]
    (line,) = checkpoint.note.signatures
    bits = bytes([line.signature[0] ^ 1]) + line.signature[1:]
    twice = Note(checkpoint.note.text, (line, NoteSignature(line.name, line.key_id, bits)))
    body = _body(1000, (), Checkpoint(checkpoint.head, twice))
    yield Request("signed, and signed again with a bit flipped", body, 403)
    foreign = checkpoint.note.text.replace("nrc/norway", "Example.org/Log")
    head = Checkpoint(checkpoint.head, sign_note(foreign, log.member.log))
    yield Request("a log whose name could not be one of ours", _body(0, (), head), 404)


#: Requests that a witness of ours answers otherwise, each with its status and the reason.
OTHERWISE: Mapping[str, tuple[int, str]] = {}


@dataclass(frozen=True)
class Response:
    """What the witness answered."""

    status: int
    body: bytes


class Service:
    """A running witness that knows the log of nrc/norway."""

    def __init__(self, folder: Path) -> None:
        library = peers.aics_witness()
        self.store: Any = library.WitnessStore(folder / "witness.db", create=True)
        key = Ed25519PrivateKey.from_private_bytes(seed(NAME))
        known = Member("nrc/norway").log.verifier
        logs = [library.LogConfig.from_strings(known.name, [str(known)])]
        self.witness: Any = library.Witness(NAME, key, self.store, logs, clock=lambda: CLOCK)
        self.server: Any = library.make_server(self.witness)

    @property
    def key(self) -> VerifierKey:
        """The witness's key, from the text by which it makes it known."""
        return parse_verifier_key(self.witness.vkey_text)

    def ask(self, method: str, path: str, body: bytes | None = None) -> Response:
        """One request over HTTP."""
        host, port = self.server.server_address[:2]
        connection = http.client.HTTPConnection(host, port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return Response(answer.status, answer.read())
        finally:
            connection.close()

    def latest(self, origin: str) -> bytes:
        """The checkpoint that the witness shows to whoever monitors it."""
        answer = self.ask("GET", f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")
        assert answer.status == 200
        return answer.body


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """A witness that serves until the end of the block."""
    service = Service(folder)
    try:
        with _served(service.server):
            yield service
    finally:
        service.server.server_close()
        service.store.close()


class OurWitness:
    """What a node of ours keeps around `record.witness.add_checkpoint`; it knows the log of nrc/norway."""

    def __init__(self) -> None:
        self.cosigned: dict[str, Head] = {}
        self.member = Member("nrc/france")

    def answer(self, body: bytes) -> witness.Answer:
        """The answer to a request, kept before it leaves."""
        known = Member("nrc/norway").log.verifier
        answer = witness.add_checkpoint(
            body, {known.name: [known]}, self.cosigned, self.member.witness, at=CLOCK
        )
        if answer.head is not None:
            self.cosigned[answer.head.origin] = answer.head
        return answer


@contextmanager
def serving(ours: OurWitness) -> Iterator[str]:
    """A witness of ours under a web address, until the end of the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = ours.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/x.tlog.size" if answer.status == 409 else "text/plain")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told on standard error."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server, _served(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def _served(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def submit(service: Service) -> dict[str, Response]:
    """Every request, in order, with its answer."""
    return {one.name: service.ask("POST", "/add-checkpoint", one.body) for one in requests()}
