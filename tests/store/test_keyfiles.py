"""Key files: what OpenSSH opens, and what is refused."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from allweather.errors import InputError, OutputError, StoreError
from allweather.store import read_key, write_key

SEED = bytes(range(32))
WORD = "pâté 雨 over all weathers, a passphrase longer than seventy-two bytes is no trouble at all"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_key(path, SEED, WORD, name="c/ann", rounds=1)
    return path


def refused(path: Path, passphrase: str = WORD) -> str:
    """The sentence by which a key file is refused."""
    with pytest.raises(InputError) as error:
        read_key(path, passphrase)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert passphrase == "" or passphrase not in sentence
    assert SEED.hex() not in sentence
    assert repr(SEED) not in sentence
    return sentence


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_what_is_written_is_read(key: Path) -> None:
    assert read_key(key, WORD) == SEED
    assert key.stat().st_mode & 0o777 == 0o600


def test_64_rounds_unless_told_otherwise(tmp_path: Path) -> None:
    write_key(tmp_path / "key", SEED, "x")
    assert read_key(tmp_path / "key", "x") == SEED
    body = base64.b64decode("".join((tmp_path / "key").read_text().splitlines()[1:-1]))
    assert body[39 + 4 + 4 + 16 :][:4] == (64).to_bytes(4, "big")


def test_openssh_opens_it(key: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("OpenSSH is not compared: there is no ssh-keygen")
    done = subprocess.run(
        [program, "-y", "-P", WORD, "-f", str(key)], capture_output=True, text=True, check=True, timeout=60
    )
    public = ed25519.Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert done.stdout.strip() == f"{line} c/ann"


def test_a_key_of_openssh_is_read(tmp_path: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("OpenSSH is not compared: there is no ssh-keygen")
    for cipher in ("aes256-ctr", "aes256-gcm@openssh.com"):
        path = tmp_path / cipher
        command = [program, "-q", "-t", "ed25519", "-a", "1", "-Z", cipher, "-N", "word", "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        loaded = load_ssh_private_key(path.read_bytes(), b"word")
        assert isinstance(loaded, ed25519.Ed25519PrivateKey)
        assert read_key(path, "word") == loaded.private_bytes_raw()


def test_an_empty_passphrase(key: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a passphrase"):
        write_key(tmp_path / "new", SEED, "")
    assert not (tmp_path / "new").exists()
    assert "give it" in refused(key, "")


def test_a_wrong_passphrase(key: Path) -> None:
    assert "passphrase is wrong" in refused(key, "another")


def test_a_seed_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="32 bytes"):
        write_key(tmp_path / "new", SEED[1:], WORD)


def test_a_file_is_never_replaced(key: Path, tmp_path: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(OutputError, match="there already"):
        write_key(key, bytes(32), WORD, rounds=1)
    assert key.read_bytes() == before
    with pytest.raises(OutputError):
        write_key(tmp_path / "nowhere" / "key", SEED, WORD, rounds=1)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(StoreError, match="cannot be read"):
            read_key(path, WORD)


def test_a_key_of_another_type(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    data = other.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"word"))
    assert "not of type Ed25519" in refused(put(tmp_path / "key", data), "word")


def test_an_unencrypted_key(tmp_path: Path) -> None:
    plain = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
    data = plain.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert "not encrypted" in refused(put(tmp_path / "key", data))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_reach(key: Path, mode: int) -> None:
    key.chmod(mode)
    assert "chmod 600" in refused(key)


def test_too_many_rounds(key: Path, tmp_path: Path) -> None:
    lines = key.read_text().splitlines()
    body = bytearray(base64.b64decode("".join(lines[1:-1])))
    body[63:67] = (2**31).to_bytes(4, "big")
    text = "\n".join([lines[0], base64.b64encode(body).decode(), lines[-1], ""])
    assert "rounds" in refused(put(tmp_path / "slow", text.encode()))


def test_every_cut_and_every_changed_byte(key: Path, tmp_path: Path) -> None:
    good = key.read_bytes()
    for at in range(len(good) - 1):  # the last newline may be missing
        refused(put(tmp_path / "cut", good[:at]))
    for at in range(0, len(good), 3):
        changed = put(tmp_path / "bad", good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        try:
            assert read_key(changed, WORD) == SEED
        except InputError:
            continue


def test_a_long_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        read_key(put(tmp_path / "key", b"x" * 100_000), WORD)


def test_a_link_to_nothing_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OutputError):
        write_key(tmp_path / "link", SEED, WORD, rounds=1)
    assert not (tmp_path / "target").exists()
