"""Three members carry a record by hand, and everything that can happen to it happens once."""

from __future__ import annotations

import json
import shutil
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from allweather.node.home import find_home, open_store
from allweather.record.storage import Batch
from tests.cli.record.members import Member, good, refused, run


def meet(member: Member, *others: Member) -> list[str]:
    return [f"--meet={one.origin}={one.card}" for one in others if one is not member]


def round_of(*members: Member) -> None:
    """Everyone takes in everyone else's archive."""
    for one in members:
        for other in members:
            if other is not one:
                one.take(other.export(), *meet(one, *members))


def test_writing_and_reading_back(ann: Member) -> None:
    assert ann.say("The first word.") == 0
    text = good(ann.run("append", "--kind", "council.statement", "--body", '{"n":1}'))
    assert "Signed entry 1 of nrc.example/ann." in text
    assert "Head: 2 entries" in text
    shown = good(run("show", ann.home, ann.origin, 0))
    for word in ("council.statement", "about: text", "| The first word.", "Acknowledged by nobody"):
        assert word in shown
    rows = good(run("log", ann.home, ann.origin, "--json"))["entries"]
    assert [(row["n"], row["payload"], row["stands"]) for row in rows] == [(0, "held", True), (1, None, True)]
    assert "nrc.example/ann (own)" in good(run("log", ann.home))
    assert "council.statement" in good(run("log", ann.home, ann.origin))


def test_a_dry_run_signs_nothing(ann: Member) -> None:
    args = ("--kind", "a.b", "--body", '{"t":"x"}', "--dry-run")
    found = good(run("append", ann.home, *args, "--json", "--at", "2009-09-18T12:00:00Z"))
    assert found["signed"] is False
    entry = {"at": 1253275200, "body": {"t": "x"}, "kind": "a.b", "log": ann.origin, "n": 0, "v": 1}
    assert found["entries"] == [entry]
    assert "nothing was signed" in good(run("append", ann.home, *args))
    assert ann.size() == 0
    assert not (ann.home / "keys" / "head").exists()
    ann.say("one")
    assert good(run("append", ann.home, *args, "--json"))["first"] == 1
    assert ann.size() == 1


def test_a_batch_stands_under_one_head(ann: Member, tmp_path: Path) -> None:
    lines = [
        {"kind": "a.b", "body": {"k": k}, "text": f"text {k}", "audience": [ann.origin]} for k in range(300)
    ]
    batch = tmp_path / "batch"
    batch.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert good(ann.run("append", "--batch", batch, "--json")) | {"root": ""} == {
        "first": 0,
        "origin": ann.origin,
        "root": "",
        "signed": True,
        "size": 300,
    }
    assert ann.holds()["logs"][0]["payloads"] == 300
    assert "entries 300 to 301" in good(
        ann.run("append", "--batch", "-", stdin=b'{"kind":"a"}\n{"kind":"b"}\n')
    )


