"""How fast the matrix of positions is, on the server and in a browser: `python -m benchmarks.pages`.

A council of 30 members and 60 texts is planted, one node of it runs in a process of its own, and its pages
are asked for over one connection: whole pages, filtered parts, and the matrix as of times that nobody has
asked for yet. Then a browser opens the page: each interaction is measured from the event to the frame that is
shown after it. With `--busy` a joint review is computed meanwhile.

Beside the time stands the processor's: that of the node's process, and that of the page's own thread in the
browser. On a machine that others use as well only the second tells how dear a page is.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from allweather.cli.staging import LiveNode, Stage
from allweather.node.rehearsal import Setting, compile_council
from allweather.web.people import People
from benchmarks.planting import AT, COUNCIL, planted

LIVE = f"{COUNCIL}/member-00"
SERVER_TARGET, BROWSER_TARGET = 150.0, 100.0
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_MEASURE = """async ([selector, value, kind]) => {
  const field = document.querySelector(selector);
  const shown = new Promise(resolve => document.body.addEventListener(
    "htmx:afterRequest", () => requestAnimationFrame(() => setTimeout(resolve, 0)), {once: true}));
  const began = performance.now();
  field.value = value;
  field.dispatchEvent(new Event(kind, {bubbles: true}));
  await shown;
  return performance.now() - began;
}"""
_KEY = """async (key) => {
  const began = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 0)));
  return performance.now() - began;
}"""


class Line:
    """One connection to a node's pages, as a browser keeps it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)

    def see(self, path: str, *, is_part: bool = False) -> tuple[float, bytes]:
        """Milliseconds until the whole page is there, and the page."""
        began = time.perf_counter()
        self._line.request("GET", path, headers={"HX-Request": "true"} if is_part else {})
        answer = self._line.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} was answered with {answer.status}")
        return 1_000 * (time.perf_counter() - began), data


def main() -> None:
    """Measure, and print p50, p95 and the longest of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Measure the matrix.")
    parser.add_argument("--members", type=int, default=30)
    parser.add_argument("--texts", type=int, default=60)
    parser.add_argument("--times", type=int, default=60, help="how often each is measured")
    parser.add_argument("--busy", action="store_true", help="while a joint review is computed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stage = stage_of(Path(folder), asked.members, asked.texts)
        start = int(time.time())
        with stage.running(f"{AT + 3_600 - start:+d}") as nodes:
            (node,) = nodes.values()
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {asked.members} x {asked.texts}")
            on_the_server(node, asked.times, is_busy=asked.busy)
            in_the_browser(node.address, asked.times)


def stage_of(folder: Path, n_members: int, n_texts: int) -> Stage:
    """A planted council with one live member, founded and loaded, that the public may read."""
    reading, blocs = planted(n_members, n_texts)
    stage = Stage(folder / "homes", [LIVE], options=("--public",))
    setting = Setting(COUNCIL, AT, lambda: os.urandom(32))
    compiled = compile_council(reading, blocs, setting, stage.make_homes())
    stage.load(compiled, setting)
    People(next(iter(stage.nodes.values())).home, time.time).add("Head", "head", seat=True)
    return stage


def on_the_server(node: LiveNode, times: int, *, is_busy: bool) -> None:
    """The time of an answer, with what travels over loopback."""
    line = Line(node.address)
    assert node.process is not None
    spent = of_process(node.process.pid)
    first, page = line.see("/positions")
    print(f"first page, nothing known yet: {first:.0f} ms, {len(page) / 1000:.0f} kB")
    if not is_busy:
        settle(line)
    ends = re.search(rb'name="at" min="(\d+)" max="(\d+)"', page)
    assert ends is not None
    low, high = (int(one) for one in ends.groups())

    def ask(what: str, paths: list[str], *, is_part: bool = True) -> None:
        before = spent()
        figures = [line.see(one, is_part=is_part)[0] for one in paths]
        show(what, figures, SERVER_TARGET, (spent() - before) / len(paths))

    ask("whole page", ["/positions"] * times, is_part=False)
    ask("part, filtered by words", [f"/positions?q=matter+{k:02}" for k in range(times)])
    ask("part, as of a new time", [f"/positions?at={low + (high - low) * k // times}" for k in range(times)])
    ask("review, whole page", ["/review"] * times, is_part=False)


def settle(line: Line) -> None:
    """Wait until the joint review is computed, so that it takes nothing from what is measured."""
    began = time.perf_counter()
    while b"<progress" in line.see("/review")[1]:
        time.sleep(0.5)
    print(f"the joint review was ready after {time.perf_counter() - began:.0f} s")


def in_the_browser(address: str, times: int) -> None:
    """The time from an event to the frame after it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no chromium here: nothing was measured in a browser")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/positions")
        page.wait_for_function("window.htmx !== undefined && document.querySelector('.matrix a[tabindex]')")
        low, high, step = (int(page.get_attribute("#at", name) or 0) for name in ("min", "max", "step"))
        stops = [low + step * (1 + k) for k in range(min(times, (high - low) // step - 1))]
        spent = of_page(page)

        def measure(what: str, script: str, given: list[Any]) -> None:
            before = spent()
            figures = [float(page.evaluate(script, one)) for one in given]
            show(what, figures, BROWSER_TARGET, (spent() - before) / len(given))

        measure("slider to a new time", _MEASURE, [["#at", one, "change"] for one in stops])
        blocs = [("North", "South", "")[k % 3] for k in range(times)]
        measure("choose a bloc", _MEASURE, [["[name=bloc]", one, "change"] for one in blocs])
        words = [("matter 1", "matter", "open", "")[k % 4] for k in range(times)]
        measure("type words", _MEASURE, [["[name=q]", one, "input"] for one in words])
        page.focus(".matrix td.c a[tabindex='0']")
        keys = [("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")[k % 4] for k in range(times)]
        measure("arrow key", _KEY, list(keys))
        browser.close()


def of_process(pid: int) -> Callable[[], float]:
    """What says how many milliseconds of processor a process has used so far."""

    def spent() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return 1_000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return spent


def of_page(page: Any) -> Callable[[], float]:
    """The same of the thread in which a page is drawn and its scripts run."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return 1_000 * float(found["ThreadTime"])

    return spent


def show(what: str, figures: list[float], target: float, processor: float) -> None:
    """Print what was measured, and whether its p95 keeps the target (all in milliseconds)."""
    cut: Callable[[int], float] = lambda k: quantiles(figures, n=20, method="inclusive")[k]  # noqa: E731
    p50, p95 = cut(9), cut(18)
    said = "met" if p95 <= target else "missed"
    print(
        f"{what:26} p50 {p50:6.1f}  p95 {p95:6.1f}  longest {max(figures):6.1f}  "
        f"processor {processor:5.1f} ms  "
        f"(p95 <= {target:g}: {said})"
    )


if __name__ == "__main__":
    main()
