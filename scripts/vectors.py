"""Write the language-neutral vectors of the record into vectors/record: the same bytes each time.

    python scripts/vectors.py

Each case says whether it is valid, in its name which attack it is, and why it is decided so. Nothing here
decides: `tests/test_vectors.py` runs every case against our code and against the second verifier.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allweather.record import ed25519
from allweather.record.canonical import format_canonical
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.entries import Entry, Payload, format_entry, make_payload, sign_as_delegate
from allweather.record.facts import (
    ack_body,
    attest_body,
    delegate_body,
    frontier_body,
    redact_body,
)
from allweather.record.keys import (
    Signer,
    format_base64,
    format_verifier_key,
    log_signer,
    recovery_signer,
    witness_signer,
)
from allweather.record.members import Card, Succession, make_card, make_succession
from allweather.record.merkle import (
    EMPTY_ROOT,
    ReadNode,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
)
from allweather.record.notes import Note, NoteSignature, cosign, format_note, format_signature, sign_note
from allweather.record.proofs import (
    EntryProof,
    Equivocation,
    format_entry_proof,
    format_equivocation,
    prove_equivocation,
)
from allweather.record.tiles import format_bundle

OUT = Path(__file__).resolve().parent.parent / "vectors" / "record"
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
ORIGIN = "nrc.example/norway"
OTHER = "nrc.example/sweden"


@dataclass
class Section:
    """One file: cases of one kind, for one section of the specification."""

    kind: str
    section: int
    about: str
    cases: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, valid: bool, why: str, **given: Any) -> None:
        """One case."""
        self.cases.append({"name": name, "valid": valid, "why": why, **given})


def seed_of(*parts: object) -> bytes:
    """32 bytes fixed by their parts."""
    return hashlib.sha256(repr(("allweather vectors", *parts)).encode()).digest()


def signers_of(origin: str, generation: int = 0) -> tuple[Signer, Signer, Signer]:
    """A member's three keys."""
    return (
        log_signer(origin, seed_of(origin, "log", generation)),
        witness_signer(origin, seed_of(origin, "witness", generation)),
        recovery_signer(origin, seed_of(origin, "recovery", generation)),
    )


LOG, WITNESS, RECOVERY = signers_of(ORIGIN)
CARD = make_card(LOG, WITNESS, RECOVERY)


