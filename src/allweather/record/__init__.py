"""The record: what a member has signed cannot be altered, dropped, blocked or backdated by anyone.

Each member keeps one log of its own; its checkpoints are signed, other members cosign them. This room keeps
the rules: entries, keys, trees, proofs, and where each log stands. It does not know what an entry means,
where it is kept (`storage` is an interface), or how it travels. It touches no file, clock or source of
randomness.
"""
