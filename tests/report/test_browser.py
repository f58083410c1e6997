"""The page in a real browser: light and dark, wide and narrow, and nothing runs over the edge."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from allweather.report import Context, render_page
from tests.report.builders import consultation, council_positions, council_review

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium here: the page was not looked at in a browser"
)
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
PAPER = {"light": (0xFB, 0xFA, 0xF6), "dark": (0x16, 0x18, 0x1C)}


def browse(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True,
        check=True,
        timeout=90,
    )
    return done.stdout.decode("utf-8", "replace")


def first_pixel(png: bytes) -> tuple[int, ...]:
    """The pixel in the upper left corner: no filter changes the first one of the first row."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    packed, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + size]
        at += 12 + size
    return tuple(zlib.decompressobj().decompress(packed, 64)[1:4])


def written(folder: Path, html: str) -> str:
    path = folder / "index.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_are_drawn(tmp_path: Path, scheme: str) -> None:
    address = written(tmp_path, render_page(council_review(), council_positions(), Context()))
    picture = tmp_path / "page.png"
    preferred = 0 if scheme == "dark" else 1
    browse(
        tmp_path,
        "--window-size=1280,3000",
        f"--blink-settings=preferredColorScheme={preferred}",
        f"--screenshot={picture}",
        address,
    )
    png = picture.read_bytes()
    assert first_pixel(png) == PAPER[scheme]
    assert len(png) > 50_000  # an empty page of this size is a few kilobytes


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("make", ["council", "consultation"])
def test_nothing_runs_over_the_edge(tmp_path: Path, make: str, width: int) -> None:
    if make == "council":
        html = render_page(council_review(n_dimensions=2), council_positions(), Context())
    else:
        positions, review = consultation(200, 30)
        html = render_page(review, positions, Context())
    # A frame of the width asked for: a window cannot be as narrow as a phone everywhere.
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html).replace(
        "<details", "<details open"
    )
    ask = (
        "<script>const wide = document.documentElement.scrollWidth;"
        "parent.postMessage(wide, '*');</script></body>"
    )
    (tmp_path / "inner.html").write_text(html.replace("</body>", ask), encoding="utf-8")
    outer = (
        f"<iframe src=inner.html style='width:{width}px;height:900px;border:0'></iframe>"
        "<script>onmessage = e => { document.title = 'wide ' + e.data }</script>"
    )
    said = browse(
        tmp_path,
        "--window-size=1400,1000",
        "--virtual-time-budget=5000",
        "--dump-dom",
        written(tmp_path, outer),
    )
    found = re.search(r"<title>wide (\d+)</title>", said)
    assert found, "the page did not answer"
    assert int(found[1]) <= width
