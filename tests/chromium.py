"""Debian's Chromium, and what it is started with in tests."""

from __future__ import annotations

import os
import shutil
from typing import Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
EVERY_PAGE: Final = os.environ.get("ALLWEATHER_PAGES") == "all"
"""Whether every page is looked at in every way (`make pages`), or the first of each sort (`make test`)."""

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
