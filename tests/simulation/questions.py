"""What is asked at the end of every story, when the honest members can all reach each other again."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING

from allweather.record.facts import Acknowledgement
from allweather.record.merkle import leaf_hash
from allweather.record.proofs import parse_equivocation, verify_equivocation
from allweather.record.standing import Standing, common_length, held_facts
from allweather.record.storage import root_at

if TYPE_CHECKING:
    from tests.simulation.world import Member, World

MAX_PROOF_BYTES = 2_048


def ask(story: World) -> None:
    """Put every question and note the answers in the story's outcome."""
    honest = story.honest()
    standing = {one.origin: story.stand(one.disk) for one in honest}
    outcome = story.outcome
    if len({one.digest for one in standing.values()}) > 1:
        outcome.divergent += 1
    for one in honest:
        _ask_lost(story, one, standing)
        _ask_accused(story, one, standing)
        _ask_forged(story, one, standing)
        _ask_payloads(story, one, standing)
        _ask_heard(story, one)
        _ask_witness(story, one, standing[one.origin])
        _ask_proofs(story, one, standing[one.origin])
    any_one = standing[honest[0].origin]
    outcome.n_entries = sum(log.n_standing for log in any_one.logs.values())
    outcome.n_two_faced = sum(log.two_faced for log in any_one.logs.values())


def _standing_places(holder: Member, standing: Standing, origin: str) -> set[tuple[int, bytes]]:
    return {
        (index, leaf_hash(data))
        for face in standing.logs[origin].faces
        for index, data in enumerate(holder.disk.entries(face.branch, 0, face.n_standing))
    }


def _ask_lost(story: World, author: Member, standing: dict[str, Standing]) -> None:
    """Every entry acknowledged to its author stands in its log, in every honest node."""
    for holder in story.honest():
        places = _standing_places(holder, standing[holder.origin], author.origin)
        story.outcome.lost += len(author.acknowledged - places)


def _ask_accused(story: World, member: Member, standing: dict[str, Standing]) -> None:
    """No honest member is shown to have two faces; without a theft there is not even a proof."""
    for holder in story.honest():
        log = standing[holder.origin].logs[member.origin]
        story.outcome.accused += log.two_faced
        if not story.outcome.n_stolen:
            story.outcome.accused += len(holder.disk.equivocations(member.origin))


def _ask_forged(story: World, member: Member, standing: dict[str, Standing]) -> None:
    """Nothing stands in an honest member's log that it did not sign itself."""
    for holder in story.honest():
        if _standing_places(holder, standing[holder.origin], member.origin) - member.signed:
            story.outcome.other.append(f"a forged entry of {member.origin} stands with {holder.origin}")


def _ask_payloads(story: World, author: Member, standing: dict[str, Standing]) -> None:
    """Payloads are everywhere, as they were written; redacted ones are nowhere."""
    for digest, blob in author.blobs.items():
        for holder in story.honest():
            held = holder.disk.payload(digest)
            if (author.origin, digest) in standing[holder.origin].erased():
                if held is not None:
                    story.outcome.other.append(f"a redacted payload is still with {holder.origin}")
            elif digest not in author.redacted and held != blob:
                story.outcome.other.append(f"a payload of {author.origin} is not with {holder.origin}")
    for digest, held in author.disk._payloads.items():
        if hashlib.sha256(held).digest() != digest:
            story.outcome.other.append(f"{author.origin} holds a payload that is not what its name says")


def _ask_heard(story: World, holder: Member) -> None:
    """What any member signed and served is held, whatever it says and however ill it is written."""
    for other in story.members:
        for branch in other.disk.branches(other.origin):
            if not any(
                root_at(holder.disk, one, branch.head.size) == branch.head.root
                for one in holder.disk.branches(other.origin)
            ):
                story.outcome.other.append(f"{holder.origin} did not take in the log of {other.origin}")


def _ask_witness(story: World, witness: Member, standing: Standing) -> None:
    """What an honest member cosigned still stands, and it never vouched for two faces."""
    for origin in sorted(standing.logs):
        log = standing.logs[origin]
        heads = {
            fact.head
            for (author, number), facts in held_facts(witness.disk).items()
            for fact in facts
            if isinstance(fact, Acknowledgement)
            and author == witness.origin
            and fact.head.origin == origin
            and any(
                face.branch.number == number and fact.place.index < face.n_standing
                for face in standing.logs[author].faces
            )
        }
        own = [
            {head for head in heads if root_at(witness.disk, face.branch, head.size) == head.root}
            for face in log.faces
        ]
        # What a succession has disputed since may have been cosigned in good faith.
        live = [
            {head for head in vouched if head.size <= face.n_standing}
            for face, vouched in zip(log.faces, own, strict=True)
        ]
        if not any(one == set().union(*live) for one in live) and any(live):
            story.outcome.other.append(f"{witness.origin} cosigned two faces of {origin}")
        member = next(one for one in story.members if one.origin == origin)
        for face, vouched in zip(log.faces, own, strict=True):
            if not member.honest and any(head.size > face.n_standing for head in vouched):
                story.outcome.other.append(f"{origin} unsaid what {witness.origin} had cosigned")


def _ask_proofs(story: World, holder: Member, standing: Standing) -> None:
    """Two faces that stand are proved to every holder, in two kilobytes, by a proof that verifies."""
    for origin, log in standing.logs.items():
        faces = [
            (one, two)
            for one, two in combinations(log.faces, 2)
            if min(one.n_standing, two.n_standing)
            > common_length([face.branch for face in log.faces], one.branch, two.branch)
        ]
        proofs = holder.disk.equivocations(origin)
        if (log.two_faced or faces) and not proofs:
            story.outcome.unproven += 1
        for data in proofs:
            verify_equivocation(parse_equivocation(data), log.history.log_keys)
            if len(data) > MAX_PROOF_BYTES:
                story.outcome.other.append(f"a proof against {origin} has {len(data)} bytes")
