"""Joint reviews beside the pages: computed one at a time in a thread of their own, and kept.

A page asks for a review by what it is of (a `Wish`) and is answered at once: with the review as far as there
is one, whether it is of what is on record now, and how far the next one has come. What was computed is kept
by the digest of what went in, the day and the seed: while these are the same, nothing is computed again.

The same thread checks reviews that members have tabled. It ends when there is nothing to do, and gives up at
the next sweep when the node ends. What it does not do: decide what is shown, or to whom.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property

from allweather.council.bodies import Review as Body
from allweather.council.holding import Expecting
from allweather.council.reviewing import expectations_of
from allweather.errors import AllweatherError, InputError, NothingToReview, UnknownName
from allweather.node.answering import judge
from allweather.node.reviewing import Reviewed, ToReview, recompute, review_of, tabled, to_review
from allweather.node.sharing import SharedDesk
from allweather.positions import Positions
from allweather.report.names import Names
from allweather.review import Review
from allweather.web.words import name_of

MAX_KEPT, MAX_WAITING = 8, 8
PAUSE = 1.0
"""Seconds between two looks at what is on record."""
_LONGEST_REST = 20.0
_STEP = 0.05
_STALE = 60.0
_LINGER = 2.0
_STAGES = (("weighing", 0.0, 0.1), ("fitting", 0.1, 0.5), ("working", 0.5, 0.7), ("looking", 0.7, 1.0))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a review is asked of: the texts of one concern (a reference) or of all, as of when, which seed."""

    concern: str = ""
    at: int | None = None
    seed: int = 0


class _Named(Names):
    """Names as pages show them: members by their names for reading."""

    def member(self, member: str) -> str:
        found = super().member(member)
        return name_of(found) if found == member else found


@dataclass(frozen=True, eq=False)
class KeptReview:
    """A finished review. `key` names it in addresses; `expected` is what members expect of each other."""

    key: str
    given: ToReview
    made: Reviewed
    expected: tuple[Expecting, ...]
    seconds: float

    @property
    def review(self) -> Review:
        """What the review says."""
        return self.made.review

    @property
    def positions(self) -> Positions:
        """The positions that it rests on."""
        return self.made.positions

    @cached_property
    def names(self) -> Names:
        """Names and marks of its members, parties and questions."""
        return _Named(self.review, self.positions)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work has come: which part of it, the share of all that is done, how many wait before it."""

    what: str
    share: float
    n_before: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be shown of a review now. `why` says why there is none and none will be."""

    kept: KeptReview | None
    is_current: bool
    progress: Progress | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a tabled review: `fault` is empty if it holds. `at`: seconds since 1970."""

    at: int
    fault: str


class _Ended(Exception):
    """The node has ended while something was computed."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Which review a wish came to when it was last looked at, by monotonic time."""

    version: int
    made: float
    key: str
    why: str


