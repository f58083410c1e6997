"""The second verifier by itself: inputs made here with hashlib and cryptography alone."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verifier.loading import load

P = 2**255 - 19
ANN, BOB, EVE = "town.example/ann", "town.example/bob", "town.example/eve"


v = load()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    def __init__(self, name: str, kind: int, seed: str) -> None:
        self.name, self.kind = name, kind
        self.secret = Ed25519PrivateKey.from_private_bytes(sha(seed.encode()))
        self.public = self.secret.public_key().public_bytes_raw()
        self.id = sha(name.encode(), b"\n", bytes([kind]), self.public)[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    def line(self, text: str, time: int = 0) -> str:
        stamp = time.to_bytes(8, "big") if time else b""
        signed = f"cosignature/v1\ntime {time}\n{text}" if time else text
        return f"— {self.name} {b64(self.id + stamp + self.secret.sign(signed.encode()))}\n"


class Member:
    def __init__(self, origin: str, generation: str = "") -> None:
        self.origin = origin
        self.log = Key(origin, 1, origin + generation + "log")
        self.witness = Key(origin + "/witness", 4, origin + generation + "witness")
        self.recovery = Key(origin + "/recovery", 1, origin + generation + "recovery")

    @property
    def keys(self) -> str:
        return f"log {self.log.vkey}\nwitness {self.witness.vkey}\nrecovery {self.recovery.vkey}\n"

    @property
    def card_text(self) -> str:
        return f"allweather/member@v1\n{self.origin}\n{self.keys}"

    @property
    def card(self) -> bytes:
        text = self.card_text
        lines = self.log.line(text) + self.witness.line(text, 1) + self.recovery.line(text)
        return (text + "\n" + lines).encode()

    def succession(self, at: int, size: int, root: bytes, before: str, *signers: Key) -> bytes:
        text = (
            f"allweather/succession@v1\n{self.origin}\n{at}\n{size}\n{b64(root)}\n"
            f"after {b64(sha(before.encode()))}\n{self.keys}"
        )
        lines = self.witness.line(text, 1) + "".join(key.line(text) for key in (self.log, *signers))
        return (text + "\n" + lines).encode()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry(log: str, n: int, kind: str = "note.text", body: object = None, **more: Any) -> dict[str, Any]:
    return {"v": 1, "log": log, "n": n, "kind": kind, "at": 1_700_000_000 + n, "body": body or {}, **more}


def mth(leaves: list[bytes]) -> bytes:
    """The tree of RFC 6962 in its own words."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1", mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return [*consistency(m, leaves[:k], whole), mth(leaves[k:])]
    return [*consistency(m - k, leaves[k:], False), mth(leaves[:k])]


def leaves_of(entries: list[bytes]) -> list[bytes]:
    return [sha(b"\0", one) for one in entries]


def checkpoint(key: Key, origin: str, entries: list[bytes], *cosigners: Key) -> str:
    text = f"{origin}\n{len(entries)}\n{b64(mth(leaves_of(entries)))}\n"
    return text + "\n" + key.line(text) + "".join(one.line(text, 1_700_001_000) for one in cosigners)


def tile(level: str, at: int, width: int) -> str:
    return f"tile/{level}/{at:03d}" + (f".p/{width}" if width < 256 else "")


Files = dict[str, bytes]


