"""Who may read an act's words: the one place where that is decided, for every door and whatever it shows.

The words of an act are for everybody who reads the record, unless its entry names an audience. Then the
record itself holds them encrypted, and only the nodes of those members can open them; here is decided to whom
such a node shows them: to its own delegates, and to nobody else who reads its pages.
"""

from __future__ import annotations

from typing import Literal

from allweather.council.acts import Act

Reader = Literal["public", "observer", "delegate"]
"""Who reads at a node: anybody, an observer whom the member let in, or a delegate of the member itself."""


def may_read(act: Act, member: str, reader: Reader) -> bool:
    """Whether a reader at the node of `member` (its origin) may read an act's words."""
    return not act.audience or (reader == "delegate" and member in act.audience)
