"""What dishonest members do in a story: two faces, stolen keys, false proofs, spoiled payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allweather.errors import AllweatherError
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.entries import VERSION, Entry, format_entry
from allweather.record.facts import ATTEST, REDACT, attest_body, redact_body
from allweather.record.keys import Signer
from allweather.record.members import make_succession
from allweather.record.merkle import EMPTY_ROOT, Edge, leaf_hash
from allweather.record.notes import Note, NoteSignature, format_note
from allweather.record.proofs import Equivocation, format_equivocation
from allweather.record.standing import stand
from allweather.record.storage import Batch, Growth, edge_at, grow
from allweather.record.writing import Draft, write
from tests.simulation import world

if TYPE_CHECKING:
    from tests.simulation.world import Member, SimDisk, World


def lie(story: World, liar: Member) -> None:
    """One lie of some sort."""
    story.dice.choice(
        (
            _two_faces,
            _two_faces,
            _two_faces,
            _false_proof,
            _false_succession,
            _false_log,
            _false_redaction,
            _spoiled_payload,
            _no_entry,
            _retired_recovery,
        )
    )(story, liar)


def _two_faces(story: World, liar: Member) -> None:
    """Show one half of the council one log and the other half another; both go on from the same beginning."""
    if liar.second_face is None:
        liar.second_face = type(liar.disk)(liar.disk.batches)
    for face in (liar.disk, liar.second_face):
        drafts = story.drafts(liar)
        _write_on(
            face,
            liar.origin,
            liar.log,
            [Draft(one.kind, {**one.body, "face": face is liar.disk}, None) for one in drafts],
            at=story.at(liar),
        )


def _write_on(disk: SimDisk, origin: str, key: Signer, drafts: list[Draft], *, at: int) -> Batch | None:
    """Write on whatever branch is there, without asking whether one may."""
    branches = disk.branches(origin)
    branch = branches[0] if branches else None
    log = stand(disk).logs[origin]
    try:
        batch = write(disk, log, key, drafts, at=at)
    except AllweatherError:
        if branch is None:
            return None
        copied = type(disk)([Batch(key_notes=((origin, disk.key_notes(origin)[0]),))])
        copied.commit(Batch((_whole(disk, origin),)))
        try:
            batch = write(copied, stand(copied).logs[origin], key, drafts, at=at)
        except AllweatherError:
            return None
    disk.commit(Batch(batch.growths, payloads=batch.payloads))
    return batch


def _whole(disk: SimDisk, origin: str) -> Growth:
    branch = disk.branches(origin)[0]
    return grow(None, disk.entries(branch, 0, branch.head.size), branch.checkpoint)


def forge(story: World, member: Member, thief: Member) -> None:
    """Use a stolen log key, with a date long ago, and show the result to somebody honest."""
    stolen = member.stolen
    if stolen is None:
        return
    source = thief.disk if thief.disk.branches(member.origin) else member.disk
    branches = source.branches(member.origin)[:1]
    entries = [data for one in branches for data in source.entries(one, 0, one.head.size)]
    size = story.dice.randint(0, len(entries))
    if story.dice.random() >= 0.5:
        entries = entries[:size]
    notes = [(member.origin, note) for note in source.key_notes(member.origin)]
    forged = type(thief.disk)([Batch(key_notes=tuple(notes))])
    for extra in range(story.dice.choice((1, 2))):
        entries.append(_forged_entry(member.origin, len(entries), story.now, extra))
    edge = Edge().extend([leaf_hash(entry) for entry in entries])
    checkpoint = sign_checkpoint(Head(member.origin, edge.size, edge.root()), stolen)
    forged.commit(Batch((grow(None, entries, checkpoint),)))
    target = story.any(honest=True)
    if target is not None:
        story.take_in(target, forged, thief.origin)
    if story.dice.random() < 0.5:
        story.take_in(thief, forged, thief.origin)


def _forged_entry(origin: str, index: int, now: int, extra: int) -> bytes:
    return format_entry(Entry(VERSION, origin, index, "sim.forged", 1, {"now": now, "x": extra}))


def _victim(story: World) -> Member | None:
    return story.any(honest=True)


def _false_proof(story: World, liar: Member) -> None:
    """Accuse an honest member: with checkpoints that agree, or with one that the liar signed in its name."""
    victim = _victim(story)
    if victim is None or not liar.disk.branches(victim.origin):
        return
    branch = liar.disk.branches(victim.origin)[0]
    true = branch.checkpoint
    if story.dice.random() < 0.5:
        proof = Equivocation(true, true, true.head.root, ())
    else:
        root = bytes(31) + bytes([story.dice.randrange(256)])
        head = Head(victim.origin, true.head.size, root)
        line = sign_checkpoint(Head(liar.origin, head.size, root), liar.log).note.signatures[0]
        own = next(one for one in true.note.signatures if one.name == victim.origin)
        false = Note(head.text, (NoteSignature(victim.origin, own.key_id, line.signature),))
        proof = Equivocation(Checkpoint(head, false), true, true.head.root, ())
    liar.disk.commit(Batch(equivocations=((victim.origin, format_equivocation(proof)),)))


def _false_succession(story: World, liar: Member) -> None:
    """Name the liar's keys as an honest member's successors, without that member's recovery key."""
    victim = _victim(story)
    if victim is None:
        return
    signers = world.signers_of(victim.origin, story.dice.randint(1_000, 10**6))
    head = Head(victim.origin, 0, EMPTY_ROOT)
    made = make_succession(head, victim.last, *signers)
    liar.disk.commit(Batch(key_notes=((victim.origin, format_note(made.note)),)))
    draft = Draft(ATTEST, attest_body(victim.origin, made.digest))
    _write_on(liar.disk, liar.origin, liar.log, [draft], at=story.at(liar))


