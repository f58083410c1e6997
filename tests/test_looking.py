"""What tests of pages take for a fault, and what not."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.looking import is_fault


def test_a_request_that_was_broken_off_is_no_fault_and_one_that_failed_is(chromium: Browser) -> None:
    page = chromium.new_page()
    found: dict[str, bool] = {}
    page.on("console", lambda said: found.update({said.text.partition(",")[0]: is_fault(said)}))
    page.evaluate("""() => {
        const told = ["sendAbort", "afterRequest", "sendError", "responseError", "timeout", "swapError"];
        for (const name of told) {
            console.error("htmx:" + name + ", [object HTMLDivElement]");
        }
        console.warn("a warning");
        console.log("a line");
    }""")
    page.close()
    assert found == {
        "htmx:sendAbort": False,
        "htmx:afterRequest": False,
        "htmx:sendError": True,
        "htmx:responseError": True,
        "htmx:timeout": True,
        "htmx:swapError": True,
        "a warning": True,
        "a line": False,
    }
