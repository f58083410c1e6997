"""Freezing: which acts on a draft count, which versions of its text there are, and what follows from each.

A draft is version 0 of its text. A freeze makes the next version, if its clauses are exactly what follows
from the acts that its author had seen, with no bracket open in them: nobody can freeze anything else.
Amendments that it had not seen come over to the new version. Concurrent freezes of one text make one
version, of different texts two.

Everything here can be asked *as somebody had seen it* (`seen_by`): only then does a freeze rest on nothing
that came later, and stays what it was.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from allweather.council.acts import Act, short
from allweather.council.bodies import Amend, Back, Concern, Draft, Freeze, Group, Release
from allweather.council.brackets import (
    Clause,
    Clean,
    Edit,
    Scene,
    SmallGroup,
    Stand,
    clean_text,
    is_blank,
    lay_out,
)
from allweather.council.forms import Body
from allweather.council.membership import seats
from allweather.council.redlines import carry
from allweather.council.seats import leavings, refusal_then
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View
from allweather.errors import UnknownName
from allweather.record.canonical import format_canonical
from allweather.record.keys import format_base64

LONGEST_CLAUSE = 16_000
"""In characters, as an entry can hold it."""


def text_hash(clauses: Sequence[str]) -> str:
    """The base64 of the SHA-256 of the canonical list of clauses."""
    return format_base64(hashlib.sha256(format_canonical(list(clauses))).digest())


def clean(view: View, ref: str, seen_by: Act | None = None) -> Clean:
    """What follows from the acts on a version, all of them or those that the author of `seen_by` had seen.

    `ref` is the version's: that of the draft, or of a freeze. Raises UnknownName if it is neither.
    """
    seen_by = scope_of(view, seen_by)
    freeze = view.fold.body(ref, Freeze)
    root = _draft_act(view, freeze.draft if freeze is not None else ref, seen_by)
    if root is None or ref not in tree_of(view, root, seen_by):
        raise UnknownName(f"{ref!r:.60} is no version of a draft that is held here")
    return clean_text(layout(view, root, ref, seen_by))


def frozen_words(view: View, ref: str) -> tuple[str, ...] | None:
    """The clauses that a freeze fixed; None if it is not held or does not count."""
    act = view.fold.acts.get(ref)
    if act is None or not isinstance(act.body, Freeze):
        return None
    return None if refusal(view, act) else act.body.clauses


# What counts


def check_draft(view: View, act: Act) -> str | None:
    """Why a draft would not count."""
    body = act.body
    assert isinstance(body, Draft)
    if view.fold.body(body.concern, Concern) is None:
        return "the concern is not held here; name one that is on the agenda"
    blank = next((n for n, clause in enumerate(body.clauses, start=1) if is_blank(clause)), 0)
    return f"clause {blank} has no words; leave it out" if blank else None


def check_amend(view: View, act: Act) -> str | None:
    """Why an amendment would not count."""
    body = act.body
    assert isinstance(body, Amend)
    scope = scope_of(view, act)
    root = _draft_act(view, body.draft, scope)
    if root is None:
        return "the draft is not held here or does not count; name one that does"
    words = _base_words(view, root, body.base, scope)
    if words is None:
        return "the base is no version of this draft; amend the draft or a frozen version of it"
    node = tree_of(view, root, scope).get(body.base)
    if node is not None and node.nexts:
        return f"{node.nexts[0].acts[0].name} has frozen a newer version; amend that one"
    merged = [view.fold.body(ref, Amend) for ref in body.merges]
    if any(one is None or one.draft != root.ref for one in merged):
        return "it merges what is no amendment to this draft; name amendments that are held here"
    return _span_refusal(body, words)


def _span_refusal(body: Amend, words: Sequence[str]) -> str | None:
    if not (-1 if body.insert else 0) <= body.clause < len(words):
        return f"there is no clause {body.clause + 1}: the text has {len(words)}"
    if body.insert:
        if body.start or body.end:
            return "a new clause replaces no words; leave out where they start and end"
        return "a new clause needs words" if is_blank(body.words) else None
    clause = words[body.clause]
    if not body.start <= body.end <= len(clause):
        return f"clause {body.clause + 1} has {len(clause)} characters; {body.start} to {body.end} is outside"
    if clause[body.start : body.end] == body.words:
        return "it changes nothing"
    if len(clause) - (body.end - body.start) + len(body.words) > LONGEST_CLAUSE:
        return f"the clause would have more than {LONGEST_CLAUSE} characters; propose a new clause"
    return None


def check_freeze(view: View, act: Act) -> str | None:
    """Why a freeze would not count: it has to follow from what its author had seen."""
    body = act.body
    assert isinstance(body, Freeze)
    scope = scope_of(view, act)
    root = _draft_act(view, body.draft, scope)
    if root is None:
        return "the draft is not held here or does not count; name one that does"
    node = tree_of(view, root, scope).get(body.base)
    if node is None:
        return "the base is no version of this draft that its author had seen; start from the latest"
    if node.nexts:
        return f"{node.nexts[0].acts[0].name} has frozen this version already; start from that one"
    text = clean_text(layout(view, root, body.base, scope))
    if text.n_open:
        brackets = "1 bracket was" if text.n_open == 1 else f"{text.n_open} brackets were"
        return f"does not follow from the draft: {brackets} open"
    for number, (one, other) in enumerate(zip(body.clauses, text.clauses, strict=False), start=1):
        if one != other:
            return f"does not follow from the draft: clause {number} differs"
    if len(body.clauses) != len(text.clauses):
        return f"does not follow from the draft: it has {len(text.clauses)} clauses, not {len(body.clauses)}"
    return None


def check_subject(view: View, act: Act) -> str | None:
    """Why an act about an amendment would not count; that it would change nothing is no reason."""
    body = act.body
    assert isinstance(body, Back | Release | Group)
    amendment = view.fold.acts.get(body.amendment)
    if amendment is None or not isinstance(amendment.body, Amend):
        return "the amendment is not held here; name one that is"
    why = refusal(view, amendment, scope_of(view, act))
    if why is not None:
        return f"the amendment does not count: {why}"
    return _group_refusal(view, act, body) if isinstance(body, Group) else None


def _group_refusal(view: View, act: Act, body: Group) -> str | None:
    found = seats(view)
    if found is None or body.facilitator not in {
        *found.members, *found.left, *found.chairs, *found.secretariat,
    }:  # fmt: skip
        return f"{short(body.facilitator)} has no seat here; name a facilitator that has one"
    if body.by <= act.at:
        return "its deadline is past; give a later one"
    sent = _sent_before(view, act, body)
    if sent is None or sent.act.member == act.member:
        return None
    setter = short(sent.act.member)
    return (
        f"{setter} sent this bracket to a small group until {show_time(sent.by)} ({sent.act.name}): only "
        f"{setter} sends it to another before that; whoever holds words in it can settle it at any time"
    )


def _sent_before(view: View, act: Act, body: Group) -> SmallGroup | None:
    """The small group that a bracket was in, as far as an author had seen, and whose time was not up."""
    amended, found, scope = view.fold.body(body.amendment, Amend), seats(view), scope_of(view, act)
    assert amended is not None
    assert found is not None
    root = view.fold.acts[amended.draft]
    heads = [node for node in tree_of(view, root, scope).values() if not node.nexts]
    for node in {id(one): one for one in heads}.values():
        for clause in layout(view, root, node.acts[0].ref, scope):
            for bracket in clause.brackets:
                sent = bracket.group
                if sent is None or bracket.alternative_of(body.amendment) is None:
                    continue
                # Its own date says it, unless others held it before that deadline.
                is_after = act.at > sent.by
                if not is_after or timed(view, act, sent.by, found.rules).timing is Timing.IN_TIME:
                    return sent
    return None


def refusal(view: View, act: Act, seen_by: Act | None = None) -> str | None:
    """Why an act on a draft does not count (as somebody had seen it): one sentence; None if it does."""
    return _seat_refusal(view, act, seen_by) or _rule_refusal(view, act)


def _seat_refusal(view: View, act: Act, seen_by: Act | None) -> str | None:
    """Why it was not done from its seat. An overruling undoes nothing that was frozen before it was seen."""

    def compute() -> str | None:
        found = seats(view)
        if found is None:
            return "no charter is held"
        heeded = None if seen_by is None else partial(saw, view, seen_by)
        return refusal_then(view.fold, found, act, heeded)

    by = seen_by.ref if seen_by is not None and act.body.on_behalf else ""
    return view.memo_here(("seat then", act.ref, by), compute)


def _rule_refusal(view: View, act: Act) -> str | None:
    """What the check of its kind says of an act that is held; asked once, and never while it is asked."""
    _judge_all(view, _draft_of(view, act))
    asked: set[str] = view.memo_here("drafts: acts being judged", set)
    if act.ref in asked:  # only false claims lead here: acts that say to have seen each other in a ring
        view.rest_on_anything()  # what is found on the way here depends on what was asked first
        return "its author claims to have seen what had seen it"

    def judge() -> str | None:
        asked.add(act.ref)
        try:
            return RULES[type(act.body)](view, act)
        finally:
            asked.discard(act.ref)

    return view.memo_here(("draft rule", act.ref), judge)


def _draft_act(view: View, ref: str, seen_by: Act | None) -> Act | None:
    """A draft that is held and counts."""
    act = view.fold.acts.get(ref)
    if act is None or not isinstance(act.body, Draft):
        return None
    return None if refusal(view, act, seen_by) else act


def _base_words(view: View, root: Act, base: str, seen_by: Act | None) -> tuple[str, ...] | None:
    """The words of a version of a draft; None if `base` names none."""
    if base == root.ref:
        assert isinstance(root.body, Draft)
        return root.body.clauses
    act = view.fold.acts.get(base)
    if act is None or not isinstance(act.body, Freeze) or act.body.draft != root.ref:
        return None
    return None if refusal(view, act, seen_by) else act.body.clauses


def _base_of(act: Act) -> str:
    assert isinstance(act.body, Freeze)
    return act.body.base


def scope_of(view: View, act: Act | None) -> Act | None:
    """Whose sight bounds what is looked at: an act that is not signed yet will have seen everything."""
    return act if act is not None and act.ref in view.fold.acts else None


def _seen(view: View, acts: Iterable[Act], seen_by: Act | None) -> list[Act]:
    return [act for act in acts if seen_by is None or saw(view, seen_by, act)]


def saw(view: View, later: Act, earlier: Act) -> bool:
    """Whether an author had seen an act. Nobody has seen what had seen its own act, whatever it claims."""
    return view.fold.has_seen(later, earlier) and not view.fold.has_seen(earlier, later)


def _draft_of(view: View, act: Act) -> str:
    """The draft that an act is about."""
    if isinstance(act.body, Back | Release | Group):
        body = view.fold.body(act.body.amendment, Amend)
        return body.draft if body is not None else ""
    return act.body.draft if isinstance(act.body, Amend | Freeze) else act.ref


def _judge_all(view: View, ref: str) -> None:
    """Judge the freezes of a draft, those that had seen the fewest others first: each rests on earlier ones.

    So no answer depends on what was asked first, and none has to go far back.
    """
    begun: set[str] = view.memo_here("drafts: judged", set)
    if ref in begun:
        return
    begun.add(ref)
    freezes = view.fold.about(Freeze, ref)
    n_seen = {one.ref: len(_seen(view, freezes, one)) for one in freezes}
    for one in sorted(freezes, key=lambda act: (n_seen[act.ref], act.place)):
        refusal(view, one)


RULES: dict[type[Body], Callable[[View, Act], str | None]] = {
    Draft: check_draft,
    Amend: check_amend,
    Back: check_subject,
    Release: check_subject,
    Group: check_subject,
    Freeze: check_freeze,
}
"""What acts on a draft have to keep to, whenever they are looked at."""


# Versions


@dataclass(slots=True)
class Node:
    """A version among the others: the acts that fixed it, its words, what it came from and what followed."""

    acts: list[Act]
    words: tuple[str, ...]
    before: Node | None = None
    nexts: list[Node] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many freezes lie before it, its own included; 0 is the draft."""
        return len(self.line) - 1

    @property
    def line(self) -> list[Node]:
        """All versions from the draft up to this one."""
        found: list[Node] = []
        node: Node | None = self
        while node is not None:
            found.append(node)
            node = node.before
        return found[::-1]


