"""What the foreign verifiers said, as the tables of docs/explanation/foreign-verifiers.md.

    python -m tests.foreign.results            prints them
    python -m tests.foreign.results --write    writes them into the page

The tests compare each line with the page, all but the versions, which are those of the machine that wrote it.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.foreign import peers, vectors, witnessing
from tests.foreign.logs import Files, sound_cases
from tests.foreign.spoiling import LENIENT, SPOILINGS
from tests.foreign.verifiers import VERIFIERS, Answers, broken, refused

PAGE = peers.ROOT / "docs" / "explanation" / "foreign-verifiers.md"
BEGIN, END = "<!-- From here: `python -m tests.foreign.results --write` -->", "<!-- Up to here. -->"

HOW = "write the page again: python -m tests.foreign.results --write"

NAMES = {
    "go": "golang.org/x/mod `sumdb/note`, `sumdb/tlog`",
    "aics-tlog": "aics-tlog",
    "sigstore": "@sigstore/verify",
}


@cache
def sound(name: str) -> Answers:
    """A verifier's answers about the sound cases."""
    return VERIFIERS[name].ask(sound_cases())


@cache
def spoiled(name: str) -> Answers:
    """A verifier's answers about the spoiled copies, by the number of the spoiling."""
    return VERIFIERS[name].ask(copies())


@cache
def copies() -> dict[str, Files]:
    """The spoiled copies, by the number of the spoiling."""
    return {str(k): one.files() for k, one in enumerate(SPOILINGS)}


def table(*head: str) -> list[str]:
    """The head of a table."""
    return [row(*head), row(*["---"] * len(head))]


def row(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"


def sound_row(name: str) -> str:
    """How many sound logs a verifier accepted, and what was in them."""
    answers = sound(name)
    accepted = sum(not refused(one) for one in answers.values())
    counted = Counter[str]()
    for one in answers.values():
        counted.update({check: int(answer.detail) for check, answer in one.items() if answer.accepted})
    cells = [counted[check] or "not read" for check in ("entries", "proofs", "consistency", "cosignatures")]
    return row(NAMES[name], f"{accepted} of {len(answers)}", *cells, counted["equivocation"] or "not read")


def spoiled_row(name: str) -> str:
    """How many spoiled copies that concern a verifier it refused."""
    verifier, answers = VERIFIERS[name], spoiled(name)
    concerned = [k for k, one in enumerate(SPOILINGS) if broken(verifier, one)]
    found = sum(bool(refused(answers[str(k)])) for k in concerned)
    harmless = sum(name == one for one, _ in LENIENT)
    return row(NAMES[name], f"{found} of {len(concerned)}", harmless)


def witness_rows(answers: Iterable[witnessing.Response]) -> list[str]:
    """How a witness of others and one of ours answered the same requests, by status."""
    theirs = Counter(one.status for one in answers)
    ours = witnessing.OurWitness()
    own = Counter(ours.answer(one.body).status for one in witnessing.requests())
    return [
        row(name, *(counted[status] for status in (200, 400, 403, 404, 409, 422)))
        for name, counted in (("aics-witness", theirs), ("allweather `record.witness`", own))
    ]


def _witnessed() -> list[witnessing.Response]:
    with tempfile.TemporaryDirectory() as folder, witnessing.running(Path(folder)) as service:
        return list(witnessing.submit(service).values())


def merkle_rows() -> list[str]:
    """The Merkle vectors by kind."""
    found = []
    decisions = vectors.merkle_decisions()
    for kind in ("inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"):
        mine = [one for one in decisions if one.kind == kind]
        found.append(_merkle_row(kind, mine))
    return [*found, _merkle_row("all", list(decisions))]


def _merkle_row(kind: str, mine: list[vectors.Decision]) -> str:
    accepted = sum(one.ours for one in mine)
    differing = sum(one.ours != one.wanted for one in mine)
    bounds = sum(one.by_bounds for one in mine)
    return row(kind, len(mine), accepted, len(mine) - accepted, differing, bounds)


def cctv_rows() -> list[str]:
    """The Ed25519 vectors by flag; a vector has several."""
    found = [
        row(flag or "(none)", counted[True], counted[False]) for flag, counted in vectors.by_flag().items()
    ]
    total = Counter(one.ours for one in vectors.cctv_decisions())
    return [*found, row("all", total[True], total[False])]


def library_rows() -> list[str]:
    """What two libraries say of the Ed25519 vectors, alone and behind the strict rule."""
    decisions = vectors.cctv_decisions()
    kinds = {
        "cryptography alone": [one.cryptography for one in decisions],
        "PyNaCl alone": [one.nacl for one in decisions],
        "cryptography behind the rule (this is `record.ed25519`)": [one.ours for one in decisions],
        "PyNaCl behind the rule": [one.strict_nacl for one in decisions],
    }
    ours = [one.ours for one in decisions]
    return [
        row(name, sum(says), len(says) - sum(says), sum(a != b for a, b in zip(says, ours, strict=True)))
        for name, says in kinds.items()
    ]


def tables() -> str:
    """All tables. Raises RuntimeError, with the sentence that says so, if a verifier is missing."""
    needs = (peers.missing_go, peers.missing_python, peers.missing_sigstore)
    for missing in (*needs, peers.missing_merkle, peers.missing_cctv):
        if sentence := missing():
            raise RuntimeError(sentence)
    lines = [*table("program", "version"), *(row(name, one) for name, one in peers.versions().items())]
    heads = ("entries", "proofs of entries", "growth since a kept checkpoint", "cosignatures", "two faces")
    lines += ["", "Sound logs:", "", *table("verifier", "accepted", *heads)]
    lines += [sound_row(name) for name in VERIFIERS]
    lines += ["", f"{len(SPOILINGS)} spoiled copies of one of them:", ""]
    lines += table("verifier", "refused, of those that concern it", "accepted as harmless")
    lines += [spoiled_row(name) for name in VERIFIERS]
    lines += ["", "What is accepted as harmless:", "", *table("verifier", "copy", "why")]
    lines += [row(*key, why) for key, why in LENIENT.items()]
    lines += ["", f"{len(witnessing.requests())} requests to a witness, by status:", ""]
    lines += [*table("witness", "200", "400", "403", "404", "409", "422"), *witness_rows(_witnessed())]
    lines += ["", "What ours answers otherwise than the specification asks:", ""]
    lines += table("request", "asked", "ours", "why")
    asked = {one.name: one.status for one in witnessing.requests()}
    lines += [row(name, asked[name], *ours) for name, ours in witnessing.OTHERWISE.items()]
    lines += ["", "Merkle proofs of transparency-dev/merkle:", ""]
    lines += table("kind", "vectors", "accepted", "refused", "otherwise than stated", "no subtree")
    lines += [*merkle_rows(), "", "Otherwise than stated, each stricter than the vector:", ""]
    lines += [*table("vector", "why"), *(row(*one) for one in vectors.CONVENTIONS.items())]
    lines += ["", "Ed25519 vectors of C2SP/CCTV by flag:", "", *table("flag", "accepted", "refused")]
    lines += [*cctv_rows(), "", "The same by library:", ""]
    lines += [*table("library", "accepted", "refused", "otherwise than we"), *library_rows()]
    return "\n".join(lines) + "\n"


def page_lines() -> list[str]:
    """The lines of the page."""
    return PAGE.read_text("utf-8").splitlines()


def main(arguments: list[str]) -> None:
    """Prints the tables, or writes them into the page."""
    text = tables()
    if arguments != ["--write"]:
        print(text, end="")
        return
    before, _, rest = PAGE.read_text("utf-8").partition(f"{BEGIN}\n")
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