def _false_log(story: World, liar: Member) -> None:
    """A log in an honest member's name that only the liar's key signed."""
    victim = _victim(story)
    if victim is None:
        return
    forged = type(liar.disk)([Batch(key_notes=((victim.origin, format_note(victim.card.note)),))])
    entries = [_forged_entry(victim.origin, 0, story.now, 0)]
    edge = Edge().extend([leaf_hash(entry) for entry in entries])
    head = Head(victim.origin, edge.size, edge.root())
    own = victim.log.verifier.key_id
    signature = sign_checkpoint(Head(liar.origin, 1, head.root), liar.log).note.signatures[0].signature
    note = Note(head.text, (NoteSignature(victim.origin, own, signature),))
    forged.commit(Batch((grow(None, entries, Checkpoint(head, note)),)))
    target = story.any(honest=True)
    if target is not None:
        story.take_in(target, forged, liar.origin)


def _false_redaction(story: World, liar: Member) -> None:
    """Claim to redact an honest member's payload; nobody else may erase it for that."""
    victim = _victim(story)
    if victim is None or not victim.blobs:
        return
    digest = story.dice.choice(sorted(victim.blobs))
    draft = Draft(REDACT, redact_body(victim.origin, 0, digest, "because"))
    _write_on(liar.disk, liar.origin, liar.log, [draft], at=story.at(liar))


def _spoiled_payload(story: World, liar: Member) -> None:
    """Serve something else under the name of a payload."""
    held = liar.disk._payloads
    if held:
        digest = story.dice.choice(sorted(held))
        held[digest] = held[digest][:32] + b"something else"


def _retired_recovery(story: World, liar: Member) -> None:
    """Contest a succession with the recovery key that it retired, where enough can decide."""
    victim = _victim(story)
    if victim is None or not victim.successions or not story.able or story.quorum is not None:
        # Who is attested by a contested member may wait for that member, and it for them.
        # That knot is named in SECURITY.md; it is not untied here.
        return
    n_deciding = len(story.honest()) - len(story.contested | {victim.origin})
    if n_deciding <= len(story.members) // 2:
        # The word of a contested member counts for nothing, so that nobody would be left to decide: the same
        # knot.
        return
    story.contested.add(victim.origin)
    number = story.dice.randrange(len(victim.successions))
    before = victim.successions[number - 1] if number else victim.card
    signers = world.signers_of(victim.origin, story.dice.randint(1_000, 10**6))
    *_, retired = world.signers_of(victim.origin, number)
    made = make_succession(Head(victim.origin, 0, EMPTY_ROOT), before, *signers, retired)
    liar.disk.commit(Batch(key_notes=((victim.origin, format_note(made.note)),)))


def _no_entry(story: World, liar: Member) -> None:
    """Sign a leaf that is no entry. The log must go on for everyone, and alike."""
    branches = liar.disk.branches(liar.origin)
    branch = branches[0] if branches else None
    edge = edge_at(liar.disk, branch, branch.head.size) if branch else Edge()
    data = story.dice.choice((b"{}", b"\xff\x00", b'{"kind":"record.ack"}', b'"kind":"record.redact'))
    grown = edge.extend([leaf_hash(data)])
    checkpoint = sign_checkpoint(Head(liar.origin, grown.size, grown.root()), liar.log)
    liar.disk.commit(Batch((grow(branch, [data], checkpoint),)))