def flip(data: bytes, place: int = 0) -> bytes:
    """The bytes with one bit changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def canonical() -> Section:
    """Section 4: the closed profile of canonical JSON."""
    found = Section("canonical", 4, "Bytes of canonical JSON on the closed profile.")

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, data_hex=data.hex())

    case("an object", True, "keys sorted, no white space", b'{"a":1,"b":[true,false,null]}')
    case("every short escape", True, "these seven are escaped in short", b'"\\b\\t\\n\\f\\r\\"\\\\"')
    case("other control characters", True, "escaped in lower-case hex", b'"\\u0000\\u001f"')
    case(
        "DEL and solidus are not escaped", True, "only U+0000 to U+001F, quote and backslash are", b'"\x7f/"'
    )
    case("text beyond the BMP", True, "UTF-8 as it is", '"é€😀"'.encode())
    case("line separators", True, "U+2028 is not escaped", '"\u2028\u2029"'.encode())
    case("the largest integer", True, "2^53 - 1", b"9007199254740991")
    case("the smallest integer", True, "-(2^53 - 1)", b"-9007199254740991")
    case("sixteen levels", True, "nesting at most 16 deep", b"[" * 16 + b"]" * 16)
    case("an empty key", True, "a key is any ASCII text", b'{"":0}')
    case("seventeen levels", False, "nesting at most 16 deep", b"[" * 17 + b"]" * 17)
    case("an integer too large", False, "2^53", b"9007199254740992")
    case("an integer too small", False, "-2^53", b"-9007199254740992")
    case("a fraction", False, "no numbers but integers", b"1.5")
    case("a whole number with a point", False, "another spelling of 1", b"1.0")
    case("an exponent", False, "another spelling of 100", b"1e2")
    case("negative zero", False, "another spelling of 0", b"-0")
    case("a leading zero", False, "no JSON", b"01")
    case("not a number", False, "no JSON", b"NaN")
    case("white space inside", False, "no white space", b'{"a": 1}')
    case("a newline at the end", False, "no white space", b"{}\n")
    case("a byte order mark", False, "no byte before the value", b"\xef\xbb\xbf{}")
    case("keys not sorted", False, "keys are sorted by their bytes", b'{"b":1,"a":1}')
    case("a doubled key", False, "readers differ on which counts", b'{"a":1,"a":2}')
    case("a doubled key with one value", False, "doubled all the same", b'{"a":1,"a":1}')
    case("a key that is not ASCII", False, "keys are ASCII", '{"é":1}'.encode())
    case("an escape that is not needed", False, "A is spelled A", b'"\\u0041"')
    case("upper-case hex in an escape", False, "lower case", b'"\\u001F"')
    case("a long escape for a newline", False, "short escapes where there are any", b'"\\u000a"')
    case("an escaped solidus", False, "not escaped", b'"\\/"')
    case("an escaped surrogate pair", False, "UTF-8 as it is", b'"\\ud83d\\ude00"')
    case("half a surrogate pair", False, "no text", b'"\\ud83d"')
    case("a surrogate in UTF-8", False, "no valid UTF-8", b'"\xed\xa0\x80"')
    case("an overlong byte sequence", False, "no valid UTF-8", b'"\xc0\xaf"')
    case("a raw control character", False, "no JSON", b'"\x01"')
    case("two values", False, "one value", b"{}{}")
    case("nothing", False, "no value", b"")
    return found


def entry_of(index: int, text: str = "", origin: str = ORIGIN) -> bytes:
    """A small entry."""
    return format_entry(
        Entry(1, origin, index, "council.statement", 1_700_000_000, {"text": text or str(index)})
    )


def changed(**fields: Any) -> bytes:
    """The bytes of an entry of which some fields are other, or are not there (`...`), without any check."""
    base = {"v": 1, "log": ORIGIN, "n": 4, "kind": "council.statement", "at": 1_700_000_000, "body": {}}
    left = {key: value for key, value in {**base, **fields}.items() if value is not ...}
    return json.dumps(left, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entries() -> Section:
    """Section 4: entries."""
    found = Section("entry", 4, "An entry as it stands at index `n` of the log `log`.")
    root = format_base64(seed_of("root"))
    payload = {"hash": root, "size": 5, "type": "text/plain"}
    by = {"key": root, "sig": format_base64(bytes(64))}

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, data_hex=data.hex(), log=ORIGIN, n=4)

    full = changed(
        payload=payload, seen=[["a/a", 1, root], [OTHER, 2**48, root]], audience=["a/a", OTHER], by=by
    )
    case("the smallest entry", True, "the six fields that are always there", changed())
    case("every field", True, "all of the table", full)
    case("a payload of no bytes", True, "sizes are from 0", changed(payload={**payload, "size": 0}))
    case("a kind of 127 characters", True, "at most 127", changed(kind="a" * 127))
    case(
        "the body of fourteen more levels",
        True,
        "the entry is the first, the body the second of 16",
        changed(body={"a": json.loads("[" * 14 + "]" * 14)}),
    )
    bad: list[tuple[str, str, bytes]] = [
        ("another version", "v is 1", changed(v=2)),
        ("a version that is true", "true is no integer", changed(v=True)),
        ("no body", "always there", changed(body=...)),
        ("an unknown field", "no other field is allowed", changed(extra=1)),
        ("another log", "an entry names its place", changed(log=OTHER)),
        ("another index", "an entry names its place", changed(n=5)),
        ("a negative time", "from 0", changed(at=-1)),
        ("a time beyond 2^53", "at most 2^53 - 1", changed(at=2**53)),
        ("a kind in upper case", "words of a-z, 0-9 and hyphen", changed(kind="Council")),
        ("a kind with an empty word", "words are not empty", changed(kind="a..b")),
        ("a kind whose word begins with a digit", "each begins with a letter", changed(kind="a.1")),
        ("a kind of 128 characters", "at most 127", changed(kind="a" * 128)),
        ("a body that is an array", "an object", changed(body=[])),
        ("a fraction in the body", "integers only", changed(body={"a": 0.5})),
        (
            "the body too deep",
            "16 levels, the entry the first",
            changed(body={"a": json.loads("[" * 15 + "]" * 15)}),
        ),
        ("a payload that is null", "absent, not null", changed(payload=None)),
        ("a payload with a further field", "closed", changed(payload={**payload, "name": "x"})),
        ("a payload hash of 31 bytes", "32", changed(payload={**payload, "hash": format_base64(bytes(31))})),
        (
            "a payload hash in other base64",
            "canonical base64",
            changed(payload={**payload, "hash": root[:-2] + "9="}),
        ),
        ("a payload too large", "at most 2^24", changed(payload={**payload, "size": 2**24 + 1})),
        ("a media type in upper case", "lower case", changed(payload={**payload, "type": "Text/plain"})),
        ("an empty list of heads", "absent, never empty", changed(seen=[])),
        ("an empty head", "size from 1", changed(seen=[[OTHER, 0, root]])),
        ("the own head", "never the own log", changed(seen=[[ORIGIN, 1, root]])),
        ("heads not sorted", "sorted by origin", changed(seen=[[OTHER, 1, root], ["a/a", 1, root]])),
        ("a head twice", "each once", changed(seen=[[OTHER, 1, root], [OTHER, 2, root]])),
        ("an audience not sorted", "sorted", changed(audience=[OTHER, "a/a"])),
        ("an empty audience", "absent, never empty", changed(audience=[])),
        ("a delegate without a signature", "64 bytes", changed(by={**by, "sig": ""})),
        ("white space", "canonical bytes", changed().replace(b":", b": ", 1)),
        ("a doubled field", "canonical bytes", changed().replace(b'"at"', b'"at":1,"at"', 1)),
    ]
    for name, why, data in bad:
        case(name, False, why, data)
    return found


def delegates() -> Section:
    """Section 8: the signature of a delegate."""
    found = Section("delegate", 8, "Whether the delegate's signature on an entry holds.")
    entry = Entry(1, ORIGIN, 4, "council.statement", 1_700_000_000, {"text": "x"})
    signed = format_entry(sign_as_delegate(entry, seed_of("delegate")))

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, data_hex=data.hex(), log=ORIGIN, n=4)

    case("a delegate's signature", True, "over the line and the entry with an empty signature", signed)
    case("another body", False, "the body is signed", signed.replace(b'"text":"x"', b'"text":"y"'))
    case("another time", False, "the time is signed", signed.replace(b"1700000000", b"1700000001"))
    raw = ed25519.sign(seed_of("delegate"), format_entry(entry))
    key = format_base64(ed25519.public_of(seed_of("delegate")))
    bare = changed(body={"text": "x"}, by={"key": key, "sig": format_base64(raw)})
    case(
        "a signature without the line before it", False, "a signature for one thing is none for another", bare
    )
    return found


def bodies() -> Section:
    """Section 8: what entries of the record's own kinds say."""
    found = Section("body", 8, "Whether an entry of one of the record's own kinds says something.")
    head = Head(OTHER, 3, seed_of("root"))
    other = signers_of(OTHER)[0].verifier.public
    good = {
        "record.ack": ack_body([(head, 9, cosign(head.text, WITNESS, 9))]),
        "record.redact": redact_body(ORIGIN, 2, seed_of("blob"), "asked to"),
        "record.delegate": delegate_body(other, "Ann"),
        "record.withdraw": {"key": format_base64(other)},
        "record.attest": attest_body(OTHER, seed_of("succession")),
        "record.frontier": frontier_body(1, (0, EMPTY_ROOT), [head]),
    }

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, data_hex=data.hex(), log=ORIGIN, n=4)

    for kind, body in good.items():
        case(kind, True, "as in the table", changed(kind=kind, body=body))
        case(f"{kind} with a further field", False, "closed", changed(kind=kind, body={**body, "more": 1}))
        missing = dict(list(body.items())[1:])
        case(f"{kind} without a field", False, "closed", changed(kind=kind, body=missing))
        entry = Entry(1, ORIGIN, 4, kind, 1_700_000_000, body)
        by = format_entry(sign_as_delegate(entry, seed_of("delegate")))
        case(f"{kind} by a delegate", False, "a delegate speaks not about the member's log and keys", by)
    row = good["record.ack"]["heads"][0]
    for name, place, value in (
        ("of the own log", 0, ORIGIN),
        ("at time 0", 3, 0),
        ("with a key id of 3 bytes", 4, "AAAA"),
        ("with a signature of 63 bytes", 5, format_base64(bytes(63))),
    ):
        rows = [[*row[:place], value, *row[place + 1 :]]]
        case(f"record.ack {name}", False, "a malformed row", changed(kind="record.ack", body={"heads": rows}))
    late = {**good["record.frontier"], "epoch": 0}
    case("record.frontier of epoch 0", False, "from 1", changed(kind="record.frontier", body=late))
    for name, valid, ground in (
        ("with a ground of white space", True, " "),
        ("with a ground of 4,001 characters, the last a space", False, "x" * 4_000 + " "),
    ):
        some = {**good["record.redact"], "ground": ground}
        case(
            f"record.redact {name}", valid, "1 to 4,000 characters", changed(kind="record.redact", body=some)
        )
    void = {**good["record.redact"], "ground": ""}
    case(
        "record.redact without a ground",
        False,
        "1 to 4,000 characters",
        changed(kind="record.redact", body=void),
    )
    return found


