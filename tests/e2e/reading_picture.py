"""Take the picture of the reader's page again: the reports of examples/reports, side by side.

    python -m tests.e2e.reading_picture

It reads the example by the command line, opens the page in Debian's chromium and keeps the sources and the
first of what they disagree on as docs/pictures/reading.png.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from allweather.cli import main
from tests.chromium import CHROMIUM, FLAGS

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "examples" / "reports"
PICTURE = ROOT / "docs" / "pictures" / "reading.png"
WIDTH, SCALE = 1040, 0.8
#: Leaves out the statements one by one, and says where the picture ends: below the first comparison.
SHORTEN = """() => {
    document.querySelector('section[aria-labelledby=said]').remove();
    document.querySelector('nav.toc').remove();
    return document.querySelector('.pair').getBoundingClientRect().bottom + scrollY + 8;
}"""


def take(picture: Path = PICTURE) -> Path:
    """Read the example and photograph its page. Raises SystemExit if it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        page_file = Path(folder) / "page.html"
        files = [str(REPORTS / name) for name in ("record.txt", "gull.txt", "courier.txt")]
        concerns = ["--concerns", str(REPORTS / "concerns.txt")]
        done = CliRunner().invoke(main, ["read", *files, *concerns, "--html", str(page_file)])
        if done.exit_code:
            raise SystemExit(done.output)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 900}, color_scheme="light", device_scale_factor=SCALE
            )
            page.goto(page_file.as_uri())
            end: float = page.evaluate(SHORTEN)
            page.screenshot(
                path=picture, clip={"x": 0, "y": 0, "width": WIDTH, "height": end}, full_page=True
            )
            browser.close()
    return picture


if __name__ == "__main__":
    found = take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
    print(f"{found}: {found.stat().st_size:,} bytes")
