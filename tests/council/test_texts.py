"""Texts and versions: they are numbered by what came before what; nothing that crossed is lost."""

from __future__ import annotations

import pytest

from allweather.council.bodies import (
    Agenda,
    Amend,
    Concern,
    Draft,
    Freeze,
    Leave,
    Position,
    Revision,
    Text,
    Withdraw,
)
from allweather.council.texts import (
    CHECKS,
    Version,
    refused_texts,
    root_of,
    text,
    texts,
    version_fault,
    versions,
)
from allweather.errors import UnknownName
from tests.council.speaking import MISSING, council, folded, name, speaks_for, tables, would
from tests.council.story import Story


def labels(found: tuple[Version, ...]) -> list[tuple[str, str, bool]]:
    return [(one.label, one.words, one.is_current) for one in found]


def revise(story: Story, ref: str, after: str, words: str, who: str = "ann") -> str:
    return story.people[who].does(Revision(text=ref, after=after, words=words))


def test_versions_are_numbered() -> None:
    story = council()
    one = tables(story.ann, "We share.")
    two = revise(story, one, one, "We share equally.")
    three = revise(story, one, two, "We share by need.")
    expected = [
        ("1", "We share.", False),
        ("2", "We share equally.", False),
        ("3", "We share by need.", True),
    ]
    for ref in (one, two, three):
        assert labels(versions(story.ben.view, ref)) == expected
    found = text(story.view(), three)
    assert (found.title, found.concern, found.area) == ("Sharing", found.concern, "")
    assert [version.after for version in found.versions] == ["", one, two]
    assert found.version(two) == found.versions[1]
    assert [shown.root.ref for shown in texts(story.view())] == [one]


def crossed() -> tuple[Story, str, str, str]:
    """Ann revises her text while a delegate of hers at Ben's, cut off, revises it as well."""
    story = council()
    seed = speaks_for(story, "ann", "ben")
    one = tables(story.ann, "We share.")
    story.cut("ben")
    mine = revise(story, one, one, "We share equally.")
    body = Revision(text=one, after=one, words="We share by need.", on_behalf="council/ann")
    theirs = story.ben.does(body, delegate=seed)
    story.heal("ben")
    return story, one, mine, theirs


def test_revisions_that_cross_both_stand() -> None:
    story, one, mine, theirs = crossed()
    first, second = sorted((mine, theirs))
    found = versions(story.view(), one)
    assert [(version.label, version.ref) for version in found] == [("1", one), ("2a", first), ("2b", second)]
    assert {version.words for version in found} == {"We share.", "We share equally.", "We share by need."}
    assert [version.is_current for version in found] == [False, True, True]
    joined = revise(story, one, mine, "We share equally, by need.")
    found = versions(story.view(), one)
    assert [(version.label, version.is_current) for version in found] == [
        ("1", False),
        ("2a", False),
        ("2b", False),
        ("3", True),
    ]
    assert found[3].ref == joined


def test_only_its_author_revises() -> None:
    story = council()
    one = tables(story.ann)
    other = tables(story.ann, "We build a dam.")
    sentence = f"only ann revises {name(story, one)}; table a text of your own"
    for who in ("ben", "chair", "desk"):
        assert would(story.people[who], Revision(text=one, after=one, words="Mine.")) == sentence
    revise(story, one, one, "Mine.", "chair")
    astray = revise(story, one, other, "We share the dam.")
    found = text(story.view(), one)
    assert [version.label for version in found.versions] == ["1"]
    assert [one.why for one in found.refused] == [
        f"{name(story, other)} is no version of {name(story, one)}",
        sentence,
    ]
    assert version_fault(story.view(), astray) == (
        f"{name(story, astray)} does not count: {name(story, other)} is no version of {name(story, one)}"
    )


def test_a_revision_follows_the_newest_version() -> None:
    story = council()
    one = tables(story.ann, "We share.")
    two = revise(story, one, one, "We share equally.")
    assert would(story.ann, Revision(text=one, after=one, words="We share more.")) == (
        f"the newest is {name(story, two)} (version 2); revise that"
    )
    assert would(story.ann, Revision(text=one, after=two, words="We share equally.")) == (
        "the words are those of version 2; there is nothing to revise"
    )
    assert would(story.ann, Revision(text=one, after=MISSING, words="More.")) == (
        "no version with the reference AAAAAAAA… is held here; fetch the record and try again"
    )
    assert would(story.ann, Revision(text=two, after=two, words="More.")) == f"{name(story, two)} is no text"
    assert would(story.ann, Revision(text=one, after=two, words="We share more.")) is None
    # Signed all the same it loses nothing: it comes after what its author had written before.
    revise(story, one, one, "We share more.")
    assert [version.label for version in versions(story.view(), one)] == ["1", "2", "3"]


