"""Jobs: what a node does by itself, each in a thread of its own.

    one puller a peer    asks it every few seconds while it answers, less and less often while it does not,
                         and at once when it says that it has news
    one teller a peer    says that there is news here, or brings it where the peer cannot come
    one keeper           does what is due without a peer: acknowledging after a crash, receipts, reveals

All times are arguments. Nothing here waits longer than `stop` lets it.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from allweather.errors import AllweatherError, InputError, Refused, StoreError
from allweather.node.actions import Actions, Doing
from allweather.node.logs import tell, tell_fault
from allweather.node.peers import Peer
from allweather.node.reaching import Way
from allweather.node.sharing import SharedDesk
from allweather.node.syncing import Outcome, Round, chosen_files, format_files, pull_from

Duty = Callable[[Actions], Iterable[Doing]]
"""What a member's node does for it by itself: gives the acts that are due now."""

_MAX_ANSWER = 2**20
_MAX_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Timings:
    """How often and how long, in seconds of the machine's own clock.

    `every`: between rounds with a peer that answers. `gap`: the least time between two. `first` and `most`:
    the shortest and longest wait after a failure. `wait`: the longest silence on a line. `round`: the longest
    round. `turn`: how long one round waits for another to end before it goes on beside it. `duty`: between
    duties. `slice`: how long a view of now stays as it is. `graceful`: for open requests at the end.
    """

    every: float = 5.0
    gap: float = 0.1
    first: float = 1.0
    most: float = 300.0
    wait: float = 10.0
    round: float = 300.0
    turn: float = 0.5
    duty: float = 5.0
    slice: float = 1.0
    graceful: int = 1


def back_off(n_failed: int, timings: Timings, dice: Callable[[], float]) -> float:
    """How long to wait after so many failures in a row: doubling, with half of it up to chance."""
    longest = min(timings.most, timings.first * 2.0 ** min(n_failed - 1, 30))
    return longest * (0.5 + 0.5 * dice())


class Job(ABC):
    """A thread that does `step` again and again until `stop`; `step` gives the seconds until the next one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_stopped(self) -> bool:
        """Whether it is to end."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Do the next step now."""
        self.woken.set()

    def stop(self) -> None:
        """Let it end; `join` waits for that."""
        self._stopped.set()
        self.woken.set()

    def join(self, seconds: float) -> None:
        """Wait for its end."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, seconds))

    def rest(self, seconds: float) -> None:
        """Do nothing for a moment, unless it is to end."""
        self._stopped.wait(seconds)

    @abstractmethod
    def step(self) -> float:
        """One step; the seconds until the next one."""

    def end(self) -> None:  # noqa: B027  (most jobs leave nothing behind)
        """What is done last, in the job's own thread."""

    def _run(self) -> None:
        try:
            self._go_on()
        finally:
            self.end()

    def _go_on(self) -> None:
        while not self.is_stopped:
            try:
                seconds = self.step()
            except Exception as error:
                if self.is_stopped:
                    return
                tell_fault("a job failed and goes on", error, job=self.name)
                seconds = 5.0
            self.woken.wait(seconds)
            self.woken.clear()


