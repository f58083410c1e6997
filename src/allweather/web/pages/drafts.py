"""A draft under negotiation: its text with brackets, who holds which words, and the forms to change it.

Nobody writes over another's words: whatever is proposed becomes an alternative in a bracket. A form brings
the words that it would replace, as they are pasted or selected; which code points these are is found here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from allweather.council.bodies import Amend, Back, Freeze, Release
from allweather.council.forms import Body
from allweather.council.redlines import NO_WORDS
from allweather.errors import InputError, Refused, UnknownName
from allweather.web.asking import Ask, Page, Values
from allweather.web.fields import Form, form_of
from allweather.web.forms import Given, read_form

_HOUR = 3_600
_MARGIN = 600
Rows = list[tuple[str, Any]]


def _draft(ask: Ask) -> Values:
    found = ask.view("draft", id=ask.path["id"])
    versions = _version_names(found)
    old, new = ask.query.get("old", ""), ask.query.get("new", "")
    names = list(versions)
    if not old and not new and len(names) > 1:
        old, new = names[0], names[-1]
    lines = None
    if old in versions and new in versions and old != new:
        lines = ask.view("redline", id=ask.path["id"], old=versions[old], new=versions[new])["clauses"]
    elif (old or new) and (old not in versions or new not in versions):
        raise UnknownName("choose two versions of this draft")
    rules = ask.charter.get("rules", {})
    return {
        "found": found,
        "title": found["title"],
        "concern": ask.view("concern-of", id=ask.path["id"]),
        "versions": names,
        "old": old,
        "new": new,
        "lines": lines,
        "brackets": _brackets(ask, found),
        "is_clean": found["state"] == "clean",
        "freeze": _freeze_form(found) if found["state"] in ("clean", "circulated", "seed") else None,
        "frozen": found["frozen"][0] if found["state"] == "frozen" and found["frozen"] else "",
        "frozen_ref": found["base"],
        "expiry": ask.now + max(rules.get("shortest_silence", _HOUR), _HOUR) + _MARGIN,
        "n_heads": sum(one["is_head"] for one in found["versions"]),
        "mine": ask.house.origin,
    }


def _version_names(found: Values) -> dict[str, str]:
    """What the view calls a version, by its name in an address: `norway:12`; a head also `norway:12 now`."""
    names = {}
    for one in found["versions"]:
        names[one["acts"][0]["id"]] = one["ref"]
        if one["is_head"]:
            names[f"{one['acts'][0]['id']} now"] = f"{one['ref']} now"
    return names


def _brackets(ask: Ask, found: Values) -> list[dict[str, Any]]:
    """Every bracket with its place and the forms that this member may use on it."""
    shown = []
    for clause in found["clauses"]:
        open_ones = [piece for piece in clause["pieces"] if "alternatives" in piece]
        for number, bracket in enumerate(open_ones, 1):
            shown.append(
                {
                    "name": f"{clause['number'] + 1}{'+' if clause['is_new'] else ''}.{number}",
                    "clause": clause["number"],
                    "is_new": clause["is_new"],
                    "is_open": bracket["state"] == "open",
                    "bracket": bracket,
                    "forms": _bracket_forms(ask, found, clause, bracket),
                }
            )
    return shown


def _bracket_forms(ask: Ask, found: Values, clause: Values, bracket: Values) -> list[Form]:
    amendments = [act["ref"] for one in bracket["alternatives"] for act in one["amendments"]]
    forms = []
    for one in bracket["alternatives"]:
        # The original words are held against every amendment; it is enough to name one of them.
        fixed: dict[str, Any] = (
            {"amendment": one["amendments"][0]["ref"]}
            if one["amendments"]
            else {"amendment": amendments[0], "original": True}
        )
        holds = ask.house.origin in one["holders"]
        if holds:
            button = ask.tongue.word("Let go of {}").replace("{}", one["letter"])
            forms.append(form_of(Release.KIND, ["reservation"], button=button, **fixed))
        else:
            button = ask.tongue.word("Stand behind {}").replace("{}", one["letter"])
            forms.append(form_of(Back.KIND, [], button=button, **fixed))
    if bracket["state"] == "open":
        span = {} if clause["is_new"] else {"start": bracket["start"], "end": bracket["end"]}
        more: dict[str, Any] = {"insert": True} if clause["is_new"] else {}
        forms.append(
            form_of(
                Amend.KIND,
                ["words", "reason"],
                button="Propose a compromise",
                draft=found["ref"],
                base=found["base"],
                clause=clause["number"],
                merges=amendments,
                **span,
                **more,
            )
        )
        forms.append(
            form_of(
                "council.group",
                ["facilitator", "by"],
                button="Send to a small group",
                amendment=amendments[-1],
            )
        )
    return forms


# Making acts from forms


def find_words(text: str, wanted: str, which: int = 0) -> tuple[int, int]:
    """Where some words stand in a clause, in code points; `which` of several, from 1.

    They are looked for as they are, then with any white space between them. Raises InputError if they are not
    in it, or if they are in it more than once and it is not said which are meant.
    """
    wanted = wanted.replace("\r\n", "\n").strip()
    if not wanted:
        raise InputError("paste the words of the clause that are to be replaced")
    found = [(one.start(), one.end()) for one in re.finditer(f"(?={re.escape(wanted)})", text)]
    found = [(start, start + len(wanted)) for start, _ in found]
    if not found:
        pattern = r"\s+".join(map(re.escape, wanted.split()))
        found = [(one.start(), one.end()) for one in re.finditer(pattern, text)]
    if not found:
        raise InputError("these words are not in that clause; copy them from the clause as it stands below")
    if len(found) > 1 and not which:
        raise InputError(
            f"these words are in the clause {len(found)} times; say which, from 1, or paste more"
        )
    if which > len(found):
        raise InputError(f"these words are in the clause {len(found)} times, not {which}")
    return found[max(0, which - 1)]


def _make_amend(ask: Ask, given: Given) -> Body:
    """An amendment: of words that are pasted (`how` is replace or out), or as the fields say it."""
    how = (given.get("how") or [""])[0]
    fields = {name: list(values) for name, values in given.items()}
    if how in ("replace", "out"):
        found = ask.view("draft", id=(given.get("draft") or [""])[0])
        clause = _number(given, "clause")
        if found["base"] != (given.get("base") or [""])[0]:
            raise Refused("the text was frozen since you opened the page; look at it again and repeat this")
        if clause is None or not 0 <= clause < len(found["base_clauses"]):
            raise InputError("choose a clause of the draft")
        text = found["base_clauses"][clause]
        wanted, words = (given.get("find") or [""])[0], (given.get("words") or [""])[0]
        if how == "replace" and not words.strip():
            raise InputError("give the new words; to strike words, use the form that leaves words out")
        if how == "out" and not wanted.strip():
            start, end = 0, len(text)
        else:
            start, end = find_words(text, wanted, _number(given, "which") or 0)
        if how == "out":
            fields.pop("words", None)
            if end < len(text) and text[end] == " " and (start == 0 or text[start - 1] == " "):
                end += 1  # with a word one of the spaces around it goes
        fields |= {"start": [str(start)], "end": [str(end)]}
    body = read_form(ask, Amend.KIND, fields)
    assert isinstance(body, Amend)
    return body


def _number(given: Given, name: str) -> int | None:
    text = (given.get(name) or [""])[0].strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InputError(f"{text!r:.40} is no whole number")
    return int(text)


def _freeze_form(found: Values) -> Form:
    return Form(
        Freeze.KIND,
        {"draft": found["ref"], "base": found["base"], "seen": _digest(found["clean"])},
        [],
        "Freeze the clean text",
    )


def _digest(clauses: Sequence[str]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(clauses))).hexdigest()


def _make_freeze(ask: Ask, given: Given) -> Body:
    """A freeze of the text that was shown, and of no other."""
    found = ask.view("draft", id=(given.get("draft") or [""])[0])
    if (given.get("seen") or [""])[0] != _digest(found["clean"]):
        raise Refused("the text has changed since it was shown to you; look at it again and repeat this")
    return Freeze(draft=found["ref"], base=found["base"], clauses=tuple(found["clean"]))


# What a preview shows of them


def _tell_amend(ask: Ask, body: Body) -> Rows:
    """An amendment as a person reads it: which words go, which come, how the clause would read."""
    assert isinstance(body, Amend)
    found = ask.view("draft", id=body.draft)
    rows: Rows = [("Draft", found["title"]), ("Clause", str(body.clause + 1))]
    if body.insert:
        rows[1] = ("New clause after clause", str(body.clause + 1))
    if found["base"] == body.base and not body.insert and 0 <= body.clause < len(found["base_clauses"]):
        text = found["base_clauses"][body.clause]
        rows.append(("Words that stand there", text[body.start : body.end] or NO_WORDS))
        rows.append(("New words", body.words or NO_WORDS))
        rows.append(("The clause would read", text[: body.start] + body.words + text[body.end :]))
    else:
        rows.append(("New words", body.words or NO_WORDS))
    if body.merges:
        rows.append(("Compromise between", [ask.view("act", id=one)["id"] for one in body.merges]))
    if body.reason:
        rows.append(("Reason", body.reason))
    return rows


def _tell_stand(ask: Ask, body: Body) -> Rows:
    assert isinstance(body, Back | Release)
    amendment = ask.view("act", id=body.amendment)
    words = amendment["body"].get("words", "") or NO_WORDS
    found = ask.view("draft", id=amendment["body"]["draft"])
    rows: Rows = [("Draft", found["title"]), ("Amendment", amendment["id"])]
    rows.append(("Words", "The words as they stood" if body.original else words))
    if isinstance(body, Release) and body.reservation:
        rows.append(("What stays as a reservation", body.reservation))
    return rows


def _tell_freeze(ask: Ask, body: Body) -> Rows:
    assert isinstance(body, Freeze)
    found = ask.view("draft", id=body.draft)
    return [("Draft", found["title"]), ("Clauses", list(body.clauses))]


PAGES = (Page("/draft/{id:str}", "draft.html.j2", _draft),)
MAKERS = {Amend.KIND: _make_amend, Freeze.KIND: _make_freeze}
TELLERS = {
    Amend.KIND: _tell_amend,
    Back.KIND: _tell_stand,
    Release.KIND: _tell_stand,
    Freeze.KIND: _tell_freeze,
}
