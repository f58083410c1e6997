"""Nodes over TLS: peers whose authority nobody else knows, pushes, and the door on the machine itself."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from allweather.cli import main
from allweather.errors import InputError, StoreError
from allweather.node.peers import running_node
from allweather.node.reaching import Way, certificate_digest
from allweather.node.running import Listen
from tests.node.certificates import Authority, Issued
from tests.node.nodes import QUICK, SLOW, Member, Members, statement, until


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates", "authority")


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [*map(str, args)])


def at(issued: Issued, host: str = "127.0.0.1", public: str = "") -> Listen:
    """To listen with a certificate."""
    return Listen(host, 0, issued.certificate, issued.key, public=public)


def trusts(member: Member, authority: Authority) -> str:
    """Put the authority's certificate into a home; its name there."""
    shutil.copyfile(authority.path, member.home / authority.path.name)
    return authority.path.name


def test_peers_pull_and_push_over_tls(members: Members, authority: Authority) -> None:
    """Ben pulls from ann and brings her what is new; ann has no way to ben at all."""
    ann, ben = members["ann"], members["ben"]
    ann.start(QUICK, listen=at(authority.issue("ann.example", "127.0.0.1")))
    ben.start(QUICK, listen=at(authority.issue("ben.example", "127.0.0.1")))
    assert ann.running.address.startswith("https://127.0.0.1:")
    charter = ann.found("ann", "ben")
    ben.add(ann, ca=trusts(ben, authority), push=True, member=ann.origin)
    until(lambda: ben.holds(charter))
    joined = ben.join(charter)
    until(lambda: ann.holds(joined))
    said = [one.sign(statement(one.name)) for one in (ann, ben)]
    until(lambda: all(one.holds(ref) for one in (ann, ben) for ref in said))
    until(lambda: ann.digest() == ben.digest())
    assert ann.running.peer_states() == []


def test_a_peer_with_a_certificate_of_nobody_we_know_is_not_asked(
    members: Members, authority: Authority, tmp_path: Path
) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start(SLOW, listen=at(authority.issue("ann.example", "127.0.0.1")))
    ben.start(SLOW)
    charter = ann.found("ann", "ben")
    ben.add(ann)  # the authorities of the system do not know ours
    (state,) = ben.running.sync_now(10.0)
    assert "CERTIFICATE_VERIFY_FAILED" in str(state["error"])
    other = Authority(tmp_path / "other", "other")
    ben.add(ann, ca=trusts(ben, other))
    (state,) = ben.running.sync_now(10.0)
    assert "cannot be reached" in str(state["error"])
    assert not ben.holds(charter)
    ben.add(ann, ca=trusts(ben, authority))
    ben.running.sync_now(10.0)
    until(lambda: ben.holds(charter))


def test_a_certificate_for_another_name_is_not_believed(members: Members, authority: Authority) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start(SLOW, listen=at(authority.issue("ann.example")))
    ben.start(SLOW)
    ben.add(ann, ca=trusts(ben, authority))
    (state,) = ben.running.sync_now(10.0)
    assert "cannot be reached" in str(state["error"])


# The local door


@pytest.mark.parametrize(("host", "loopback"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_a_node_at_every_address_is_reached_over_loopback(
    members: Members, authority: Authority, host: str, loopback: str
) -> None:
    """Its certificate is for its public name only; commands here know it by its digest."""
    if host == "::" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    ann = members["ann"]
    issued = authority.issue("ann.example")
    public = "https://ann.example:8411"
    ann.start(SLOW, listen=at(issued, host, public))
    state = json.loads((ann.home / "node.json").read_text())
    assert state["address"].startswith(f"https://{loopback}:")
    assert state["certificate"] == certificate_digest(issued.certificate)
    found = running_node(ann.home)
    assert found is not None
    assert found.public == public
    ann.found("ann")
    status = run("node", "status", ann.home)
    assert status.exit_code == 0, status.output
    assert f"{ann.origin} at https://{loopback}:" in status.stdout
    assert f"Others reach it at {public}" in status.stdout
    assert json.loads(run("node", "status", ann.home, "--json").stdout)["public"] == public
    raised = run("council", "raise", ann.home, "Water", "--yes")
    assert raised.exit_code == 0, raised.output
    assert "Water" in run("council", "agenda", ann.home).stdout


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as line:
            line.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_the_token_is_not_shown_to_another_certificate(members: Members, authority: Authority) -> None:
    """Somebody else listens where the node was: the command notices before it sends anything."""
    ann = members["ann"]
    ann.start(SLOW, listen=at(authority.issue("ann.example")))
    state = json.loads((ann.home / "node.json").read_text())
    other = authority.issue("other.example")
    state["certificate"] = certificate_digest(other.certificate)
    (ann.home / "node.json").write_text(json.dumps(state))
    refused = run("node", "status", ann.home)
    assert refused.exit_code == 2
    assert "another certificate is shown than that of the node" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_plain_http_at_every_address_is_reached_over_loopback_too(members: Members) -> None:
    ann = members["ann"]
    address = ann.start(SLOW, listen=Listen("0.0.0.0", 0, plain=True))
    assert address.startswith("http://127.0.0.1:")
    assert httpx.get(f"{address}/health", trust_env=False).json()["node"] == ann.origin
    assert "It signs" in run("node", "status", ann.home).stdout
    assert set(json.loads((ann.home / "node.json").read_text())) == {"address", "pid", "node"}


@pytest.mark.parametrize(
    "public", ["record.example", "ftp://record.example", "http://record.example", "x" * 9_999]
)
def test_a_public_address_is_one(members: Members, public: str) -> None:
    ann = members["ann"]
    refused = run("node", "run", ann.home, "--passphrase-file", ann.secret, "--public-address", public)
    assert refused.exit_code == 2, refused.output
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr
    assert not (ann.home / "node.json").exists()


@pytest.mark.parametrize("content", [b"", b"x", b"\xff", b"-----BEGIN CERTIFICATE-----\nAAA\n", b"-" * 99])
def test_a_file_that_is_no_certificate_is_refused(
    members: Members, authority: Authority, content: bytes
) -> None:
    ann = members["ann"]
    issued = authority.issue("ann.example")
    issued.certificate.write_bytes(content)
    with pytest.raises(InputError, match="no certificate can be read"):
        ann.start(SLOW, listen=at(issued))
    assert not (ann.home / "node.json").exists()


def test_a_pin_is_of_one_certificate_and_needs_no_name(members: Members, authority: Authority) -> None:
    ann = members["ann"]
    issued = authority.issue("ann.example")
    ann.start(SLOW, listen=at(issued))
    right = Way(ann.running.address, pinned=certificate_digest(issued.certificate))
    assert right.read("health", 2**20) is not None
    right.close()
    wrong = Way(ann.running.address, pinned="0" * 64)
    with pytest.raises(InputError, match="another certificate"):
        wrong.read("health", 2**20)
    wrong.close()
    none = Way(ann.running.address)
    with pytest.raises(StoreError, match="cannot be reached"):
        none.read("health", 2**20)
    none.close()
