"""Digests by e-mail: what waits and what is new, once, to who asked; sent to a mail server of the test."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from allweather.council.bodies import Concern, Position, Silence, Statement, Text
from allweather.errors import InputError, StoreError
from allweather.node.actions import Doing
from allweather.node.caucus import confide
from allweather.web.digests import Digests, Sent, digest_of, read_state, write_state
from allweather.web.mailing import Mail, parse_mail, read_mail, send
from allweather.web.people import People, Person
from tests.node.certificates import Authority
from tests.node.sitting import DAY, Table, origin, sitting

SECRET = "Our limit is four batteries."
HOSTILE = "Ice\u2028<script>alert(1)</script>"


class Post:
    """A mail server of the test: what it took, in order."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.signed_in: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.taken.append(found)
        return "250 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append(data.login)
        return AuthResult(success=data.password == b"correct horse", handled=False)


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    found, port = Post(), free_port()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield found, port
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listened at a moment ago: the controller cannot say which one it was given."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        found: int = line.getsockname()[1]
        return found


@pytest.fixture
def table(founded_homes: Any, tmp_path: Path) -> Iterator[Table]:
    with sitting(founded_homes, tmp_path / "desks") as found:
        yield found


def person(table: Table, name: str, **more: Any) -> Person:
    """Somebody of Ben's delegation who asked for a digest."""
    people = People(table["ben"].desk.home.path, lambda: table.now)
    made = people.add(name, more.pop("role", "head"))
    return people.update(made.id, **{"email": f"{made.id}@ben.example", "digest": "daily", **more})


def duty(table: Table, port: int, **more: str) -> Digests:
    home = table["ben"].desk.home.path
    lines = {"host": "127.0.0.1", "tls": "none", "sender": "node@ben.example", **more}
    text = "\n".join([*(f'{name} = "{value}"' for name, value in lines.items()), f"port = {port}"])
    (home / "mail.toml").write_text(text, encoding="utf-8")
    return Digests(home, lambda: "https://node.example", lambda: table.now, begin=lambda work: work())


def body(message: EmailMessage, sort: str) -> str:
    part = message.get_body((sort,))
    assert part is not None
    found: str = part.get_content()
    return found


def test_what_waits_and_what_is_new_is_told_once(table: Table, post: tuple[Post, int]) -> None:
    taken, port = post
    ann, ben = table["ann"], table["ben"]
    someone = person(table, "Bea", zone="Europe/Paris")
    due = duty(table, port)
    concern = ann.sign(Concern(title=HOSTILE))
    text = ann.sign(Text(concern=concern.ref, title="Charts", words="We share charts."))
    ann.sign(Silence(concern=concern.ref, text=text.ref, expires_at=table.now + 2 * DAY))
    table.exchange()
    assert list(due(ben.actions)) == []
    (first,) = taken.taken
    assert first["To"] == someone.email
    assert first["Subject"] == "A council: what waits and what is new"
    assert first["Auto-Submitted"] == "auto-generated"
    plain = body(first, "plain")
    assert "In silence until" in plain
    assert "10:00" in plain  # 08:00 UTC in Paris
    assert "08:00 UTC" in plain
    assert "https://node.example/act/ann:" in plain
    assert "New:" not in plain  # what was there before the first digest is no news
    list(due(ben.actions))
    assert len(taken.taken) == 1

    table.now += DAY
    list(due(ben.actions))
    assert len(taken.taken) == 1, "the same things still wait: nobody is told again"

    ann.sign(Statement(concern=concern.ref, title="First", words="Said."))
    table.now += 60
    ann.sign(Statement(concern=concern.ref, title="Second", words="Said."))
    ben.sign(Statement(concern=concern.ref, title="Ours", words="Said."))
    table.exchange()
    table.now += DAY
    list(due(ben.actions))
    second = body(taken.taken[1], "plain")
    assert second.index("Second") < second.index("First")
    assert "Ours" not in second
    assert "<script>" not in body(taken.taken[1], "html")
    assert "&lt;script&gt;" in body(taken.taken[1], "html")


def test_who_has_acted_is_not_asked_again(table: Table, post: tuple[Post, int]) -> None:
    taken, port = post
    ann, ben = table["ann"], table["ben"]
    person(table, "Bea")
    concern = ann.sign(Concern(title="Ice"))
    text = ann.sign(Text(concern=concern.ref, title="Charts", words="We share charts."))
    table.exchange()
    ben.sign(Position(on=text.ref, response="support"))
    list(duty(table, port)(ben.actions))
    assert taken.taken == []
    assert read_state(ben.desk.home.path)


def test_an_observer_hears_what_is_new_and_is_asked_nothing(table: Table, post: tuple[Post, int]) -> None:
    taken, port = post
    ann, ben = table["ann"], table["ben"]
    person(table, "Otto", role="observer", language="fr")
    due = duty(table, port)
    concern = ann.sign(Concern(title="Ice"))
    ann.sign(Text(concern=concern.ref, title="Charts", words="We share charts."))
    table.exchange()
    list(due(ben.actions))
    table.now += DAY
    ann.sign(Statement(concern=concern.ref, title="Said later", words="x"))
    table.exchange()
    list(due(ben.actions))
    (only,) = taken.taken
    assert only["Content-Language"] == "fr"
    assert "Said later" in body(only, "plain")
    assert "No position of yours" not in body(only, "plain")


