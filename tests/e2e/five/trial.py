"""One seed from beginning to end: five processes, their weather, and whether everything is as it must be."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.five.homes import DAY, NAMES, Held, Template, held_in, origin, secret_in
from tests.e2e.five.oracle import expected
from tests.e2e.five.plan import CUT, Plan, make_plan
from tests.e2e.five.process import Gone, Member, free_ports
from tests.e2e.five.story import Clock, Story

VIEWS = ("decisions", "agenda", "positions", "board", "ledger", "minutes", "rounds")
_STALLS_IN, _CONVERGES_IN = 60.0, 600.0
_QUICKEST, _SLOWEST = 3.0, 8.0
DROP = 0.3


@dataclass
class Outcome:
    """What became of a seed: sentences about what is wrong, and counts."""

    seed: int
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether everything is as it must be."""
        return not self.faults

    def __str__(self) -> str:
        return f"seed {self.seed}: " + ("; ".join(self.faults) or "good")


def fitting_length() -> float:
    """How many seconds the ten minutes of the cut should take here: more while the machine is busy."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(_SLOWEST, max(_QUICKEST, busy))


def trial(
    seed: int, template: Template, folder: Path, *, length: float = 4.0, is_forked: bool = False
) -> Outcome:
    """Run a seed in a new folder. `length` is how many real seconds the ten minutes of the cut take."""
    began = time.monotonic()
    outcome = Outcome(seed)
    plan = make_plan(seed)
    clock = Clock(int(time.time()), CUT / length)
    members = _members(plan, template.copy(folder), clock, length, is_forked)
    try:
        for one in members.values():
            one.start()
        for one in members.values():
            one.wait()
        story = Story(plan, members, clock, length)
        story.run()
        _await_all(story)
        _compare(story, outcome)
        outcome.faults += story.faults
        outcome.counts += story.counts
    except (AssertionError, Gone) as error:
        outcome.faults.append(f"{type(error).__name__}: {error}")
    finally:
        ends = [one.stop() for one in members.values()]
    outcome.faults += [why for why in ends if why]
    if outcome.is_good:
        check_records(story, [held_in(one.home, secret_in(folder)) for one in members.values()], outcome)
    outcome.seconds = time.monotonic() - began
    if outcome.is_good:
        shutil.rmtree(folder)
    return outcome


def _members(
    plan: Plan, homes: dict[str, Path], clock: Clock, length: float, is_forked: bool
) -> dict[str, Member]:
    """The members with their options; nobody runs yet."""
    found = {}
    for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True):
        shift = plan.shift if name == plan.wrong else 0
        options = ["--clock", f"{shift:+d}x{clock.speed:.3f}@{clock.start}", "--drop", str(DROP)]
        options += ["--every", f"{length / 4:.2f}"]
        if name == plan.withholder:
            options += ["--withhold", origin(plan.withheld)]
        found[name] = Member(name, homes[name], port, tuple(options), is_forked, shift)
    for one in found.values():
        one.meet([other for other in found.values() if other is not one])
    return found


def _await_all(story: Story) -> None:
    """Wait until all five nodes hold the same, and go on holding it; where nothing moves, not for ever."""
    story.look()
    began = changed = time.monotonic()
    before: tuple[str, ...] = ()
    n_same = 0
    while n_same < 3:
        time.sleep(0.3)
        found: tuple[str, ...] = ()
        with contextlib.suppress(Gone):
            found = tuple(one.view("council")["digest"] for one in story.members.values())
        n_same = n_same + 1 if found == before and len(set(found)) == 1 else 0
        now = time.monotonic()
        if found != before:
            before, changed = found, now
        elif (not n_same and now - changed > _STALLS_IN) or now - began > _CONVERGES_IN:
            raise AssertionError(f"five records have not become one: {_states(story)}")
    story.look()


def _states(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in story.members.items():
        try:
            view = one.view("council")
            found[name] = (view["n_acts"], view["digest"][:8])
        except Gone as error:
            found[name] = str(error)
    return found


def _compare(story: Story, outcome: Outcome) -> None:
    """Every node's views as of the same times, and what each silence came to."""
    now = int(story.clock.now()) + 60
    for at in (now, now + 30 * DAY):
        for name in VIEWS:
            found = [one.view(name, at=at) for one in story.members.values()]
            if any(one != found[0] for one in found):
                outcome.faults.append(f"the view {name} as of {at} is not the same at all five")
        rows = {row["ref"]: row for row in next(iter(story.members.values())).view("decisions", at=at)}
        for case in story.cases:
            row = rows.pop(case.ref, None)
            wanted = expected(case, at, story.margin)
            outcome.counts["outcomes not decided by the story" if wanted is None else "outcomes"] += 1
            if row is None:
                outcome.faults.append(f"the silence {case.name} is nowhere")
            elif wanted is not None and row["state"] not in wanted:
                outcome.faults.append(
                    f"{case.kind} ({case.name}) is {row['state']}, not {' or '.join(sorted(wanted))}, "
                    f"as of {at}: {row['sentence']}"
                )
            else:
                outcome.counts[f"{case.kind}: {row['state']}"] += 1
        if rows:
            outcome.faults.append(f"silences that nobody opened: {sorted(rows)}")


def check_records(story: Story, records: list[Held], outcome: Outcome) -> None:
    """Everything acknowledged is on all five records, which are the same, with one face of each log."""
    first = records[0].entries
    outcome.counts["entries"] += sum(map(len, first.values()))
    outcome.counts["acknowledged"] += len(story.acked)
    for name, record in zip(NAMES, records, strict=True):
        held = {ref for log in record.entries.values() for ref in log}
        lost = [one.id for one in story.acked if one.ref not in held]
        if lost:
            outcome.faults.append(f"{name} lacks what was acknowledged: {', '.join(lost)}")
        if missing := [ref for ref in story.slipped if ref not in held]:
            outcome.faults.append(f"{name} lacks {len(missing)} entries that were written past a node")
        if record.entries != first:
            outcome.faults.append(f"{name} does not hold the same as {NAMES[0]}")
        if record.two_faced:
            outcome.faults.append(f"{name} holds two faces of {', '.join(record.two_faced)}")
        if record.n_wanted:
            outcome.faults.append(f"{name} lacks {record.n_wanted} texts")
