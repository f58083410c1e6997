"""Every act that the pages offer, done in a real browser by keyboard alone, from its form to its signature.

Which acts the pages offer is read from their code. Whoever adds one adds the step that does it here.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from allweather.cooperation import bodies as promises
from allweather.cooperation.bodies import Milestone, Offer, Track
from allweather.council import bodies
from allweather.council.bodies import Concern, Draft, Join, SeatOf, Silence, Statement, Text
from allweather.node.folding import KINDS
from allweather.record.keys import format_base64
from allweather.web import pages
from tests.e2e.eventful import REPORT, Homes, answer_all, homes_of, meet, quick_homes, table_all
from tests.e2e.hands import Hands
from tests.e2e.steps import STEPS, Step
from tests.node import nodes, sitting
from tests.node.nodes import Member, Members, origin, until
from tests.web.browsing import Browser as Reader
from tests.web.conftest import start

WEB = Path(pages.__file__).parents[1]
SIGNED_ELSEWHERE = {
    "council.charter", "council.join", "council.leave", "council.suspend", "council.resume",
    "council.overrule", "council.receipt", "council.reveal", "council.seal",
}  # fmt: skip
"""What no page has a form for: done by the command line or the node itself; `/seal` is tried apart."""


# The council


@dataclass
class Table:
    """The members, and what each act that is spoken of is called."""

    members: Members
    refs: dict[str, str]

    def name(self, what: str) -> str:
        """The short name of an act."""
        shared = self.members["ann"].running.shared
        with shared.lock:
            return shared.actions.view().fold.acts[self.refs[what]].name

    def newest(self, who: str, kind: str, known: set[str]) -> str:
        """The reference of the one act of a kind that is new at a member's node."""
        found = [one for one in acts(self.members[who], kind) if one not in known]
        assert len(found) == 1, f"{kind}: {len(found)} are new"
        return found[0]


def acts(member: Member, kind: str) -> set[str]:
    """The references of all acts of a kind that a member's node holds."""
    shared = member.running.shared
    with shared.lock:
        return {ref for ref, one in shared.actions.view().fold.acts.items() if one.kind == kind}


def found_with_chair(made: Homes, folder: Path) -> Homes:
    """Homes of three members and a chair that have founded their council and joined it."""
    with sitting.sitting(made, folder) as table:
        chair = SeatOf(origin("dee"), format_base64(made[1]["dee"]))
        ref = table["ann"].sign(table.charter("ann", "ben", "cem", chairs=(chair,))).ref
        table.exchange()
        for name in ("ben", "cem", "dee"):
            table[name].sign(Join(charter=ref))
        table.exchange()
    return folder, made[1]


@pytest.fixture(scope="module")
def table(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Ann and the chair, Dee, with pages; Ben, who has put much before Ann, and does his part in between."""
    names = (*nodes.NAMES, "dee")
    with quick_homes(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "NAMES", names)
        patch.setattr(sitting, "NAMES", names)
        with homes_of(tmp_path_factory, found_with_chair) as members:
            yield Table(members, _put_on_table(members))


def _put_on_table(members: Members) -> dict[str, str]:
    ann, ben, dee = (members[name] for name in ("ann", "ben", "dee"))
    for one in (ann, ben, dee):
        start(one)
    refs = table_all(ann)
    refs["spare"] = ann.sign(Concern(title="Ice again", area="Practical cooperation"))
    soon = int(time.time()) + 7_200
    refs["third"] = ann.sign(Silence(concern=refs["concern"], text=refs["gauge3"], expires_at=soon))
    clauses = ("Data are kindly sent.", "They are read.")
    refs["clean"] = ann.sign(Draft(concern=refs["concern"], title="Clean", clauses=clauses))
    refs |= _before_ann(ben, soon)  # they do not know each other's yet: so two decisions can conflict
    ann.add(ben)
    ben.add(ann)
    dee.add(ann)
    meet(ann, ben)
    refs |= answer_all(ben, refs)
    meet(ann, ben)
    for owner, what in ((ann, "own words"), (ben, "other words")):
        shared = owner.running.shared
        with shared.lock:
            held = shared.actions.view().fold.acts.items()
            refs[what] = next(
                ref for ref, one in held if one.kind == "council.amend" and one.origin == owner.origin
            )
    meet(ann, dee)
    return refs


def _before_ann(ben: Member, soon: int) -> dict[str, str]:
    """What Ben puts before Ann."""
    ann = (origin("ann"),)
    nets = ben.sign(Concern(title="Nets adrift", area="Practical cooperation", words="They drift."))
    said = ben.sign(Statement(concern=nets, title="On nets", words="We say so.", names=ann))
    texts = [
        ben.sign(Text(concern=nets, title=one, words=f"{one} are counted.")) for one in ("Nets", "Ropes")
    ]
    first, second = (ben.sign(Silence(concern=nets, text=one, expires_at=soon)) for one in texts)
    track = ben.sign(Track(title="Nets", concern=nets))
    taken = ben.sign(Offer(track=track, what="Take nets in", by=soon, to=ann))
    mended = ben.sign(Offer(track=track, what="Mend nets", by=soon, to=ann))
    return {
        "nets": nets, "on nets": said, "first": first, "second": second, "nets taken in": taken,
        "nets mended": mended,
    }  # fmt: skip


@pytest.fixture(scope="module")
def hands(browser: Browser, table: Table) -> Iterator[Hands]:
    """Ann's head of delegation, who has come in by keyboard alone."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB"
    ) as context:
        context.set_default_timeout(120_000)
        yield _come_in(Hands(context.new_page(), address_of(table.members["ann"])))


