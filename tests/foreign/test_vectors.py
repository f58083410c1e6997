"""Vectors that others published, decided by our code as they say, or for a stated reason more strictly."""

from __future__ import annotations

import pytest

from tests.foreign import peers, results
from tests.foreign.vectors import CONVENTIONS, N_CCTV, N_MERKLE, cctv_decisions, merkle_decisions


def test_every_merkle_vector_is_decided_as_it_says_or_for_a_stated_reason() -> None:
    if sentence := peers.missing_merkle():
        pytest.skip(sentence)
    decisions = merkle_decisions()
    assert len(decisions) == N_MERKLE
    differing = {one.name: one for one in decisions if one.ours != one.wanted}
    assert differing.keys() == CONVENTIONS.keys()
    # A convention may make us stricter, never more lenient.
    assert not any(one.ours for one in differing.values())
    assert {one.name for one in decisions if one.by_bounds} >= {"subtreeconsistency/1/invalid-subtree.json"}
    assert not any(one.wanted for one in decisions if one.by_bounds)
    rows = results.merkle_rows()
    assert rows == [line for line in results.page_lines() if line in rows], results.HOW


def test_every_signature_vector_is_decided_alike_by_two_libraries_behind_the_strict_rule() -> None:
    if sentence := peers.missing_cctv():
        pytest.skip(sentence)
    decisions = cctv_decisions()
    assert len(decisions) == N_CCTV
    assert [one.number for one in decisions if one.ours != one.strict_nacl] == []
    # Both answers are there, so that neither a rule that refuses all nor one that accepts all would pass.
    assert 0 < sum(one.ours for one in decisions) < N_CCTV
    rows = [*results.cctv_rows(), *results.library_rows()]
    assert rows == [line for line in results.page_lines() if line in rows], results.HOW


def test_without_the_rule_the_libraries_differ() -> None:
    if sentence := peers.missing_cctv():
        pytest.skip(sentence)
    decisions = cctv_decisions()
    lenient = [one for one in decisions if one.cryptography and not one.ours]
    assert lenient
    assert any(one.cryptography != one.nacl for one in decisions)
    # All that the rule takes from the library is what its text names: small order, or a second spelling.
    named = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"}
    assert all(one.flags & named for one in lenient)
    # And what is accepted has none of these.
    assert not any(one.flags & named for one in decisions if one.ours)


@pytest.mark.parametrize("flag", ["low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"])
def test_no_signature_with_a_point_that_the_rule_names_is_accepted(flag: str) -> None:
    if sentence := peers.missing_cctv():
        pytest.skip(sentence)
    concerned = [one for one in cctv_decisions() if flag in one.flags]
    assert concerned
    assert not any(one.ours for one in concerned)
