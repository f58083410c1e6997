"""Practical cooperation: tracks, what members promise each other on them, and what came of it. A pure fold.

It stands on the council and never reaches back into it: whatever is suspended or broken off here, the agenda,
texts, positions and decisions of the council go on.

`bodies` has the kinds of acts, `rules` says which of them count. `tracks`, `parts`, `packages` and
`commitments` say how things stand, `ledger` what members owe and give each other; `board` shows it all.
`checks` tells a member before it signs why an act would not count. The order of arrival makes no difference.

What it does not do: judge whether a promise was kept (the members it was made to do that), read a clock,
sign, store or carry anything.
"""
