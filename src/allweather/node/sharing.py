"""One desk that the threads of a node share: one lock, one fold, files for peers, views as bytes.

Whoever writes, or needs the fold, takes the lock; nobody holds it while a network is waited for. Files are
published without it, because the store allows reading beside a writer. A view is kept as bytes until
something changes that it rests on (`council.findings`), so that most requests need no lock at all.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec

from allweather.council.acts import Act
from allweather.council.findings import Finding
from allweather.council.view import View
from allweather.errors import Refused, UnknownName
from allweather.node.access import Reader
from allweather.node.actions import Actions, Doing
from allweather.node.caucus import Words, words_of
from allweather.node.counting import Counts
from allweather.node.home import Desk, Home, Opened, Passphrase, find_home, open_store
from allweather.node.logs import tell
from allweather.node.showing import Named, check_parameters
from allweather.node.taking import acknowledge_new
from allweather.node.views import VIEWS
from allweather.record.canonical import format_canonical
from allweather.record.standing import Standing
from allweather.record.storage import Batch, Branch
from allweather.record.writing import Draft, awaited, mark_restored
from allweather.sync.layout import INDEX, Publication

_T = TypeVar("_T")
_Key = tuple[str, tuple[tuple[str, str], ...], int | None]
_MAX_KEPT = 512
_MAX_KEPT_BYTES = 2**26
_MAX_VIEWS = 8
_BUSY_SECONDS = 0.02


class _Counted:
    """A store that counts its commits, so that whoever keeps something knows when to look again.

    It is asked again and again how far each log is held, and so keeps that of the logs that no commit names.
    """

    def __init__(self, storage: Opened) -> None:
        self._storage = storage
        self.n_commits = 0
        self._keeping = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[Any, ...]] = {}

    def commit(self, batch: Batch) -> None:
        named = {one.branch.origin for one in batch.growths} | {origin for origin, _ in batch.key_notes}
        try:
            self._storage.commit(batch)
        finally:
            # Also after an error: what was said to fail may be there.
            with self._keeping:
                self.n_commits += 1
                self._kept = {key: one for key, one in self._kept.items() if key[1] not in named}

    def branches(self, origin: str) -> tuple[Branch, ...]:
        return self._keep("branches", origin, self._storage.branches)

    def key_notes(self, origin: str) -> tuple[bytes, ...]:
        return self._keep("key notes", origin, self._storage.key_notes)

    def _keep(self, what: str, origin: str, read: Callable[[str], tuple[_T, ...]]) -> tuple[_T, ...]:
        found = self._kept.get((what, origin))
        if found is None:
            n_commits = self.n_commits
            found = read(origin)
            with self._keeping:
                if n_commits == self.n_commits:  # else what was read may be of before a commit
                    self._kept[what, origin] = found
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A view as bytes: of which version of the fold, made when (monotonic), at what cost in seconds.

    `moment` is what the clock said: what was asked for as of a later time may change until that has come.
    `finding` says whether a view of now is still true; None for one as of another time.
    """

    data: bytes
    version: int
    made: float
    cost: float
    moment: int
    finding: Finding | None