def spelled(name: str, kind: int, public: bytes) -> str:
    """A verifier key of anything."""
    material = bytes([kind]) + public
    number = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{number}+{format_base64(material)}"


def verifier_keys() -> Section:
    """Section 2: verifier keys."""
    found = Section("verifier_key", 2, "A verifier key that has to be of this name and type.")
    public = LOG.verifier.public
    good = format_verifier_key(LOG.verifier)

    def case(name: str, valid: bool, why: str, text: str, kind: int = 1, key_name: str = ORIGIN) -> None:
        found.add(name, valid, why, text=text, key_name=key_name, type=kind)

    case("a log key", True, "name, key id, type 1 and 32 bytes", good)
    case("a witness key", True, "type 4", format_verifier_key(WITNESS.verifier), 4, WITNESS.name)
    case("a recovery key", True, "type 1", format_verifier_key(RECOVERY.verifier), 1, RECOVERY.name)
    case("another name", False, "the name has to be this one", spelled(OTHER, 1, public))
    case("another type", False, "a witness key is no log key", spelled(ORIGIN, 4, public))
    case("an unknown type", False, "type 2", spelled(ORIGIN, 2, public))
    case(
        "a false key id",
        False,
        "the first 4 bytes of the hash",
        good.replace(LOG.verifier.key_id.hex(), "00000000"),
    )
    case(
        "a key id in upper case",
        False,
        "lower-case hex",
        good.replace(LOG.verifier.key_id.hex(), LOG.verifier.key_id.hex().upper()),
    )
    case("31 bytes", False, "32", spelled(ORIGIN, 1, public[:31]))
    case("33 bytes", False, "32", spelled(ORIGIN, 1, public + b"\x00"))
    case("no key id", False, "three parts", f"{ORIGIN}+{good.split('+', 2)[2]}")
    case("white space at the end", False, "one spelling", good + " ")
    return found


def signatures() -> Section:
    """Section 3: strict Ed25519."""
    found = Section("signature", 3, "An Ed25519 signature by the strict rule.")
    seed, message = seed_of("signature"), b"allweather"
    public, good = ed25519.public_of(seed), ed25519.sign(seed, message)

    def case(name: str, valid: bool, why: str, key: bytes, said: bytes, signature: bytes) -> None:
        found.add(
            name, valid, why, public_hex=key.hex(), message_hex=said.hex(), signature_hex=signature.hex()
        )

    case("a signature", True, "it holds", public, message, good)
    case("of nothing", True, "an empty message", public, b"", ed25519.sign(seed, b""))
    case("another message", False, "it does not hold", public, message + b".", good)
    case("another R", False, "it does not hold", public, message, flip(good, 3))
    case("another S", False, "it does not hold", public, message, flip(good, 40))
    case("another key", False, "it does not hold", ed25519.public_of(seed_of("x")), message, good)
    scalar = int.from_bytes(good[32:], "little")
    case(
        "S + L",
        False,
        "S is not below the group order",
        public,
        message,
        good[:32] + (scalar + L).to_bytes(32, "little"),
    )
    case("S of all ones", False, "S is not below the group order", public, message, good[:32] + b"\xff" * 32)
    small = {
        "y = 0": 0,
        "the neutral point": 1,
        "y = -1": P - 1,
        "a point of order 8": 2707385501144840649318225287225658788936804267575313519463743609750303402022,
        "the other y of order 8": P
        - 2707385501144840649318225287225658788936804267575313519463743609750303402022,
    }
    for word, y in small.items():
        for sign in (0, 1):
            point = (y | sign << 255).to_bytes(32, "little")
            both = f"{word}, sign {sign}"
            case(f"the key is {both}", False, "of small order", point, message, good)
            case(f"R is {both}", False, "of small order", public, message, point + good[32:])
    neutral = (1).to_bytes(32, "little")
    case(
        "one signature for every message",
        False,
        "key and R are the neutral point, S is 0",
        neutral,
        message,
        neutral + bytes(32),
    )
    for y in (P, P + 1, P + 3, 2**255 - 1):
        point = y.to_bytes(32, "little")
        case(f"the key is spelled p + {y - P}", False, "y is not below p", point, message, good)
        case(f"R is spelled p + {y - P}", False, "y is not below p", public, message, point + good[32:])
    case("a key of 31 bytes", False, "32", public[:31], message, good)
    case("a signature of 63 bytes", False, "64", public, message, good[:63])
    case("a signature of 65 bytes", False, "64", public, message, good + b"\x00")
    return found


def keys_of(*signers: Signer) -> list[dict[str, Any]]:
    """Keys as a case gives them."""
    return [
        {"name": one.name, "type": int(one.type), "key": format_verifier_key(one.verifier)} for one in signers
    ]


