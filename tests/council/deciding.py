"""Steps of decisions, for stories: a text, a silence on it, receipts, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from allweather.council.acts import short
from allweather.council.bodies import KINDS, Charter, Concern, Join, Receipt, Revision, Rules, Silence, Text
from allweather.council.decisions import Decision
from allweather.council.fold import Fold
from allweather.council.silence import decision
from allweather.council.view import View
from tests.council.story import COUNCIL, DAY, HOUR, Person, Story, seat

FOUR = ("ann", "ben", "cat", "dan")


class Council(Story):
    """A story with a concern and a text, so that a silence can be opened."""

    def __init__(
        self, *names: str, rules: Rules | None = None, chair: str = "", secretariat: str = "", also: str = ""
    ) -> None:
        """`also` is named in the charter and has not joined; it has no node yet."""
        members = names or FOUR
        super().__init__(*members, found=False, chair=chair, secretariat=secretariat)
        self.charter = self.people[members[0]].does(
            Charter(
                title="A council",
                members=tuple(seat(name) for name in (*members, *([also] if also else []))),
                chairs=(seat(chair),) if chair else (),
                secretariat=(seat(secretariat),) if secretariat else (),
                rules=rules or Rules(),
            )
        )
        for person in self.people.values():
            person.does(Join(charter=self.charter))
        first = next(iter(self.people.values()))
        self.concern = first.does(Concern(title="Missiles"))
        self.text = first.does(Text(concern=self.concern, title="On missiles", words="We share data."))

    def revised(self, who: Person, words: str) -> str:
        """Another version of the text. Only the first member's count as versions of its own."""
        return who.does(Revision(text=self.text, after=self.text, words=words))

    def opens(self, who: Person, text: str = "", *, days: float = 1, **more: object) -> str:
        """Open a silence of so many days, by the proposer's own clock."""
        expires_at = who.clock + int(days * DAY)
        body = Silence(concern=self.concern, text=text or self.text, expires_at=expires_at, **more)  # type: ignore[arg-type]
        return who.does(body)

    def receives(self, silence: str, *names: str) -> None:
        """These members' nodes (or all) sign that they received it; who does not hold it cannot."""
        for name in names or self.people:
            person = self.people[name]
            act = person.fold.acts.get(silence)
            if act is not None:
                assert isinstance(act.body, Silence)
                person.does(Receipt(decision=silence, text=act.body.text))

    def sees(self, silence: str, who: str = "") -> Decision:
        """The decision as somebody sees it; without a name as one would that holds everything."""
        view = self.people[who].view if who else self.view()
        found = decision(view, view.fold.acts[silence])
        assert found is not None
        return found

    def name_of(self, ref: str) -> str:
        """The name of an act."""
        return self.fold().acts[ref].name


def members_of(found: Sequence[object]) -> list[str]:
    """The members in a list of results, by the short name."""
    return [short(one.member) for one in found]  # type: ignore[attr-defined]


def reason_of(found: Decision, ref: str) -> str:
    """Why an act changes nothing."""
    return next(one.reason for one in found.refused if one.act.ref == ref)


def check_law(story: Story, seeds: int = 3) -> None:
    """Every order that causality allows gives the same decisions."""
    expected = _all_of(story.view())
    for seed in range(seeds):
        fold = Fold(COUNCIL, KINDS)
        for origin, index in story.orders(seed):
            fold.apply(origin, index, story.logs[origin][index : index + 1])
        assert _all_of(View(fold, story.now)) == expected


def _all_of(view: View) -> dict[str, Decision | None]:
    return {act.ref: decision(view, act) for act in view.fold.of(Silence)}


__all__ = ["DAY", "FOUR", "HOUR", "Council", "check_law", "members_of", "reason_of"]
