"""The walk of the demo: what is done with three live nodes, step by step, and what is said of it.

Everything that is shown was asked of the nodes at that moment, over their local addresses.
"""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.record.asking import clean
from allweather.cli.staging import PROGRAM, wait_until
from allweather.errors import StoreError

if TYPE_CHECKING:
    from allweather.cli.staging import LiveNode
    from allweather.council.view import View
    from allweather.node.rehearsal import Compiled
    from allweather.review import Review

COUNCIL = "nrc"
ALLIES, CUT_OFF = ("norway", "germany"), "russia"
LIVE = (*ALLIES, CUT_OFF)
MINUTE = 60
SPEED = 60
"""How fast the clock of the rehearsal runs: a minute of the council's time passes in a second."""
SILENCE = 15 * MINUTE
PATIENCE = 30.0
PIRACY = "S1"
"""What is put to silence if it converges: all have said for years that they want it."""
_MANY = re.compile(r"(?:[a-z0-9.-]+, ){4,}[a-z0-9.-]+ and [a-z0-9.-]+")


@dataclass(slots=True)
class Teller:
    """What is said on the terminal, at a pace for reading."""

    pace: float
    width: int
    number: int = 0
    began: float = field(default_factory=time.monotonic)

    def step(self, title: str) -> None:
        """The head of the next step."""
        if self.number:
            time.sleep(self.pace)
        self.number += 1
        click.echo()
        click.secho(f"{self.number}  {title}", bold=True)

    def say(self, line: str, *, mark: str = "", indent: int = 3) -> None:
        """A line or two; `mark` stands before it, as who says it."""
        text = f"{mark}: {line}" if mark else line
        for row in textwrap.wrap(text, self.width - indent, break_on_hyphens=False):
            click.echo(" " * indent + clean(row))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table."""
        widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
        for row in (head, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo(("   " + "  ".join(cells)).rstrip())


@dataclass(frozen=True, slots=True)
class Founded:
    """The council as it was founded, and the clock that all its nodes run by."""

    compiled: Compiled
    clock: str
    now: Callable[[], int]
    n_members: int


class Walk:
    """The steps of the demo, in order."""

    def __init__(self, teller: Teller, founded: Founded, nodes: Mapping[str, LiveNode]) -> None:
        self._teller = teller
        self._founded = founded
        self._nodes = nodes
        self._text = ""
        self._kind = ""
        self._title = ""
        self._decision = ""
        self._raised = ""
        self._expires_at = 0

    def run(self) -> None:
        """All of them."""
        self._start()
        self._review()
        self._open_silence()
        self._cut()
        self._heal()
        self._verify()

    def _start(self) -> None:
        n_others = self._founded.n_members - len(LIVE)
        self._teller.step(f"Three nodes start: {_listed(LIVE)}")
        self._teller.say(
            f"Each is a process with keys of its own. The other {n_others} members have no node here: their "
            "records, and the secretariat's, are held by all three."
        )
        self._settle()
        self._show_holdings()

    def _settle(self) -> None:
        """Wait until all nodes hold the same."""
        if not wait_for(lambda: len({one["digest"] for one in self._councils()}) == 1):
            raise StoreError(f"the three nodes did not come to hold the same in {PATIENCE:g} seconds")

    def _councils(self) -> list[dict[str, Any]]:
        return [one.view("council") for one in self._nodes.values()]

    def _show_holdings(self) -> None:
        rows = [
            (node.name, str(len(held["frontier"])), f"{held['n_acts']:,}", held["digest"][:16])
            for node, held in zip(self._nodes.values(), self._councils(), strict=True)
        ]
        self._teller.table(("node", "logs", "acts", "digest of all that it holds"), rows)
        same = len({row[3] for row in rows}) == 1
        self._teller.say("The same digest everywhere." if same else "The digests differ: so do the records.")

    def _review(self) -> None:
        from allweather.council.reviewing import blocs_of, positions_of
        from allweather.review import JointReview

        self._teller.step("The joint review, on the council's own positions")
        with progress_bar(Console(stderr=True)) as report:
            report("reading what norway publishes", 0.0)
            view = self._outside_view()
            positions = positions_of(view)
            fitted = JointReview(seed=0, n_threads=2).fit(positions, blocs_of(view), report=report)
        review = fitted.review_
        assert review is not None
        self._teller.say(
            f"Computed by an outsider from the files that norway publishes: {len(positions)} positions on "
            f"{review.n_questions} texts. {_tally(review)}."
        )
        self._choose(view, review)
        for verdict, mark in (("converges", "Converges"), ("nearly", "Nearly")):
            question = next((one for one in review.questions if one.verdict == verdict), None)
            if question is not None:
                title = self._title if verdict == "converges" else _title_of(view, question.question)
                self._teller.say(title, mark=mark)

    def _outside_view(self) -> View:
        """The council as whoever reads what a node publishes sees it: everything is verified on the way."""
        from allweather.council.view import View
        from allweather.node.folding import KeptFold
        from allweather.node.taking import carry
        from allweather.record.standing import stand
        from allweather.store import open_source
        from allweather.store.memory import MemoryStore
        from allweather.sync.pull import Pull

        pins, storage = self._founded.compiled.pins, MemoryStore()
        source = open_source(f"{self._nodes[ALLIES[0]].address}/record")
        try:
            pull = Pull(storage, accept=lambda card: pins.get(card.origin) == card.digest)
            report, faults = carry(source, pull, lambda what, share: None)
        finally:
            source.close()
        if faults := faults + report.faults:
            raise StoreError(f"what {ALLIES[0]} publishes does not hold: {faults[0]}")
        kept = KeptFold(COUNCIL, charter=self._founded.compiled.charter)
        return View(kept.update(storage, stand(storage)), self._founded.now())

    def _choose(self, view: View, review: Review) -> None:
        """The text to decide on: one that converges."""
        surest = [one for one in review.questions if one.verdict == "converges" and not one.against]
        self._kind = "converges" if surest else "comes nearest to converging"
        refs = [view.fold.find(one.question).ref for one in surest or review.questions]
        piracy = self._founded.compiled.texts.get(PIRACY, "")
        self._text = piracy if piracy in refs else refs[0]
        self._title = _title_of(view, self._text)

    def _open_silence(self) -> None:
        from allweather.council.bodies import Silence

        proposer = self._nodes[ALLIES[0]]
        self._teller.step(f"{proposer.name} opens a silence on a text that {self._kind}")
        concern = proposer.view("concern-of", id=self._text)["ref"]
        self._expires_at = self._founded.now() + SILENCE
        act = proposer.sign(Silence(concern=concern, text=self._text, expires_at=self._expires_at))
        self._decision = act["ref"]
        self._teller.say(f"{act['id']} puts it to all {self._founded.n_members}: {self._title}")
        others = [one for one in LIVE if one != proposer.name]
        wait_for(lambda: {*others} <= self._heard(), seconds=8.0)
        reached = [one for one in others if one in self._heard()]
        if reached:
            self._teller.say(f"The nodes of {_listed(reached)} have signed receipts by themselves.")
        self._say_sentence(proposer)

    def _heard(self) -> set[str]:
        found = self._nodes[ALLIES[0]].view("decision", id=self._decision)["decision"]
        return {one["member"].rpartition("/")[2] for one in found["heard"]}

    def _say_sentence(self, node: LiveNode) -> None:
        found = node.view("decision", id=self._decision)
        self._teller.say(shortened(found["sentence"]), mark=node.name)

    def _cut(self) -> None:
        from allweather.council.bodies import Concern, Object, Statement
        from allweather.node.rehearsal import NOTICE

        proposer, other, away = (self._nodes[one] for one in LIVE)
        self._teller.step(f"The line to {CUT_OFF} is cut. Both sides go on")
        away.cut(True)
        raised = away.sign(Concern(title="Rehearsal: a concern raised while the line is cut", words=NOTICE))
        reason = "Rehearsal: an objection made while the line is cut. It is no position of the member."
        self._raised = raised["id"]
        objection = away.sign(Object(decision=self._decision, reason=reason))
        said = other.sign(Statement(title="Rehearsal: said while the line is cut", words=NOTICE))
        self._teller.say(
            f"On its own node {CUT_OFF} raises a concern ({raised['id']}) and objects ({objection['id']}); "
            f"meanwhile {other.name} makes a statement ({said['id']}). All three are rehearsed; none is a "
            "position of its member."
        )
        wait_for(lambda: self._holds(proposer, said["id"]), seconds=5.0)
        self._say_sentence(away)
        self._say_sentence(proposer)
        with progress_bar(Console(stderr=True)) as report:
            report("the silence runs out", 0.0)
            wait_for(lambda: self._founded.now() > self._expires_at, seconds=SILENCE / SPEED + PATIENCE)
            time.sleep(1.1)  # a view of now stays as it is for a second
        self._teller.say("The silence has run out; nobody on this side has heard of the objection:")
        self._say_sentence(proposer)
        self._show_holdings()

    @staticmethod
    def _holds(node: LiveNode, name: str) -> bool:
        rows = node.view("minutes")
        return any(row["id"] == name for row in rows)

    def _heal(self) -> None:
        self._teller.step("The line is mended")
        began = time.monotonic()
        self._nodes[CUT_OFF].cut(False)
        self._nodes[CUT_OFF].sync()
        self._settle()
        seconds = time.monotonic() - began
        self._teller.say(f"Everything has joined in {seconds:.1f} seconds; nobody chose what counts.")
        self._show_holdings()
        proposer = self._nodes[ALLIES[0]]
        if any(one["id"] == self._raised for one in proposer.view("agenda")["concerns"]):
            self._teller.say(
                f"The concern {self._raised} is on everybody's agenda; nobody could keep it off."
            )
        self._say_sentence(proposer)

    def _verify(self) -> None:
        origin = f"{COUNCIL}/{CUT_OFF}"
        pin = f"{origin}={self._founded.compiled.pins[origin].hex()}"
        address = f"{self._nodes[ALLIES[1]].address}/record"
        self._teller.step(f"An outsider verifies the record of {CUT_OFF}, as {ALLIES[1]} publishes it")
        self._teller.say(f"allweather record verify {address} --card {pin[: len(origin) + 9]}…")
        found = _verified(address, pin)
        log = next(one for one in found["logs"] if one["origin"] == origin)
        face = log["faces"][0]
        by = _listed([one.rpartition("/")[2] for one, _ in face["cosigners"]])
        holds = "everything that was checked holds" if found["holds"] else "NOT EVERYTHING HOLDS"
        self._teller.say(
            f"{len(found['logs'])} logs: {holds}. {origin}: {face['size']} entries lead to the root that it "
            f"signed with the pinned card's key; this head is cosigned by {by or 'nobody yet'}."
        )


def _verified(address: str, pin: str) -> dict[str, Any]:
    command = [*PROGRAM, "record", "verify", address, "--card", pin, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise StoreError(f"the record could not be verified: {done.stderr.decode()[-300:]}") from None
    return found


def wait_for(is_so: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    """Wait until something is so; whether it came to be."""
    return wait_until(is_so, seconds)


def shortened(sentence: str) -> str:
    """A sentence with its long lists of members counted."""
    return _MANY.sub(lambda found: f"{found[0].count(', ') + 2} members", sentence)


def _listed(names: Sequence[str]) -> str:
    from allweather.council.decisions import and_list

    return and_list(list(names))


def _title_of(view: View, name: str) -> str:
    title = getattr(view.fold.find(name).body, "title", name)
    return str(title)


def _tally(review: Review) -> str:
    counts = dict.fromkeys(("converges", "nearly", "differs", "not known"), 0)
    for one in review.questions:
        counts[str(one.verdict)] += 1
    return (
        f"{counts['converges']} converge, {counts['nearly']} nearly, {counts['differs']} differ, "
        f"{counts['not known']} are not known"
    )