def notes() -> Section:
    """Section 3: signed notes."""
    found = Section("note", 3, "A signed note that is opened with these keys.")
    text = "one\n\ntwo é\n"
    note = sign_note(text, LOG, RECOVERY)
    good = format_note(note)
    second = NoteSignature(LOG.name, LOG.verifier.key_id, bytes(64))

    def case(name: str, valid: bool, why: str, data: bytes, *signers: Signer) -> None:
        found.add(name, valid, why, note_hex=data.hex(), keys=keys_of(*(signers or (LOG,))))

    def lines(*some: NoteSignature) -> bytes:
        return format_note(Note(text, some))

    stranger = NoteSignature("stranger", b"none", b"anything")
    case("a note", True, "the last empty line separates text and signatures", good)
    case("opened with both keys", True, "both lines hold", good, LOG, RECOVERY)
    case("a line of a stranger first", True, "unknown lines are ignored", lines(stranger, *note.signatures))
    case(
        "a stranger under the known name",
        True,
        "another key id: unknown",
        lines(NoteSignature(LOG.name, b"none", b"x"), *note.signatures),
    )
    case("the same line twice", True, "both hold", lines(*note.signatures[:1] * 2))
    case("sixteen lines", True, "at least 16 are accepted", lines(*[stranger] * 15, note.signatures[0]))
    case("no known key", False, "no line of a known key verifies", good, signers_of(OTHER)[0])
    case(
        "a known line does not hold",
        False,
        "the note is refused",
        lines(note.signatures[0], NoteSignature(RECOVERY.name, RECOVERY.verifier.key_id, bytes(64))),
        LOG,
        RECOVERY,
    )
    case(
        "a second line of the key does not hold",
        False,
        "the note is refused",
        lines(note.signatures[0], second),
    )
    case("another text", False, "the signature is of another text", good.replace(b"one", b"0ne"))
    case("no signatures", False, "one or more lines", text.encode() + b"\n")
    case("no empty line", False, "text, empty line, lines", good.replace(b"\n\n\xe2", b"\n\xe2"))
    case("no newline at the end", False, "cut", good[:-1])
    case("a newline more at the end", False, "the last empty line separates", good + b"\n")
    case("a hyphen for the dash", False, "an em dash", good.replace("—".encode(), b"-"))
    case("two spaces in a line", False, "one", good.replace("— ".encode(), "—  ".encode()))
    case("base64 without padding", False, "canonical base64", good.replace(b"=\n", b"\n"))
    case(
        "a key id only",
        False,
        "a line has a signature",
        lines(NoteSignature("x", b"abcd", b""), *note.signatures),
    )
    case("a carriage return", False, "no control characters", good.replace(b"one\n", b"one\r\n"))
    case("a tab", False, "no control characters", good.replace(b"one", b"o\te"))
    case("no UTF-8", False, "UTF-8", good.replace("é".encode(), b"\xe9"))
    return found


ROWS = [entry_of(index) for index in range(13)]


def reader(rows: Sequence[bytes]) -> ReadNode:
    """The nodes of a small tree."""
    leaves = [leaf_hash(one) for one in rows]
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def head_of(rows: Sequence[bytes], origin: str = ORIGIN) -> Head:
    """The head over entries."""
    return Head(origin, len(rows), root_of([leaf_hash(one) for one in rows]))


def checkpoints() -> Section:
    """Section 6: checkpoints."""
    found = Section("checkpoint", 6, "A checkpoint that a key of its log has to have signed.")
    head = head_of(ROWS)
    text = head.text
    good = format_note(sign_checkpoint(head, LOG).note)
    root = format_base64(head.root)

    def case(name: str, valid: bool, why: str, data: bytes, signer: Signer = LOG) -> None:
        found.add(name, valid, why, checkpoint_hex=data.hex(), keys=keys_of(signer))

    def signed(some: str) -> bytes:
        return format_note(sign_note(some, LOG))

    lines = (*sign_note(text, LOG).signatures, cosign(text, signers_of(OTHER)[1], 9))
    case("a checkpoint", True, "three lines, signed by the log key", good)
    case("with a cosignature", True, "cosignatures may follow", format_note(Note(text, lines)))
    case("of no entries", True, "the hash of nothing", signed(Head(ORIGIN, 0, EMPTY_ROOT).text))
    case("an extension line", False, "exactly three lines", signed(text + "more\n"))
    case("two lines", False, "exactly three lines", signed("\n".join(text.split("\n")[:2]) + "\n"))
    case("a leading zero", False, "decimal without leading zeroes", signed(text.replace("\n13\n", "\n013\n")))
    case("a sign", False, "decimal without a sign", signed(text.replace("\n13\n", "\n+13\n")))
    case(
        "a size beyond 2^48", False, "the bound of a log", signed(text.replace("\n13\n", f"\n{2**48 + 1}\n"))
    )
    case("a size of twenty digits", False, "at most 19", signed(text.replace("\n13\n", f"\n{10**19}\n")))
    case("a root of 31 bytes", False, "32", signed(text.replace(root, format_base64(bytes(31)))))
    case("of no entries with a root", False, "the hash of nothing", signed(text.replace("\n13\n", "\n0\n")))
    case("an origin of one part", False, "council and member", signed(text.replace(ORIGIN, "norway")))
    case("an origin in upper case", False, "a-z", signed(text.replace(ORIGIN, "NRC/norway")))
    case(
        "signed by another member",
        False,
        "not a key of this log",
        format_note(sign_note(text, signers_of(OTHER)[0])),
        signers_of(OTHER)[0],
    )
    case("another size", False, "the signature is of another text", good.replace(b"\n13\n", b"\n12\n"))
    return found


def cosignatures() -> Section:
    """Section 6: cosignatures."""
    found = Section("cosignature", 6, "A signature line that has to be the cosignature of a head by a key.")
    head = head_of(ROWS)
    witness = signers_of(OTHER)[1]
    good = cosign(head.text, witness, 1_700_000_000)

    def case(
        name: str, valid: bool, why: str, line: NoteSignature, of: Head = head, by: Signer = witness
    ) -> None:
        found.add(name, valid, why, head_text=of.text, line=format_signature(line), keys=keys_of(by))

    def with_raw(raw: bytes) -> NoteSignature:
        return NoteSignature(good.name, good.key_id, raw)

    def at(time: int) -> NoteSignature:
        message = f"cosignature/v1\ntime {time}\n{head.text}".encode()
        return with_raw(time.to_bytes(8, "big") + ed25519.sign(witness.seed, message))

    case("a cosignature", True, "over the time and the three lines", good)
    case("at time 1", True, "from 1", at(1))
    case("at the last time", True, "to 2^63 - 1", at(2**63 - 1))
    case("at time 0", False, "from 1", at(0))
    case("at time 2^63", False, "to 2^63 - 1", at(2**63))
    case("another time", False, "the time is signed", with_raw(flip(good.signature, 7)))
    case("another head", False, "the head is signed", good, head_of(ROWS[:5]))
    case("another key", False, "not this witness", good, head, signers_of(OTHER, 1)[1])
    case("a plain signature", False, "72 bytes", with_raw(ed25519.sign(witness.seed, head.text.encode())))
    case(
        "a plain signature behind a time",
        False,
        "the header and the time are signed",
        with_raw(bytes(7) + b"\x01" + ed25519.sign(witness.seed, head.text.encode())),
    )
    case("71 bytes", False, "72", with_raw(good.signature[:-1]))
    return found


