"""How fast the matrix of positions and the workbench of packages are, on the server and in a browser.

A council of 30 members and 60 texts is planted, one node of it runs in a process of its own, and its pages
are asked for over one connection: whole pages, filtered parts, and the matrix as of times that nobody has
asked for yet. Then a browser opens the page: each interaction is measured from the event to the frame that is
shown after it. The joint review is computed before.

Beside the time stands the processor's: that of the node's process, and that of the page's own thread in the
browser. On a machine that others use as well only the second tells how dear a page is.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode, urlsplit

from allweather.cli.staging import LiveNode, Stage
from allweather.council.bodies import Position
from allweather.council.forms import Shade
from allweather.council.texts import texts as texts_of
from allweather.node.actions import Actions, Doing
from allweather.node.home import Passphrase, at_desk
from allweather.node.rehearsal import Setting, compile_council
from allweather.web.people import People
from benchmarks.figures import Column, Section, Table, Target
from benchmarks.planting import AT, COUNCIL, planted

LIVE = f"{COUNCIL}/member-00"
Row = tuple[str, float, float, float, float]
SERVER_TARGET, BROWSER_TARGET = 150.0, 100.0
_EVERY = 30
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_MEASURE = """async ([selector, value, kind, told]) => {
  const field = document.querySelector(selector);
  const shown = new Promise(resolve => document.addEventListener(
    told, () => requestAnimationFrame(() => setTimeout(resolve, 0)), {once: true}));
  const began = performance.now();
  if (field.type === "checkbox") { field.checked = value; } else { field.value = value; }
  field.dispatchEvent(new Event(kind, {bubbles: true}));
  await shown;
  return performance.now() - began;
}"""
_MATRIX, _PART = "matrix:shown", "htmx:afterSettle"
"""What tells that the matrix, or any other part of a page, is drawn anew."""
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


def run(*, members: int = 30, texts: int = 60, times: int = 60) -> Section:
    """Measure each `times` times."""
    with tempfile.TemporaryDirectory() as folder:
        stage = stage_of(Path(folder), members, texts)
        change_minds(stage)
        with stage.running(f"{AT + 3_600 - int(time.time()):+d}") as nodes:
            (node,) = nodes.values()
            server, first = on_the_server(node, times)
            browser = in_the_browser(node.address, times)
    shown = "" if browser else " No chromium was here: nothing was measured in a browser."
    text = (
        f"A planted council of {members} members and {texts} texts; one node in its own process, one "
        f"connection, each asked for {times} times. One member takes a position every {_EVERY} s of an hour; "
        "all else is there from the beginning. The slider's stops come in a random order, so that from one "
        "to the next about half of the rows differ; all or nothing goes between the time before the first "
        f"text and others. The first page after the start took {first:.0f} ms. Then "
        f"a headless chromium opens the pages: from the event to the frame that is shown after it.{shown} "
        "The processor's time is that of the node's process, in the browser that of the page's own thread."
    )
    limits = {"positions, whole page": SERVER_TARGET} | {row[0]: BROWSER_TARGET for row in browser}
    targets = tuple(
        Target(f"ms, {row[0]}, p95", row[2], high=limits[row[0]], decimals=1)
        for row in (*server, *browser)
        if row[0] in limits
    )
    columns = (
        Column("what", 0),
        Column("median, ms", 1),
        Column("p95", 1),
        Column("longest", 1),
        Column("processor, ms", 1),
    )
    tables = [Table("On the server", columns, tuple(server))]
    tables += [Table("In the browser", columns, tuple(browser))] if browser else []
    return Section(
        "matrix", "How fast are the matrix of positions and the workbench?", text, tuple(tables), targets
    )


def stage_of(folder: Path, n_members: int, n_texts: int) -> Stage:
    """A planted council with one live member, founded and loaded, that the public may read."""
    reading, blocs = planted(n_members, n_texts)
    stage = Stage(folder / "homes", [LIVE], options=("--public",))
    setting = Setting(COUNCIL, AT, lambda: os.urandom(32))
    compiled = compile_council(reading, blocs, setting, stage.make_homes())
    stage.load(compiled, setting)
    People(next(iter(stage.nodes.values())).home, time.time).add("Head", "head", seat=True)
    return stage


def change_minds(stage: Stage) -> None:
    """Let the live member take positions all through the hour, so that the matrix differs at every stop."""
    node, dice = next(iter(stage.nodes.values())), random.Random(1)  # noqa: S311 - a plan, not a secret
    said: tuple[Shade, ...] = ("support", "consent", "abstain", "oppose")
    with at_desk(node.home, Passphrase(stage.passphrase)) as desk:
        actions = Actions(desk, lambda: AT)
        refs = [one.root.ref for one in texts_of(actions.view())]
        for at in range(AT + _EVERY, AT + 3_600, _EVERY):
            actions.clock = partial(int, at)
            weight = dice.randrange(0, 101, 5)
            actions.sign(Doing(Position(on=dice.choice(refs), response=dice.choice(said), intensity=weight)))


def on_the_server(node: LiveNode, times: int) -> tuple[list[Row], float]:
    """The time of an answer, with what travels over loopback; and of the very first, in milliseconds."""
    line, found = Line(node.address), []
    assert node.process is not None
    spent = of_process(node.process.pid)
    first, page = line.see("/positions")
    settle(line)
    ends = re.search(rb'name="at" min="(\d+)" max="(\d+)"', page)
    assert ends is not None
    low, high = (int(one) for one in ends.groups())

    def ask(what: str, paths: list[str], *, is_part: bool = True) -> None:
        before = spent()
        figures = [line.see(one, is_part=is_part)[0] for one in paths]
        found.append(row_of(what, figures, (spent() - before) / len(paths)))

    ask("positions, whole page", ["/positions"] * times, is_part=False)
    ask("part, filtered by words", [f"/positions?q=matter+{k:02}" for k in range(times)])
    ask("part, as of a new time", [f"/positions?at={low + (high - low) * k // times}" for k in range(times)])
    ask("review, whole page", ["/review"] * times, is_part=False)
    boxes = re.findall(rb'<input type="checkbox" name="(on\.[^"]+)"', line.see("/packages")[1])
    dice = random.Random(1)  # noqa: S311 - a plan, not a secret
    chosen = [dice.sample(boxes, 3) for _ in range(times)]
    ask(
        "workbench, three texts",
        [f"/packages?{urlencode({name.decode(): 1 for name in some})}" for some in chosen],
    )
    return found, first


def settle(line: Line) -> None:
    """Wait until the joint review is computed, so that it takes nothing from what is measured."""
    while b"<progress" in line.see("/review")[1]:
        time.sleep(0.5)


def in_the_browser(address: str, times: int) -> list[Row]:
    """The time from an event to the frame after it; nothing where there is no browser."""
    chromium, found = shutil.which("chromium"), list[Row]()
    if chromium is None:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/positions")
        page.wait_for_function("window.htmx !== undefined && document.querySelector('.matrix a[tabindex]')")
        low, high, step = (int(page.get_attribute("#at", name) or 0) for name in ("min", "max", "step"))
        stops = list(range(low + 2 * step, high, step))
        random.Random(1).shuffle(stops)  # noqa: S311 - a plan, not a secret
        spent = of_page(page)

        def measure(what: str, script: str, given: list[Any]) -> None:
            before = spent()
            figures = [float(page.evaluate(script, one)) for one in given]
            found.append(row_of(what, figures, (spent() - before) / len(given)))

        measure("slider to a new time", _MEASURE, [["#at", one, "change", _MATRIX] for one in stops[:times]])
        ends = [(low, stops[k])[k % 2] for k in range(times)]
        measure("slider, all or nothing", _MEASURE, [["#at", one, "change", _MATRIX] for one in ends])
        page.evaluate(_MEASURE, ["#at", high, "change", _MATRIX])
        blocs = [("North", "South", "")[k % 3] for k in range(times)]
        measure("choose a bloc", _MEASURE, [["[name=bloc]", one, "change", _MATRIX] for one in blocs])
        words = [("matter 1", "matter", "open", "")[k % 4] for k in range(times)]
        measure("type words", _MEASURE, [["[name=q]", one, "input", _MATRIX] for one in words])
        page.focus(".matrix td.c a[tabindex='0']")
        keys = [("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")[k % 4] for k in range(times)]
        measure("arrow key", _KEY, list(keys))
        page.goto(f"{address}/packages")
        page.wait_for_function("window.htmx !== undefined && document.querySelector('.bench')")
        boxes = page.locator(".bench input[type=checkbox]").evaluate_all("all => all.map(one => one.name)")
        n = min(5, len(boxes))  # up to five texts together, on and off again
        turns = [(boxes[k % n], k // n % 2 == 0) for k in range(times)]
        measure(
            "a text to a package, or from it",
            _MEASURE,
            [[f'[name="{name}"]', on, "change", _PART] for name, on in turns],
        )
        browser.close()
    return found


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


def row_of(what: str, figures: list[float], processor: float) -> Row:
    """A row of a table: median, p95, longest, and the processor's share, all in milliseconds."""
    cuts = quantiles(figures, n=20, method="inclusive")
    return what, cuts[9], cuts[18], max(figures), processor
