"""Names and anchors: from the ids of a review to what a page calls things and where it puts them.

Anchors are made of the place of a member or question, never of its id, which may hold anything.
"""

from __future__ import annotations

from collections.abc import Collection

from allweather.positions import Positions
from allweather.report.words import one_line, shorten
from allweather.review.results import Review

#: Marks of parties, told apart by shape. After the last they begin again; the name stands beside.
MARKS = ("disc", "square", "diamond", "triangle", "cross", "ring")


class Names:
    """Looks up members, questions and parties of one review by id. Unknown ids name themselves."""

    def __init__(self, review: Review, positions: Positions, anchored: Collection[str] | None = None) -> None:
        """`anchored` are the questions that the page has room for; all by default."""
        self._question = {one.id: k for k, one in enumerate(positions.questions)}
        self._member = {one.id: k for k, one in enumerate(positions.members)}
        self._party = {one.id: k for k, one in enumerate(review.parties)}
        self._anchored = frozenset(
            (one.question for one in review.questions) if anchored is None else anchored
        )
        self._positions = positions
        self._parties = review.parties

    def text(self, question: str) -> str:
        """The full text of a question, or its id where it has none."""
        place = self._question.get(question)
        return (self._positions.questions[place].text if place is not None else "") or question

    def short(self, question: str, width: int = 80) -> str:
        """The text of a question on one line."""
        return shorten(self.text(question), width)

    def area(self, question: str) -> str:
        """The id of the question's area, "" if it has none."""
        place = self._question.get(question)
        return self._positions.questions[place].area if place is not None else ""

    def anchor(self, question: str) -> str:
        """The anchor of a question that has a place on the page, "" for any other."""
        if question not in self._anchored or question not in self._question:
            return ""
        return f"q{self._question[question]}"

    def member(self, member: str) -> str:
        """The name of a member, or of a party: packages are between either."""
        if member in self._member:
            return one_line(self._positions.members[self._member[member]].name) or member
        return self.party(member)

    def party(self, party: str) -> str:
        """The name of a party, or the id itself."""
        if party in self._party:
            return one_line(self._parties[self._party[party]].name) or party
        return party

    def who(self, one: str) -> str:
        """The name of what may be a member or a party, parties first."""
        return self.party(one) if one in self._party else self.member(one)

    def place(self, party: str) -> int:
        """Which of the parties it is, -1 for none."""
        return self._party.get(party, -1)

    def mark(self, party: str) -> str:
        """The shape that stands for a party."""
        place = self._party.get(party, -1)
        return MARKS[place % len(MARKS)] if place >= 0 else "dot"

    def shade(self, party: str) -> int:
        """The number of the party's colour in the style sheet; 0 for none."""
        place = self._party.get(party, -1)
        return place % len(MARKS) + 1 if place >= 0 else 0