def cards() -> Section:
    """Section 9: cards."""
    found = Section("card", 9, "A member's card.")
    text = CARD.note.text
    lines = text.split("\n")[:-1]

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, note_hex=data.hex())

    def signed(some: str, *more: NoteSignature, log: Signer = LOG, recovery: Signer = RECOVERY) -> bytes:
        extra = more or (cosign(some, WITNESS, 1),)
        return format_note(Note(some, (*sign_note(some, log, recovery).signatures, *extra)))

    def without(place: int) -> bytes:
        kept = [line for number, line in enumerate(CARD.note.signatures) if number != place]
        return format_note(Note(text, tuple(kept)))

    case("a card", True, "five lines, signed by all three keys", format_note(CARD.note))
    case(
        "a stranger's line",
        True,
        "unknown lines are ignored",
        format_note(Note(text, (*CARD.note.signatures, NoteSignature("x", b"abcd", b"y")))),
    )
    case("without the log key's signature", False, "needed", without(0))
    case("without the recovery key's signature", False, "needed", without(1))
    case(
        "without the witness key's signature", False, "nobody calls another's witness key its own", without(2)
    )
    false = NoteSignature(WITNESS.name, WITNESS.verifier.key_id, bytes(72))
    case("a false signature of the witness key", False, "it does not hold", signed(text, false))
    case("another version", False, "the first line", signed(text.replace("@v1", "@v2")))
    case("a line more", False, "five lines", signed(text + "more\n"))
    case(
        "another member's name",
        False,
        "the keys' names begin with the origin",
        signed(text.replace(f"\n{ORIGIN}\n", f"\n{OTHER}\n")),
    )
    case(
        "keys in another order",
        False,
        "log, witness, recovery",
        signed("\n".join([*lines[:2], lines[3], lines[2], lines[4], ""])),
    )
    for word, log, witness, recovery in (
        ("log and recovery", LOG.seed, WITNESS.seed, LOG.seed),
        ("log and witness", LOG.seed, LOG.seed, RECOVERY.seed),
    ):
        signers = log_signer(ORIGIN, log), witness_signer(ORIGIN, witness), recovery_signer(ORIGIN, recovery)
        words = zip(("log", "witness", "recovery"), signers, strict=True)
        keys = [f"{one} {format_verifier_key(signer.verifier)}" for one, signer in words]
        some = "\n".join([*lines[:2], *keys, ""])
        data = signed(some, cosign(some, signers[1], 1), log=signers[0], recovery=signers[2])
        case(f"one key for {word}", False, "the three differ", data)
    case("a succession", False, "not a card", format_note(succession(5).note))
    case("cut", False, "the last line is cut", format_note(CARD.note)[:-3])
    return found


def succession(
    size: int,
    before: Card | Succession = CARD,
    generation: int = 1,
    *,
    recovery: Signer | None = RECOVERY,
    rows: Sequence[bytes] = ROWS,
) -> Succession:
    """New keys from a position of the log of thirteen entries."""
    extra = () if recovery is None else (recovery,)
    return make_succession(head_of(rows[:size]), before, *signers_of(ORIGIN, generation), *extra)


def successions() -> Section:
    """Section 9: successions, by themselves."""
    found = Section("succession", 9, "A succession by itself: whether it may be kept, not whether it counts.")
    made = succession(5)
    text = made.note.text
    log, witness, _ = signers_of(ORIGIN, 1)

    def case(name: str, valid: bool, why: str, data: bytes) -> None:
        found.add(name, valid, why, note_hex=data.hex())

    def signed(some: str) -> bytes:
        return format_note(Note(some, (*sign_note(some, log).signatures, cosign(some, witness, 1))))

    case("a succession", True, "nine lines, signed by the new log and witness keys", format_note(made.note))
    case("without the recovery key", True, "it may be attested", signed(text))
    case("from the beginning", True, "size 0", format_note(succession(0).note))
    case(
        "without the new log key",
        False,
        "needed",
        format_note(Note(text, (*sign_note(text, RECOVERY).signatures, cosign(text, witness, 1)))),
    )
    case("without the new witness key", False, "needed", format_note(sign_note(text, log, RECOVERY)))
    case("number 0", False, "from 1", signed(text.replace("\n1\n", "\n0\n")))
    case("number 01", False, "no leading zeroes", signed(text.replace("\n1\n", "\n01\n")))
    case("number 1,001", False, "at most 1,000", signed(text.replace("\n1\n", "\n1001\n")))
    case("no word before the hash", False, "after", signed(text.replace("\nafter ", "\n")))
    case("a line less", False, "nine lines", signed(text.replace("\n5\n", "\n")))
    case(
        "another member's name",
        False,
        "the keys' names begin with the origin",
        signed(text.replace(f"\n{ORIGIN}\n", f"\n{OTHER}\n")),
    )
    case(
        "another text",
        False,
        "the signatures are of another",
        format_note(Note(text.replace("\n5\n", "\n6\n"), made.note.signatures)),
    )
    case("a card", False, "not a succession", format_note(CARD.note))
    return found


def inclusion() -> Section:
    """Section 6: inclusion proofs."""
    found = Section("inclusion", 6, "An inclusion proof of RFC 6962.")
    leaves = [leaf_hash(row) for row in ROWS]

    def case(
        name: str,
        valid: bool,
        why: str,
        index: int,
        size: int,
        proof: Sequence[bytes],
        leaf: bytes,
        root: bytes,
    ) -> None:
        hashes = [one.hex() for one in proof]
        found.add(
            name,
            valid,
            why,
            index=index,
            size=size,
            leaf_hex=leaf.hex(),
            proof_hex=hashes,
            root_hex=root.hex(),
        )

    for index, size in ((0, 1), (0, 2), (6, 7), (5, 13), (12, 13)):
        proof = prove_inclusion(index, size, reader(ROWS[:size]))
        case(
            f"leaf {index} of {size}",
            True,
            "it leads to the root",
            index,
            size,
            proof,
            leaves[index],
            root_of(leaves[:size]),
        )
    proof, root = prove_inclusion(5, 13, reader(ROWS)), root_of(leaves)
    case("another leaf", False, "another root", 5, 13, proof, leaves[4], root)
    case("another index", False, "another root", 4, 13, proof, leaves[5], root)
    case("an index beyond the tree", False, "no such leaf", 13, 13, proof, leaves[5], root)
    case("another size", False, "another shape", 5, 8, proof, leaves[5], root)
    case("a hash less", False, "too short", 5, 13, proof[:-1], leaves[5], root)
    case("a hash more", False, "too long", 5, 13, [*proof, bytes(32)], leaves[5], root)
    case("hashes in another order", False, "another root", 5, 13, proof[::-1], leaves[5], root)
    case("a hash changed", False, "another root", 5, 13, [flip(proof[0]), *proof[1:]], leaves[5], root)
    case(
        "an inner node as a leaf",
        False,
        "leaves and nodes are hashed apart",
        0,
        1,
        [],
        root_of(leaves[:2]),
        root_of(leaves[:1]),
    )
    case("a leaf of no tree", False, "no such leaf", 0, 0, [], leaves[0], EMPTY_ROOT)
    return found


