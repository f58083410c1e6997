"""UN roll calls: units that change, days that are wrong upstream, and sessions."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allweather.errors import InputError, MalformedRecord, NothingToReview
from allweather.formats import read
from allweather.positions import UNDATED, Body, Response, format_date
from tests.formats.compare import entries, refusal, told

VOTES = """rcid,country,country_code,ccode,vote
5,Federal Republic of Germany,DE,260,yes
5,Zanzibar,,511,no
6,Federal Republic of Germany,DE,260,no
9,Germany,DE,255,abstain
9,Fiji,FJ,950,yes
8,Fiji Islands,FJ,950,no
"""
ROLL_CALLS = """rcid,session,date,unres,short,descr
5,30,1975-10-03,R/30/1,DISARMAMENT,TO ADOPT A TEXT
6,31,1976-10-03,,,Only described
8,74,2019-11-07,A/RES/74/1,Nuclear tests : resolution / adopted by the General Assembly,A/74/251 5
9,75,2020-11-07 00:00:00,R/75/2,ARMS,Arms : resolution / adopted by the General Assembly
"""
ISSUES = """rcid,short_name,issue
8,nu,Nuclear weapons and nuclear material
8,di,Arms control and disarmament
9,di,Arms control and disarmament
"""


def tables(
    folder: Path, votes: str = VOTES, roll_calls: str | None = ROLL_CALLS, issues: str | None = ISSUES
) -> Path:
    for name, text in (("un_votes", votes), ("un_roll_calls", roll_calls), ("un_roll_call_issues", issues)):
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_members_are_told_apart_by_ccode(tmp_path: Path) -> None:
    reading = read(tables(tmp_path))
    assert [(one.id, one.name) for one in reading.positions.members] == [
        ("255", "Germany"),
        ("260", "Federal Republic of Germany"),
        ("511", "Zanzibar"),
        ("FJ", "Fiji"),  # the name of its latest vote
    ]
    assert reading.positions.body is Body.ASSEMBLY


def test_a_country_code_is_the_id_where_it_is_alone_in_the_sessions_read(tmp_path: Path) -> None:
    positions = read(tables(tmp_path), sessions=(74, 75)).positions
    assert [one.id for one in positions.members] == ["DE", "FJ"]


def test_questions_are_in_order_of_time_with_text_and_area(tmp_path: Path) -> None:
    reading = read(tables(tmp_path))
    assert [(one.id, one.text, one.area) for one in reading.positions.questions] == [
        ("5", "DISARMAMENT (R/30/1)", ""),
        ("6", "Only described", ""),
        ("8", "Nuclear tests (A/RES/74/1)", "nu"),
        ("9", "Arms (R/75/2)", "di"),
    ]
    assert reading.areas == {
        "di": "Arms control and disarmament",
        "nu": "Nuclear weapons and nuclear material",
    }


def test_days_are_trusted_from_session_59_on(tmp_path: Path) -> None:
    reading = read(tables(tmp_path))
    days = {one.question.id: format_date(one.known_by) for one in entries(reading.positions)}
    assert days == {"5": "1975-12-31", "6": "1976-12-31", "8": "2019-11-07", "9": "2020-11-07"}
    assert reading.intake == (
        "6 votes read.",
        "2 roll calls before session 59 dated to the end of the year: upstream has wrong days for them.",
    )


def test_responses(tmp_path: Path) -> None:
    found = {
        (one.member.id, one.question.id): one.response for one in entries(read(tables(tmp_path)).positions)
    }
    assert found["260", "5"] is Response.SUPPORT
    assert found["255", "9"] is Response.ABSTAIN
    assert found["511", "5"] is Response.OPPOSE


def test_parquet_reads_as_csv_does(tmp_path: Path) -> None:
    for name in ("a/un", "b/un"):
        (tmp_path / name).mkdir(parents=True)
    tables(tmp_path / "a/un")
    for name, text in (("un_votes", VOTES), ("un_roll_calls", ROLL_CALLS), ("un_roll_call_issues", ISSUES)):
        rows = list(csv.DictReader(text.splitlines()))
        columns = {key: [row[key] or None for row in rows] for key in rows[0]}
        table = pa.table(
            {
                key: [None if one is None else int(one) for one in values]
                if key in ("rcid", "ccode", "session")
                else values
                for key, values in columns.items()
            }
        )
        pq.write_table(table, tmp_path / f"b/un/{name}.parquet")
    assert told(read(tmp_path / "a/un")) == told(read(tmp_path / "b/un"))


def test_votes_alone_have_no_dates_and_no_texts(tmp_path: Path) -> None:
    folder = tables(tmp_path, roll_calls=None, issues=None)
    reading = read(folder / "un_votes.csv")
    assert set(reading.positions.known_by.tolist()) == {UNDATED}
    assert reading.intake[-1] == "4 roll calls have no date and no description."
    with pytest.raises(InputError, match="sessions need the table un_roll_calls"):
        read(folder, sessions=(1, 2))


def test_without_ccode_the_country_code_is_the_key(tmp_path: Path) -> None:
    votes = "rcid,country_code,vote\n5,DE,yes\n5,FJ,no\n"
    positions = read(tables(tmp_path, votes)).positions
    assert [(one.id, one.name) for one in positions.members] == [("DE", "DE"), ("FJ", "FJ")]


def test_sessions_restrict_and_say_what_they_left_out(tmp_path: Path) -> None:
    reading = read(tables(tmp_path), sessions=(31, 74))
    assert [one.id for one in reading.positions.questions] == ["6", "8"]
    assert "4 votes in other sessions left out." in reading.intake
    assert reading.positions.title == "UN General Assembly, roll calls of sessions 31 to 74"


@pytest.mark.parametrize("sessions", [(0, 75), (30, 76), (74, 31), (-1, -1)])
def test_sessions_out_of_range_are_refused(tmp_path: Path, sessions: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="out of range; the data have 30 to 75"):
        read(tables(tmp_path), sessions=sessions)


def test_sessions_without_votes_are_nothing_to_review(tmp_path: Path) -> None:
    with pytest.raises(NothingToReview, match="no vote in sessions 40 to 50"):
        read(tables(tmp_path), sessions=(40, 50))


def test_sessions_are_refused_for_other_formats(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("member,question,response\na,b,yes\n")
    with pytest.raises(InputError, match="sessions are known for UN roll calls only; this is a long table"):
        read(tmp_path, sessions=(1, 2))


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        (VOTES + "9,Fiji,FJ,950,present\n", "row 8: the vote 'present' is none of yes, abstain, no"),
        (VOTES + "9,Fiji,FJ,950,\n", "row 8: the column 'vote' is empty"),
        (VOTES + ",Fiji,FJ,950,yes\n", "row 8: the column 'rcid' is empty"),
        (VOTES + "9,Fiji,FJ,,yes\n", "row 8: the column 'ccode' is empty"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, votes: str, said: str) -> None:
    assert said in refusal(tables(tmp_path, votes), MalformedRecord)


@pytest.mark.parametrize(
    ("roll_calls", "said"),
    [
        (ROLL_CALLS + "5,30,1975-10-03,,,\n", "a roll call is listed twice"),
        (ROLL_CALLS.replace("2019-11-07", "7 Nov"), "row 4: '7 Nov' is not a date"),
        (ROLL_CALLS.replace("8,74,", "8,,"), "row 4: the column 'session' is empty"),
        ("rcid,date\n5,1975\n", "un_roll_calls.csv: the column session missing"),
    ],
)
def test_broken_roll_calls_are_refused(tmp_path: Path, roll_calls: str, said: str) -> None:
    assert said in refusal(tables(tmp_path, roll_calls=roll_calls))


def test_a_vote_given_twice_is_counted(tmp_path: Path) -> None:
    reading = read(tables(tmp_path, VOTES + "9,Fiji,FJ,950,no\n"))
    assert "1 vote was replaced by a later one." in reading.intake
    current = {(one.member.id, one.question.id): one for one in entries(reading.positions.current())}
    assert current["FJ", "9"].response is Response.OPPOSE


def test_the_real_roll_calls(shared_data: Path) -> None:
    reading = read(shared_data / "un-votes")
    positions = reading.positions
    assert (len(positions), positions.n_questions, positions.n_members) == (870_109, 6_203, 200)
    assert {"260", "255", "678", "679"} <= {one.id for one in positions.members}
    assert set(reading.areas) == {"co", "di", "ec", "hr", "me", "nu"}
    assert len(positions.current()) == len(positions)


def test_the_real_roll_calls_of_sessions_60_to_74(shared_data: Path) -> None:
    positions = read(shared_data / "un-votes", sessions=(60, 74)).positions
    assert {"US", "RU", "DE", "YE"} <= {one.id for one in positions.members}
    assert positions.n_questions == 1_412
    assert format_date(int(positions.known_by.min())) == "2005-10-31"
    assert format_date(int(positions.known_by.max())) == "2020-01-14"
    assert all(one.text for one in positions.questions)
