"""Proposals beside the pages: the documents of one event are read in the background, one event at a time.

A page asks for what is proposed for some documents and is answered at once: with the proposals, with the
sentence that says why there are none, or that they are being read. What was read is kept by what went in.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from allweather.council.acts import Act
from allweather.errors import AllweatherError
from allweather.node.answering import judge
from allweather.node.filing import Proposals, propose
from allweather.node.sharing import SharedDesk

MAX_KEPT = 32
_Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What there is now: proposals, or why there are none; neither while they are being read."""

    found: Proposals | None = None
    why: str = ""

    @property
    def is_reading(self) -> bool:
        """Whether the documents are still being read."""
        return self.found is None and not self.why


class Proposer:
    """The readings of one node. `tell` is called when one is finished, `is_ended` says when to give up."""

    def __init__(self, shared: SharedDesk, tell: Callable[[], None], is_ended: Callable[[], bool]) -> None:
        self._shared, self._tell, self._is_ended = shared, tell, is_ended
        self._kept: OrderedDict[_Key, Prospect] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def prospect(self, documents: Sequence[Act], concerns: Mapping[str, str]) -> Prospect:
        """What is proposed for the documents of one event; where they were not read yet, that begins."""
        key = tuple(act.ref for act in documents), tuple(sorted(concerns.items()))
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
            self._kept[key] = Prospect()
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        work = threading.Thread(
            target=self._read, args=(key, tuple(documents), concerns), name="proposals", daemon=True
        )
        work.start()
        return Prospect()

    def _read(self, key: _Key, documents: Sequence[Act], concerns: Mapping[str, str]) -> None:
        with self._turn:  # one at a time: each takes a processor for a while
            made = self._made(documents, concerns)
        with self._lock:
            self._kept[key] = made
        self._tell()

    def _made(self, documents: Sequence[Act], concerns: Mapping[str, str]) -> Prospect:
        shared = self._shared
        try:
            return Prospect(
                propose(shared.desk, shared.actions.shelf, documents, concerns, is_ended=self._is_ended)
            )
        except AllweatherError as error:
            return Prospect(why=str(error))
        except Exception as error:  # a page says what went wrong; the thread ends
            return Prospect(why=judge(error)[1])
