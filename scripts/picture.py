"""Take the pictures of the documents again.

    python scripts/picture.py          # those of the pages, from the tour in a real browser
    python scripts/picture.py --page   # that of the first dossier's review page

The first plays the five-minute tour as `make test` does, and copies what it shows from build/tour. The second
leaves out what stands between the page's top and its matrix, so that both fit in one picture. Both need
Debian's chromium.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from allweather.cli import main

ROOT = Path(__file__).resolve().parents[1]
TOUR, PICTURES = ROOT / "build" / "tour", ROOT / "docs" / "pictures"
SHOWN = ("home", "review", "text", "decision", "draft")
#: No picture of the documents is larger, so that a page of them opens on a slow line.
MOST_BYTES = 200_000
PICTURE = ROOT / "docs" / "images" / "nrc-2009.png"
WIDTH, LAST_ROWS = 1280, 6
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: Drops what lies between, and says where the picture ends: below the first rows of the last verdict.
SHORTEN = """rows => {
    document.querySelector('section[aria-labelledby=convergence]').remove();
    document.querySelector('nav.toc').remove();
    document.querySelector('.cover').style.marginBottom = '-1.5rem';
    const last = document.querySelector('.matrix tbody:last-of-type').rows;
    return last[Math.min(rows, last.length - 1)].getBoundingClientRect().bottom + scrollY;
}"""


def take_tour() -> list[Path]:
    """Play the tour and copy its pictures into the documents. Raises CalledProcessError if it fails."""
    subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/e2e/test_tour.py"], cwd=ROOT, check=True)
    PICTURES.mkdir(exist_ok=True)
    found = []
    for name in SHOWN:
        source = TOUR / f"{name}-en.png"
        if source.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{source} has {source.stat().st_size:,} bytes; at most {MOST_BYTES:,} are kept")
        found.append(Path(shutil.copyfile(source, PICTURES / f"{name}.png")))
    return found


def take_page() -> list[Path]:
    """Review the first dossier and photograph its page."""
    with tempfile.TemporaryDirectory() as folder:
        source = str(ROOT / "examples" / "nrc-2009")
        done = CliRunner().invoke(main, ["review", source, "--as-of", "2009-09-18", "--out", folder])
        if done.exit_code:
            raise SystemExit(done.output)
        photograph(Path(folder) / "index.html", PICTURE)
    return [PICTURE]


def photograph(page_file: Path, picture: Path) -> None:
    """Photograph the page, in light, at the width of a README."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(page_file.as_uri())
        height = int(page.evaluate(SHORTEN, LAST_ROWS)) + 14
        picture.parent.mkdir(exist_ok=True)
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Take the pictures of the documents again.")
    asked.add_argument("--page", action="store_true", help="the review page of the first dossier")
    for one in take_page() if asked.parse_args().page else take_tour():
        print(f"{one.relative_to(ROOT)}: {one.stat().st_size:,} bytes")
