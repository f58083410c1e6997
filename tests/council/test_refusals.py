"""Acts from the right seat that a rule refuses: every kind of them says why, in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.council import quotations as q
from allweather.council.forms import Body
from allweather.council.refusals import REFUSALS
from allweather.council.rounds import bind_salt
from allweather.node.folding import KINDS
from allweather.node.views import VIEWS
from tests.council.busy import SALT, SEED, busy, origin
from tests.council.story import DAY, HOUR, Story, seat

_ONLY_BY_SEAT = (b.Leave, b.Suspend, b.Concern)
"""Whoever has the seat can always do this."""

Make = Callable[["Marks"], Body]


class Marks:
    """The acts of a busy council by name; acts of a kind by number."""

    def __init__(self, story: Story) -> None:
        self.story, self.fold, self.now = story, story.fold(), story.now

    def __getattr__(self, name: str) -> str:
        found: str = self.story.__dict__["marks"][name.replace("_", " ")]
        return found

    def first(self, kind: type[Body]) -> str:
        return self.fold.of(kind)[0].ref


REFUSED: tuple[tuple[str, Make, str], ...] = (
    ("ann", lambda m: b.Charter(title="Ours", members=(seat("ann"),)), "sits under another charter"),
    ("ann", lambda m: b.Join(charter=m.story.charter), "ann had taken its seat already"),
    ("ben", lambda m: b.Resume(suspension=m.first(b.Suspend)), "only cat takes up again"),
    (
        "ben",
        lambda m: b.Mandate(key="A" * 43 + "=", name="Dora", powers=("speak",), until=m.now - DAY),
        "it ended at",
    ),
    ("ben", lambda m: b.Recall(mandate=m.first(b.Mandate)), "only ann recalls"),
    ("ann", lambda m: b.Overrule(act=m.text, reason="No"), "was not done by a delegate of another"),
    ("chair", lambda m: b.Withdraw(act=m.text), "only ann can withdraw"),
    ("ann", lambda m: b.Withdraw(act=m.said), "what was said otherwise stays"),
    ("ben", lambda m: b.Agenda(concern=m.concern, to="closed", reason="Enough"), "only the chair or ann"),
    ("ben", lambda m: b.Disapprove(concern=m.text, reason="No"), "is no concern"),
    ("chair", lambda m: b.Merge(concern=m.concern, into=m.concern), "no duplicate of itself"),
    ("ben", lambda m: b.Statement(concern=m.concern), "the statement says nothing"),
    ("ben", lambda m: b.Statement(concern=m.text, words="Hm."), "is no concern"),
    ("ann", lambda m: b.Reply(statement=m.said, words="Yes"), "does not name ann"),
    ("ben", lambda m: b.Reply(statement=m.said, words="Again"), "ben has replied by right already"),
    ("ann", lambda m: b.Text(concern=m.text, title="A", words="B"), "is no concern"),
    ("ben", lambda m: b.Revision(text=m.text, after=m.version, words="Mine"), "only ann revises"),
    ("ben", lambda m: b.Position(on=m.text, response="conditional"), "names its condition"),
    ("ben", lambda m: b.Position(on=m.concern, response="support"), "is no text"),
    ("ben", lambda m: b.Expectation(on=m.text, member=origin("ben"), response="support"), "of others"),
    ("ann", lambda m: b.Round(concern=m.concern, on=(m.text,), closes_at=m.now - 1), "before it was opened"),
    ("cat", lambda m: b.Seal(round=m.closed, commitment="A" * 43 + "="), "before the round closed"),
    ("cat", lambda m: b.Reveal(seal=m.closed_ann, salt=bind_salt(origin("cat"), SALT)), "only ann opens"),
    (
        "ann",
        lambda m: b.Review(
            title="R",
            as_of="never",
            seed=1,
            frontier=(),
            inputs="A" * 43 + "=",
            result="A" * 43 + "=",
            version="1",
        ),
        "never",
    ),
    ("ann", lambda m: b.Draft(concern=m.concern, title="D", clauses=(" ",)), "clause 1 has no words"),
    ("ben", lambda m: b.Amend(draft=m.disputed, base=m.disputed, clause=9, words="x"), "no clause 10"),
    ("ben", lambda m: b.Back(amendment=m.text), "the amendment is not held here"),
    ("ann", lambda m: b.Release(amendment=m.amendment), "ann did not stand behind these words"),
    (
        "ann",
        lambda m: b.Group(amendment=m.amendment, facilitator=origin("zoe"), by=m.now + DAY),
        "zoe has no seat here",
    ),
    (
        "ann",
        lambda m: b.Freeze(draft=m.disputed, base=m.disputed, clauses=("Forged.",)),
        "does not follow from the draft",
    ),
    ("ann", lambda m: b.Silence(concern=m.concern, text=m.text, expires_at=m.now + 1), "sooner than"),
    ("ann", lambda m: b.Receipt(decision=m.running, text=m.version), "opened ann:"),
    ("ben", lambda m: b.Receipt(decision=m.running, text=m.version), "had signed its receipt already"),
    ("ben", lambda m: b.Receipt(decision=m.running, text=m.text), "a receipt of another text"),
    ("ben", lambda m: b.Refuse(decision=m.adopted, reason="No"), "its own author dates it"),
    ("cat", lambda m: b.Hold(decision=m.running), "cat has used its one hold"),
    ("ben", lambda m: b.Object(decision=m.adopted, reason="No"), "its own author dates it"),
    ("ben", lambda m: b.Answer(objection=m.objection, words="So", point=7), "no point 7"),
    ("ben", lambda m: b.Clear(objection=m.objection), "only cat can clear"),
    ("ben", lambda m: b.Reserve(decision=m.text, words="Not so"), "is no decision"),
    (
        "ben",
        lambda m: b.Conflict(decision=m.running, other=m.running, reason="Same"),
        "the same decision twice",
    ),
    ("ben", lambda m: q.Document(title="A rumour", digest="A" * 43 + "="), "its bytes as the payload"),
    (
        "ben",
        lambda m: q.Quote(document=m.report, spans=((4, 2),), words="We", sort="direct"),
        "order of the text",
    ),
    ("cat", lambda m: q.Reject(document=m.text, spans=((0, 1),)), "is no document"),
    ("ann", lambda m: work.Track(title="Water"), "the charter opens the track"),
    (
        "ann",
        lambda m: work.Offer(track="Water", what="One", by=m.now - HOUR, to=(origin("ben"),)),
        "is not after the offer itself",
    ),
    ("cat", lambda m: work.Accept(offer=m.first(work.Offer)), "is offered to ben"),
    ("cat", lambda m: work.Decline(offer=m.first(work.Offer)), "is offered to ben"),
    ("ben", lambda m: work.Milestone(offer=m.first(work.Offer), words="Done"), "only ann"),
    ("cat", lambda m: work.Confirm(milestone=m.first(work.Milestone)), "only they confirm"),
    ("cat", lambda m: work.Dispute(milestone=m.first(work.Milestone), reason="No"), "only they confirm"),
    ("ann", lambda m: work.SuspendPart(about="Water", reason="No", review_at=m.now - 1), "is not after"),
    ("ann", lambda m: work.ResumePart(suspension=m.first(work.SuspendPart)), "only ben"),
    ("ben", lambda m: work.WithdrawOffer(offer=m.first(work.Offer), reason="No"), "only ann"),
)


@pytest.fixture(scope="module")
def council() -> Story:
    return busy()


@pytest.mark.parametrize(
    ("name", "make", "words"), REFUSED, ids=[f"{name} {words}" for name, _, words in REFUSED]
)
def test_what_a_rule_refuses_says_so(council: Story, name: str, make: Make, words: str) -> None:
    story = copy.deepcopy(council)
    ref = story.people[name].does(make(Marks(story)), quietly=True)
    view = story.view()
    found = VIEWS["act"].show(view, {"id": ref})
    assert words in found["why_not"]
    row = next(one for one in VIEWS["minutes"].show(view, {}) if one["id"] == found["id"])
    assert (row["counts"], row["why_not"]) == (False, found["why_not"])


def test_every_kind_is_there(council: Story) -> None:
    tried = {type(make(Marks(council))) for _, make, _ in REFUSED}
    assert tried | set(_ONLY_BY_SEAT) == set(KINDS.values())
    assert set(REFUSALS) == {*b.KINDS.values(), *q.KINDS.values()}


def test_what_counts_is_not_refused(council: Story) -> None:
    """All that was done in the busy council counted when it was done, also what dan said before it left."""
    rows = VIEWS["minutes"].show(council.view(), {})
    assert [row for row in rows if not row["counts"]] == []


def test_a_conflict_is_taken_back_by_who_declared_it(council: Story) -> None:
    story = copy.deepcopy(council)
    marks = Marks(story)
    body = b.Conflict(decision=marks.running, other=marks.broken, reason="Both")
    conflict = story.ben.does(body)
    theirs = story.cat.does(b.Withdraw(act=conflict))
    own = story.ben.does(b.Withdraw(act=conflict))
    view = story.view()
    assert "why_not" not in VIEWS["act"].show(view, {"id": own})
    assert VIEWS["act"].show(view, {"id": theirs})["why_not"].startswith("only ben can withdraw")


def test_an_overruling_that_comes_too_late_is_shown(council: Story) -> None:
    """What was done in ann's name breaks a silence; long after the window it cannot be unmade."""
    story = copy.deepcopy(council)
    marks = Marks(story)
    key = story.ben.certifies(SEED, "Dora")
    mandate = b.Mandate(
        key=key, name="Dora", powers=("silence",), until=story.now + 30 * DAY, of=origin("ben")
    )
    story.ann.does(mandate)
    body = b.Refuse(decision=marks.running, reason="No", on_behalf=origin("ann"))
    done = story.ben.does(body, delegate=SEED)
    story.passes(days=40)
    late = story.ann.does(b.Overrule(act=done, reason="Never meant"))
    view = story.view()
    assert "why_not" not in VIEWS["act"].show(view, {"id": done})
    assert VIEWS["act"].show(view, {"id": late})["why_not"].startswith("it came too late to take back ben:")
