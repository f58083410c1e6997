# ruff: noqa: RUF001 - apostrophes and dashes of all kinds are meant
"""Names of persons and their roles, as reports write them, by rule alone.

    read_name("NATO Secretary-General Anders Fogh Rassmussen")
    # Name(first="Anders Fogh", last="Rassmussen", role="NATO Secretary-General")
    read_name("NATO's new secretary-general")     # Name(first="", last="", role="NATO's new
    secretary-general") read_name("he")                               # Name(is_pronoun=True)

A name is a run of words with capitals behind the last word of a role ("president", "Sen."); a role is that
word and what stands before it. `find_names` looks through a whole text for full names and for roles.

What it does not do: know anybody. It reads forms; `speakers` asks which of them are one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from allweather.evidence.documents import Span

MAX_NAME: Final = 300


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words of office, in lower case; of two the second stands for both ("prime minister", "secretary general").
_OFFICES: Final = _words(
    """
    adm admiral ambassador analyst bishop boss capt captain ceo chair chairman chairperson chairwoman
    chancellor chief col colonel commander commissioner congressman congresswoman czar dame delegate deputy
    director dr emperor envoy gen general gov governor head judge justice king lady leader lieutenant lord
    lt major marshal mayor minister miss moderator mp mr mrs ms pope premier president prince princess prof
    professor queen rapporteur rep representative secretary secretary-general sen senator sergeant sgt sir
    speaker spokesman spokesperson spokeswoman
    """
)
_BARE: Final = frozenset(("dr", "mr", "mrs", "ms", "miss", "sir", "lord", "lady", "dame", "prof", "mp"))
_PARTICLES: Final = frozenset(
    ("de", "der", "den", "van", "von", "of", "di", "da", "del", "della", "la", "le", "bin", "al", "el", "y")
)
_PRONOUNS: Final = frozenset(("he", "she", "they", "i", "we", "it", "him", "her", "them", "who"))
_WORD: Final = re.compile(r"[^\W\d_](?:[\w.&]|['’-](?=\w))*")
_NOT_NAMES: Final = _words(
    """
    a after all an and apr april as at aug august before both but by dec december feb february for friday
    from he her here his how i if in it its jan january jul july jun june many mar march may monday most my
    no not nov november oct october on one or our quite saturday sep sept september she since some sunday
    that the their there these they this those three thursday to tuesday two until we wednesday what when
    where while who why with
    """
)
_INSTITUTIONS: Final = _words(
    """
    administration agency alliance army assembly association bank bureau campaign center centre city
    commission committee company conference congress corp council county court department embassy endowment
    federation force forces foundation fund government group headlines house inc institute journal kingdom
    leaders ministry mission nations navy news office organisation organization parliament party photo
    police poll post press report republic senate site states street summit survey times treaty union
    university web
    """
)
_FULL: Final = re.compile(
    r"(?:(?<=[\s(\"“‘'—–-])|(?<![\s\S]))"
    r"[A-Z][\w.’'-]{1,40}(?: (?:(?:de|der|den|van|von|di|da|del|bin|al|el) )?[A-Z][\w.’-]{0,40}){1,8}"
)


@dataclass(frozen=True, slots=True)
class Name:
    """How somebody is named in one place: given names, last name, role, each "" if not there."""

    first: str = ""
    last: str = ""
    role: str = ""
    is_pronoun: bool = False

    @property
    def full(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}".strip()


def read_name(text: str) -> Name:
    """Read how a source of a quotation is named. A text without name, role or pronoun gives an empty Name."""
    text = " ".join(text[:MAX_NAME].split())
    if text.lower().strip(".,") in _PRONOUNS:
        return Name(is_pronoun=True)
    text = re.split(r",\s|\s\(|;", text)[0]  # an apposition says more about the person, not another name
    words = [word.group().removesuffix("'s").removesuffix("’s") for word in _WORD.finditer(text)]
    offices = [k for k, word in enumerate(words) if _is_office(word)]
    last_office = offices[-1] if offices else -1
    tail = words[last_office + 1 :]
    role = _role(text, words, last_office)
    if not tail:
        return Name(role=role)
    if not all(word[0].isupper() or word in _PARTICLES for word in tail) or tail[0].lower() in _NOT_NAMES:
        return Name(role=role) if last_office >= 0 else Name()
    return Name(" ".join(tail[:-1]), tail[-1].rstrip("."), role)


def find_names(text: str, span: Span | None = None) -> Iterator[tuple[Span, Name]]:
    """The full names in a text (two words with capitals or more), with the roles right before them,
    in order.
    """
    start, end = (0, len(text)) if span is None else (span.start, span.end)
    for found in _FULL.finditer(text, start, end):
        words = found.group().removesuffix("'s").removesuffix("’s").rstrip(".'’-")
        name = read_name(words)
        if name.last and name.first and name.first.split()[0].lower() not in _NOT_NAMES:
            yield Span(found.start(), found.start() + len(words)), name


def is_body(text: str) -> bool:
    """Whether a source names a body or group by name: it has a word with a capital that is no role."""
    words = [word.group() for word in _WORD.finditer(text[:MAX_NAME])]
    return any(word[0].isupper() and word.lower() not in _NOT_NAMES for word in words)


def is_institution(name: str) -> bool:
    """Whether a name is one of a body or place by one of its words: "United States", "Carnegie Endowment"."""
    words = [word.group().rstrip(".") for word in _WORD.finditer(name[:MAX_NAME])]
    return any(word.lower() in _INSTITUTIONS or (word.isupper() and len(word) > 2) for word in words)


def is_misspelled(one: str, other: str) -> bool:
    """Whether two names of six letters or more are one letter apart: put in, left out, changed or doubled."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 6:
        return False
    k = 0
    while k < min(len(one), len(other)) and one[k] == other[k]:
        k += 1
    return one[k + (len(one) >= len(other)) :] == other[k + (len(other) >= len(one)) :]


