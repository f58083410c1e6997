"""Somebody who has a keyboard and nothing else: every stop is come to by Tab, and has to show that it is.

An address may be opened as from a bookmark; on the page itself there are only keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

MOST = 400
SEEN = """one => {
    const look = getComputedStyle(one), box = one.getClientRects()[0];
    if (!box || !box.height) { return 'is not shown'; }
    if (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) { return 'shows no focus'; }
    if (box.bottom <= 0 || box.top >= innerHeight) { return 'is out of sight'; }
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    return top && (one.contains(top) || top.contains(one)) ? '' : 'is covered by ' + (top && top.outerHTML);
}"""
"""Why a stop that has the focus cannot be seen to have it; empty if it can."""

Fields = Mapping[str, str | tuple[str, ...]]


@dataclass
class Hands:
    """A window and a keyboard. `address` is the node's."""

    page: Page
    address: str

    def go(self, path: str) -> None:
        """Open an address."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def is_at(self, wanted: str | Locator) -> bool:
        """Whether what has the focus fits a selector."""
        wanted = self.page.locator(wanted) if isinstance(wanted, str) else wanted
        found: bool = wanted.evaluate_all("all => all.includes(document.activeElement)")
        return found

    def to(self, wanted: str | Locator) -> None:
        """Press Tab until what is wanted, as a selector, has the focus; that has to be seen."""
        wanted = self.page.locator(wanted) if isinstance(wanted, str) else wanted
        wanted.first.wait_for(state="attached")
        for _ in range(MOST):
            self.press("Tab")
            if self.is_at(wanted):
                why = self.page.locator(":focus").evaluate(SEEN)
                if why:  # its part may just have been drawn anew; then the same has the focus again
                    self.page.wait_for_timeout(500)
                    why = self.page.locator(":focus").evaluate(SEEN) if self.is_at(wanted) else why
                assert not why, f"{self.page.url}: {wanted} {why}"
                return
        pytest.fail(f"{self.page.url}: {MOST} times Tab did not lead to {wanted}")

    def begin(self) -> None:
        """Go to the acts of the page, if it has a link that leads there, or to its contents."""
        link = "main a[href='#do']"
        self.to(link if self.page.locator(link).count() else ".skip")
        self.press("Enter")

    def open(self, wanted: str | Locator) -> None:
        """Open what is folded under a heading, unless it is open."""
        wanted = self.page.locator(wanted) if isinstance(wanted, str) else wanted
        self.to(wanted)
        if not wanted.first.evaluate("one => one.parentElement.open"):
            self.press("Enter")
            assert wanted.first.evaluate("one => one.parentElement.open")
            assert self.is_at(wanted), "to open it has taken the focus away"

    # Forms

    def fill(self, form: str, fields: Fields) -> None:
        """Fill in a form, from the first field to the last."""
        for name, values in fields.items():
            for value in (values,) if isinstance(values, str) else values:
                self._fill(f"{form} [name='{name}']:not([type=hidden])", value)

    def _fill(self, wanted: str, value: str) -> None:
        control = self.page.locator(wanted).first
        sort = control.evaluate("one => one.type || one.tagName")
        if sort == "checkbox":
            wanted += f"[value='{value}']"
        folded = self.page.locator(wanted).first.locator("xpath=ancestor::details[not(@open)]/summary")
        if folded.count():
            self.to(folded)
            self.press("Enter")
        self.to(wanted)
        if sort == "checkbox":
            self.press("Space")
            assert self.is_at(":checked")
        elif sort == "radio":
            self._turn(wanted, value)
        elif sort == "select-one":
            self._choose(value)
        elif sort == "datetime-local":
            self._date(value)
        else:
            self.press("Control+a")
            self.page.keyboard.type(value)
            assert control.input_value() == value

    def _turn(self, wanted: str, value: str) -> None:
        """Choose one of several radio buttons by the arrow keys."""
        self.press("Space")
        for _ in range(self.page.locator(wanted).count()):
            if self.is_at(f"[value='{value}']:checked"):
                return
            self.press("ArrowDown")
        assert self.is_at(f"[value='{value}']:checked"), value

    def _choose(self, value: str) -> None:
        """Choose from a list by the arrow keys."""
        focus = self.page.locator(":focus")
        steps = focus.evaluate(
            "(one, value) => [...one.options].findIndex(o => o.value === value) - one.selectedIndex", value
        )
        self.press(*["ArrowDown" if steps > 0 else "ArrowUp"] * abs(steps))
        assert focus.input_value() == value, f"{value} cannot be chosen"

    def _date(self, value: str) -> None:
        """Type a time part by part: date, clock, and for a clock of twelve hours that it is morning."""
        day, _, clock = value.partition("T")
        year, month, date = day.split("-")
        self.page.keyboard.type(date + month + year)
        self.press("ArrowRight")
        self.page.keyboard.type(clock.replace(":", "") + "a")
        assert self.page.locator(":focus").input_value() == value

    def send(self, form: str, *, key: str = "Enter") -> None:
        """Press the button of a form."""
        self.to(f"{form} button")
        self.press(key)

    # Acts

    def act(self, path: str, kind: str, fields: Fields, fixed: Mapping[str, str]) -> None:
        """Open the form of an act, fill it in, look at what would be signed, and sign."""
        self.go(path)
        known = "".join(f":has([name='{name}'][value='{value}'])" for name, value in fixed.items())
        form = f"form[action='/act']:has([name=kind][value='{kind}']){known}"
        self.begin()
        if self.page.locator(f"details.act > {form}").count():
            self.open(f"details.act:has(> {form}) > summary")
        self.fill(form, fields)
        self.send(form)
        expect(self.page.locator("form[action='/sign'] button.main")).to_be_visible()
        self.begin()
        self.send("form[action='/sign']", key="Space")
        expect(self.page.locator("form[action='/sign']")).to_have_count(0)