def consistency() -> Section:
    """Section 6: consistency proofs."""
    found = Section("consistency", 6, "A consistency proof of RFC 6962, from a tree that is not empty.")
    leaves = [leaf_hash(row) for row in ROWS]

    def case(
        name: str,
        valid: bool,
        why: str,
        old: int,
        new: int,
        proof: Sequence[bytes],
        roots: tuple[bytes, bytes],
    ) -> None:
        hashes = [one.hex() for one in proof]
        found.add(
            name,
            valid,
            why,
            old=old,
            new=new,
            proof_hex=hashes,
            old_root_hex=roots[0].hex(),
            new_root_hex=roots[1].hex(),
        )

    def roots_of(old: int, new: int) -> tuple[bytes, bytes]:
        return root_of(leaves[:old]), root_of(leaves[:new])

    for old, new in ((1, 2), (4, 8), (6, 13), (8, 13), (13, 13)):
        case(
            f"{old} to {new}",
            True,
            "the beginning of it",
            old,
            new,
            prove_consistency(old, new, reader(ROWS[:new])),
            roots_of(old, new),
        )
    proof, roots = prove_consistency(6, 13, reader(ROWS)), roots_of(6, 13)
    case("another old root", False, "not the beginning", 6, 13, proof, (roots_of(5, 13)[0], roots[1]))
    case("another new root", False, "not the beginning", 6, 13, proof, (roots[0], roots_of(6, 12)[1]))
    case("another old size", False, "another shape", 5, 13, proof, roots)
    case("sizes exchanged", False, "the smaller is the beginning", 13, 6, proof, roots[::-1])
    case("a hash less", False, "too short", 6, 13, proof[1:], roots)
    case("a hash more", False, "too long", 6, 13, [*proof, bytes(32)], roots)
    case("no hashes", False, "too short", 6, 13, [], roots)
    case("no hashes from a power of two", False, "too short", 8, 13, [], roots_of(8, 13))
    case("one size, two roots", False, "they differ", 13, 13, [], (roots[0], roots[1]))
    case("one size with a hash", False, "too long", 13, 13, [bytes(32)], (roots[1], roots[1]))
    case("a hash changed", False, "another root", 6, 13, [flip(proof[0]), *proof[1:]], roots)
    return found


def entry_proofs() -> Section:
    """Section 10 and c2sp.org/tlog-proof."""
    found = Section("entry_proof", 1, "A proof of one entry, opened with the keys of its log.")
    point = sign_checkpoint(head_of(ROWS), LOG)
    proof = EntryProof(5, prove_inclusion(5, 13, reader(ROWS)), point)
    good = format_entry_proof(proof)

    def case(
        name: str, valid: bool, why: str, data: bytes, entry: bytes = ROWS[5], signer: Signer = LOG
    ) -> None:
        found.add(name, valid, why, proof_hex=data.hex(), entry_hex=entry.hex(), keys=keys_of(signer))

    case("a proof", True, "it binds the entry to the checkpoint", good)
    case(
        "with something extra",
        True,
        "extra is not authenticated",
        format_entry_proof(EntryProof(5, proof.hashes, point, b"x")),
    )
    case(
        "of the only entry",
        True,
        "no hashes",
        format_entry_proof(EntryProof(0, (), sign_checkpoint(head_of(ROWS[:1]), LOG))),
        ROWS[0],
    )
    case("another entry", False, "another root", good, ROWS[4])
    case("another index", False, "another root", good.replace(b"index 5", b"index 4"))
    case("a leading zero", False, "decimal", good.replace(b"index 5", b"index 05"))
    case("no index", False, "needed", good.replace(b"index 5\n", b""))
    case("another format", False, "the first line", good.replace(b"@v1", b"@v2"))
    case("extra after the index", False, "before it", good.replace(b"index 5", b"index 5\nextra eA=="))
    case("a hash less", False, "too short", format_entry_proof(EntryProof(5, proof.hashes[1:], point)))
    case(
        "a checkpoint by another key",
        False,
        "not a key of the log",
        format_entry_proof(
            EntryProof(5, proof.hashes, sign_checkpoint(head_of(ROWS), signers_of(ORIGIN, 7)[0]))
        ),
    )
    case("opened with another's key", False, "not a key of the log", good, ROWS[5], signers_of(OTHER)[0])
    case("cut", False, "the last line is cut", good[:-5])
    return found


def face(n_shared: int, size: int, word: str = "other") -> list[bytes]:
    """A face that shares its first entries with the log of thirteen."""
    return [*ROWS[:n_shared], *(entry_of(index, f"{word} {index}") for index in range(n_shared, size))]


