"""The Polis export: last vote counts, all are kept, and what is odd about a file is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allweather.errors import MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats import read
from allweather.positions import Body, Response, format_date
from tests.formats.compare import entries, refusal

HEADER = "timestamp,datetime,comment-id,voter-id,vote\n"
VOTES = (
    HEADER
    + "1700000200,late,1,10,-1\n"  # written first, made last
    + "1700000000,early,1,10,1\n"
    + "1700000000,early,0,2,1\n"
    + "1700000100,middle,1,2,0\n"
    + "1700000100,same time,1,2,1\n"
    + "1700086400,next day,2,10,1\n"
)
COMMENTS = (
    "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
    + '1,x,0,2,1,0,1,"A, with ""marks""\nand a second line"\n'
    + "1,x,1,77,1,1,-1,Out\n"
    + "1,x,9,2,0,0,1,Nobody\n"
)
CONVERSATIONS = {
    # participants, questions, votes, of which current
    "15-per-hour-seattle": (339, 54, 2995, 2872),
    "austria-climate.5twd2jsnkf.2022-08-08": (1116, 522, 61936, 61384),
    "brexit-consensus": (204, 50, 5312, 5303),
    "football-concussions": (1487, 298, 14924, 14328),
    "scoop-hivemind.biodiversity": (536, 314, 29802, 29719),
    "vtaiwan.uberx": (1921, 197, 49997, 49443),
}


def export(folder: Path, votes: str = VOTES, comments: str | None = COMMENTS) -> Path:
    (folder / "votes.csv").write_text(votes, encoding="utf-8")
    if comments is not None:
        (folder / "comments.csv").write_text(comments, encoding="utf-8")
    return folder


def test_votes_are_kept_in_order_of_time_and_the_last_one_counts(tmp_path: Path) -> None:
    positions = read(export(tmp_path)).positions
    assert [(one.member.id, one.question.id, one.response) for one in entries(positions)] == [
        ("10", "1", Response.SUPPORT),
        ("2", "0", Response.SUPPORT),
        ("2", "1", Response.PASS),
        ("2", "1", Response.SUPPORT),
        ("10", "1", Response.OPPOSE),
        ("10", "2", Response.SUPPORT),
    ]
    assert {(one.member.id, one.question.id): one.response for one in entries(positions.current())} == {
        ("2", "0"): Response.SUPPORT,
        ("2", "1"): Response.SUPPORT,
        ("10", "1"): Response.OPPOSE,
        ("10", "2"): Response.SUPPORT,
    }
    assert positions.body is Body.CONSULTATION


def test_ids_are_as_written_and_sorted_as_numbers(tmp_path: Path) -> None:
    positions = read(export(tmp_path)).positions
    assert [one.id for one in positions.members] == ["2", "10"]
    assert [one.id for one in positions.questions] == ["0", "1", "2"]
    mixed = HEADER + "1700000000,x,b,007,1\n1700000000,x,10,7,1\n1700000000,x,2,1,0\n"
    positions = read(export(tmp_path, mixed, None)).positions
    assert [one.id for one in positions.members] == ["1", "007", "7"]
    assert [one.id for one in positions.questions] == ["b", "10", "2"]


def test_texts_and_authors_come_from_the_comments(tmp_path: Path) -> None:
    reading = read(export(tmp_path))
    assert [one.text for one in reading.positions.questions] == [
        'A, with "marks"\nand a second line',
        "Out",
        "",
    ]
    # Participant 77 never voted, so no member has that id.
    assert [one.author for one in reading.positions.questions] == ["2", "", ""]


def test_what_is_odd_is_counted_and_said(tmp_path: Path) -> None:
    assert read(export(tmp_path)).intake == (
        "6 votes read.",
        "2 votes were replaced by a later one.",
        "1 question was moderated out on Polis; 4 votes on them kept.",
        "1 question has no text in the export.",
        "1 question on which nobody voted left out.",
    )


def test_seconds_and_milliseconds_give_the_same_days(tmp_path: Path) -> None:
    seconds = read(export(tmp_path)).positions
    lines = [line.split(",") for line in VOTES.splitlines()[1:]]
    in_milliseconds = HEADER + "".join(",".join([line[0] + "999", *line[1:]]) + "\n" for line in lines)
    milliseconds = read(export(tmp_path, in_milliseconds)).positions
    assert format_date(int(seconds.known_by[0])) == "2023-11-14"
    assert format_date(int(seconds.known_by[-1])) == "2023-11-15"
    np.testing.assert_array_equal(seconds.known_by, milliseconds.known_by)


def test_a_votes_file_alone_and_a_dated_one_with_its_comments(tmp_path: Path) -> None:
    (tmp_path / "2025-06-19-1201-abc-votes.csv").write_text(
        VOTES.replace("vote\n", "vote,important\n")
        .replace(",1\n", ",1,1\n")
        .replace(",-1\n", ",-1,0\n")
        .replace(",0\n1700000100", ",0,0\n1700000100"),
        encoding="utf-8",
    )
    (tmp_path / "2025-06-19-1201-abc-comments.csv").write_text(COMMENTS, encoding="utf-8")
    reading = read(tmp_path / "2025-06-19-1201-abc-votes.csv")
    assert reading.positions.questions[1].text == "Out"
    assert reading.intake[-1] == "Marks of importance (the column 'important') are not used."
    assert reading.conversation == tmp_path.name
    alone = tmp_path / "alone"
    alone.mkdir()
    assert read(export(alone, comments=None) / "votes.csv").intake[-1] == (
        "3 questions have no text in the export."
    )


def test_the_title_is_the_topic_if_there_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "talk"
    folder.mkdir()
    assert read(export(folder)).positions.title == "talk"
    (folder / "summary.csv").write_text(
        'topic,"Bread, or roses?"\nurl,https://example.org\n', encoding="utf-8"
    )
    assert read(folder).positions.title == "Bread, or roses?"


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        (VOTES + "1700000000,x,1,2,2\n", "row 8: the vote '2' is none of 1 (agree), 0 (pass), -1 (disagree)"),
        (VOTES + "1700000000,x,1,2,agree\n", "row 8: the vote 'agree' is none of"),
        (VOTES + "1700000000,x,1,2,\n", "row 8: the column 'vote' is empty"),
        (VOTES + "1700000000,x,1,,1\n", "row 8: the column 'voter-id' is empty"),
        (VOTES + "1700000000,x,,2,1\n", "row 8: the column 'comment-id' is empty"),
        (VOTES + ",x,1,2,1\n", "row 8: the column 'timestamp' is empty"),
        (VOTES + "soon,x,1,2,1\n", "row 8: 'soon' in the column 'timestamp' is not a whole number"),
        (VOTES + "1.5,x,1,2,1\n", "row 8: '1.5' in the column 'timestamp' is not a whole number"),
        (VOTES + "-5,x,1,2,1\n", "row 8: the timestamp -5 is no time"),
        (VOTES + "9223372036854775807,x,1,2,1\n", "the timestamp 9223372036854775807 is no time"),
        (VOTES + "1700000000,x,1,2\n", "row 8: 4 cells in a row, but the header has 5"),
        (VOTES + "1700000000,x,1,2,1,1\n", "row 8: 6 cells in a row, but the header has 5"),
        (VOTES + f"1700000000,x,{'1' * 300},2,1\n", "row 8: a comment-id of 300 characters"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, votes: str, said: str) -> None:
    assert said in refusal(export(tmp_path, votes), MalformedRecord)


def test_no_votes_is_nothing_to_review(tmp_path: Path) -> None:
    assert "no votes" in refusal(export(tmp_path, HEADER), NothingToReview)


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        ("comment-id,agrees\n1,1\n", "comments.csv: the column comment-body missing"),
        ("comment-id,comment-body\n1,a\n1,b\n", "a comment is listed twice"),
        ("comment-id,comment-body\n1," + "x" * 100_000 + "\n", "row 2: a text of 100,000 characters"),
        ("comment-id,comment-body\n,a\n", "row 2: the column 'comment-id' is empty"),
        ('comment-id,comment-body\n1,"never closed\n', "comments.csv: an odd number of quotation marks"),
        ("", "comments.csv: the file is empty"),
    ],
)
def test_broken_comments_are_refused(tmp_path: Path, comments: str, said: str) -> None:
    assert said in refusal(export(tmp_path, comments=comments))


def test_the_other_files_of_an_export_are_pointed_away_from(tmp_path: Path) -> None:
    export(tmp_path)
    assert "name its folder or its votes.csv" in refusal(tmp_path / "comments.csv", UnreadableSource)
    (tmp_path / "participant-votes.csv").write_text("participant,group-id,n-votes,0,1\n0,1,2,1,-1\n")
    said = refusal(tmp_path / "participant-votes.csv", UnreadableSource)
    assert "Polis' table of participants" in said
    assert read(tmp_path).format == "Polis export"  # and it does not confuse the folder


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_real_consultations(shared_data: Path, name: str) -> None:
    reading = read(shared_data / "polis" / name)
    positions = reading.positions
    found = (positions.n_members, positions.n_questions, len(positions), len(positions.current()))
    assert found == CONVERSATIONS[name]
    assert (reading.format, reading.conversation) == ("Polis export", name)
    assert "CC BY 4.0" in reading.attribution
    n_textless = sum(not one.text for one in positions.questions)
    assert n_textless == (1 if name == "football-concussions" else 0)
    assert any("no text" in sentence for sentence in reading.intake) == bool(n_textless)
    assert [int(one.id) for one in positions.questions] == sorted(int(one.id) for one in positions.questions)
    assert np.all(np.diff(positions.known_by) >= 0)