class SharedDesk:
    """A member's open home, for many threads. `slice_seconds` is how long a view of now stays as it is."""

    def __init__(
        self,
        path: Home,
        storage: Opened,
        passphrase: Passphrase,
        clock: Callable[[], int],
        *,
        slice_seconds: float = 1.0,
        withheld: frozenset[str] = frozenset(),
    ) -> None:
        self.lock = threading.RLock()
        self.counts = Counts()
        self.clock = clock
        self._counted = _Counted(storage)
        self.desk = Desk(path, cast(Opened, self._counted), Standing({}, (), ()), passphrase)
        self.desk.settle()
        self.actions = Actions(self.desk, clock, keeps_findings=True)
        self.on_news: list[Callable[[str], None]] = []
        """Told the address that something new came from; nothing if it was made here."""
        self.fold_version = 0
        self._fold: tuple[object, int] = (None, -1)
        self._slice = slice_seconds
        self._withheld = withheld
        self._index: tuple[int, bytes] = (-1, b"")
        self._shown: OrderedDict[_Key, _Shown] = OrderedDict()
        self._n_shown_bytes = 0
        self._views: OrderedDict[int, tuple[int, View]] = OrderedDict()
        with self.lock:
            self._begin()

    @property
    def origin(self) -> str:
        """Whose node it is."""
        return self.desk.home.origin

    @property
    def n_commits(self) -> int:
        """How often something was committed since this desk was opened."""
        return self._counted.n_commits

    def _begin(self) -> None:
        try:
            self.desk.check_guard()
        except Refused as error:
            self.desk.storage.commit(mark_restored(self.desk.storage, self.origin))
            tell("restored from a backup: asking the others for the own log", why=str(error))
        self.refresh()

    # Writing

    def sign(self, *doings: Doing, more: Sequence[Draft] = ()) -> tuple[Act, ...]:
        """Sign acts, with `more` entries before them; they are durable when this returns.

        Raises Refused, InputError, StoreError.
        """
        with self.lock:
            acts = self.actions.sign(*doings, more=more)
            self.refresh()
        self.counts.add("allweather_acts_signed_total", len(acts))
        self.tell_news()
        return acts

    def acknowledge(self) -> list[str]:
        """Cosign what is new of other logs; which these are. None if this node may not sign."""
        with self.lock:
            if self.why_not_signing():
                return []
            try:
                found = acknowledge_new(self.desk, at=self.clock())
            except Refused as error:
                tell("nothing acknowledged", why=str(error))
                return []
            self.refresh()
        if found:
            self.counts.add("allweather_acknowledged_total", len(found))
            self.tell_news()
        return found

    def why_not_signing(self) -> str:
        """Why this node may not sign now, in one sentence; nothing if it may."""
        with self.lock:
            waiting = awaited(self.desk.storage)
            if waiting:
                return f"restored from a backup; still to be asked: {', '.join(waiting)}"
            if self.desk.own.two_faced:
                return "the own log has two faces; let the recovery key name the one that goes on"
            try:
                self.desk.check_guard()
            except Refused as error:
                return str(error)
        return ""

    def refresh(self) -> None:
        """Fold what is new. Call it, with the lock, after anything was committed."""
        view = self.actions.view()
        fold, version = self._fold
        if fold is not view.fold or version != view.fold.version:
            self._fold = view.fold, view.fold.version
            self.fold_version += 1

    def tell_news(self, source: str = "") -> None:
        """Tell whoever waits that something new is held here; `source` is the address it came from."""
        for told in self.on_news:
            told(source)

    # Files

    def published(self, path: str) -> bytes | None:
        """The file that peers get at a path; None where there is none. Raises Malformed, StoreError."""
        if any(path.startswith(f"{origin}/") for origin in self._withheld):
            return None
        publication = Publication(self.desk.storage, self.desk.standing, self.origin)
        if path != INDEX:
            return publication.read(path)
        version, data = self._index
        if version != self.n_commits:
            version = self.n_commits
            index = publication.index()
            logs = tuple(log for log in index.logs if log.origin not in self._withheld)
            data = format_canonical(msgspec.structs.replace(index, logs=logs))
            self._index = version, data
        return data

    # Views

    def kept_view(self, name: str, parameters: Mapping[str, str], at: int | None) -> bytes | None:
        """A view as bytes if it is at hand and still true."""
        found = self._shown.get((name, tuple(sorted(parameters.items())), at))
        return found.data if found is not None and self._is_fresh(found, at) else None

    def view_bytes(self, name: str, parameters: Mapping[str, str], at: int | None) -> bytes:
        """A view as JSON. Raises UnknownName, Refused, InputError."""
        named = VIEWS.get(name)
        if named is None:
            raise UnknownName(f"{name!r:.60} is no view; GET /api/views lists them")
        key = name, tuple(sorted(parameters.items())), at
        known = self._shown.get(key)
        # Where only time has passed, and the desk is busy, what was true a moment ago will do.
        patient = known is None or not self._is_current(known)
        if not self.lock.acquire(timeout=-1 if patient else _BUSY_SECONDS):
            assert known is not None
            return known.data
        try:
            known = self._shown.get(key)
            if known is not None and self._is_fresh(known, at):
                return known.data
            return self._show(named, key, parameters, at)
        finally:
            self.lock.release()

    def _is_current(self, shown: _Shown) -> bool:
        """Whether nothing has come that it rests on, whatever the time."""
        return shown.version == self.fold_version if shown.finding is None else shown.finding.is_kept

    def _is_fresh(self, shown: _Shown, at: int | None) -> bool:
        if not self._is_current(shown):
            return False
        if shown.finding is not None and shown.finding.holds(self.clock()):
            return True
        if at is not None and at <= shown.moment:
            return True
        return time.monotonic() - shown.made < max(self._slice, 10 * shown.cost)

    def _show(self, named: Named, key: _Key, parameters: Mapping[str, str], at: int | None) -> bytes:
        self.refresh()
        began, moment = time.monotonic(), self.clock()
        check_parameters(named.name, named, parameters)
        view = self.actions.view() if at is None else self._view_at(at)

        def made() -> bytes:
            return msgspec.json.encode(named.show(view, parameters))

        finding = view.watch(made) if at is None else None
        data = made() if finding is None else finding.value
        now = time.monotonic()
        self._forget(key)
        self._shown[key] = _Shown(data, self.fold_version, now, now - began, moment, finding)
        self._n_shown_bytes += len(data)
        while len(self._shown) > _MAX_KEPT or self._n_shown_bytes > _MAX_KEPT_BYTES:
            self._forget(next(iter(self._shown)))
        return data

    def _forget(self, key: _Key) -> None:
        old = self._shown.pop(key, None)
        if old is not None:
            self._n_shown_bytes -= len(old.data)
            if old.finding is not None:
                self.actions.forget(old.finding)

    def _view_at(self, at: int) -> View:
        """The council as of a time; one view serves all that ask for that time."""
        version, view = self._views.get(at, (-1, None))
        now = self.clock()
        if view is None or version != self.fold_version or view.now != min(at, now):
            view = View(self.actions.view().fold, at, now=now)
            self._views[at] = self.fold_version, view
        self._views.move_to_end(at)
        while len(self._views) > _MAX_VIEWS:
            self._views.popitem(last=False)
        return view

    def words(self, name: str, reader: Reader) -> Words:
        """The words of an act, as a reader at this node may have them. Raises UnknownName."""
        with self.lock:
            act = self.actions.view().fold.find(name)
        return words_of(self.desk, act, reader)

    def measure(self) -> None:
        """Bring the counts of what is held up to date."""
        logs = self.desk.standing.logs
        held = {origin: sum(face.head.size for face in log.faces) for origin, log in logs.items()}
        self.counts.put("allweather_entries_held", sum(held.values()))
        self.counts.put("allweather_own_entries", held.get(self.origin, 0))
        self.counts.put("allweather_logs_held", len(logs))
        self.counts.put("allweather_can_sign", 0 if self.why_not_signing() else 1)

    def close(self, patience: float = 1.0) -> None:
        """Let go of the store, when whoever writes has finished, or after `patience` seconds."""
        held = self.lock.acquire(timeout=patience)
        try:
            self.desk.storage.close()
        finally:
            if held:
                self.lock.release()


def open_shared(
    path: Any,
    passphrase: Passphrase,
    clock: Callable[[], int],
    *,
    slice_seconds: float = 1.0,
    withheld: frozenset[str] = frozenset(),
) -> SharedDesk:
    """The desk of a home. Raises InputError, StoreError if there is none or another process has it."""
    home = find_home(path)
    storage = open_store(home)
    try:
        return SharedDesk(home, storage, passphrase, clock, slice_seconds=slice_seconds, withheld=withheld)
    except BaseException:
        storage.close()
        raise
