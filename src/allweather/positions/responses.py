"""The words a position can use, and how they are ordered.

One list serves councils, roll calls and consultations. `LEVELS` puts each response on the
ordinal scale oppose 0 < held back 1 < with a limit 2 < support 3. `PASS` has no level: a
participant who passes has looked at a question and not answered it, which is neither a missing
answer nor half a yes.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Response(IntEnum):
    """What a member said on a question. The values are stored; do not renumber them."""

    OPPOSE = 0
    RESERVE = 1  # holds back, short of opposing
    MIXED = 2  # the record points both ways
    ABSTAIN = 3
    CONDITIONAL = 4  # support if a named condition is met
    CONSENT = 5  # does not promote it, lets it pass
    SUPPORT = 6
    PASS = 7


class Basis(IntEnum):
    """Why we believe that the position is the member's."""

    OWN = 0  # the member's own words, vote or act
    INFERRED = 1  # read from what the member did or let others report
    COMMON = 2  # a common text that the member joined


class Body(IntEnum):
    """What kind of body the positions come from; it decides how the review reads them."""

    COUNCIL = 0  # few members, each of whom can stop a consensus; the record is thin
    ASSEMBLY = 1  # members vote by name on many questions
    CONSULTATION = 2  # many participants, each answers a few questions


#: The ordinal level of each response, indexed by its value; -1 where it has none (PASS).
LEVELS: npt.NDArray[np.int8] = np.array([0, 1, 1, 1, 2, 2, 3, -1], dtype=np.int8)
LEVELS.setflags(write=False)
