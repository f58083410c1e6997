"""The story of one seed: members act, the weather strikes, and what was seen is written down."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.five.homes import NAMES, RULES, origin, secret_in, slip_in
from tests.e2e.five.oracle import Case, Did, What, was_heard
from tests.e2e.five.plan import CUT, EXPIRY, Part, Plan
from tests.e2e.five.process import Gone, Member

_LOOK_EVERY = 0.35
_BURST = 60


@dataclass(frozen=True)
class Clock:
    """True time of the council: `speed` times as fast as the machine's, from `start` on."""

    start: int
    speed: float

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self.start + (time.time() - self.start) * self.speed


@dataclass(frozen=True)
class Acked:
    """An act that a node acknowledged: 201, so that it is on the record for good."""

    member: str
    kind: str
    id: str
    ref: str


class Story:
    """Members by name, the plan, and what happens. `length` is how long the cut lasts, in real seconds."""

    def __init__(self, plan: Plan, members: dict[str, Member], clock: Clock, length: float) -> None:
        self.plan, self.members, self.clock, self.length = plan, members, clock, length
        self.acked: list[Acked] = []
        self.slipped: list[str] = []
        self.cases: list[Case] = []
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.margin = max(0.8, 0.2 * length) * clock.speed
        """How far apart two times have to be, in seconds of the council, for their order to be certain."""
        self._dice = random.Random(f"story {plan.seed}")
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._watched: dict[str, Did] = {}
        self._seen: dict[str, set[str]] = {}
        self._known: set[str] = set()
        self._looked = 0.0
        self._began = time.monotonic()
        self._healed = 0.0
        self._offers: list[str] = []

    # Time

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Do something at a time of the story, in lengths of the cut."""
        heapq.heappush(self._due, (when, next(self._numbers), do))

    @property
    def now(self) -> float:
        """How long the story has lasted, in lengths of the cut."""
        return (time.monotonic() - self._began) / self.length

    def ahead(self, when: float) -> int:
        """The time of the council at a time of the story."""
        return int(self.clock.now() + (when - self.now) * CUT)

    def run(self) -> None:
        """Let everything happen."""
        self._began = time.monotonic()
        self._plan_weather()
        for number, part in enumerate(self.plan.parts):
            self.at(number * 0.04, lambda part=part: self._begin(part))  # type: ignore[misc]
        for number in range(8):
            self.at(0.3 + 0.25 * number, lambda number=number: self._chat(number))  # type: ignore[misc]
        while self._due:
            waited, is_due = time.monotonic() - self._looked, self._due[0][0] <= self.now
            if waited > _LOOK_EVERY * (3 if is_due else 1):
                self.look()
            elif is_due:
                heapq.heappop(self._due)[2]()
            else:
                time.sleep(0.02)

    # Acts

    def do(self, name: str, kind: str, body: dict[str, object], text: str | None = None) -> Acked | None:
        """Ask a member's node to sign; what it acknowledged, or None if it refused or is down."""
        member = self.members[name]
        if not member.is_up:
            return None
        try:
            status, answer = member.ask(
                "POST", "/api/acts", {"kind": kind, "body": body} | ({} if text is None else {"text": text})
            )
        except Gone:
            return None
        if status != 201:
            self.counts["refused"] += 1
            if status not in (404, 409):
                self.faults.append(f"{name} answers {status} to {kind}: {answer}")
            return None
        (act,) = answer["acts"]
        done = Acked(name, kind, act["id"], act["ref"])
        self.acked.append(done)
        return done

    def attempt(
        self, case: Case, what: What, name: str, kind: str, body: dict[str, object], until: float
    ) -> None:
        """The same about a case, again and again until it is taken: the node may not hold the case yet."""
        made = self.clock.now()
        done = self.do(name, kind, body)
        if done is not None:
            self._note(case, what, done, made)
        elif self.now + 0.05 < until:
            self.at(self.now + 0.05, lambda: self.attempt(case, what, name, kind, body, until))

    def _note(self, case: Case, what: What, done: Acked, made: float) -> None:
        did = Did(what, origin(done.member), done.id, done.ref, made, made)
        if self.members[done.member].is_cut:
            did.hidden_until = float("inf")  # until the cut is over
        case.acts.append(did)
        self._watched[done.id] = did

    def _open(
        self,
        part: Part,
        name: str,
        expires_at: int,
        text: str = "",
        concern: str = "",
        unreachable: tuple[str, ...] = (),
    ) -> Case | None:
        """A silence on a text of its own, or on one that is there."""
        if not text:
            raised = self.do(name, "council.concern", {"title": f"Concern: {part.kind}"})
            if raised is None:
                return None
            concern = raised.ref
            tabled = self.do(
                name,
                "council.text",
                {"concern": concern, "title": part.kind, "words": f"We agree: {part.kind}."},
            )
            if tabled is None:
                return None
            text = tabled.ref
        opened = self.clock.now()
        done = self.do(name, "council.silence", {"concern": concern, "text": text, "expires_at": expires_at})
        if done is None:
            return None
        everyone = tuple(map(origin, NAMES))
        case = Case(
            part.kind, done.id, origin(name), everyone, done.id, done.ref, text, opened, expires_at,
            unreachable=unreachable,
        )  # fmt: skip
        self.cases.append(case)
        return case

    # Silences

    def _begin(self, part: Part) -> None:
        """Open what is opened at the start; what belongs into the cut comes then."""
        cut_at = self.plan.cut_at
        if part.kind == "unreached":
            self.at(cut_at + 0.06, lambda: self._unreached(part))
        elif part.kind == "rivals":
            self._rivals(part)
        else:
            shift = self.plan.shift if part.kind == "wrong clock" else 0
            case = self._open(part, part.proposer, self.ahead(EXPIRY) + shift)
            if case is not None:
                self._follow(part, case)

    def _follow(self, part: Part, case: Case) -> None:
        """What is done about a case, at its times."""
        actor, before = part.actor, EXPIRY - 0.3
        about: dict[str, object] = {"decision": case.ref}
        reason: dict[str, object] = {**about, "reason": "This cannot stand."}
        acts: dict[str, tuple[float, What, str, str, dict[str, object]]] = {
            "calm": (0.5, "reserve", actor, "council.reserve", {**about, "words": "With this limit."}),
            "broken": (0.5, "object", actor, "council.object", {**reason, "points": ["The first point."]}),
            "cleared": (0.4, "object", actor, "council.object", reason),
            "refused": (0.5, "refuse", actor, "council.refuse", reason),
            "withdrawn": (0.5, "withdraw", part.proposer, "council.withdraw", {"act": case.ref}),
            "cut off": (self.plan.cut_at + 0.1, "object", actor, "council.object", reason),
            "held": (0.4, "hold", actor, "council.hold", about),
        }
        if part.kind in acts:
            when, what, name, kind, body = acts[part.kind]
            self.at(when, lambda: self.attempt(case, what, name, kind, body, before))
        if part.kind in ("broken", "cleared"):
            self.at(0.8, lambda: self._answer(part, case, before))
        elif part.kind == "held":
            held = EXPIRY + RULES.hold / CUT - 0.3
            self.at(EXPIRY + 0.1, lambda: self._object_if_held(part, case, reason, held))
        elif part.kind == "late":
            self.at(EXPIRY + 0.3, lambda: self._object_late(part, case, reason))
        elif part.kind == "backdated":
            self.at(EXPIRY + 0.25, lambda: self._speak(part.proposer))
            self.at(max(EXPIRY + 0.5, self.plan.cut_at + 1.0) + 0.6, lambda: self._backdate(part, case))

    def _answer(self, part: Part, case: Case, until: float) -> None:
        """The proposer answers an objection; in one kind of case its holder clears it then."""
        objection = next(iter(case.of("object")), None)
        if objection is None:
            if self.now + 0.1 < until:
                self.at(self.now + 0.1, lambda: self._answer(part, case, until))
            return
        answer: dict[str, object] = {"objection": objection.ref, "words": "We have heard it."}
        answered = self.do(part.proposer, "council.answer", answer)
        if answered is None and self.now + 0.1 < until:
            self.at(self.now + 0.1, lambda: self._answer(part, case, until))
        elif answered is not None and part.kind == "cleared":
            clear: dict[str, object] = {"objection": objection.ref}
            self.attempt(case, "clear", part.actor, "council.clear", clear, until)

    def _object_if_held(self, part: Part, case: Case, body: dict[str, object], until: float) -> None:
        if case.of("hold"):
            self.attempt(case, "object", part.actor, "council.object", body, until)

    def _object_late(self, part: Part, case: Case, body: dict[str, object]) -> None:
        """An objection after the expiry, of a member that was heard.

        Its node refuses, unless it does not know yet that others held its receipt; then it changes nothing.
        """
        if not was_heard(case, origin(part.actor), self.margin):
            return
        made = self.clock.now()
        done = self.do(part.actor, "council.object", body)
        self.counts["late objections refused" if done is None else "late objections signed"] += 1
        if done is not None:
            self._note(case, "object", done, made)

    def _unreached(self, part: Part) -> None:
        """A silence that one cannot hear of: opened and expired within the cut."""
        cut = (origin(self.plan.cut),)
        case = self._open(part, part.proposer, self.ahead(self.now + 0.55), unreachable=cut)
        if case is not None and part.coin:
            body: dict[str, object] = {"decision": case.ref, "reason": "We were not asked."}
            after = self.plan.cut_at + 1.05
            self.at(
                after, lambda: self.attempt(case, "object", part.actor, "council.object", body, after + 2.0)
            )

    def _rivals(self, part: Part) -> None:
        """Two silences on one text in different words; who opens one cannot know of the other."""
        raised = self.do(part.actor, "council.concern", {"title": "Concern: rivals"})
        if raised is None:
            return
        tabled = self.do(
            part.actor, "council.text", {"concern": raised.ref, "title": "rivals", "words": "In these words."}
        )
        if tabled is not None:
            self.at(self.plan.cut_at + 0.1, lambda: self._clash(part, raised.ref, tabled.ref))

    def _clash(self, part: Part, concern: str, text: str) -> None:
        revision: dict[str, object] = {"text": text, "after": text, "words": "In other words."}
        revised = self.do(part.actor, "council.revision", revision)
        if revised is None or self.members[part.proposer].view("act", id=text) is None:
            return
        by = self.ahead(self.now + 0.6)
        one = self._open(part, part.actor, by, revised.ref, concern)
        other = self._open(part, part.proposer, by, text, concern, (origin(part.actor),))
        if one is not None and other is not None:
            one.rival, other.rival = other.id, one.id
            one.unreachable = tuple(origin(name) for name in NAMES if name != part.actor)

    def _backdate(self, part: Part, case: Case) -> None:
        """A member that was heard writes an objection past its node, dated before the expiry."""
        member = self.members[part.actor]
        if not was_heard(case, member.origin, self.margin) or not member.is_up:
            return
        self._end(member)
        ref = slip_in(
            member.home,
            secret_in(member.home.parent),
            "council.object",
            {"decision": case.ref, "reason": "We said so in time."},
            at=case.expires_at - 60,
            shown_by=case.expires_at,
        )
        if ref:
            self.slipped.append(ref)
            self.counts["backdated"] += 1
            case.acts.append(Did("backdated", member.origin, "", ref, self.clock.now(), self.clock.now()))
        member.start()
        member.wait()

    # Talk

    def _chat(self, number: int) -> None:
        """Somebody says something, tables something or offers something."""
        name = NAMES[number % len(NAMES)]
        kind = self._dice.choice(("statement", "concern", "text", "offer", "accept"))
        if kind == "statement":
            self.do(
                name,
                "council.statement",
                {"title": "On the weather"},
                "It rains. " * self._dice.randint(1, 400),
            )
        elif kind == "concern":
            self.do(name, "council.concern", {"title": f"Wind {number}"})
        elif kind == "text":
            self._table(name)
        elif kind == "offer" or not self._offers:
            body: dict[str, object] = {"track": "Shelter", "what": "A roof", "by": self.ahead(5.0)}
            self.do(name, "cooperation.track", {"title": "Shelter"})
            offered = self.do(name, "cooperation.offer", body)
            self._offers += [] if offered is None else [offered.ref]
        else:
            self.do(name, "cooperation.accept", {"offer": self._offers[-1]})

    def _table(self, name: str) -> None:
        raised = self.do(name, "council.concern", {"title": "Sun"})
        if raised is None:
            return
        tabled = self.do(
            name, "council.text", {"concern": raised.ref, "title": "Sun", "words": "Let it shine."}
        )
        if tabled is not None:
            response = self._dice.choice(("support", "consent", "abstain", "oppose"))
            self.do(name, "council.position", {"on": tabled.ref, "response": response, "intensity": 60})

    def _speak(self, name: str) -> None:
        self.do(name, "council.statement", {"words": "The time is up."})

    # Weather

    def _plan_weather(self) -> None:
        plan = self.plan
        self.at(plan.cut_at, lambda: self.members[plan.cut].cut(True))
        self.at(plan.cut_at + 1.0, self._heal)
        self.at(plan.kill_at, self._kill)

    def _heal(self) -> None:
        self.members[self.plan.cut].cut(False)
        self._healed = self.clock.now()
        for case in self.cases:
            for did in case.acts:
                did.hidden_until = min(did.hidden_until, self._healed)

    def _kill(self) -> None:
        """A burst of writes, and in the middle of it a kill -9."""
        member = self.members[self.plan.killed]
        timer = threading.Timer(self.plan.kill_after, member.kill)
        timer.start()
        for number in range(_BURST):
            text = "Thunder. " * 200 if number % 3 == 0 else None
            self.do(member.name, "council.statement", {"title": f"Lightning {number}"}, text)
            if timer.finished.is_set():
                break
        timer.join()
        member.bury()
        self.at(self.now + self.plan.down_for, member.start)

    def _end(self, member: Member) -> None:
        why = member.stop()
        if why:
            self.faults.append(why)

    # Looking

    def look(self) -> None:
        """See which node holds what; note when an act was on two records besides its author's."""
        for member in self.members.values():
            if not member.is_up or member.is_cut:
                continue
            try:
                rows = member.view("minutes")
            except Gone:
                continue
            now = self.clock.now()
            for row in rows:
                self._saw(member, row, now)
        self._looked = time.monotonic()

    def _saw(self, member: Member, row: dict[str, str], now: float) -> None:
        name = row["id"]
        if row["kind"] == "council.receipt" and name not in self._known:
            self._known.add(name)
            self._meet_receipt(member, name)
        did = self._watched.get(name)
        if did is None or did.reached is not None or did.member == member.origin:
            return
        if member.name == self.plan.wrong:
            return  # what a wrong clock says proves nothing
        holders = self._seen.setdefault(name, set())
        holders.add(member.name)
        if len(holders) >= RULES.witnesses:
            did.reached = now

    def _meet_receipt(self, member: Member, name: str) -> None:
        act = member.view("act", id=name)
        for case in self.cases:
            if act is not None and act["body"]["decision"] == case.ref:
                who = origin(act["member"])
                did = Did("receipt", who, name, act["ref"], case.opened, case.opened)
                case.acts.append(did)
                self._watched[name] = did
