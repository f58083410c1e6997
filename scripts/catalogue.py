"""Bring the catalogues of the pages' languages up to date with the code: new messages in, old ones out.

    python scripts/catalogue.py            write src/allweather/web/locale/*.po again
    python scripts/catalogue.py --check    only say what is missing; exit code 1 if anything is
    python scripts/catalogue.py --only fr  of these languages alone

Messages are what templates and modules of the pages mark, the words for codes, and every sentence that the
rooms below can tell: their texts with `{}` where something is put in. A translation that stands is kept.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "allweather"
LOCALE = PACKAGE / "web" / "locale"
LANGUAGES = ("fr", "ru")
ROOMS = ("review", "council", "cooperation", "node", "web")
# What is told to whoever keeps a node at its terminal, and never to a page.
NOT_SHOWN = frozenset(
    {"api", "answering", "reference", "home", "backups", "making", "rehearsal", "rehearsing", "running",
     "peers", "reaching", "receiving", "syncing", "taking", "witnessing", "logs", "counting", "jobs",
     "knowing", "sites", "baselines", "heldout", "model", "sampler", "pictures", "zones", "gate", "tongues",
     "telling", "countries"}
)  # fmt: skip
# Texts that are no words for anybody: names of what is remembered, of files, of marks in a drawing.
_KEPT_BY_NAME = frozenset({"memo", "memo_here", "_note", "changed_at", "_keep"})
_NO_WORDS = re.compile(
    r"default-src.*|cooperation: .*|(silences|seats) (by|with).*|.*\{\}\.[a-z]+|\w+:\{\}|\{\}checkpoint"
    r"|(c r| i|weather|sign|edge|half|mark|promise|register|why)\b.*(-?\{\}|full|differs|then|not|refused)"
    r"|d MMMM y(,? HH:mm)?|\{\} (old|red)|UTC\{\}\{\}|allweather \{\}|drafts: .*"
    r"|key notes|roll call|\{\} ?\{\}?s|g|d\{\}|from allweather.*"
)
WORDS = ("words.py",)
# Sentences that the rooms put together from single words, written out.
MORE = (
    # how a member was heard
    "receipt",
    "position",
    # in drawings of the report
    "no side here",
    "all in one place: the answers do not tell sides apart",
    "No evidence of sides",
    "no gain",
    "supported",
    "not supported",
    "Evidence for dimensions",
    "Gain in predicting held-out answers, in log-loss, over one dimension fewer",
    "bars: 90% intervals · supported: {} standard errors or more above no gain, and every step before it",
    "mark: expected place · bar: 90% interval · hollow: nothing on record, all predicted",
    "{} dimension",
    "{} dimensions",
    "{} dimension: {}, {} to {}",
    "{} dimensions: {}, {} to {}",
    "answers",
    "{} offers {}: {}, by {}",
    "{} has promised {}: {}, by {}",
    "Left out: {} questions that nobody supports on record.",
    "{} question",
    "{} questions",
    "overall",
    "{} is not yet heard",
    "{} are not yet heard",
    "{} is not yet heard, {}",
    "{} are not yet heard, {}",
    "{} has suspended its participation, keeps its rights, and is not yet heard",
    "{} has not taken its seat yet, and is not yet heard",
    "that",
    "those",
    "{} or {}",
    "{} (the original)",
    "{} was not accepted when this was reported; report once {} has accepted it",
    "{} was not accepted when this was reported; report once {} have accepted it",
    "promised",
    "waiting",
    "received",
    "{} is no text",
    "{} is no decision",
    "{} is no sealed round",
    "review due since {}",
    "Support in {} may be anywhere from {} to {}.",
    "Support overall may be anywhere from {} to {}.",
    "to be reviewed at {}",
    "in force from a time not yet known",
    "{} still has to confirm or dispute {}",
    "{} still have to confirm or dispute {}",
    "{} offers {}: {}, by {} if {}",
    "{} has promised {}: {}, by {} if {}",
    "{} opposed on record, {} in favour",
    "{} opposed on record; nobody is on record for it.",
    "{} held back on record; nobody is on record for it.",
    "member",
    "members",
    "participants",
    "blocs",
    "clusters",
    "sides",
    "bloc",
    "cluster",
    "side",
    "question",
)
# Labels of one word that modules of the pages hold in tables.
LABELS = (
    "Active",
    "Clauses",
    "Converges",
    "Decline",
    "Delegate",
    "Differs",
    "Head of the delegation of {}",
    "New",
    "Offered",
    "Resume",
    "Stopped",
)
_HEADER = ("# ", '"Project-Id', '"Report-', '"Language-Team', '"POT-', '"PO-', '"Generated-', '"Last-Trans')
_KEYWORDS = {"_": None, "n_": (1, 2)}


def templates() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Messages of the templates, with where they stand."""
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.j2")):
        found = extract("jinja2.ext:babel_extract", BytesIO(path.read_bytes()), _KEYWORDS, options=_OPTIONS)
        for _, message, _, _ in found:
            yield message, path.name
        for button in re.findall(r'\bbutton="([^"]+)"', path.read_text(encoding="utf-8")):
            yield button, path.name