class Reviewer:
    """The reviews of one node. `tell` is called when something is finished, `is_ended` when to give up."""

    def __init__(
        self, shared: SharedDesk, tell: Callable[[], None], is_ended: Callable[[], bool] = lambda: False
    ) -> None:
        self.version = 0
        """Grows with everything that a page of reviews would show otherwise."""
        self._shared, self._tell, self._is_ended = shared, tell, is_ended
        self._turn = threading.Condition()
        self._jobs: OrderedDict[Hashable, tuple[float, Callable[[], None]]] = OrderedDict()
        self._running: Hashable = None
        self._progress = Progress("", 0.0)
        self._thread: threading.Thread | None = None
        self._kept: OrderedDict[str, KeptReview] = OrderedDict()
        self._looks: OrderedDict[Wish, _Look] = OrderedDict()
        self._last: dict[tuple[str, int], str] = {}
        self._checks: OrderedDict[str, Checked] = OrderedDict()
        self._rest_until = 0.0

    def sight(self, wish: Wish, *, may_begin: bool = True) -> Sight:
        """What there is of a review now; where it may have changed, the background looks again."""
        with self._turn:
            look = self._looks.get(wish)
            if may_begin and not self._is_fresh(wish, look):
                self._begin(wish, 0.0 if look is None else PAUSE, lambda: self._review(wish))
            kept = self._kept.get(look.key) if look else None
            if kept is None and wish.at is None:
                kept = self._kept.get(self._last.get((wish.concern, wish.seed), ""))
            is_done = look is not None and (kept is not None or look.why != "")
            progress = self._progress_of(wish)
            if is_done and (progress is None or progress.share <= 0.0):
                progress = None  # a look that found nothing new is not worth a word
            return Sight(kept, progress is None, progress, look.why if look and kept is None else "")

    def named(self, key: str) -> KeptReview:
        """The kept review of a key. Raises UnknownName."""
        with self._turn:
            found = self._kept.get(key)
        if found is None:
            raise UnknownName("this review is not kept any more; look at the joint review as it is now")
        return found

    def body(self, kept: KeptReview, title: str) -> Body:
        """The act that tables a kept review. Raises InputError if the record has gone on since."""
        shared = self._shared
        with shared.lock:
            view = shared.actions.view()
            found = tabled(view, kept.made, title=title, concern=kept.given.concern, seed=kept.given.seed)
        if found.inputs != kept.given.digest:
            raise InputError("positions have changed since this review was computed; look at it again")
        return found

    def check(self, act: str) -> None:
        """Compute a tabled review again, by its reference, in the background."""
        with self._turn:
            self._checks.pop(act, None)
            self._begin(act, 0.0, lambda: self._check(act))

    def checked(self, act: str) -> tuple[Checked | None, Progress | None]:
        """What came of checking a tabled review, or how far that has come."""
        with self._turn:
            return self._checks.get(act), self._progress_of(act)

    # In the background

    def _is_fresh(self, wish: Wish, look: _Look | None) -> bool:
        if look is None or look.version != self._shared.fold_version:
            return False
        return wish.at is not None or time.monotonic() - look.made < _STALE

    def _progress_of(self, name: Hashable) -> Progress | None:
        if name == self._running:
            return self._progress
        if name in self._jobs:
            n_before = list(self._jobs).index(name) + (self._running is not None)
            return Progress("waiting", 0.0, n_before)
        return None

    def _begin(self, name: Hashable, delay: float, work: Callable[[], None]) -> None:
        if name in self._jobs or name == self._running or len(self._jobs) >= MAX_WAITING:
            return
        self._jobs[name] = time.monotonic() + delay, work
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="reviews", daemon=True)
            self._thread.start()
        self._turn.notify_all()

    def _next(self) -> Callable[[], None] | None:
        """The next job that is due; None when there was nothing to do for a while."""
        until = time.monotonic() + _LINGER
        with self._turn:
            while not self._is_ended():
                now = time.monotonic()
                due = next((name for name, (at, _) in self._jobs.items() if at <= now), None)
                if due is not None:
                    self._running, self._progress = due, Progress("waiting", 0.0)
                    return self._jobs.pop(due)[1]
                if not self._jobs and now > until:
                    break
                self._turn.wait(0.1)
            self._thread = None
        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except _Ended:
                pass
            except Exception as error:  # a page says what went wrong; the thread goes on
                judge(error)
            with self._turn:
                self._running = None

    def _review(self, wish: Wish) -> None:
        shared = self._shared
        version = shared.fold_version
        try:
            with shared.lock:
                version, view = shared.fold_version, shared.actions.view(wish.at)
                given = to_review(view, concern=wish.concern, seed=wish.seed)
                expected = expectations_of(view, wish.concern)
            key = _key(given)
            if key not in self._kept:
                self._compute(given, expected, key)
        except AllweatherError as error:
            self._note(wish, version, "", str(error))
            if not isinstance(error, NothingToReview):
                judge(error)
        except _Ended:
            raise
        except Exception as error:
            self._note(wish, version, "", judge(error)[1])
        else:
            self._note(wish, version, key, "")

    def _compute(self, given: ToReview, expected: tuple[Expecting, ...], key: str) -> None:
        began = time.monotonic()
        if (given.concern, given.seed) in self._last:
            self._report("resting", 0.0)
            while time.monotonic() < self._rest_until and not self._is_ended():
                time.sleep(0.05)  # whoever reads pages has the processor first
        made = review_of(given, threads=1, report=self._report)
        seconds = time.monotonic() - began
        with self._turn:
            self._kept[key] = KeptReview(key, given, made, expected, seconds)
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
            self._rest_until = time.monotonic() + min(seconds, _LONGEST_REST)

    def _note(self, wish: Wish, version: int, key: str, why: str) -> None:
        with self._turn:
            before = self._looks.pop(wish, None)
            self._looks[wish] = _Look(version, time.monotonic(), key, why)
            while len(self._looks) > 4 * MAX_KEPT:
                self._looks.popitem(last=False)
            if key in self._kept:
                self._kept.move_to_end(key)
                if wish.at is None:
                    self._last[wish.concern, wish.seed] = key
            self.version += 1
            self._running = None
        if before is None or (before.key, before.why) != (key, why):
            self._tell()

    def _check(self, act: str) -> None:
        shared = self._shared
        fault = ""
        try:
            with shared.lock:
                view, desk = shared.actions.view(), shared.desk
                standing, found = desk.standing, view.fold.find(act)
            recompute(view, found, desk.storage, standing, report=self._report)
        except AllweatherError as error:
            fault = str(error)
        with self._turn:
            self._checks[act] = Checked(shared.clock(), fault)
            while len(self._checks) > 4 * MAX_KEPT:
                self._checks.popitem(last=False)
            self.version += 1
            self._running = None
        self._tell()

    def _report(self, what: str, share: float) -> None:
        if self._is_ended():
            raise _Ended
        first = what.partition(" ")[0]
        low, high = next(((low, high) for name, low, high in _STAGES if name == first), (0.01, 0.01))
        done = low + (high - low) * share
        with self._turn:
            if first != self._progress.what or done - self._progress.share >= _STEP:
                self.version += 1
                self._progress = Progress(first, done)


def _key(given: ToReview) -> str:
    parts = (given.concern, given.digest, given.as_of, str(given.seed))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
