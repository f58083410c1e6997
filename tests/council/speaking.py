"""What the tests of agenda, statements, texts, positions and rounds share: a council and its checks."""

from __future__ import annotations

from allweather.council import agenda, holding, reviewing, rounds, statements, texts
from allweather.council.acts import Act
from allweather.council.bodies import KINDS, Concern, Mandate, Rules, Text
from allweather.council.fold import Fold
from allweather.council.forms import POWERS, Body
from allweather.council.view import View
from tests.council.story import COUNCIL, DAY, Person, Story

CHECKS = {
    **agenda.CHECKS,
    **statements.CHECKS,
    **texts.CHECKS,
    **holding.CHECKS,
    **rounds.CHECKS,
    **reviewing.CHECKS,
}
MISSING = "A" * 43 + "="


def council(*names: str, rules: Rules | None = None) -> Story:
    """Ann, Ben and Cat (or others), with a chair and a secretariat that is called the desk."""
    return Story(*(names or ("ann", "ben", "cat")), chair="chair", secretariat="desk", rules=rules)


def would(person: Person, body: Body) -> str | None:
    """What is said before somebody signs an act; None if nothing is in the way."""
    act = Act("considered", person.origin, len(person.log), person.clock, body)
    return CHECKS[type(body)](person.view, act)


def tables(person: Person, words: str = "We share the water.", concern: str = "") -> str:
    """Table a text, on a concern of its own if none is named; gives its reference."""
    concern = concern or person.does(Concern(title="Water"))
    return person.does(Text(concern=concern, title="Sharing", words=words))


def name(story: Story, ref: str) -> str:
    """How people name an act."""
    return story.fold().acts[ref].name


def folded(story: Story, seed: int) -> View:
    """Everything, taken in one by one in some order that causality allows."""
    fold = Fold(COUNCIL, KINDS)
    for origin, index in story.orders(seed):
        fold.apply(origin, index, story.logs[origin][index : index + 1])
    return View(fold, story.now)


def speaks_for(story: Story, principal: str, host: str, seed: bytes = bytes(31) + b"\x07") -> bytes:
    """Make a delegate in the host's log whom the principal lets act in its name; gives the delegate's key."""
    key = story.people[host].certifies(seed, "Dora")
    story.people[principal].does(
        Mandate(key=key, name="Dora", powers=POWERS, until=story.now + 30 * DAY, of=f"{COUNCIL}/{host}")
    )
    return seed