def test_a_withdrawn_text_stays_readable() -> None:
    story = council()
    one = tables(story.ann, "We share.")
    story.ann.does(Withdraw(act=one))
    (found,) = texts(story.view())
    assert found.withdrawn is not None
    assert found.versions[0].words == "We share."
    assert would(story.ann, Revision(text=one, after=one, words="More.")) == (
        f"{name(story, one)} is withdrawn; table a new text"
    )


def test_texts_need_a_concern_that_is_discussed() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    body = Text(concern=concern, title="A text", words="Words.")
    assert would(story.desk, body) is None
    story.ann.does(Agenda(concern=concern, to="closed", reason="settled"))
    assert would(story.ben, body) == "the concern is closed: list it again first, with the reason"
    assert would(story.ben, Text(concern=MISSING, title="A text", words="Words.")) == (
        "no concern with the reference AAAAAAAA… is held here; fetch the record and try again"
    )
    one = tables(story.ann)
    astray = story.ben.does(Text(concern=one, title="A text", words="Words."))
    sentence = f"{name(story, one)} is no concern"
    assert [why.why for why in refused_texts(story.view(), one)] == [sentence]
    assert [shown.root.ref for shown in texts(story.view())] == [one]
    assert version_fault(story.view(), astray) == f"{name(story, astray)} does not count: {sentence}"


def test_a_text_stays_when_its_author_leaves() -> None:
    story = council()
    one = tables(story.ann)
    two = revise(story, one, one, "We share equally.")
    story.ann.does(Leave(reason="elsewhere"))
    revise(story, one, two, "We share nothing.")
    found = text(story.view(), one)
    assert [version.label for version in found.versions] == ["1", "2"]
    assert [why.why for why in found.refused] == ["ann has left the council"]


def test_frozen_drafts_are_texts() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    draft = story.ann.does(Draft(concern=concern, title="A treaty", clauses=("We share.", "We meet.")))
    assert texts(story.view()) == ()
    assert version_fault(story.view(), draft) == f"{name(story, draft)} is no text"
    story.cut("ben")
    body = Freeze(draft=draft, base=draft, clauses=("We share.", "We meet."))
    one, twin = story.ann.does(body), story.ben.does(body)
    story.heal("ben")
    (found,) = texts(story.view(), concern)
    (version,) = found.versions
    assert (version.label, version.words, version.is_current) == ("1", "We share.\n\nWe meet.", True)
    assert {version.ref, *version.twins} == {one, twin}
    assert found.version(one) == found.version(twin) == version
    story.ann.does(Amend(draft=draft, base=version.ref, clause=1, start=3, end=7, words="talk"))
    assert version_fault(story.view(), twin) is None
    false = story.ben.does(Freeze(draft=draft, base=draft, clauses=("I take all.",)))
    assert (version_fault(story.view(), false) or "").startswith(f"{name(story, false)} does not count: ")
    assert found.concern == concern


def test_unknown_texts() -> None:
    story = council()
    with pytest.raises(UnknownName, match="no text with the reference AAAAAAAA… is held here"):
        text(story.view(), MISSING)
    with pytest.raises(UnknownName, match="is no text"):
        text(story.view(), story.charter)
    orphan = revise(story, MISSING, MISSING, "Of nothing.")
    with pytest.raises(UnknownName, match="is a version of is not held here"):
        text(story.view(), orphan)
    assert root_of(story.view(), orphan) is None
    assert would(story.ben, Position(on=orphan, response="support")) == (
        f"the text that {name(story, orphan)} is a version of is not held here; "
        "fetch the record and try again"
    )
    assert [kind.KIND for kind in CHECKS] == ["council.text", "council.revision"]


def test_versions_are_the_same_in_every_order() -> None:
    story, one, mine, _ = crossed()
    story.cut("ben")
    revise(story, one, mine, "We share equally, by need.")
    revise(story, one, mine, "Not mine.", "ben")
    story.heal("ben")
    story.ann.does(Withdraw(act=one))
    whole = text(story.view(), one)
    assert [version.label for version in whole.versions] == ["1", "2a", "2b", "3"]
    for seed in range(6):
        assert text(folded(story, seed), one) == whole