def equivocations() -> Section:
    """Section 10: proofs of two faces."""
    found = Section("equivocation", 10, "A proof that a log has two faces, by its card and successions.")
    large = sign_checkpoint(head_of(ROWS), LOG)
    small = sign_checkpoint(head_of(face(4, 7)), LOG)
    proof = prove_equivocation(small, large, reader(ROWS))
    after = succession(5)

    def case(name: str, valid: bool, why: str, data: bytes, *later: Succession) -> None:
        notes_ = [format_note(one.note).hex() for one in later]
        found.add(
            name,
            valid,
            why,
            proof_hex=data.hex(),
            card_hex=format_note(CARD.note).hex(),
            successions_hex=notes_,
        )

    def forged(**more: Any) -> bytes:
        parts = {"smaller": small, "larger": large, "implied": proof.implied, "hashes": proof.hashes, **more}
        return format_equivocation(Equivocation(**parts))

    good = format_equivocation(proof)
    same = sign_checkpoint(head_of(face(12, 13)), LOG)
    case("two faces", True, "the implied root is another", good)
    case(
        "two roots of one size",
        True,
        "sizes may be equal",
        format_equivocation(prove_equivocation(same, large, reader(ROWS))),
    )
    case("before a succession", True, "the old key speaks up to 13", good, succession(13))
    case("beyond a succession", False, "the old key speaks up to 5", good, after)
    early = sign_checkpoint(head_of(face(0, 3)), signers_of(ORIGIN, 1)[0])
    later = sign_checkpoint(head_of(ROWS), signers_of(ORIGIN, 1)[0])
    before = format_equivocation(prove_equivocation(early, later, reader(ROWS)))
    case("the new key before its own position", False, "it speaks from 5 on", before, after)
    true = sign_checkpoint(head_of(ROWS[:7]), LOG)
    case("two that agree", False, "no contradiction", forged(smaller=true))
    case(
        "the same checkpoint twice",
        False,
        "no contradiction",
        forged(smaller=large, implied=large.head.root, hashes=()),
    )
    case("another implied root", False, "the proof does not lead from it", forged(implied=seed_of("x")))
    case("a hash less", False, "too short", forged(hashes=proof.hashes[1:]))
    case("the larger first", False, "the smaller comes first", forged(smaller=large, larger=small))
    thief = sign_checkpoint(head_of(face(4, 7)), signers_of(ORIGIN, 7)[0])
    case("a checkpoint by another key", False, "not a key of the log", forged(smaller=thief))
    lent = NoteSignature(LOG.name, LOG.verifier.key_id, thief.note.signatures[0].signature)
    case(
        "another's signature under the key's name",
        False,
        "it does not hold",
        forged(smaller=Checkpoint(small.head, Note(small.head.text, (lent,)))),
    )
    abroad = signers_of(OTHER)[0]
    case(
        "a checkpoint of another log",
        False,
        "one log",
        forged(smaller=sign_checkpoint(head_of(face(4, 7), OTHER), abroad)),
    )
    empty = sign_checkpoint(Head(ORIGIN, 0, EMPTY_ROOT), LOG)
    case("an empty checkpoint", False, "0 < smaller size", forged(smaller=empty))
    case(
        "two signature lines",
        False,
        "one line of the log",
        good.replace(
            b"\n\n" + large.head.text.encode(),
            b"\n" + format_signature(small.note.signatures[0]).encode() + b"\n" + large.head.text.encode(),
        ),
    )
    case("another format", False, "the first line", good.replace(b"@v1", b"@v2"))
    case("cut", False, "the last line is cut", good[:-5])
    return found


def payloads() -> Section:
    """Section 5: payloads."""
    found = Section("payload", 5, "A blob that has to be the payload that an entry names.")
    payload, blob = make_payload("nrc/a", b"content", "text/plain", seed_of("nonce")[:16])

    def case(name: str, valid: bool, why: str, named: Payload, data: bytes) -> None:
        found.add(
            name,
            valid,
            why,
            log="nrc/a",
            payload={"hash": named.hash, "size": named.size, "type": named.type},
            blob_hex=data.hex(),
        )

    case("a payload", True, "nonce and content have the hash", payload, blob)
    case(
        "of no content",
        True,
        "the nonce alone",
        *make_payload("nrc/a", b"", "text/plain", seed_of("nonce")[:16]),
    )
    case("another content", False, "another hash", payload, blob[:-1] + b"x")
    case("another nonce", False, "another hash", payload, flip(blob))
    case("no nonce", False, "another hash", payload, blob[32:])
    case(
        "a payload of another log",
        False,
        "the nonce is bound to the log, so that nobody can redact another's payload",
        *make_payload("nrc/b", b"content", "text/plain", seed_of("nonce")[:16]),
    )
    case(
        "another size",
        False,
        "the size of the content is stated",
        Payload(payload.hash, 8, payload.type),
        blob,
    )
    case(
        "the size with the nonce",
        False,
        "the content alone is counted",
        Payload(payload.hash, 39, payload.type),
        blob,
    )
    return found


def bundles() -> Section:
    """Section 7: entry bundles."""
    found = Section("bundle", 7, "An entry bundle of `count` entries.")
    good = format_bundle(ROWS[:3])

    def case(name: str, valid: bool, why: str, data: bytes, count: int = 3) -> None:
        found.add(name, valid, why, bundle_hex=data.hex(), count=count)

    case("a bundle", True, "each entry after its length in two bytes", good)
    case("of one entry", True, "a partial bundle", format_bundle(ROWS[:1]), 1)
    case("cut in an entry", False, "too few bytes", good[:-1])
    case("cut in a length", False, "too few bytes", good[: -len(ROWS[2]) - 1])
    case("an entry too few", False, "the path says how many", format_bundle(ROWS[:2]))
    case("an entry too many", False, "the path says how many", format_bundle(ROWS[:4]))
    case("a byte more", False, "no further entry", good + b"\x00")
    case("a length too large", False, "too few bytes", b"\xff\xff" + good[2:])
    case(
        "lengths in the other byte order",
        False,
        "big-endian",
        b"".join(len(one).to_bytes(2, "little") + one for one in ROWS[:3]),
    )
    return found


def tile_paths() -> Section:
    """Section 7: paths of tiles."""
    found = Section("tile_path", 7, "The path of a tile within a log.")
    good = (
        "tile/0/000",
        "tile/entries/000.p/5",
        "tile/0/x001/067",
        "tile/1/x999/999.p/255",
        "tile/0/x001/x234/067",
    )
    for path in good:
        found.add(path, True, "as in tlog-tiles", path=path)
    bad = {
        "tile/0/0": "three digits",
        "tile/0/x000/001": "no group of zeroes before",
        "tile/0/001/067": "an x before all groups but the last",
        "tile/0/x001/x067": "no x before the last",
        "tile/00/000": "no leading zeroes",
        "tile/0/000.p/0": "a width from 1",
        "tile/0/000.p/256": "a full tile has no width",
        "tile/0/000.p/05": "no leading zeroes",
        "tile/data/000": "entries",
        "tile/0/../000": "digits",
        "tile/0/000/": "nothing after",
        "/tile/0/000": "nothing before",
    }
    for path, why in bad.items():
        found.add(path, False, why, path=path)
    return found