def address_of(member: Member) -> str:
    """A node's address by name: a passkey is good for a name and not for a number."""
    return member.running.address.replace("127.0.0.1", "localhost")


def _come_in(hands: Hands) -> Hands:
    hands.go("/sign-in")
    hands.send("form[action^='/seat/']")
    expect(hands.page.locator("footer form[action='/sign-out']")).to_be_visible()
    return hands


# What the code offers


def offered() -> set[str]:
    """The kinds of acts that templates and pages have forms for."""
    found = set[str]()
    for path in (WEB / "templates").glob("*.j2"):
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'(?<!== )"([a-z]+\.[a-z]+)"', text)
        found.update(one for one in named if one in KINDS)
    for path in (WEB / "pages").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("form_of", "Form") and node.args:
                found.add(_kind_of(node.args[0]))
    return found


def _kind_of(node: ast.expr) -> str:
    """The kind that is written as "council.group" or as Group.KIND."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.Attribute), ast.dump(node)
    assert isinstance(node.value, ast.Name), ast.dump(node)
    form = getattr(bodies, node.value.id, None) or getattr(promises, node.value.id)
    return str(form.KIND)


def test_every_act_that_a_page_offers_is_done_here() -> None:
    done = {one.kind for steps in STEPS.values() for one in steps} | {"evidence.document"}
    assert done == offered()
    assert set(KINDS) - done == SIGNED_ELSEWHERE


# Doing it


def test_a_review_is_tabled_and_computed_again_by_keyboard_alone(hands: Hands, table: Table) -> None:
    with Reader(table.members["ann"].running.address) as reader:
        reader.sit()
        until(lambda: "<progress" not in reader.see("/review").html, 300.0)
    for step in STEPS["review"]:
        do(step, hands, table, "ann")
    hands.go("/review")
    hands.begin()
    hands.to("a[href^='/review/tabled/']")
    hands.press("Enter")
    expect(hands.page.locator("form[action='/review/recompute']")).to_be_visible()
    hands.begin()
    hands.send("form[action='/review/recompute']")
    expect(hands.page.locator(".holds, .working")).to_be_visible()
    hands.go("/packages")
    hands.begin()
    hands.to("form.bench input[type=checkbox]")
    hands.press("Space")
    expect(hands.page.locator("#gains")).to_be_visible()
    assert hands.is_at("form.bench input[type=checkbox]:checked"), "the answer has taken the focus away"
    hands.send("form.bench")
    expect(hands.page.locator("#gains")).to_be_visible()


@pytest.mark.parametrize("room", ["agenda", "texts", "decisions", "drafts", "cooperation"])
def test_every_act_is_done_by_keyboard_alone(room: str, hands: Hands, table: Table) -> None:
    for step in STEPS[room]:
        done = do(step, hands, table, "ann")
        after = AFTER.get(step.kind)
        if after is not None:
            after(table, done)


def do(step: Step, hands: Hands, table: Table, who: str) -> str:
    """Do one act, and see that it counts on the record; its reference."""
    member, known = table.members[who], acts(table.members[who], step.kind)

    def named(value: str) -> str:
        return table.refs[value[1:-1]] if value.startswith("{") else value

    path = re.sub(r"{(.+?)}", lambda found: table.name(found[1]), step.at)
    fields = {
        name: named(value) if isinstance(value, str) else tuple(map(named, value))
        for name, value in step.fields.items()
    }
    hands.act(path, step.kind, fields, {name: named(value) for name, value in step.fixed.items()})
    found = table.newest(who, step.kind, known)
    shared = member.running.shared
    with shared.lock:
        name = shared.actions.view().fold.acts[found].name
    with Reader(member.running.address) as reader:
        seen = reader.see(f"/act/{name}")
    assert "It counts." in seen.text, f"{step.kind}: {seen.text}"
    return found


def _after_accept(table: Table, done: str) -> None:
    """Ben reports a step of what Ann has accepted."""
    ann, ben = table.members["ann"], table.members["ben"]
    meet(ann, ben)
    table.refs["step"] = ben.sign(Milestone(offer=table.refs["nets taken in"], words="Half of them are in."))
    meet(ann, ben)


def _after_position(table: Table, done: str) -> None:
    table.refs["new position"] = done


AFTER: Mapping[str, Callable[[Table, str], None]] = {
    "cooperation.accept": _after_accept,
    "council.position": _after_position,
}


def test_a_document_is_filed_and_read_by_keyboard_alone(hands: Hands, table: Table) -> None:
    page, known = hands.page, acts(table.members["ann"], "evidence.document")
    hands.go("/evidence")
    hands.begin()
    hands.open("details.act > summary")
    hands.fill("form[action='/evidence/upload']", {"text": REPORT})
    hands.send("form[action='/evidence/upload']")
    form = "form[action='/act']:has([value='evidence.document'])"
    expect(page.locator(form)).to_be_visible()
    hands.begin()
    hands.fill(form, {"title": "The talks open", "event": "The talks"})
    hands.send(form)
    expect(page.locator("form[action='/sign']")).to_be_visible()
    hands.begin()
    hands.send("form[action='/sign']")
    expect(page.locator("main a[href^='/evidence/']")).not_to_have_count(0)
    table.refs["filed"] = table.newest("ann", "evidence.document", known)
    with Reader(table.members["ann"].running.address) as reader:
        reader.sit()
        path = f"/evidence/{table.name('filed')}"
        until(lambda: "is being read" not in reader.see(path).text, 300.0)
    for step in STEPS["evidence"]:
        do(step, hands, table, "ann")


def test_the_chair_acts_by_keyboard_alone(browser: Browser, table: Table) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
        context.set_default_timeout(120_000)
        hands = _come_in(Hands(context.new_page(), address_of(table.members["dee"])))
        for step in STEPS["chair"]:
            do(step, hands, table, "dee")


def test_positions_are_sealed_by_keyboard_alone(hands: Hands, table: Table) -> None:
    known = acts(table.members["ann"], "council.seal")
    hands.go(f"/round/{table.name('round')}")
    text = table.refs["gauge2"]
    fields = {f"take {text}": "consent", f"weight {text}": "40", f"expect {text} ben": "oppose"}
    hands.fill("form[action='/seal']", fields)
    hands.send("form[action='/seal']")
    expect(hands.page.locator("form[action='/seal']")).to_have_count(0)
    assert table.newest("ann", "council.seal", known)


# What is no act: the door, the delegation, filters

PASSPHRASE = "by keyboard alone"
DOOR = (
    "/act", "/sign", "/seal", "/sign-in", "/enter/", "/seat/", "/sign-out", "/preferences", "/rehearsal",
    "/review/recompute", "/delegation/add", "/delegation/invite", "/delegation/remove",
    "/delegation/passphrase", "/delegation/settings", "/evidence/upload", "/delegation/passkey/remove",
)  # fmt: skip
"""Where forms are sent to. Passkeys are added and used by a script that sends their forms itself."""

ASKED = ("/explore/search", "/packages", "/positions", "/seen")
"""Where forms go that ask for a page; those that compare two versions ask for the page that they are on."""


def test_every_form_is_sent_here() -> None:
    sent, asked = set[str](), set[str]()
    for path in (WEB / "templates").glob("*.j2"):
        for form in re.findall(r"<form\b[^>]*>", path.read_text(encoding="utf-8")):
            action = re.search(r'action="([^"{]+)', form)
            if action is not None:
                (sent if 'method="post"' in form else asked).add(action[1])
    assert sent == set(DOOR)
    assert asked == set(ASKED)
    by_script = {"/passkeys/begin", "/passkeys/finish", "/passkeys/sign-in/begin", "/passkeys/sign-in/finish"}
    assert {path for path, _ in pages.FORMS} - by_script <= set(DOOR)


def test_the_delegation_is_managed_by_keyboard_alone(hands: Hands, table: Table) -> None:
    page, add = hands.page, "form[action='/delegation/add']"
    for name, role in (("Olga", "observer"), ("Dele", "delegate")):
        hands.go("/delegation")
        hands.begin()
        hands.fill(add, {"name": name, "role": role})
        hands.send(add)
        expect(page.locator("pre.link")).to_be_visible()
    link = page.locator("pre.link").inner_text()
    for step in STEPS["delegation"]:
        do(step, hands, table, "ann")
    hands.go("/delegation")
    hands.begin()
    hands.send("li.r-observer form[action='/delegation/invite']")
    expect(page.locator("pre.link")).to_be_visible()
    hands.go("/delegation")
    hands.begin()
    hands.open("li.r-observer details.sure > summary")
    hands.send("li.r-observer form[action='/delegation/remove']")
    expect(page.locator("li.r-observer")).to_have_count(0)
    hands.begin()
    hands.fill("form[action='/delegation/settings']", {"email": "a@example.org", "digest": "weekly"})
    hands.send("form[action='/delegation/settings']")
    expect(page.locator("[name=digest]")).to_have_value("weekly")
    _come_in_by_link(hands, link)


def _come_in_by_link(hands: Hands, link: str) -> None:
    """Somebody who is invited chooses a passphrase, in a window of its own."""
    browser = hands.page.context.browser
    assert browser is not None
    with browser.new_context(reduced_motion="reduce") as context:
        guest = Hands(context.new_page(), hands.address)
        guest.go(re.sub("https?://[^/]+", "", link))
        guest.begin()
        guest.fill("form[action^='/enter/']", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
        guest.send("form[action^='/enter/']")
        expect(guest.page.locator("footer form[action='/sign-out']")).to_be_visible()


def test_the_door_is_passed_by_keyboard_alone(browser: Browser, table: Table) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        context.set_default_timeout(120_000)
        hands = _come_in(Hands(context.new_page(), address_of(table.members["dee"])))
        page, change = hands.page, "form[action='/delegation/passphrase']"
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        hands.go("/delegation")
        hands.begin()
        hands.fill(change, {"new": PASSPHRASE, "again": PASSPHRASE})
        hands.send(change)
        expect(page.locator(f"{change} [name=old]")).to_be_visible()
        hands.begin()
        hands.fill("form.passkey-add", {"name": "My key"})
        hands.send("form.passkey-add")
        expect(page.locator("form[action='/delegation/passkey/remove']")).to_be_visible()
        _leave(hands)
        hands.begin()
        hands.send("form.passkey-sign-in")
        expect(page.locator("footer form[action='/sign-out']")).to_be_visible()
        hands.go("/delegation")
        hands.begin()
        hands.send("form[action='/delegation/passkey/remove']")
        expect(page.locator("form[action='/delegation/passkey/remove']")).to_have_count(0)
        _leave(hands)
        hands.begin()
        hands.fill("form[action='/sign-in']", {"name": "Head", "passphrase": PASSPHRASE})
        hands.send("form[action='/sign-in']")
        expect(page.locator("footer form[action='/sign-out']")).to_be_visible()


def _leave(hands: Hands) -> None:
    hands.send("footer form[action='/sign-out']")
    expect(hands.page.locator("form[action='/sign-in']")).to_be_visible()


def test_what_stands_on_every_page_is_done_by_keyboard_alone(hands: Hands) -> None:
    page = hands.page
    hands.go("/agenda")
    hands.fill("form[action='/preferences']", {"zone": "Europe/Paris"})
    hands.send("form[action='/preferences']")
    expect(page.locator("[name=zone]")).to_have_value("Europe/Paris")
    for answer, n_shown in (("yes", 1), ("no", 0)):
        hands.to(f"footer button[name=cut][value={answer}]")
        hands.press("Enter")
        expect(page.locator("p.cutoff")).to_have_count(n_shown)
    hands.to("footer a[hreflang=fr]")
    hands.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    hands.to("footer a[hreflang=en]")
    hands.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_what_asks_for_a_page_is_done_by_keyboard_alone(hands: Hands, table: Table) -> None:
    page = hands.page
    hands.go("/explore")
    hands.begin()
    hands.fill("form[action='/explore/search']", {"q": "adrift", "member": "ben"})
    hands.send("form[action='/explore/search']")
    expect(page.locator("ol.rows > li")).not_to_have_count(0)
    hands.go("/seen")
    hands.begin()
    hands.fill("form[action='/seen']", {"member": "ben"})
    hands.send("form[action='/seen']")
    expect(page.locator("h1")).to_contain_text("Ben")
    hands.go(f"/text/{table.name('gauge5')}")
    hands.begin()
    hands.fill("form:has([name=from])", {"from": "2", "to": "1"})
    hands.send("form:has([name=from])")
    expect(page.locator("[name=from]")).to_have_value("2")
    hands.go(f"/draft/{table.name('draft')}")
    hands.begin()
    hands.send("form.versions")
    expect(page).to_have_url(re.compile("old="))
    hands.go("/positions")
    hands.begin()
    hands.fill("#filters", {"q": "twice"})
    expect(page.locator(".matrix tbody th a:visible").filter(has_text="Gauge 1")).to_have_count(0)
    hands.to(".matrix td.c a")
    hands.press("ArrowRight", "Enter")
    expect(page.locator("h1")).to_have_text("Gauge 5")


# What is drawn again while somebody reads


def listen(hands: Hands, path: str) -> None:
    """Open a page and wait until it hears of what others do."""
    hands.go(path)
    expect(hands.page.locator("html.is-live")).to_be_attached()


def test_who_stands_on_a_link_stands_there_when_news_come(hands: Hands, table: Table) -> None:
    ann, page = table.members["ann"], hands.page
    listen(hands, f"/concern/{table.name('concern')}")
    hands.begin()
    page.keyboard.press("Shift+Tab")
    before = page.evaluate("document.activeElement.outerHTML")
    assert page.locator("#fresh :focus").count() == 1
    page.evaluate("document.activeElement.isOld = true")
    ann.sign(Text(concern=table.refs["concern"], title="Come while somebody reads", words="It is new."))
    expect(page.locator("#fresh")).to_contain_text("Come while somebody reads")
    assert page.evaluate("document.activeElement.isOld") is None, "the part was not drawn again"
    assert page.evaluate("document.activeElement.outerHTML") == before


def test_who_stands_on_what_goes_stands_on_what_comes_to_its_place(hands: Hands, table: Table) -> None:
    ben, page = table.members["ben"], hands.page
    listen(hands, f"/text/{table.name('gauge5')}")
    hands.begin()
    page.evaluate("""() => {
        const gone = document.createElement('a');
        gone.href = '/gone';
        gone.textContent = 'gone';
        document.getElementById('fresh').append(gone);
        gone.focus();
    }""")
    table.members["ann"].sign(bodies.Position(on=table.refs["revised"], response="abstain"))
    expect(page.locator("#fresh a[href='/gone']")).to_have_count(0)
    assert page.locator("#fresh :focus").count() == 1, "the focus is lost"
    assert ben.running is not None


def test_what_somebody_has_opened_stays_open_when_news_come(hands: Hands, table: Table) -> None:
    page, path = hands.page, f"/text/{table.name('gauge5')}"
    listen(hands, path)
    hands.open("#fresh details > summary")
    title = page.locator("#fresh details > summary").first.inner_text()
    page.evaluate("document.activeElement.isOld = true")
    table.members["ann"].sign(
        bodies.Expectation(on=table.refs["revised"], member=origin("cem"), response="support")
    )
    expect(page.locator("section[aria-labelledby=expected]")).to_contain_text("Cem")
    assert page.evaluate("document.activeElement.isOld") is None, "the part was not drawn again"
    assert page.locator("#fresh details").first.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.textContent") == title