def test_words_for_some_are_in_no_mail(table: Table, post: tuple[Post, int]) -> None:
    taken, port = post
    ann, ben = table["ann"], table["ben"]
    person(table, "Bea")
    due = duty(table, port)
    list(due(ben.actions))
    said = Doing(Statement(title="Between us", words=SECRET), audience=(origin("ben"),))
    ann.actions.sign(confide(ann.desk, said))
    table.exchange()
    table.now += DAY
    list(due(ben.actions))
    (only,) = taken.taken
    text = body(only, "plain") + body(only, "html")
    assert "for some members only" in text
    assert SECRET not in text
    assert "Between us" not in text


def test_a_mail_server_that_fails_is_tried_again(table: Table, post: tuple[Post, int]) -> None:
    taken, port = post
    ann, ben = table["ann"], table["ben"]
    person(table, "Bea")
    concern = ann.sign(Concern(title="Ice"))
    ann.sign(Text(concern=concern.ref, title="Charts", words="We share charts."))
    table.exchange()
    due = duty(table, 9)
    list(due(ben.actions))
    assert read_state(ben.desk.home.path) == {}
    duty(table, port)
    list(due(ben.actions))
    assert taken.taken == [], "not at once"
    table.now += 601
    list(due(ben.actions))
    assert len(taken.taken) == 1


def test_without_settings_or_readers_nothing_happens(table: Table) -> None:
    ben = table["ben"]
    due = Digests(ben.desk.home.path, lambda: "", lambda: table.now, begin=lambda work: work())
    assert list(due(ben.actions)) == []
    (ben.desk.home.path / "mail.toml").write_text("host = 3", encoding="utf-8")
    person(table, "Bea")
    assert list(due(ben.actions)) == []
    assert not (ben.desk.home.path / "digests.json").exists()


def test_mail_is_handed_over_behind_tls_with_a_passphrase(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca", "authority")
    issued = authority.issue("localhost", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    taken, port = Post(), free_port()
    controller = Controller(
        taken,
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        authenticator=taken.authenticate,
        auth_required=True,
    )
    controller.start()
    try:
        secret = tmp_path / "secret"
        secret.touch(mode=0o600)
        secret.write_text("correct horse\n", encoding="utf-8")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "x"
        message.set_content("Words.")
        unknown = Mail("127.0.0.1", "a@b.example", port, name="council", passphrase_file=str(secret))
        mail = msgspec.structs.replace(unknown, ca=str(authority.path))
        send(mail, [message])
        assert [one["Subject"] for one in taken.taken] == ["x"]
        assert taken.signed_in == [b"council"]
        with pytest.raises(StoreError, match="does not take the mail"):
            send(unknown, [message])
        secret.write_text("wrong\n", encoding="utf-8")
        with pytest.raises(StoreError, match="does not take the mail"):
            send(mail, [message])
        secret.chmod(0o644)
        with pytest.raises(InputError, match="chmod 600"):
            send(mail, [message])
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('host = "x"', "no way to send mail"),
        ('host = "x"\nsender = "nobody"', "no way to send mail"),
        ('host = "mail.example"\nsender = "a@b.example"\ntls = "none"', "this very machine"),
        ('host = "x"\nsender = "a@b.example"\nname = "u"', "takes both"),
        ('host = "x"\nsender = "a@b.example"\nport = 0', "no way to send mail"),
        ('host = "x"\nsender = "a@b.example"\naddress = "ftp://x"', "begins with"),
        ('host = "x"\nsender = "a@b.example"\npassword = "x"', "no way to send mail"),
        ("host = ", "not TOML"),
        ("#" * 20_000, "at most"),
    ],
)
def test_settings_that_cannot_be_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_mail(text.encode())


@given(st.binary(max_size=200))
def test_noise_is_no_setting(noise: bytes) -> None:
    with pytest.raises(InputError):
        parse_mail(noise)


def test_settings_are_read_from_the_home(tmp_path: Path) -> None:
    assert read_mail(tmp_path) is None
    (tmp_path / "mail.toml").write_text('host = "m.example"\nsender = "a@b.example"', encoding="utf-8")
    found = read_mail(tmp_path)
    assert found == Mail("m.example", "a@b.example")
    (tmp_path / "mail.toml").unlink()
    (tmp_path / "mail.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_mail(tmp_path)


def test_state_is_kept_and_a_broken_one_is_told(tmp_path: Path) -> None:
    state = {"p": Sent(5, {"c/ann": 3}, ("x 0",))}
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    (tmp_path / "digests.json").write_bytes(b"{")
    with pytest.raises(InputError, match="begin afresh"):
        read_state(tmp_path)


def test_nothing_to_say_is_no_digest(table: Table) -> None:
    ben = table["ben"]
    someone = Person("p", "Bea", "head", email="a@b.example", digest="daily")
    assert digest_of(ben.view, origin("ben"), someone, Sent()) is None