def tree_of(view: View, root: Act, seen_by: Act | None) -> dict[str, Node]:
    """The versions of a draft by the references of their acts, as far as somebody had seen them."""
    key = ("versions", root.ref, seen_by.ref if seen_by else "")
    return view.memo_here(key, lambda: _grow(view, root, seen_by))


def _grow(view: View, root: Act, seen_by: Act | None) -> dict[str, Node]:
    assert isinstance(root.body, Draft)
    tree = {root.ref: Node([root], root.body.clauses)}
    after: dict[str, list[Act]] = defaultdict(list)
    linked = _linked(view, seen_by)
    for act in view.fold.about(Freeze, root.ref):
        if act.ref not in linked and not _seen(view, [act], seen_by):
            continue
        assert isinstance(act.body, Freeze)
        if refusal(view, act, seen_by) is None:
            after[act.body.base].append(act)
    grown = [tree[root.ref]]
    for node in grown:
        for act in sorted((one for base in node.acts for one in after[base.ref]), key=lambda one: one.place):
            assert isinstance(act.body, Freeze)
            same = next((one for one in node.nexts if one.words == act.body.clauses), None)
            if same is None:
                node.nexts.append(Node([act], act.body.clauses, node))
                tree[act.ref] = node.nexts[-1]
            else:
                same.acts.append(act)
                tree[act.ref] = same
        grown += node.nexts
    return tree