def test_members_meet_by_digest_and_acknowledge(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("hello")
    archive = ann.export()
    found = ben.take(archive)
    assert found["unknown"] == {ann.origin: ann.card}
    assert found["entries"] == {}
    assert f"--meet {ann.origin}={ann.card}" in good(ben.run("import", archive))
    wrong = ben.run("import", archive, "--meet", f"{ann.origin}={'0' * 64}", "--json")
    assert wrong.exit_code == 2
    assert "ask the member" in json.loads(wrong.stdout)["faults"][0]
    found = ben.take(archive, f"--meet={ann.origin}={ann.card}")
    assert found["met"] == [ann.origin]
    assert found["acknowledged"] == [ann.origin]
    again = ben.take(archive)
    assert again["acknowledged"] == []
    assert ann.take(ben.export(), "--meet-all")["met"] == [ben.origin]
    shown = good(run("show", ann.home, ann.origin, 0, "--json"))
    assert [member for _, member in shown["before"]] == [ben.origin]
    assert "Acknowledged by nrc.example/ben" in good(run("show", ann.home, ann.origin, 0))


def test_everyone_holds_the_same(council: list[Member]) -> None:
    for one in council:
        one.say(f"I am {one.origin}", "--audience", council[0].origin)
    round_of(*council)
    round_of(*council)
    digests = {one.holds()["digest"] for one in council}
    archive, folder = council[0].export(), council[0].folder / "web"
    good(run("export", council[0].home, folder))
    for source in (archive, folder):
        audit = good(run("verify", source, "--json", *(f"--card={one.origin}={one.card}" for one in council)))
        assert audit["holds"] is True
        assert audit["digest"] in digests
        assert all(log["pinned"] and log["payloads"] == 1 for log in audit["logs"])
        assert {log["heads_agree"] > 0 for log in audit["logs"]} == {True}
    text = good(run("verify", archive))
    for word in (
        "Everything that was checked holds.",
        "What this does not prove:",
        "not pinned",
        "cosigned by",
    ):
        assert word in text
    assert good(run("log", archive, "--json"))["faults"] == []
    assert "I am nrc.example/cem" in good(run("show", folder, council[2].origin, 0))


def test_an_export_is_the_same_bytes(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("hello")
    ben.take(ann.export(), "--meet-all")
    assert ben.export(name="one.zip").read_bytes() == ben.export(name="two.zip").read_bytes()
    only = ben.export("--log", ann.origin, "--no-payloads", name="only.zip")
    with zipfile.ZipFile(only) as archive:
        names = archive.namelist()
    assert names[-1] == "index"
    assert not any("/payload/" in name or name.startswith(ben.origin) for name in names)
    audit = good(run("verify", only, "--json"))
    assert [(log["origin"], log["missing"]) for log in audit["logs"]] == [(ann.origin, 1)]
    assert good(run("verify", only, "--json", "--no-payloads"))["logs"][0]["missing"] == 0


def test_a_proof_stands_alone(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("prove me")
    ben.take(ann.export(), "--meet-all")
    ann.take(ben.export(), "--meet-all")
    out = ann.folder / "proof"
    files = good(run("prove", ben.home, ann.origin, 0, "--out", out, "--json"))["files"]
    assert files == ["card", "cosigner-nrc.example-ben", "entry.json", "entry.tlog-proof", "payload"]
    args = ("verify", out / "entry.tlog-proof", "--entry", out / "entry.json", "--card", out / "card")
    found = good(run(*args, "--json", "--card", out / "cosigner-nrc.example-ben"))
    assert (found["holds"], found["cosigners"], found["card"]) == (True, [ben.origin], ann.card)
    assert "entry 0 of nrc.example/ann" in good(run(*args))
    entry = out / "entry.json"
    entry.write_bytes(entry.read_bytes().replace(b"text", b"next"))
    refused(run(*args))
    refused(run("verify", out / "entry.tlog-proof", "--entry", entry), "--card")
    refused(run("verify", out / "entry.tlog-proof", "--card", out / "card"), "--entry")
    refused(run(*args[:-1], out / "cosigner-nrc.example-ben"), ann.origin)
    refused(run("prove", ben.home, ann.origin, 0, "--out", out), "not empty")
    refused(run("prove", ben.home, ann.origin, "--two-faced"), "two faces")


def test_a_redacted_payload_goes_everywhere(council: list[Member]) -> None:
    ann, ben, cem = council
    ann.say("a name that must go")
    folder = ann.folder / "web"
    good(run("export", ann.home, folder))
    for one in (ben, cem):
        one.take(folder, "--meet-all")
    refused(ann.run("redact", ann.origin, 0, "--ground", "asked"), "--yes")
    found = good(ann.run("redact", ann.origin, 0, "--ground", "asked to", "--yes", "--json"))
    assert found["own"] is True
    good(run("export", ann.home, folder))
    assert not list(folder.glob("*/*/payload/*"))
    good(run("verify", folder))
    for one in (ann, ben):
        if one is ben:
            one.take(folder)
        shown = good(run("show", one.home, ann.origin, 0))
        assert "redacted" in shown
        assert "a name that must go" not in shown
        assert "asked to" in shown
        assert b"a name that must go" not in (one.home / "record.sqlite").read_bytes()
    assert ben.holds()["logs"][0]["redacted"] == 1
    good(cem.run("redact", ann.origin, 0, "--ground", "not here", "--yes"))
    assert cem.holds()
    refused(ann.run("redact", ann.origin, 1, "--ground", "x", "--yes"), "no payload")


def fork(ann: Member, ben: Member, cem: Member) -> Member:
    """Ann tells Ben one thing and Cem another; both hear of it."""
    ann.say("hello")
    other = ann.copy("other-ann")
    ann.say("I agree")
    other.say("I object")
    ben.take(ann.export(), "--meet-all")
    cem.take(other.export(name="other.zip"), "--meet-all")
    return other


def test_two_faces_are_shown_and_proved(council: list[Member]) -> None:
    ann, ben, cem = council
    fork(ann, ben, cem)
    found = cem.take(ben.export(), "--meet-all")
    assert found["two_faced"] == [ann.origin]
    ben.take(cem.export(), "--meet-all")
    audit = ben.holds()
    assert audit["logs"][0]["two_faced"] is True
    proof = ben.folder / "faces"
    assert "faces" in good(run("prove", ben.home, ann.origin, "--two-faced", "--out", proof))
    card = ben.folder / "p" / "card"
    good(run("prove", ben.home, ann.origin, 0, "--out", card.parent))
    assert good(run("verify", proof, "--card", card, "--json"))["sizes"] == [2, 2]
    assert "two faces" in good(run("verify", proof, "--card", card))
    data = proof.read_bytes()
    for place in range(0, len(data), 37):
        proof.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert run("verify", proof, "--card", card).exit_code == 2
    texts = {
        good(run("show", ben.home, ann.origin, 1, "--face", k, "--json"))["payload"]["text"] for k in (0, 1)
    }
    assert texts == {"I agree", "I object"}
    assert "face 1" in good(run("show", ben.home, ann.origin, 1, "--face", 1))
    assert "two-faced" in good(run("log", ben.home))
    assert len(good(run("log", ben.home, ann.origin, "--json"))["entries"]) == 3


def test_a_succession_names_the_face_that_goes_on(council: list[Member]) -> None:
    ann, ben, cem = council
    fork(ann, ben, cem)
    cem.take(ben.export(), "--meet-all")
    found = ann.take(cem.export(), "--meet-all")
    assert found["own_two_faced"] is True
    refused(ann.run("append", "--kind", "a.b"), "two faces")
    key = ann.home / "keys" / "recovery.key"
    stick = ann.folder / "stick.key"
    refused(ann.run("succeed", "--recovery-key", key, "--yes"), "--face")
    refused(ann.run("succeed", "--yes"), "--recovery-key")
    refused(
        ann.run("succeed", "--recovery-key", ann.home / "keys" / "log.key", "--face", 0, "--yes"), "recovery"
    )
    made = good(
        ann.run(
            *("succeed", "--recovery-key", key, "--face", 0, "--yes", "--json", "--new-recovery-key", stick)
        )
    )
    assert (made["number"], made["size"]) == (1, 2)
    assert stick.exists()
    assert {one.name for one in (ann.home / "keys" / "old-1").iterdir()} == {
        "log.key",
        "recovery.key",
        "witness.key",
    }
    assert not (ann.home / "keys" / "next").exists()
    assert ann.say("again myself") == 2
    cem.take(ann.export())
    audit = cem.holds()["logs"][0]
    assert (audit["two_faced"], audit["disputed"], audit["successions"]) == (False, 1, 1)
    assert ann.holds()["digest"]
    disputed = [
        row for row in good(run("log", cem.home, ann.origin, "--json"))["entries"] if not row["stands"]
    ]
    assert [row["n"] for row in disputed] == [1]
    assert "Disputed" in good(run("show", cem.home, ann.origin, 1, "--face", disputed[0]["face"]))
    again = good(ann.run("succeed", "--recovery-key", stick, "--yes", "--json", "--at", 3))
    assert again["number"] == 2
    assert ann.say("and again") == 3


def test_a_restored_backup_is_refused_then_asked(council: list[Member]) -> None:
    ann, ben, cem = council
    ann.say("one")
    round_of(*council)
    backup = ann.home / "record.sqlite"
    kept = backup.read_bytes()
    ann.say("two")
    ann.say("three")
    ben.take(ann.export())
    backup.write_bytes(kept)
    for old in ann.home.glob("record.sqlite-*"):
        old.unlink()
    size = ann.size()
    refused(ann.run("append", "--kind", "a.b"), "backup", "--restored", "succeed")
    refused(ann.run("import", cem.export()), "backup")
    found = ann.take(cem.export(), "--restored")
    assert found["waiting"] == [ben.origin]
    refused(ann.run("append", "--kind", "a.b"), "restored", ben.origin)
    assert ann.size() == size
    found = ann.take(ben.export(), "--restored")
    assert found["waiting"] == []
    assert ann.size() >= size + 2
    ann.say("four")
    round_of(*council)
    assert not any(log["two_faced"] for log in cem.holds()["logs"])


def test_a_restored_backup_may_be_succeeded(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("one")
    shutil.copytree(ann.home, ann.folder / "backup")
    ann.say("two")
    ben.take(ann.export(), "--meet-all")
    shutil.copyfile(ann.home / "keys" / "head", ann.folder / "backup" / "keys" / "head")
    ann.home = ann.folder / "backup"
    refused(ann.run("append", "--kind", "a.b"), "backup")
    good(ann.run("succeed", "--recovery-key", ann.home / "keys" / "recovery.key", "--yes"))
    assert ann.say("new two") == 1
    ben.take(ann.export())
    log = ben.holds()["logs"][0]
    assert (log["two_faced"], log["disputed"]) == (False, 1)


def test_a_succession_names_what_stands_and_not_what_a_thief_added(council: list[Member]) -> None:
    ann, ben, _ = council
    key = ann.home / "keys" / "recovery.key"
    ann.say("one")
    thief = ann.copy("thief")
    good(ann.run("succeed", "--recovery-key", key, "--yes"))
    thief.say("forged")
    ben.take(thief.export(name="thief.zip"), "--meet-all")
    ann.take(ben.export(), "--meet-all")
    assert ann.size() == 2
    assert good(ann.run("succeed", "--recovery-key", key, "--yes", "--json"))["size"] == 1
    assert ann.say("two") == 1
    ben.take(ann.export())
    log = ben.holds()["logs"][0]
    assert (log["two_faced"], log["disputed"]) == (False, 1)


def test_after_a_lost_disk_the_member_says_what_is_its_own(council: list[Member]) -> None:
    """Of what it had named nothing is left but the beginning, on a face that a thief has made longer."""
    ann, ben, _ = council
    backup = ann.copy("backup").home
    ann.say("one")
    thief = ann.copy("thief")
    ann.say("two")
    for text in ("forged", "forged too"):
        thief.say(text)
    ben.take(thief.export(name="thief.zip"), "--meet-all")
    good(ann.run("succeed", "--recovery-key", ann.home / "keys" / "recovery.key", "--yes"))
    shutil.rmtree(backup / "keys")
    shutil.copytree(ann.home / "keys", backup / "keys")
    ann.home = backup
    with closing(open_store(find_home(backup))) as store:
        store.commit(Batch(key_notes=((ann.origin, (backup / "keys" / "succession-1").read_bytes()),)))
    ann.take(ben.export(), "--restored", "--meet-all")
    succeed = ("succeed", "--recovery-key", backup / "keys" / "recovery.key", "--yes")
    refused(ann.run(*succeed), "entry 2", "--face", "--at", "0 (3 entries, 0 of them stand)")
    refused(ann.run(*succeed, "--face", 0, "--at", 3), "up to 2")
    good(ann.run(*succeed, "--face", 0, "--at", 1))
    assert ann.say("two again") == 1
    ben.take(ann.export())
    log = ben.holds()["logs"][0]
    assert (log["two_faced"], log["disputed"]) == (False, 2)


def test_delegates_come_and_go(ann: Member) -> None:
    from allweather.record.ed25519 import public_of
    from allweather.record.keys import format_base64

    key = format_base64(public_of(b"d" * 32))
    assert good(ann.run("delegate", "The office", "--key", key, "--json"))["entry"] == 0
    assert "may no longer write" in good(ann.run("delegate", "The office", "--withdraw"))
    refused(ann.run("delegate", "The office", "--withdraw"), "The office")
    refused(ann.run("delegate", "The office", "--key", "nonsense"), "base64")
    refused(ann.run("delegate", "The office"), "--key")
    refused(ann.run("delegate", "", "--key", key), "name")
    good(ann.run("delegate", "x", "--key", key, "--withdraw"))
    assert ann.holds()


def test_members_attest_when_the_recovery_key_is_lost(council: list[Member]) -> None:
    ann, ben, cem = council
    for one in council:
        with (one.home / "home.toml").open("a", encoding="utf-8") as file:
            file.write("quorum = 2\n")
        one.say("here")
    round_of(*council)
    made = good(ann.run("succeed", "--without-recovery-key", "--yes", "--json"))
    assert (ann.home / "keys" / "next").is_dir()
    refused(ann.run("succeed", "--without-recovery-key", "--yes"), "attested")
    for one in (ben, cem):
        # A succession that no recovery key signed and nobody attests is not kept: anybody could write one.
        one.take(ann.export())
        refused(one.run("attest", ann.origin, "--yes"), "--succession")
        named = ("attest", ann.origin, "--succession", made["digest"])
        refused(one.run(*named), "--yes")
        assert good(one.run(*named, "--yes", "--json"))["succession"] == made["digest"]
        one.take(ann.export())
    refused(ben.run("attest", ben.origin, "--yes"), "another member")
    ann.take(ben.export())
    ann.take(cem.export())
    ann.say("back again")
    assert not (ann.home / "keys" / "next").exists()
    log = next(one for one in ann.holds()["logs"] if one["origin"] == ann.origin)
    assert log["successions"] == 1
    assert good(run("verify", ann.export(), "--quorum", 2, "--json"))["holds"] is True


@pytest.mark.parametrize("store", ["folder", "sqlite"])
def test_every_store_tells_the_same_story(store: str, tmp_path: Path) -> None:
    ann, ben = Member(tmp_path, "ann"), Member(tmp_path, "ben")
    stick = tmp_path / "stick"
    ann.make("--store", store, "--recovery-key", stick)
    ben.make("--store", store)
    assert stick.exists()
    assert not (ann.home / "keys" / "recovery.key").exists()
    ann.say("hello")
    ben.take(ann.export(), "--meet-all")
    ann.take(ben.export(), "--meet-all")
    assert ann.holds()["logs"][0]["payloads"] == 1
    assert ben.size(ann.origin) >= 1
