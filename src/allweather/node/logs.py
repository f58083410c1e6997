"""What a node writes about itself: one JSON object a line on the error stream, for people and machines.

Lines name events, members, paths and numbers. They hold no key, no passphrase, no token, no text of an act.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

LOG = logging.getLogger("allweather.node")
_LONGEST = 500


class JsonLines(logging.Formatter):
    """A line of JSON: when, how grave, what happened, and what it was about."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _clip(record.getMessage()),
        }
        if not record.name.startswith(LOG.name):
            line["from"] = record.name
        for name, value in getattr(record, "fields", {}).items():
            line[name] = value if isinstance(value, int | float | bool) else _clip(str(value))
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["fault"] = type(error).__name__
            frames = traceback.extract_tb(error.__traceback__)[-8:]
            line["where"] = [f"{frame.name}:{frame.lineno}" for frame in frames]
        return json.dumps(line, ensure_ascii=True)


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def begin_logging(stream: TextIO | None = None, *, level: int = logging.INFO) -> logging.Handler:
    """Send the lines of this house, and the web server's warnings, to a stream; the handler for its end."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines())
    LOG.setLevel(level)
    LOG.addHandler(handler)
    LOG.propagate = False
    server = logging.getLogger("uvicorn.error")
    server.setLevel(max(level, logging.WARNING))
    server.addHandler(handler)
    server.propagate = False
    return handler


def end_logging(handler: logging.Handler) -> None:
    """Take a handler off again."""
    for name in (LOG.name, "uvicorn.error"):
        logging.getLogger(name).removeHandler(handler)


def tell(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log an event with what it was about."""
    LOG.log(level, event, extra={"fields": fields})


def tell_fault(event: str, error: BaseException, **fields: object) -> None:
    """Log a fault of this program: its kind and where it happened, never the values."""
    LOG.error(event, exc_info=error, extra={"fields": fields})