def _linked(view: View, act: Act | None) -> set[str]:
    """What an act rests on by its own words: it names their hashes, so that its author must have had them."""
    found: set[str] = set()
    while act is not None and isinstance(act.body, Amend | Freeze):
        found.add(act.body.base)
        act = view.fold.acts.get(act.body.base)
    return found


def edits_to(view: View, root: Act, ref: str, seen_by: Act | None) -> tuple[list[Edit], list[Act]]:
    """Amendments to a version and those that came over from earlier ones, as somebody had seen them."""
    edits: list[Edit] = []
    absorbed: list[Act] = []
    amendments: dict[str, list[Act]] = defaultdict(list)
    for act in _seen(view, view.fold.about(Amend, root.ref), seen_by):
        assert isinstance(act.body, Amend)
        amendments[act.body.base].append(act)
    for node in tree_of(view, root, seen_by)[ref].line:
        if node.before is not None:
            before = layout(view, root, _base_of(node.acts[0]), node.acts[0])
            late = [edit for edit in edits if not saw(view, node.acts[0], edit.act)]
            carried = [(edit, carry(before, edit)) for edit in late]
            absorbed = [edit.act for edit, moved in carried if moved is None]
            edits = [moved for _, moved in carried if moved is not None]
        for act in (one for base in node.acts for one in amendments[base.ref]):
            if refusal(view, act, seen_by) is not None:
                continue
            body = act.body
            assert isinstance(body, Amend)
            edits.append(Edit(act, body.clause, body.start, body.end, body.words, body.insert))
    return edits, absorbed