def put_face(files: Files, prefix: str, entries: list[bytes], note: str) -> None:
    files[prefix + "checkpoint"] = note.encode()
    files[prefix + "cosignatures"] = note.encode()
    for at in range(0, len(entries), 256):
        some = entries[at : at + 256]
        bundle = b"".join(len(one).to_bytes(2, "big") + one for one in some)
        files[prefix + tile("entries", at // 256, len(some))] = bundle
    level, hashes = 0, leaves_of(entries)
    while hashes:
        for at in range(0, len(hashes), 256):
            some = hashes[at : at + 256]
            files[prefix + tile(str(level), at // 256, len(some))] = b"".join(some)
        hashes = [mth(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)]
        level += 1


def put_key(files: Files, origin: str, note: bytes) -> None:
    files[f"{origin}/keys/{sha(note).hex()}"] = note


ann, bob, eve = Member(ANN), Member(BOB), Member(EVE)
hand = Key("hand", 1, "hand")


def blob_of(origin: str, salt: bytes, content: bytes) -> bytes:
    salt = sha(salt)[:16]
    return salt + sha(b"allweather/nonce@v1\n" + origin.encode() + b"\n" + salt)[:16] + content


BLOB = blob_of(ANN, b"nonce", b"what was said")
GONE = blob_of(ANN, b"other", b"what was erased")


def by_hand(one: dict[str, Any], key: Key = hand) -> bytes:
    one = {**one, "by": {"key": b64(key.public), "sig": ""}}
    one["by"]["sig"] = b64(key.secret.sign(b"allweather/delegate@v1\n" + canonical(one)))
    return canonical(one)


def payload(blob: bytes) -> dict[str, object]:
    return {"hash": b64(sha(blob)), "size": len(blob) - 32, "type": "text/plain"}


def log_of_ann() -> list[bytes]:
    made = [
        canonical(entry(ANN, 0, body={"text": 'é "\\\u0001'})),
        canonical(entry(ANN, 1, "record.delegate", {"key": b64(hand.public), "name": "Hand"})),
        by_hand(entry(ANN, 2)),
        canonical(entry(ANN, 3, payload=payload(BLOB))),
        canonical(entry(ANN, 4, payload=payload(GONE))),
        canonical(
            entry(ANN, 5, "record.redact", {"log": ANN, "n": 4, "hash": b64(sha(GONE)), "ground": "law"})
        ),
        b"not an entry",
    ]
    return made + [canonical(entry(ANN, n)) for n in range(7, 300)]


def log_of_bob(ann_log: list[bytes], size: int = 260) -> list[bytes]:
    root = mth(leaves_of(ann_log[:size]))
    text = f"{ANN}\n{size}\n{b64(root)}\n"
    signature = bob.witness.secret.sign(f"cosignature/v1\ntime 1700002000\n{text}".encode())
    row = [ANN, size, b64(root), 1700002000, b64(bob.witness.id), b64(signature)]
    return [
        canonical(entry(BOB, 0, seen=[[ANN, size, b64(root)]])),
        canonical(entry(BOB, 1, "record.ack", {"heads": [row]})),
    ]


def record() -> Files:
    files: Files = {}
    one = log_of_ann()
    put_face(files, f"{ANN}/", one, checkpoint(ann.log, ANN, one, bob.witness))
    put_face(files, f"{BOB}/", log_of_bob(one), checkpoint(bob.log, BOB, log_of_bob(one)))
    for member in (ann, bob):
        put_key(files, member.origin, member.card)
    files[f"{ANN}/payload/{sha(BLOB).hex()}"] = BLOB
    files["index"] = canonical(
        {
            "v": 1,
            "node": BOB,
            "logs": [
                {
                    "origin": member.origin,
                    "branches": [{"number": 0, "size": len(log), "root": b64(mth(leaves_of(log)))}],
                    "keys": [sha(member.card).hex()],
                    "equivocations": [],
                }
                for member, log in ((ann, one), (bob, log_of_bob(one)))
            ],
        }
    )
    return files


def write(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def check(folder: Path, files: Files, pins: dict[str, str] | None = None, quorum: int = 0) -> Any:
    return v.Record(v.Source(write(folder, files)), pins or {}, quorum)


def problems(found: Any) -> str:
    return "\n".join(found.problems)


def notices(found: Any) -> str:
    return "\n".join(found.notices)


def stands(found: Any, name: str = ANN) -> list[int]:
    return [face.stands for face in found.logs[name].faces]


def successions(found: Any) -> int:
    return len(found.logs[ANN].chain.notes) - 1


def test_a_good_record_holds(tmp_path: Path) -> None:
    files = record()
    found = check(tmp_path / "r", files, {ANN: sha(ann.card_text.encode()).hex()})
    assert problems(found) == ""
    log = found.logs[ANN]
    assert log.counts == {"held": 1, "redacted": 1}
    face = log.faces[0]
    assert (face.stands, face.counts) == (300, {"unreadable": 1, "delegated": 1})
    assert face.cosigners == {BOB}
    assert "entry 6 is unreadable" in notices(found)
    with zipfile.ZipFile(tmp_path / "r.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert v.Record(v.Source(tmp_path / "r.zip"), {}).notices == found.notices


def test_the_command_says_it_in_plain_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "r", record())
    assert v.main([str(tmp_path / "r"), "--card", f"{ANN}={sha(ann.card_text.encode()).hex()}"]) == 0
    assert "Everything that was checked holds." in capsys.readouterr().out
    assert v.main([str(tmp_path / "r"), "--card", f"{ANN}={sha(ann.card).hex()}"]) == 1
    assert "the pinned card is not here" in capsys.readouterr().out
    assert v.main([str(tmp_path / "nothing")]) == 2
    (tmp_path / "bad.zip").write_bytes(b"PK\5\6" + b"\xff" * 30)
    assert v.main([str(tmp_path / "bad.zip")]) == 2


def spoil(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], None]:
    def act(files: Files) -> None:
        files[name] = change(files[name])

    return act


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def rename(old: str, new: str) -> Callable[[Files], None]:
    def act(files: Files) -> None:
        files[new] = files.pop(old)

    return act


def drop(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


def wrong_ack(files: Files) -> None:
    log = log_of_bob(log_of_ann())
    ack = json.loads(log[1])
    ack["body"]["heads"][0][3] += 1
    log[1] = canonical(ack)
    put_face(files, f"{BOB}/", log, checkpoint(bob.log, BOB, log))


def wrong_seen(files: Files) -> None:
    log = [canonical(entry(BOB, 0, seen=[[ANN, 260, b64(sha(b"x"))]]))]
    put_face(files, f"{BOB}/", log, checkpoint(bob.log, BOB, log))


def another_card(files: Files) -> None:
    put_key(files, ANN, Member(ANN, "two").card)


def many_lines(files: Files) -> None:
    note = files[f"{ANN}/checkpoint"].decode()
    files[f"{ANN}/checkpoint"] = (note + note[note.rindex("—") :] * 15).encode()


def undead_blob(files: Files) -> None:
    files[f"{ANN}/payload/{sha(GONE).hex()}"] = GONE


CHECKPOINT, COSIGNED = f"{ANN}/checkpoint", f"{ANN}/cosignatures"
LEFT, RIGHT = f"{ANN}/tile/entries/000", f"{ANN}/tile/entries/001.p/44"
CARD = f"{ANN}/keys/{sha(ann.card).hex()}"
HELD = f"{ANN}/payload/{sha(BLOB).hex()}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (spoil(CHECKPOINT, lambda d: d.replace(b"\n300\n", b"\n0300\n")), "not a decimal number"),
        (spoil(CHECKPOINT, lambda d: d.replace(b"\n300\n", b"\n299\n")), "too many entries|is missing"),
        (spoil(CHECKPOINT, lambda d: d.replace(b"=\n\n", b"=\nmore\n\n")), "exactly three lines"),
        (spoil(CHECKPOINT, lambda d: d[:-1]), "cut"),
        (spoil(CHECKPOINT, lambda d: d.replace(b"= ", b"=\t")[:-2] + b"\r\n"), "control characters"),
        (many_lines, "more than 16 signature lines"),
        (spoil(CHECKPOINT, lambda d: checkpoint(bob.log, ANN, log_of_ann()).encode()), "no key of this log"),
        (spoil(CHECKPOINT, lambda d: checkpoint(ann.log, ANN, log_of_ann()[:40]).encode()), "of another"),
        (
            spoil(COSIGNED, lambda d: checkpoint(ann.log, ANN, log_of_ann()[:40]).encode()),
            "another checkpoint",
        ),
        (spoil(COSIGNED, lambda d: d + b"junk\n"), "malformed signature line"),
        (spoil(LEFT, flip), "do not have the root"),
        (spoil(LEFT, lambda d: d[:-5]), "cut"),
        (spoil(RIGHT, lambda d: d + b"\0\0"), "too many entries"),
        (drop(RIGHT), "is missing"),
        (drop(f"{ANN}/tile/0/000"), "tile/0/000 is missing"),
        (spoil(f"{ANN}/tile/0/000", flip), "not what the entries give"),
        (spoil(f"{ANN}/tile/1/000.p/1", flip), "not what the entries give"),
        (spoil(HELD, flip), "its name is not its hash"),
        (undead_blob, "redacts it"),
        (spoil(CARD, flip), "its name is not its hash"),
        (drop(CARD), "no valid card"),
        (another_card, "several cards"),
        (rename(CARD, f"{BOB}/keys/{sha(ann.card).hex()}"), "belongs to another log"),
        (wrong_ack, "cosignature of .* does not verify"),
        (wrong_seen, "has seen another root"),
        (spoil("index", lambda d: d + b" "), "not in canonical spelling"),
    ],
)
def test_a_spoiled_record_does_not_hold(change: Callable[[Files], None], why: str, tmp_path: Path) -> None:
    files = record()
    change(files)
    found = check(tmp_path, files)
    assert v.re.search(why, problems(found)), problems(found)


def test_what_a_delegate_may_not_sign_is_shown(tmp_path: Path) -> None:
    log = [
        by_hand(entry(ANN, 0)),
        canonical(entry(ANN, 1, "record.delegate", {"key": b64(hand.public), "name": "Hand"})),
        by_hand(entry(ANN, 2)),
        by_hand(entry(ANN, 3)).replace(b"1700000003", b"1700000004"),
        canonical(entry(ANN, 4, "record.withdraw", {"key": b64(hand.public)})),
        by_hand(entry(ANN, 5)),
        canonical(entry(ANN, 6, "record.delegate", {"key": b64(hand.public), "name": ""})),
        canonical(entry(ANN, 7, "record.delegate", {"key": b64(hand.public), "name": "Hand"})),
        by_hand(entry(ANN, 8, "record.delegate", {"key": b64(eve.log.public), "name": "Eve"})),
        by_hand(entry(ANN, 9), eve.log),
    ]
    files: Files = {}
    put_key(files, ANN, ann.card)
    put_face(files, f"{ANN}/", log, checkpoint(ann.log, ANN, log))
    found = check(tmp_path, files)
    assert problems(found) == ""
    assert [n for n in range(10) if f"entry {n} is not written by" in notices(found)] == [0, 3, 5, 9]
    assert "entry 6, record.delegate, says nothing" in notices(found)
    assert "entry 8, record.delegate, says nothing" in notices(found)


def succeeded(size: int = 5) -> tuple[Files, Member]:
    files, log, new = record(), log_of_ann(), Member(ANN, "two")
    note = new.succession(1, size, mth(leaves_of(log[:size])), ann.card_text, ann.recovery)
    put_key(files, ANN, note)
    return files, new


def test_a_succession_ends_the_old_key(tmp_path: Path) -> None:
    files, new = succeeded()
    found = check(tmp_path / "old", files)
    assert stands(found) == [5]
    assert "entries from 5 are disputed" in notices(found)
    log = [*log_of_ann()[:5], canonical(entry(ANN, 5))]
    put_face(files, f"{ANN}/branch/1/", log, checkpoint(new.log, ANN, log))
    found = check(tmp_path / "both", files)
    assert stands(found) == [5, 6]
    assert "two faces" not in notices(found)


def test_successions_that_do_not_count_or_contest(tmp_path: Path) -> None:
    files, log = record(), log_of_ann()
    root, two, three = mth(leaves_of(log[:5])), Member(ANN, "two"), Member(ANN, "three")
    put_key(files, ANN, two.succession(1, 5, root, ann.card_text))
    found = check(tmp_path / "unsigned", files)
    assert successions(found) == 0
    assert stands(found) == [300]
    put_key(files, ANN, two.succession(1, 5, root, ann.card_text, ann.recovery))
    put_key(files, ANN, three.succession(1, 9, mth(leaves_of(log[:9])), ann.card_text, ann.recovery))
    found = check(tmp_path / "contested", files)
    assert successions(found) == 0
    assert stands(found) == [5]
    assert "contest each other" in notices(found)


def attest(files: Files, member: Member, *notes: bytes) -> None:
    """The member's whole log is that it attests these successions of ann's."""
    words = [{"log": ANN, "succession": b64(sha(note[: note.index(b"\n\n") + 1]))} for note in notes]
    said = [canonical(entry(member.origin, n, "record.attest", word)) for n, word in enumerate(words)]
    put_face(files, f"{member.origin}/", said, checkpoint(member.log, member.origin, said))
    put_key(files, member.origin, member.card)


def test_enough_members_can_attest_a_succession(tmp_path: Path) -> None:
    files, log, new = record(), log_of_ann(), Member(ANN, "two")
    note = new.succession(1, 5, mth(leaves_of(log[:5])), ann.card_text)
    put_key(files, ANN, note)
    for member, others in ((bob, 0), (eve, 1)):
        attest(files, member, note)
        found = check(tmp_path / str(others), files, quorum=2)
        assert successions(found) == others
        # Without a rule of the charter attestations do not count.
        assert successions(check(tmp_path / str(others), files)) == 0
    assert stands(found) == [5]


def test_a_majority_of_all_members_decides_a_contest(tmp_path: Path) -> None:
    files, log = record(), log_of_ann()
    two, three = Member(ANN, "two"), Member(ANN, "three")
    notes = [
        new.succession(1, size, mth(leaves_of(log[:size])), ann.card_text, ann.recovery)
        for new, size in ((two, 5), (three, 9))
    ]
    for note in notes:
        put_key(files, ANN, note)
    put_face(files, f"{ANN}/branch/1/", log[:20], checkpoint(three.log, ANN, log[:20]))
    found = check(tmp_path / "open", files)
    assert (successions(found), stands(found)) == (0, [5, 5])
    attest(files, bob, notes[1])
    put_key(files, EVE, eve.card)
    assert successions(check(tmp_path / "one", files)) == 0
    attest(files, eve, notes[1])
    found = check(tmp_path / "most", files)
    assert (successions(found), stands(found)) == (1, [9, 20])
    attest(files, bob, *notes)
    attest(files, eve, *notes)
    assert successions(check(tmp_path / "all", files)) == 0


def test_a_later_succession_may_name_an_earlier_position(tmp_path: Path) -> None:
    files, two = succeeded(9)
    log, three = log_of_ann(), Member(ANN, "three")
    note = three.succession(2, 5, mth(leaves_of(log[:5])), two.card_text, two.recovery)
    text = two.succession(1, 9, mth(leaves_of(log[:9])), ann.card_text).split(b"\n\n")[0].decode() + "\n"
    note = three.succession(2, 5, mth(leaves_of(log[:5])), text, two.recovery)
    put_face(files, f"{ANN}/branch/1/", log[:12], checkpoint(two.log, ANN, log[:12]))
    assert stands(check(tmp_path / "before", files)) == [9, 12]
    put_key(files, ANN, note)
    other = [*log[:5], *(canonical(entry(ANN, n, "note.other")) for n in range(5, 15))]
    put_face(files, f"{ANN}/branch/2/", other, checkpoint(three.log, ANN, other))
    found = check(tmp_path / "after", files)
    assert (successions(found), stands(found)) == (2, [5, 5, 15])
    assert "two faces" not in notices(found)


def test_keys_that_must_sign_and_differ() -> None:
    for line in (ann.log.line(ann.card_text), ann.recovery.line(ann.card_text)):
        with pytest.raises(v.Refused, match="missing"):
            v.parse_key_note(ann.card.replace(line.encode(), b""))
    stamped = ann.witness.line(ann.card_text, 1).encode()
    for wrong in (b"", ann.witness.line(ann.card_text, 2).encode()):
        with pytest.raises(v.Refused, match="missing"):
            v.parse_key_note(ann.card.replace(stamped, wrong))
    two, log = Member(ANN, "two"), log_of_ann()
    two.log = ann.log
    note = two.succession(1, 5, mth(leaves_of(log[:5])), ann.card_text, ann.recovery)
    chain = v.build_chain(v.parse_key_note(ann.card), [v.parse_key_note(note)])
    assert len(chain.notes) == 1


def two_faces() -> tuple[list[bytes], list[bytes], bytes]:
    one = [canonical(entry(ANN, n)) for n in range(3)]
    two = [*one[:2], *(canonical(entry(ANN, n, "note.other")) for n in range(2, 7))]
    leaves = leaves_of(two)
    lines = [b64(mth(leaves[:3])), *(b64(one) for one in consistency(3, leaves))]
    head = "allweather/equivocation@v1\n" + "\n".join(lines) + "\n\n"
    return one, two, (head + checkpoint(ann.log, ANN, one) + "\n" + checkpoint(ann.log, ANN, two)).encode()


def test_two_faces_both_stand_and_are_proven(tmp_path: Path) -> None:
    one, two, proof = two_faces()
    files: Files = {}
    put_key(files, ANN, ann.card)
    put_face(files, f"{ANN}/", one, checkpoint(ann.log, ANN, one))
    put_face(files, f"{ANN}/branch/1/", two, checkpoint(ann.log, ANN, two))
    files[f"{ANN}/equivocations/{sha(proof).hex()}"] = proof
    found = check(tmp_path / "r", files)
    assert problems(found) == ""
    assert stands(found) == [3, 7]
    assert "two faces, of size 3 and 7" in notices(found)
    assert "both stand: two faces" in notices(found)
    (tmp_path / "proof").write_bytes(proof)
    (tmp_path / "card").write_bytes(ann.card)
    (tmp_path / "other").write_bytes(bob.card)
    assert v.main(["equivocation", str(tmp_path / "proof"), "--card", str(tmp_path / "card")]) == 0
    assert v.main(["equivocation", str(tmp_path / "proof"), "--card", str(tmp_path / "other")]) == 1
    same = [*one, canonical(entry(ANN, 3))]
    lines = [b64(mth(leaves_of(one))), *(b64(x) for x in consistency(3, leaves_of(same)))]
    head = "allweather/equivocation@v1\n" + "\n".join(lines) + "\n\n"
    honest = (head + checkpoint(ann.log, ANN, one) + "\n" + checkpoint(ann.log, ANN, same)).encode()
    chain = v.Chain([v.parse_key_note(ann.card)])
    for spoiled, why in (
        (honest, "no contradiction"),
        (
            proof.replace(lines[1].encode(), lines[2].encode(), 1),
            "does not hold|wrong length|not two|beginning",
        ),
        (proof[:-1], "cut"),
        (proof.replace(b"@v1", b"@v2", 1), "not a proof of the format"),
    ):
        if spoiled != proof:
            with pytest.raises(v.Refused, match=why):
                v.verify_equivocation(spoiled, chain)


def test_the_proof_of_one_entry(tmp_path: Path) -> None:
    log = log_of_ann()
    leaves = leaves_of(log)
    lines = ["c2sp.org/tlog-proof@v1", "extra aGk=", "index 5", *(b64(one) for one in path(5, leaves))]
    proof = "\n".join(lines) + "\n\n" + checkpoint(ann.log, ANN, log, bob.witness)
    for name, data in (("p", proof.encode()), ("e", log[5]), ("a", ann.card), ("b", bob.card)):
        (tmp_path / name).write_bytes(data)

    def run(name: str, entry: str = "e") -> int:
        cards = ["--card", str(tmp_path / "a"), "--witness-card", str(tmp_path / "b")]
        return int(v.main(["proof", str(tmp_path / name), "--entry", str(tmp_path / entry), *cards]))

    assert run("p") == 0
    (tmp_path / "e2").write_bytes(log[7])
    assert run("p", "e2") == 1
    assert run("absent") == 2
    for old, new in (("index 5", "index 05"), ("index 5", "index 4"), ("aGk=", "aGl="), ("— ", "- ")):
        (tmp_path / "q").write_bytes(proof.replace(old, new).encode())
        assert run("q") == 1


def leads(check: Callable[..., object], where: object, *proof: object) -> bool:
    try:
        return check(*proof) == where
    except v.Refused:
        return False


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 64, 65])
def test_proofs_of_the_tree_agree_with_the_definition(size: int) -> None:
    leaves = [sha(bytes([n])) for n in range(size)]
    root = mth(leaves)
    assert v.root_of(leaves) == root
    for m in range(size):
        proof = path(m, leaves)
        assert v.inclusion_root(leaves[m], m, size, proof) == root
        assert not leads(v.inclusion_root, root, leaves[m], m + 1, size, proof)
        assert not leads(v.inclusion_root, root, leaves[m], m, size, [*proof, root])
        assert not proof or not leads(v.inclusion_root, root, leaves[m], m, size, proof[:-1])
    for m in range(1, size + 1):
        proof, roots = consistency(m, leaves), (mth(leaves[:m]), root)
        assert v.consistency_roots(m, size, proof, roots[0]) == roots
        assert not leads(v.consistency_roots, (sha(b"x"), root), m, size, proof, sha(b"x"))
        assert not leads(v.consistency_roots, roots, m, size, [*proof, root], roots[0])
        assert not proof or not leads(v.consistency_roots, roots, m, size, proof[:-1], roots[0])


def test_the_small_points_are_those_of_the_curve() -> None:
    d = -121665 * pow(121666, -1, P) % P
    y = v.EIGHTH
    x2 = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    # Twice a point of order 8 has order 4: its y, (y² + x²) / (1 - d x² y²), is 0.
    assert (y * y + x2) % P == 0
    assert pow(x2, (P - 1) // 2, P) == 1
    message, signature = b"text", ann.log.secret.sign(b"text")
    assert v.verify_signature(ann.log.public, signature, message)
    s = int.from_bytes(signature[32:], "little") + v.L
    wrong = [signature[:32] + s.to_bytes(32, "little"), signature[:-1], flip(signature)]
    small = [(n | sign << 255).to_bytes(32, "little") for n in (*v.SMALL, P, P + 1) for sign in (0, 1)]
    wrong += [point + signature[32:] for point in small]
    assert not any(v.verify_signature(ann.log.public, one, message) for one in wrong)
    assert not any(v.verify_signature(point, point + bytes(32), message) for point in small)


GOOD = entry(ANN, 3)


@pytest.mark.parametrize(
    "data",
    [
        canonical(GOOD) + b"\n",
        canonical(GOOD).replace(b'"v":1', b'"v":1.0'),
        canonical(GOOD).replace(b'"v":1', b'"v":true'),
        canonical(GOOD).replace(b'"n":3', b'"n":3,"n":3'),
        canonical(GOOD).replace(b'"n":3', b'"n":-0'),
        canonical(GOOD).replace(b"note.text", b"note\\u002etext"),
        canonical(GOOD)[:-1],
        b"[" * 60_000,
        canonical({**GOOD, "body": {"text": "x" * 65_536}}),
        canonical({**GOOD, "body": {"é": 1}}),
        canonical({**GOOD, "body": {"x": 2**53}}),
        canonical({**GOOD, "body": {"x": json.loads("[" * 15 + "]" * 15)}}),
        canonical(GOOD).replace(b'"body":{}', b'"body":{"x":"\\ud800"}'),
        canonical(GOOD).replace(b'"body":{}', b'"body":{"x":NaN}'),
        canonical(GOOD).replace(b'"body":{}', b'"body":{"x":' + b"9" * 5000 + b"}"),
        canonical({**GOOD, "body": {"x": "y"}, "log": "index/ann"}),
        canonical({**GOOD, "seen": [["town.example/minutes", 1, b64(sha())]]}),
        canonical({**GOOD, "payload": {"hash": b64(sha()), "size": 1, "type": "Text/plain"}}),
        canonical({**GOOD, "payload": {"hash": b64(sha()), "size": 1, "type": "text/plain;é"}}),
        canonical({**GOOD, "log": BOB}),
        canonical({**GOOD, "n": 4}),
        canonical({**GOOD, "kind": "Note"}),
        canonical({**GOOD, "kind": "note..text"}),
        canonical({**GOOD, "at": -1}),
        canonical({**GOOD, "extra": 1}),
        canonical({**GOOD, "seen": []}),
        canonical({**GOOD, "seen": [[ANN, 1, b64(sha())]]}),
        canonical({**GOOD, "seen": [[EVE, 1, b64(sha())], [BOB, 1, b64(sha())]]}),
        canonical({**GOOD, "seen": [[BOB, 0, b64(sha())]]}),
        canonical({**GOOD, "audience": [BOB, BOB]}),
        canonical({**GOOD, "payload": {"hash": b64(sha()), "size": 2**24 + 1, "type": "text/plain"}}),
        canonical({**GOOD, "payload": {"hash": b64(sha())[:-2] + "B=", "size": 1, "type": "text/plain"}}),
        canonical({**GOOD, "by": {"key": b64(sha()), "sig": b64(sha())}}),
    ],
)
def test_an_unreadable_entry_is_refused(data: bytes) -> None:
    assert v.check_entry(canonical(GOOD), ANN, 3) == GOOD
    deep = {**GOOD, "body": {"x": json.loads("[" * 14 + "]" * 14)}}  # with the entry and its body 16 deep
    deep["payload"] = {"hash": b64(sha()), "size": 1, "type": 'text/plain; charset="UTF-8"'}
    assert v.check_entry(canonical(deep), ANN, 3) == deep
    with pytest.raises(v.Refused):
        v.check_entry(data, ANN, 3)


def test_hostile_sources_are_bounded(tmp_path: Path) -> None:
    files = record()
    folder = write(tmp_path / "r", files)
    (folder / CHECKPOINT).unlink()
    (folder / CHECKPOINT).symlink_to(folder / COSIGNED)
    assert "cannot be read" in problems(v.Record(v.Source(folder), {}))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, "../../escape": b"x", CHECKPOINT: b"\n" * 2**24}.items():
            archive.writestr(name, data)
    assert "too long" in problems(v.Record(v.Source(tmp_path / "bomb.zip"), {}))
    data = (tmp_path / "bomb.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    assert v.main([str(tmp_path / "cut.zip")]) == 2
    files[f"{ANN}/checkpoint"] = f"{ANN}\n{2**48}\n{b64(sha())}\n\n— x {b64(sha())}\n".encode()
    files["index"] = b"[" * 100_000
    assert "is missing" in problems(check(tmp_path / "huge", files))
