"""Take the picture in the README again: the first dossier's page, its top and the upper part of its matrix.

    python scripts/picture.py

What stands between the two is left out, so that both fit in one picture. Needs Debian's chromium.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from allweather.cli import main

ROOT = Path(__file__).resolve().parents[1]
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


def take(page_file: Path, picture: Path) -> None:
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
    with tempfile.TemporaryDirectory() as folder:
        source = str(ROOT / "examples" / "nrc-2009")
        done = CliRunner().invoke(main, ["review", source, "--as-of", "2009-09-18", "--out", folder])
        if done.exit_code:
            raise SystemExit(done.output)
        take(Path(folder) / "index.html", PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")