def layout(view: View, root: Act, ref: str, seen_by: Act | None) -> tuple[Clause, ...]:
    """The clauses of a version with their brackets, as somebody had seen them."""

    def compute() -> tuple[Clause, ...]:
        words = tree_of(view, root, seen_by)[ref].words
        edits, _ = edits_to(view, root, ref, seen_by)
        scene = _scene(view, root, [edit.act for edit in edits], seen_by)
        return lay_out(words, edits, scene)

    return view.memo_here(("layout", ref, seen_by.ref if seen_by else ""), compute)


def _scene(view: View, root: Act, amendments: Iterable[Act], seen_by: Act | None) -> Scene:
    """Who stood behind which amendment to a draft, as far as somebody had seen it."""
    fold, found = view.fold, seats(view)
    stands: dict[str, list[Stand]] = defaultdict(list)
    groups: dict[str, list[Act]] = {}
    left: dict[str, list[Act]] = defaultdict(list)
    for act in amendments:
        stands[act.ref].append(Stand(act, act.ref, False, True))
        for one in counting(view, Back, act.ref, seen_by):
            assert isinstance(one.body, Back)
            stands[act.ref].append(Stand(one, act.ref, one.body.original, True))
        for one in counting(view, Release, act.ref, seen_by):
            assert isinstance(one.body, Release)
            body = one.body
            stands[act.ref].append(Stand(one, act.ref, body.original, False, body.reservation))
        groups[act.ref] = counting(view, Group, act.ref, seen_by)
    if seen_by is not None:
        leaves = _seen(view, leavings(fold, partial(saw, view, seen_by)), seen_by)
    else:
        leaves = list(found.leaves) if found is not None else []
    for act in leaves:
        left[act.member].append(act)
    # A secretariat has no words of its own to hold: only a member can release them.
    is_member = found is not None and root.member in {*found.members, *found.left}
    holder = root.member if is_member else ""
    members = frozenset({*found.members, *found.left}) if found is not None else frozenset()
    return Scene(
        root, holder, stands, groups, left, partial(saw, view), fold.latest, view.has_passed, members
    )


def counting(view: View, kind: type[Body], ref: str, seen_by: Act | None) -> list[Act]:
    """Acts of a kind about an amendment that count."""
    acts = _seen(view, view.fold.about(kind, ref), seen_by)
    return [act for act in acts if refusal(view, act, seen_by) is None]
