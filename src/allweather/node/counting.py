"""Counts that a node keeps while it runs, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
from collections.abc import Mapping

_ABOUT: Mapping[str, tuple[str, str]] = {
    "allweather_entries_held": ("gauge", "Entries held, of all logs."),
    "allweather_logs_held": ("gauge", "Logs held."),
    "allweather_own_entries": ("gauge", "Entries of the own log."),
    "allweather_can_sign": ("gauge", "1 if this node may sign now."),
    "allweather_last_sync_seconds": ("gauge", "Last whole round with a peer, in seconds since 1970."),
    "allweather_rounds_total": ("counter", "Rounds with a peer by outcome."),
    "allweather_refused_files_total": ("counter", "Files of peers that did not hold."),
    "allweather_entries_taken_total": ("counter", "Entries taken in from peers."),
    "allweather_acts_signed_total": ("counter", "Acts signed here."),
    "allweather_acknowledged_total": ("counter", "Heads of other logs cosigned here."),
    "allweather_requests_total": ("counter", "Requests answered by door and status."),
}

Labels = tuple[tuple[str, str], ...]


class Counts:
    """Numbers by name and labels; may be used from several threads."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._values: dict[tuple[str, Labels], float] = {}

    def add(self, name: str, number: float = 1, **labels: str) -> None:
        """Let a number grow."""
        key = name, tuple(sorted(labels.items()))
        with self._busy:
            self._values[key] = self._values.get(key, 0) + number

    def put(self, name: str, number: float, **labels: str) -> None:
        """Set a number."""
        with self._busy:
            self._values[name, tuple(sorted(labels.items()))] = number

    def get(self, name: str, **labels: str) -> float:
        """A number; 0 if it was never set."""
        with self._busy:
            return self._values.get((name, tuple(sorted(labels.items()))), 0)

    def format(self) -> bytes:
        """Everything, with what each name means."""
        with self._busy:
            rows = sorted(self._values.items())
        lines: list[str] = []
        last = ""
        for (name, labels), number in rows:
            if name != last:
                kind, about = _ABOUT.get(name, ("untyped", name))
                lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
                last = name
            inside = ",".join(f'{key}="{_spell(value)}"' for key, value in labels)
            lines.append(f"{name}{{{inside}}} {number:.15g}" if inside else f"{name} {number:.15g}")
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _spell(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