def same_office(one: str, other: str) -> bool:
    """Whether two roles can be the same office: they share the body (or one names none) and the kind
    of office.
    """
    (body, office), (body2, office2) = _office(one), _office(other)
    at_top = frozenset(("head", "chief", "boss", "leader"))
    same = office == office2 or office in at_top or office2 in at_top
    return bool(office and office2) and same and (body == body2 or not body or not body2)


def is_past_or_future(role: str) -> bool:
    """Whether a role says itself that it is not held now: former, outgoing, next."""
    words = {word.group().lower() for word in _WORD.finditer(role)}
    return bool(words & {"former", "outgoing", "ex", "late", "next", "incoming", "designate", "then"})


def _is_office(word: str) -> bool:
    return word.lower().rstrip(".") in _OFFICES


def _role(text: str, words: list[str], last_office: int) -> str:
    """The words up to the last word of office, unless it is only a form of address."""
    if last_office < 0 or (last_office == 0 and words[0].lower().rstrip(".") in _BARE):
        return ""
    end = [word.end() for word in _WORD.finditer(text)][last_office]
    return re.sub(r"^(?:the|a|an)\s+", "", text[:end], flags=re.IGNORECASE)


def _office(role: str) -> tuple[frozenset[str], str]:
    """The body that a role is of, as words, and its office: "nato", "secretary general"."""
    words = [word.group().lower().removesuffix("'s").removesuffix("’s") for word in _WORD.finditer(role)]
    words = [part for word in words for part in word.split("-")]
    offices = [word for word in words if word in _OFFICES]
    rest = {word for word in words if word not in _OFFICES and word not in _NOT_NAMES}
    rest -= {
        "new",
        "former",
        "outgoing",
        "next",
        "incoming",
        "prime",
        "foreign",
        "deputy",
        "vice",
        "then",
        "ex",
        "late",
    }
    if offices[-2:] == ["general", "general"]:
        offices = offices[:-1]
    kind = [word for word in words if word in {"prime", "foreign", "vice", "deputy", "defense", "defence"}]
    return frozenset(rest), " ".join([*kind, *offices])
