"""The time zones of a council's members, where a member's name is that of a country.

A country with several zones is shown in that of its capital. What is no country's name has no zone here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel.core import get_global

from allweather.web.countries import code_of
from allweather.web.times import moment, zone_of
from allweather.web.words import name_of

_CAPITALS: Final[Mapping[str, str]] = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
_NIGHT_FROM, _NIGHT_TO = 22, 6


@dataclass(frozen=True, slots=True)
class LocalTime:
    """One moment as it is in one offset from UTC (minutes), and the members (short names) that live by it."""

    offset: int
    when: dt.datetime
    members: tuple[str, ...]

    @property
    def label(self) -> str:
        """The offset for people: `UTC+2`, `UTC-3:30`."""
        if not self.offset:
            return "UTC"
        hours, minutes = divmod(abs(self.offset), 60)
        sign = "+" if self.offset > 0 else "\N{MINUS SIGN}"
        return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")

    @property
    def is_night(self) -> bool:
        """Whether people there are asleep, or ought to be."""
        return self.when.hour >= _NIGHT_FROM or self.when.hour < _NIGHT_TO


@cache
def zone_of_member(member: str) -> str:
    """The zone of a member by its name; empty if it is not known."""
    code = code_of(name_of(member))
    zones = get_global("territory_zones").get(code, ())
    return _CAPITALS.get(code) or (zones[0] if len(zones) == 1 else "")


def local_times(members: Iterable[str], at: int) -> list[LocalTime]:
    """A moment (seconds since 1970) in every offset that members live by, from west to east."""
    by_offset: dict[int, list[str]] = {}
    for one in members:
        zone = zone_of_member(one)
        if zone:
            offset = moment(at, zone_of(zone)).utcoffset() or dt.timedelta()
            by_offset.setdefault(int(offset.total_seconds() // 60), []).append(one)
    return [
        LocalTime(offset, moment(at, dt.timezone(dt.timedelta(minutes=offset))), tuple(found))
        for offset, found in sorted(by_offset.items())
    ]
