"""Private keys on disk: seeds of Ed25519 in encrypted private key files of OpenSSH (openssh-key-v1).

`ssh-keygen -y -f FILE` asks for the passphrase and shows the public key; the comment in the file is the
key's name. The passphrase goes through bcrypt (64 rounds unless told otherwise: about half a second), the
key is encrypted with AES-256 in counter mode. A file is written once, readable by its owner alone, and
never replaced. Neither a seed nor a passphrase appears in an error.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import struct
from pathlib import Path

import bcrypt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from allweather.errors import InputError, OutputError, StoreError
from allweather.store.disk import read_handle, reason, sync_folder, write_new

SEED_SIZE = 32
ROUNDS = 64
MAX_ROUNDS = 1_024
_MAX_FILE = 8_192
_MAGIC = b"openssh-key-v1\x00"
_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_TYPE = b"ssh-ed25519"
_SALT_SIZE, _BLOCK = 16, 16


def write_key(
    path: Path | str, seed: bytes, passphrase: str, *, name: str = "", rounds: int = ROUNDS
) -> None:
    """Write a seed, encrypted, into a new file; `name` becomes the comment.

    Raises InputError for an empty passphrase or a seed that is none; OutputError if it cannot be written, or
    if something of that name is there already.
    """
    if not passphrase:
        raise InputError("a key is not kept without a passphrase: give one", where=str(path))
    if len(seed) != SEED_SIZE or not 1 <= rounds <= MAX_ROUNDS or len(name.encode()) > 1_024:
        raise InputError(
            f"a key is a seed of {SEED_SIZE} bytes, with 1 to {MAX_ROUNDS} rounds", where=str(path)
        )
    target = Path(path)
    try:
        write_new(target, _format(seed, passphrase, name, rounds), mode=0o600)
        sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"the key cannot be written to {path}: {reason(error)}") from error


def read_key(path: Path | str, passphrase: str) -> bytes:
    """The seed in a key file. Raises StoreError if it cannot be read, InputError for what is wrong."""
    where = str(path)
    data = _read(Path(path), where)
    public = _check_outside(data, where)
    if not passphrase:
        raise InputError("this key has a passphrase: give it", where=where)
    try:
        key = load_ssh_private_key(data, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InputError("the passphrase is wrong, or the file is damaged", where=where) from None
    if not isinstance(key, Ed25519PrivateKey) or key.public_key().public_bytes_raw() != public:
        raise InputError("the file is damaged: its two halves are of different keys", where=where)
    return key.private_bytes_raw()


def _read(path: Path, where: str) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = stat.S_IMODE(os.fstat(handle).st_mode)
            data = read_handle(handle, _MAX_FILE)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(f"the key {where} cannot be read: {reason(error)}") from error
    if mode & 0o077:
        raise InputError(
            f"others than its owner can reach this key (mode {mode:03o}): run chmod 600 on it, and think "
            "about whether it must be replaced",
            where=where,
        )
    return data


def _check_outside(data: bytes, where: str) -> bytes:
    """The public key of an encrypted Ed25519 file, whose whole unencrypted part is checked here."""
    damaged = InputError("no whole OpenSSH private key: it is damaged or cut; use a copy", where=where)
    try:
        lines = data.decode("ascii").strip().splitlines()
        if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
            raise damaged
        body = base64.b64decode("".join(lines[1:-1]), validate=True)
        if not body.startswith(_MAGIC):
            raise damaged
        cipher, kdf, options, rest = _strings(body[len(_MAGIC) :], 3)
        if cipher == b"none" or kdf == b"none":
            raise InputError(
                "this key is not encrypted: give it a passphrase with ssh-keygen -p", where=where
            )
        if kdf != b"bcrypt" or rest[:4] != (1).to_bytes(4, "big"):
            raise InputError("this is not one key behind a passphrase in OpenSSH's usual way", where=where)
        public, _, left = _strings(rest[4:], 2)
        if _strings(public, 1)[0] != _TYPE:
            raise InputError("this key is not of type Ed25519: use the key of a member", where=where)
        _, point, more = _strings(public, 2)
        _, tail = _strings(options, 1)
        # An authenticated cipher leaves its tag behind the last string.
        if more or len(point) != SEED_SIZE or len(tail) != 4 or len(left) not in (0, 16):
            raise damaged
        if int.from_bytes(tail, "big") > MAX_ROUNDS:
            raise InputError(
                f"this key asks for more than {MAX_ROUNDS} rounds of bcrypt: not opened", where=where
            )
    except (ValueError, binascii.Error, struct.error):
        raise damaged from None
    return point


def _format(seed: bytes, passphrase: str, name: str, rounds: int) -> bytes:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    salt, check = os.urandom(_SALT_SIZE), os.urandom(4)
    inner = check + check + _string(_TYPE) + _string(public) + _string(seed + public) + _string(name.encode())
    inner += bytes(range(1, 1 + -len(inner) % _BLOCK))
    material = bcrypt.kdf(passphrase.encode(), salt, 32 + _BLOCK, rounds, ignore_few_rounds=True)
    cipher = Cipher(algorithms.AES(material[:32]), modes.CTR(material[32:])).encryptor()
    outer = [
        _MAGIC,
        _string(b"aes256-ctr"),
        _string(b"bcrypt"),
        _string(_string(salt) + rounds.to_bytes(4, "big")),
        (1).to_bytes(4, "big"),
        _string(_string(_TYPE) + _string(public)),
        _string(cipher.update(inner) + cipher.finalize()),
    ]
    text = base64.b64encode(b"".join(outer)).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END, ""]).encode()


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """`count` strings, each with its length in four bytes before it, and what follows them."""
    found = []
    for _ in range(count):
        (size,) = struct.unpack_from(">L", data)
        if len(data) < 4 + size:
            raise ValueError
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return [*found, data]
