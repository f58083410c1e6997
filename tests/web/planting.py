"""A planted council with one live member, for the pages that show positions and what is made of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from allweather.cli.staging import Stage
from allweather.node.home import Passphrase
from allweather.node.rehearsal import Setting, compile_council
from allweather.node.rehearsing import Weather
from allweather.node.running import Node
from allweather.web.door import door
from benchmarks.planting import AT, COUNCIL, planted
from tests.node.nodes import SLOW
from tests.web.browsing import add_seat

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'words' </table>"


@contextmanager
def planted_node(
    folder: Path, *, n_members: int, n_texts: int, words: Sequence[str] = (), known: float = 0.8
) -> Iterator[Node]:
    """The node of the first member of a council that was made up, with pages for the public."""
    numbers = count(1)
    reading, blocs = planted(n_members, n_texts, words=words, known=known)
    stage = Stage(folder, [f"{COUNCIL}/member-00"])
    setting = Setting(COUNCIL, AT, lambda: next(numbers).to_bytes(32, "big"))
    compiled = compile_council(reading, blocs, setting, stage.make_homes())
    stage.load(compiled, setting)
    home = stage.nodes["member-00"].home
    add_seat(home)
    shift = AT + 3_600 - int(time.time())
    node = Node(
        home,
        Passphrase(stage.passphrase),
        lambda: int(time.time()) + shift,
        timings=SLOW,
        weather=Weather(rehearsal=True),
        pages=lambda serving: door(serving, is_public=True),
    )
    node.start()
    try:
        yield node
    finally:
        node.stop()
        node.join(20.0)