_OPTIONS = {"trimmed": "false", "silent": "false", "extensions": "jinja2.ext.do"}


def codes() -> Iterator[tuple[str, str]]:
    """The words for codes: every text in the tables of `words`."""
    for name in WORDS:
        tree = ast.parse((PACKAGE / "web" / name).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    if isinstance(value, ast.Constant) and _is_words(value.value, n_words=1):
                        yield str(value.value), name
            elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Tuple):
                for row in node.value.elts:
                    if isinstance(row, ast.Tuple) and isinstance(row.elts[1], ast.Constant):
                        yield str(row.elts[1].value), name


def sentences() -> Iterator[tuple[str, str]]:
    """What the rooms can tell: their texts of several words, with `{}` where something is put in."""
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            if path.stem in NOT_SHOWN or path.name in WORDS:
                continue
            yield from ((message, f"{room}/{path.name}") for message in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))  # a docstring
        elif isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
            if _is_words(text.replace("{}", ""), n_words=1) and not _NO_WORDS.fullmatch(text):
                yield text
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _KEPT_BY_NAME:
            skipped.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            skipped.update(id(inner) for inner in ast.walk(node.annotation))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in skipped and _is_words(node.value, n_words=2):
            yield str(node.value)


def _is_words(text: object, *, n_words: int) -> bool:
    if (
        not isinstance(text, str)
        or "\n" in text
        or "=" in text
        or " | " in text
        or text.startswith(("/", "<", "-"))
    ):
        return False
    if _NO_WORDS.fullmatch(text):
        return False
    words = [word for word in text.split() if word.strip(".,:;()'\"").isalpha()]
    return len(words) >= n_words


def messages() -> dict[str | tuple[str, ...], list[str]]:
    """Every message with where it stands."""
    found: dict[str | tuple[str, ...], list[str]] = {}
    for message, place in [
        *templates(),
        *codes(),
        *sentences(),
        *((one, "more") for one in MORE),
        *((one, "words.py") for one in LABELS),
    ]:
        places = found.setdefault(message, [])
        if place not in places:
            places.append(place)
    return found


def updated(code: str, wanted: dict[str | tuple[str, ...], list[str]]) -> tuple[Catalog, list[str]]:
    """The catalogue of a language with these messages, and those that have no translation."""
    path = LOCALE / f"{code}.po"
    known = read_po(BytesIO(path.read_bytes()), locale=code) if path.is_file() else Catalog(locale=code)
    made = Catalog(locale=code, project="Allweather", charset="utf-8", fuzzy=False)
    missing = []
    for message, places in sorted(wanted.items(), key=lambda one: (one[1][0], str(one[0]))):
        old = known.get(message if isinstance(message, str) else message[0])
        told = old.string if old is not None else ""
        made.add(message, told, locations=[(place, 0) for place in places])
        if not told or (isinstance(told, tuple) and not all(told)):
            missing.append(message if isinstance(message, str) else message[0])
    return made, missing


def main(arguments: Iterable[str]) -> int:
    """Write or check the catalogues."""
    arguments = list(arguments)
    named = [code for code in LANGUAGES if code in arguments] if "--only" in arguments else LANGUAGES
    wanted, wrong = messages(), 0
    for code in named:
        made, missing = updated(code, wanted)
        if "--check" not in arguments:
            out = BytesIO()
            write_po(out, made, width=0, include_lineno=False, omit_header=False, sort_output=False)
            lines = [line for line in out.getvalue().decode().splitlines() if not line.startswith(_HEADER)]
            (LOCALE / f"{code}.po").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{code}: {len(wanted)} messages, {len(missing)} without a translation")
        wrong += len(missing)
    return 1 if wrong and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