def indexes() -> Section:
    """Section 7: the index."""
    found = Section("index", 7, "The index of a record; its form alone.")
    root, name = format_base64(seed_of("root")), seed_of("name").hex()
    row = {
        "origin": ORIGIN,
        "branches": [{"number": 0, "size": 3, "root": root}],
        "keys": [name],
        "equivocations": [],
    }
    good = {"v": 1, "node": ORIGIN, "logs": [row]}

    def case(name: str, valid: bool, why: str, value: object, tail: bytes = b"") -> None:
        found.add(name, valid, why, data_hex=(format_canonical(value) + tail).hex())

    case("an index", True, "closed, sorted", good)
    case("of nobody's node", True, "node may be empty", {**good, "node": ""})
    case("of no logs", True, "an empty list", {**good, "logs": []})
    case("another version", False, "v is 1", {**good, "v": 2})
    case("a further field", False, "closed", {**good, "x": 1})
    case("a log twice", False, "each once", {**good, "logs": [row, row]})
    case("logs not sorted", False, "sorted by origin", {**good, "logs": [row, {**row, "origin": "a/a"}]})
    case(
        "a name in upper case",
        False,
        "64 lower-case hex digits",
        {**good, "logs": [{**row, "keys": [name.upper()]}]},
    )
    case("a node that is none", False, "an origin", {**good, "node": "norway"})
    case("white space", False, "canonical", good, b"\n")
    return found


def stories() -> Section:
    """Section 9: where a log stands."""
    found = Section(
        "story",
        9,
        "Faces and successions of one log, without attestations. `n_standing` says of each face how many of "
        "its "
        "first entries stand. `valid` says whether all stands and the log has one face.",
    )

    def case(
        name: str,
        why: str,
        faces: list[tuple[Sequence[bytes], Signer]],
        later: Sequence[Succession],
        n_standing: list[int],
        *,
        two_faced: bool = False,
        contested: bool = False,
    ) -> None:
        rows = [
            {
                "entries_hex": [one.hex() for one in some],
                "checkpoint_hex": format_note(sign_checkpoint(head_of(some), signer).note).hex(),
            }
            for some, signer in faces
        ]
        whole = n_standing == [len(some) for some, _ in faces] and not two_faced and not contested
        expect = {"n_standing": n_standing, "two_faced": two_faced, "contested": contested}
        found.add(
            name, whole, why, origin=ORIGIN, card_hex=format_note(CARD.note).hex(),
            successions_hex=[format_note(one.note).hex() for one in later], faces=rows, expect=expect,
        )  # fmt: skip

    new, third = signers_of(ORIGIN, 1)[0], signers_of(ORIGIN, 2)[0]
    one = succession(5)
    recovery = signers_of(ORIGIN, 1)[2]
    case("one face", "the key in force signed it", [(ROWS, LOG)], [], [13])
    case(
        "two faces",
        "both stand, and show that the keeper has two",
        [(ROWS, LOG), (face(4, 7), LOG)],
        [],
        [13, 7],
        two_faced=True,
    )
    case("a succession goes on", "the new key speaks beyond the position", [(ROWS, new)], [one], [13])
    case("the old key beyond the position", "it speaks for 5 entries", [(ROWS, LOG)], [one], [5])
    case(
        "the old key on another face",
        "it left before the position",
        [(ROWS, new), (face(4, 7), LOG)],
        [one],
        [13, 4],
    )
    case(
        "the old key with another root at the position",
        "none of it stands by itself",
        [(face(0, 7), LOG)],
        [one],
        [0],
    )
    case("the old key before the position", "the beginning of it", [(ROWS[:3], LOG)], [one], [3])
    case(
        "a shorter face that left before",
        "another face with the position is held",
        [(ROWS, new), (face(2, 4), LOG)],
        [one],
        [13, 2],
    )
    case(
        "a shorter face that left, nothing else held",
        "nothing held contradicts it",
        [(face(2, 4), LOG)],
        [one],
        [4],
    )
    case(
        "the thief's face is longer",
        "length plays no part",
        [(ROWS[:6], new), (face(5, 12), LOG)],
        [one],
        [6, 5],
    )
    case("the new key on another root", "it has to run through the position", [(face(3, 9), new)], [one], [0])
    case(
        "a succession without the recovery key",
        "it does not count",
        [(ROWS, LOG)],
        [succession(5, recovery=None)],
        [13],
    )
    case(
        "a succession by a retired recovery key",
        "not the one in force",
        [(ROWS, third)],
        [one, succession(8, one, 2, recovery=recovery)],
        [13],
    )
    case(
        "two successions in a row",
        "each key speaks up to the next position",
        [(ROWS, new)],
        [one, succession(8, one, 2, recovery=recovery)],
        [8],
    )
    case(
        "a later succession names an earlier position",
        "no earlier key speaks beyond it",
        [(ROWS, new)],
        [succession(8), succession(3, succession(8), 2, recovery=recovery)],
        [3],
    )
    case(
        "the face that goes on after two",
        "the succession names it, the other is disputed",
        [(face(4, 9), new), (ROWS, LOG)],
        [succession(7, rows=face(4, 9))],
        [9, 4],
    )
    rival = succession(7, CARD, 9)
    case(
        "two successions contest each other",
        "neither counts",
        [(ROWS[:9], LOG)],
        [one, rival],
        [5],
        contested=True,
    )
    case(
        "a face by a contested key",
        "up to the position that ends the last period",
        [(ROWS, new)],
        [one, rival],
        [5],
        contested=True,
    )
    two = [one, *(succession(8, one, number, recovery=recovery) for number in (2, 9))]
    case(
        "a face by a contested key after two periods",
        "up to the position that ends the last period, not the first",
        [(ROWS, third)],
        two,
        [8],
        contested=True,
    )
    case(
        "from the beginning",
        "a succession at size 0 leaves the old key nothing",
        [(ROWS, LOG)],
        [succession(0)],
        [0],
    )
    case(
        "the old log key again",
        "a log key counts once",
        [(ROWS, LOG)],
        [make_succession(head_of(ROWS[:5]), CARD, LOG, *signers_of(ORIGIN, 1)[1:], RECOVERY)],
        [13],
    )
    return found


SECTIONS: tuple[Callable[[], Section], ...] = (
    canonical, entries, delegates, bodies, verifier_keys, signatures, notes, checkpoints, cosignatures, cards,
    successions, inclusion, consistency, entry_proofs, equivocations, payloads, bundles, tile_paths, indexes,
    stories,
)  # fmt: skip


def files() -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of every file."""
    for make in SECTIONS:
        one = make()
        value = {"kind": one.kind, "section": one.section, "about": one.about, "cases": one.cases}
        yield f"{make.__name__.replace('_', '-')}.json", (json.dumps(value, indent=1) + "\n").encode()


def main() -> None:
    """Write all files; remove what is none of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    made = dict(files())
    for path in OUT.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, data in made.items():
        (OUT / name).write_bytes(data)
    print(f"{len(made)} files in {OUT.parent.name}/{OUT.name}")


if __name__ == "__main__":
    main()