class Puller(Job):
    """Takes in from one peer. `turn` is held by the round that is under way."""

    def __init__(
        self,
        shared: SharedDesk,
        peer: Peer,
        way: Way,
        *,
        pins: Callable[[], dict[str, bytes]],
        turn: threading.Lock,
        timings: Timings,
        dice: Callable[[], float],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(f"pull {peer.address}")
        self.peer = peer
        self.member = peer.member
        self.n_failed = 0
        self.n_begun = 0
        self.n_ended = 0
        self.last: Outcome | None = None
        self.in_step_at = 0
        self.error = ""
        self._shared, self._way, self._pins, self._turn = shared, way, pins, turn
        self._timings, self._dice, self._after = timings, dice, after
        self._ended = threading.Condition()

    def step(self) -> float:
        """One round; then the wait for the next."""
        self.n_begun += 1
        try:
            outcome = self._round()
        except (StoreError, InputError) as error:
            if self.is_stopped:
                return 0.0
            self._failed(error)
            pause = back_off(self.n_failed, self._timings, self._dice)
        else:
            self._succeeded(outcome)
            pause = self._timings.every
        with self._ended:
            self.n_ended = self.n_begun
            self._ended.notify_all()
        self.rest(self._timings.gap)
        return pause

    def wait_for_round(self, since: int, seconds: float) -> bool:
        """Wait for the end of a round that began after `since` others; whether there was one."""
        with self._ended:
            return self._ended.wait_for(lambda: self.n_ended > since or self.is_stopped, seconds)

    def state(self) -> dict[str, object]:
        """The peer, and how the last round with it went."""
        return {
            "address": self.peer.address,
            "member": self.member,
            "failures": self.n_failed,
            "in_step_at": self.in_step_at,
            "error": self.error,
            "last": None if self.last is None else self.last.shown(),
        }

    def stop(self) -> None:
        """Let it end, and break off what it waits for."""
        super().stop()
        self._way.close()

    def end(self) -> None:
        """Let go of the way."""
        self._way.close()

    def _round(self) -> Outcome:
        held = self._turn.acquire(timeout=self._timings.turn)
        try:
            one = Round(self._shared, self._pins(), member=self.peer.member, source=self.peer.address)
            return pull_from(self._way, one, seconds=self._timings.round)
        finally:
            if held:
                self._turn.release()

    def _failed(self, error: AllweatherError) -> None:
        self.n_failed += 1
        self.error = str(error)
        self._shared.counts.add("allweather_rounds_total", peer=self.peer.address, outcome="failed")
        if self.n_failed <= 3 or self.n_failed % 20 == 0:
            tell("a peer does not answer", peer=self.peer.address, why=self.error, failures=self.n_failed)

    def _succeeded(self, outcome: Outcome) -> None:
        if self.n_failed:
            tell("a peer answers again", peer=self.peer.address)
        self.n_failed, self.error, self.last = 0, "", outcome
        self.member = self.peer.member or outcome.node
        counts = self._shared.counts
        counts.add("allweather_rounds_total", peer=self.peer.address, outcome="done")
        if outcome.complete:
            self.in_step_at = self._shared.clock()
            counts.put("allweather_last_sync_seconds", self._shared.clock(), peer=self.peer.address)
        if outcome.is_new:
            n_entries = sum(outcome.entries.values())
            tell("taken in", peer=self.peer.address, entries=n_entries, payloads=outcome.n_payloads)
            self._after()


class Teller(Job):
    """Tells one peer that there is news here, or brings it the files."""

    def __init__(
        self, shared: SharedDesk, peer: Peer, way: Way, *, timings: Timings, dice: Callable[[], float]
    ) -> None:
        super().__init__(f"tell {peer.address}")
        self.peer = peer
        self.n_told = 0
        self._shared, self._way, self._timings, self._dice = shared, way, timings, dice
        self._has_news = threading.Event()
        self._n_failed = 0
        if peer.push:
            self._has_news.set()

    def news(self) -> None:
        """There is something to tell."""
        self._has_news.set()
        self.wake()

    def stop(self) -> None:
        """Let it end, and break off what it waits for."""
        super().stop()
        self._way.close()

    def end(self) -> None:
        """Let go of the way."""
        self._way.close()

    def step(self) -> float:
        """Tell, if there is something; then the wait for the next."""
        if not self._has_news.is_set():
            return 3_600.0
        self._has_news.clear()
        try:
            if self.peer.push:
                self._push()
            else:
                self._notify()
        except (StoreError, InputError) as error:
            self._n_failed += 1
            if self.is_stopped:
                return 0.0
            if not self.peer.push:
                return 3_600.0  # it asks by itself when it is there again
            self._has_news.set()
            if self._n_failed <= 3 or self._n_failed % 20 == 0:
                tell("a peer cannot be brought the news", peer=self.peer.address, why=str(error))
            return back_off(self._n_failed, self._timings, self._dice)
        self._n_failed = 0
        self.n_told += 1
        self.rest(self._timings.gap)  # what comes within a moment is told at once
        return 0.0 if self._has_news.is_set() else 3_600.0

    def _notify(self) -> None:
        data = msgspec.json.encode({"node": self._shared.origin})
        status, _ = self._way.send("/notify", data, _MAX_ANSWER, media_type="application/json")
        if status >= 300:
            raise StoreError(f"{self.peer.address} answers {status} to a notice")

    def _push(self) -> None:
        answer = self._ask("/push", b"")
        session = answer.session
        for _ in range(_MAX_STEPS):
            if not answer.wants or self.is_stopped:
                return
            files = chosen_files(self._shared, answer.wants)
            answer = self._ask(f"/push/{session}", format_files(files))
        raise StoreError(f"{self.peer.address} asks for files without end")

    def _ask(self, path: str, data: bytes) -> _Answer:
        status, body = self._way.send(path, data, _MAX_ANSWER)
        if status >= 300:
            raise StoreError(f"{self.peer.address} answers {status} to a push")
        try:
            answer = msgspec.json.decode(body, type=_Answer)
        except (msgspec.DecodeError, RecursionError):
            raise StoreError(f"{self.peer.address} does not answer a push as a node does") from None
        if answer.session and not (answer.session.isalnum() and len(answer.session) <= 64):
            raise StoreError(f"{self.peer.address} does not answer a push as a node does")
        return answer


class _Answer(msgspec.Struct):
    """What the receiver of a push says."""

    session: str = ""
    wants: list[str] = msgspec.field(default_factory=list)


class Keeper(Job):
    """Does what is due at this node: acknowledges what was taken in before a crash, and its duties."""

    def __init__(self, shared: SharedDesk, duties: Sequence[Duty], *, timings: Timings) -> None:
        super().__init__("duties")
        self.before: Callable[[], None] = lambda: None
        """Called before each step."""
        self._shared, self._duties, self._timings = shared, tuple(duties), timings
        self._refused: set[str] = set()
        self._began = False

    def step(self) -> float:
        """Do what is due; then the wait for the next time."""
        self.before()
        try:
            if not self._began:
                self._shared.acknowledge()
                self._began = True
            self.do_duties()
        except StoreError as error:
            tell("the store fails; trying again", why=str(error))
        return self._timings.duty

    def do_duties(self) -> int:
        """Sign what the duties give; how many acts that were."""
        if not self._duties or self._shared.why_not_signing():
            return 0
        n_done = 0
        for duty in self._duties:
            with self._shared.lock:
                due = list(duty(self._shared.actions))
            for doing in due:
                try:
                    n_done += len(self._shared.sign(doing))
                except (Refused, InputError) as error:
                    if str(error) not in self._refused and len(self._refused) < 1_000:
                        self._refused.add(str(error))
                        tell("a duty was not done", kind=doing.body.KIND, why=str(error))
        return n_done
