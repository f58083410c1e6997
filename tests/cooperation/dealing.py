"""Steps of a story of cooperation: a council with tracks, offers and answers in one line each."""

from __future__ import annotations

import re
from typing import Any

from allweather.cooperation.bodies import KINDS as COOPERATION_KINDS
from allweather.cooperation.bodies import Accept, Confirm, Dispute, Milestone, Offer, SuspendPart
from allweather.cooperation.checks import CHECKS
from allweather.cooperation.commitments import Commitment, commitment
from allweather.cooperation.parts import State
from allweather.cooperation.rules import why_refused
from allweather.council.acts import Act
from allweather.council.bodies import KINDS as COUNCIL_KINDS
from allweather.council.forms import Body
from allweather.council.membership import why_not
from allweather.council.view import View
from tests.council.story import COUNCIL, DAY, Person, Story

KINDS = {**COUNCIL_KINDS, **COOPERATION_KINDS}
RESCUE = "Rescue at sea"


def council(*names: str, tracks: tuple[str, ...] = (RESCUE,), **more: Any) -> Story:
    """A founded council whose charter opens these tracks."""
    return Story(*names, kinds=KINDS, tracks=tracks, **more)


def of(*names: str) -> tuple[str, ...]:
    """The origins of members."""
    return tuple(f"{COUNCIL}/{name}" for name in names)


def offers(who: Person, to: str = "", *, parties: str = "", days: float = 10, **fields: Any) -> str:
    """Offer a commitment to some members (names parted by blanks); gives its reference."""
    fields = {"track": RESCUE, "what": "send a cutter", "by": who.clock + int(days * DAY), **fields}
    return who.does(Offer(to=of(*to.split()), parties=of(*parties.split()), **fields))


def accepts(who: Person, offer: str) -> str:
    """Accept an offer."""
    return who.does(Accept(offer=offer))


def reports(who: Person, offer: str, *, done: bool = False, words: str = "it sailed") -> str:
    """Report a milestone."""
    return who.does(Milestone(offer=offer, words=words, evidence=("log of the harbour",), done=done))


def confirms(who: Person, milestone: str) -> str:
    """Confirm a reported milestone."""
    return who.does(Confirm(milestone=milestone))


def disputes(who: Person, milestone: str, reason: str = "no ship was seen") -> str:
    """Dispute a reported milestone."""
    return who.does(Dispute(milestone=milestone, reason=reason))


def suspends(who: Person, about: str, *, days: float = 30) -> str:
    """Suspend one's part in a track or a commitment."""
    review = who.clock + int(days * DAY)
    return who.does(SuspendPart(about=about, reason="an incident at the border", review_at=review))


def stands(view: View, offer: str) -> Commitment:
    """The commitment of an offer that counts."""
    found = commitment(view, offer)
    assert found is not None, why_refused(view, view.fold.acts[offer])
    return found


def state(story: Story, offer: str) -> State:
    """Its state as somebody sees it who holds everything."""
    return stands(story.view(), offer).state


def plain(sentence: str) -> str:
    """A sentence with `ann:n` for the names of ann's acts: acknowledgements stand between them."""
    return re.sub(r"\b([a-z]+):\d+", r"\1:n", sentence)


def told(story: Story, offer: str) -> str:
    """Its sentence."""
    return plain(stands(story.view(), offer).sentence)


def why(story: Story, ref: str) -> str | None:
    """Why an act on record does not count."""
    view = story.view()
    found = why_refused(view, view.fold.acts[ref])
    return found and plain(found)


def warned(who: Person, body: Body) -> str | None:
    """What a member is told before it signs: the seat's reason first, as a node asks."""
    view = who.view
    act = Act("", who.origin, len(who.log), who.clock, body)
    found = why_not(view, act) or CHECKS[type(body)](view, act)
    return found and plain(found)
