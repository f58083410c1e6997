"""Blocs are checked against the positions before anything is computed from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, UnknownName
from allweather.positions import Bloc, Member, Positions, Question, Response, check_blocs
from tests import strategies

MEMBERS = ("a", "b", "c")


def positions() -> Positions:
    return Positions.from_columns(
        [Member(id, id) for id in MEMBERS], [Question("q", "")], [0], [0], [Response.SUPPORT]
    )


@given(st.data())
def test_blocs_in_order_pass(data: st.DataObject) -> None:
    check_blocs(data.draw(strategies.blocs(MEMBERS)), positions())


def test_a_bloc_of_one_and_no_bloc_are_ordinary() -> None:
    check_blocs([Bloc("x", "X", ("a",))], positions())
    check_blocs([], positions())


def test_an_unknown_member_is_named() -> None:
    with pytest.raises(UnknownName, match="'x' names 'z'"):
        check_blocs([Bloc("x", "X", ("a", "z"))], positions())


@pytest.mark.parametrize(
    ("blocs", "said"),
    [
        ([Bloc("x", "X", ())], "no members"),
        ([Bloc("x", "X", ("a", "a"))], "'a' is named twice, in 'x' and 'x'"),
        ([Bloc("x", "X", ("a",)), Bloc("y", "Y", ("b", "a"))], "'a' is named twice, in 'x' and 'y'"),
        ([Bloc("x", "X", ("a",)), Bloc("x", "Y", ("b",))], "two blocs have the id 'x'"),
    ],
)
def test_blocs_out_of_order_are_refused(blocs: list[Bloc], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_blocs(blocs, positions())
