"""Drafting in a story: a draft on the table, and amendments named by the words that they replace.

table = Table("ann", "ben", "cat", clauses=["We meet twice a year."])
b = table.amend("ben", "twice", "weekly")         alternative b to "twice"
table.back("cat", b)
table.release("ann", b, original=True)            ann, who wrote the draft, gives up "twice"
table.freeze("cat")                               what follows from the acts that cat has seen
"""

from __future__ import annotations

from collections.abc import Sequence

from allweather.council.bodies import Amend, Back, Concern, Draft, Freeze, Release
from allweather.council.brackets import Bracket
from allweather.council.drafts import DraftState, draft
from allweather.council.freezing import clean
from allweather.council.redlines import running_text
from tests.council.story import Story


class Table(Story):
    """A story with a draft: the first member (or `author`) seeds it."""

    def __init__(self, *names: str, clauses: Sequence[str], author: str = "", **more: object) -> None:
        super().__init__(*names, **more)  # type: ignore[arg-type]
        self.concern = self.people[names[0]].does(Concern(title="A concern"))
        body = Draft(concern=self.concern, title="A draft", clauses=tuple(clauses))
        self.draft = self.people[author or names[0]].does(body)

    def state(self, name: str = "") -> DraftState:
        """The draft as a member sees it, or as one who holds everything would."""
        return draft(self.people[name].view if name else self.view(), self.draft)

    def text(self, name: str = "") -> str:
        """The running text."""
        return running_text(self.state(name).clauses)

    def brackets(self, name: str = "") -> list[Bracket]:
        """The brackets of the current version, in the order of the text."""
        return [bracket for clause in self.state(name).clauses for bracket in clause.brackets]

    def refusals(self) -> list[str]:
        """Why acts on the draft do not count."""
        return [one.why for one in self.state().refused]

    def amend(self, name: str, old: str, new: str, *, merges: Sequence[str] = (), reason: str = "") -> str:
        """A member proposes other words for words of the current version, as it sees it."""
        current = self.state(name).current
        number = next(n for n, clause in enumerate(current.words) if old in clause)
        start = current.words[number].index(old)
        return self.people[name].does(
            Amend(
                draft=self.draft,
                base=current.ref,
                clause=number,
                start=start,
                end=start + len(old),
                words=new,
                merges=tuple(merges),
                reason=reason,
            )
        )

    def insert(self, name: str, after: str, new: str) -> str:
        """A member proposes words to be put in after some words."""
        current = self.state(name).current
        number = next(n for n, clause in enumerate(current.words) if after in clause)
        point = current.words[number].index(after) + len(after)
        return self.people[name].does(
            Amend(draft=self.draft, base=current.ref, clause=number, start=point, end=point, words=new)
        )

    def new_clause(self, name: str, after: int, words: str, *, merges: Sequence[str] = ()) -> str:
        """A member proposes a new clause after a clause (-1: before the first)."""
        base = self.state(name).current.ref
        return self.people[name].does(
            Amend(draft=self.draft, base=base, clause=after, words=words, insert=True, merges=tuple(merges))
        )

    def back(self, name: str, amendment: str, *, original: bool = False) -> str:
        """A member stands behind an alternative."""
        return self.people[name].does(Back(amendment=amendment, original=original))

    def release(self, name: str, amendment: str, *, original: bool = False, reservation: str = "") -> str:
        """A member stands no longer behind an alternative."""
        return self.people[name].does(
            Release(amendment=amendment, original=original, reservation=reservation)
        )

    def freeze(self, name: str, clauses: Sequence[str] | None = None, base: str = "") -> str:
        """A member freezes what follows from what it has seen, or whatever it likes."""
        view = self.people[name].view
        base = base or draft(view, self.draft).current.ref
        words = clean(view, base).clauses if clauses is None else tuple(clauses)
        return self.people[name].does(Freeze(draft=self.draft, base=base, clauses=words))
