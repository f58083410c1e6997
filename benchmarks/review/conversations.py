"""The real consultations the benchmark runs on, found in the folder of shared data.

The folder is named by ALLWEATHER_DATA, or is shared/data beside the repository. Where it is absent
the sections that need it say so; nothing is downloaded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from allweather.formats import read
from allweather.positions import Positions

ROOT = Path(__file__).resolve().parent.parent.parent

#: The four over which means are taken, and two small ones that are shown beside them.
MAIN = ("vtaiwan", "austria", "biodiversity", "brexit")
SMALL = ("seattle", "football")

_FOLDERS = {
    "vtaiwan": "vtaiwan.uberx",
    "austria": "austria-climate.5twd2jsnkf.2022-08-08",
    "biodiversity": "scoop-hivemind.biodiversity",
    "brexit": "brexit-consensus",
    "seattle": "15-per-hour-seattle",
    "football": "football-concussions",
}


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """Current positions, and the name that enters the digest of the split."""

    name: str
    folder: str
    positions: Positions


def data_folder() -> Path | None:
    """The folder of shared data, None where there is none."""
    named = os.environ.get("ALLWEATHER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if (folder / "polis").is_dir() else None


@lru_cache(maxsize=2)
def load(name: str) -> Conversation:
    """Read one consultation. Raises FileNotFoundError where the shared data are absent."""
    folder = data_folder()
    if folder is None:
        raise FileNotFoundError("the shared data are absent: set ALLWEATHER_DATA to their folder")
    reading = read(folder / "polis" / _FOLDERS[name])
    return Conversation(name, reading.conversation, reading.positions.current())
