"""Answering another log's request to cosign its head, with the memory that acknowledging has.

The last head cosigned of a log is the one that the own log acknowledges: one source of truth, so that a
witness's answer never contradicts an acknowledgement. What is not held in full is not cosigned, and what was
cosigned is in the own log before the answer leaves.
"""

from __future__ import annotations

from dataclasses import replace

from allweather.node.home import Desk
from allweather.record.checkpoints import Head
from allweather.record.facts import ACK, ack_body
from allweather.record.notes import parse_signature
from allweather.record.storage import Cosigned, root_at
from allweather.record.witness import Answer, add_checkpoint
from allweather.record.writing import Draft, write


def answer_request(desk: Desk, data: bytes, *, at: int) -> Answer:
    """The answer to an add-checkpoint request (C2SP tlog-witness); a cosignature in it is durable.

    Raises Refused if this member may not sign now, StoreError if the store fails.
    """
    desk.check_guard()
    keys = {
        origin: (log.history.current.log,)
        for origin, log in desk.standing.logs.items()
        if origin != desk.home.origin and not log.history.contested
    }
    answer = add_checkpoint(data, keys, _last_cosigned(desk), desk.signer("witness"), at=at)
    if answer.head is None:
        return answer
    head = answer.head
    branches = desk.storage.branches(head.origin)
    if not any(root_at(desk.storage, one, head.size) == head.root for one in branches):
        what = (
            f"this head of {head.origin} with {head.size} entries is not held here in full, and what is not "
            "held is not cosigned; import the log first"
        )
        return Answer(422, f"{what}\n".encode())
    line = parse_signature(answer.body.decode().rstrip("\n"))
    draft = Draft(ACK, ack_body([(head, at, line)]))
    batch = write(desk.storage, desk.own, desk.signer("log"), [draft], at=at)
    desk.commit(replace(batch, cosigned=(Cosigned(head, line),)))
    return answer


def _last_cosigned(desk: Desk) -> dict[str, Head]:
    """The largest head of each log that the own log acknowledges."""
    found = desk.cosigned_before()
    return {origin: max(heads, key=lambda one: one.size) for origin, heads in found.items()}
