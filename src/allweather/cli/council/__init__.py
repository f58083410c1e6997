"""`allweather council`: the council from a member's desk, one module a theme.

    seats       found, join, leave, suspend, resume, delegate, recall, overrule, withdraw
    speaking    raise, move, disapprove, merge, say, reply
    holding     table, revise, position, expect, round, seal
    drafting    draft, amend, back, release, group, freeze
    deciding    circulate, admit, receive, refuse, hold, object, answer, clear, reserve, conflict
    evidencing  file, quote, reject, documents
    cooperating open-track, commit, accept, decline, report, confirm, dispute
    looking     status, agenda, show, positions, decisions, board, ledger, minutes, as-seen-by
    reviewing   review

`acting` has what all acts share: preview, ask, sign. `desk` speaks to the node if one runs on the home.
"""

from allweather.cli.council import (
    cooperating,
    deciding,
    drafting,
    evidencing,
    holding,
    looking,
    reviewing,
    seats,
    speaking,
)
from allweather.cli.council.group import council

__all__ = [
    "cooperating",
    "council",
    "deciding",
    "drafting",
    "evidencing",
    "holding",
    "looking",
    "reviewing",
    "seats",
    "speaking",
]
