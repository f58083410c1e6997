"""A signed static site: every file by its SHA-256, and a note with the member's log key over the list.

    MANIFEST     one line a file, as `sha256sum` writes and checks them: 64 hex digits, two spaces, the path
    SITE         a signed note (C2SP signed-note) of five lines, signed with the log key of the member:

        allweather/site@v1
        <origin of the member>
        <as of when, in seconds since 1970>
        <number of files in MANIFEST>
        <base64 of the SHA-256 of MANIFEST>

What the note shows: the member whose key it is published exactly these files. That they say what the record
says is for whoever reads the record beside them (`record/`) to see.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from allweather.errors import InputError, Malformed, NotVerified, OutputError
from allweather.record.keys import (
    Signer,
    VerifierKey,
    check_origin,
    format_base64,
    parse_base64,
    parse_decimal,
)
from allweather.record.notes import format_note, open_note, parse_note, sign_note
from allweather.store.disk import make_folder, read_file, reason, sync_folder
from allweather.store.paths import check_path

SITE, MANIFEST = "SITE", "MANIFEST"
MAX_FILES = 200_000
MAX_MANIFEST = 2**26
MAX_FILE = 2**27
_HEAD = "allweather/site@v1"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]{1,512})\n", re.ASCII)
_MAX_NOTE = 2**14
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Site:
    """What the note of a site says: whose it is, as of when (seconds since 1970), over which manifest."""

    origin: str
    at: int
    n_files: int
    digest: bytes


# Writing


def signed_site(files: Mapping[str, bytes], origin: str, at: int, signer: Signer) -> dict[str, bytes]:
    """The files with their manifest and its note, sorted by path. Raises InputError for what is no path."""
    manifest = format_manifest(
        {check_path(path): hashlib.sha256(data).digest() for path, data in files.items()}
    )
    digest = format_base64(hashlib.sha256(manifest).digest())
    text = f"{_HEAD}\n{origin}\n{at}\n{len(files)}\n{digest}\n"
    note = format_note(sign_note(text, signer))
    return dict(sorted({**files, MANIFEST: manifest, SITE: note}.items()))


def format_manifest(digests: Mapping[str, bytes]) -> bytes:
    """The list of files: SHA-256 and path, sorted by path."""
    return "".join(f"{digest.hex()}  {path}\n" for path, digest in sorted(digests.items())).encode()


def write_site(files: Mapping[str, bytes], place: Path) -> None:
    """Write a site to a new folder, or over an earlier site as a whole; as an archive if it ends in .zip.

    It is written beside its place, into a folder that only its owner enters and nobody else could have made.
    Raises InputError for a name that is no path within the site, before anything is written; OutputError if
    something else stands there, or if it cannot be written.
    """
    for name in files:
        check_path(name)
    is_archive = place.name.lower().endswith(".zip")
    _check_place(place, is_archive)
    beside: Path | None = None
    try:
        make_folder(place.absolute().parent)
        beside = Path(mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.absolute().parent))
        part = beside / "site"
        if is_archive:
            part.write_bytes(archive_of(files))
            part.replace(place)
        else:
            part.mkdir()
            for name, data in files.items():
                make_folder((part / name).parent)
                (part / name).write_bytes(data)
            if place.exists():
                shutil.rmtree(place)
            part.rename(place)
        sync_folder(place.absolute().parent)
    except OSError as error:
        raise OutputError(f"cannot write to {place}: {reason(error)}") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _check_place(place: Path, is_archive: bool) -> None:
    if is_archive:
        if place.is_dir():
            raise OutputError(f"cannot write to {place}: it is a folder; name a file")
        return
    if place.is_symlink():
        raise OutputError(f"{place} leads elsewhere; name the folder itself")
    if place.is_dir() and any(place.iterdir()) and not (place / SITE).is_file():
        raise OutputError(f"{place} holds something that is no site; choose a new or empty folder")
    if place.exists() and not place.is_dir():
        raise OutputError(f"{place} is a file; choose a new or empty folder")


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of files: the same bytes whoever makes it, and when."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data, compresslevel=6)
    return made.getvalue()


# Verifying


def parse_site(data: bytes, keys: Iterable[VerifierKey], *, where: str = SITE) -> Site:
    """What the note of a site says, signed by one of `keys`. Raises Malformed, NotVerified."""
    if len(data) > _MAX_NOTE:
        raise Malformed(f"the note of a site has at most {_MAX_NOTE} bytes", where=where)
    note = parse_note(data, where=where)
    lines = note.text.split("\n")
    if len(lines) != 6 or lines[0] != _HEAD or lines[5]:
        raise Malformed(f"the note of a site begins with {_HEAD} and has five lines", where=where)
    site = Site(
        check_origin(lines[1]),
        parse_decimal(lines[2], where=where),
        parse_decimal(lines[3], limit=MAX_FILES, where=where),
        parse_base64(lines[4], size=32, where=where),
    )
    if not any(key.name == site.origin for key in open_note(note, keys, where=where)):
        raise NotVerified(f"no key of {site.origin} signed this", where=where)
    return site


def parse_manifest(data: bytes, *, where: str = MANIFEST) -> dict[str, bytes]:
    """The SHA-256 of each file by its path. Raises Malformed unless it is the one spelling of that list."""
    if len(data) > MAX_MANIFEST:
        raise Malformed(f"a manifest has at most {MAX_MANIFEST} bytes", where=where)
    try:
        found = {path: bytes.fromhex(digest) for digest, path in _LINE.findall(data.decode())}
        for path in found:
            check_path(path)
    except (UnicodeDecodeError, InputError):
        found = {}
    if not 0 < len(found) <= MAX_FILES or format_manifest(found) != data:
        raise Malformed("a manifest has a line a file, sorted: SHA-256 in hex, two spaces, path", where=where)
    return found


def site_origin(root: Path) -> str:
    """Whose site a folder says that it is, unverified. Raises Malformed, InputError."""
    lines = parse_note(_read(root, SITE, _MAX_NOTE), where=SITE).text.split("\n")
    return check_origin(lines[1] if len(lines) > 1 else "")


def verify_site(root: Path, keys: Iterable[VerifierKey]) -> Site:
    """Verify that a folder holds exactly the files that its member signed.

    Raises NotVerified if the note, the manifest or a file is another, or if there is a file more or less;
    Malformed for what is no site; InputError where there is none.
    """
    site = parse_site(_read(root, SITE, _MAX_NOTE), keys)
    data = _read(root, MANIFEST, MAX_MANIFEST)
    if hashlib.sha256(data).digest() != site.digest:
        raise NotVerified("the list of files is not the one that was signed", where=MANIFEST)
    listed = parse_manifest(data)
    if len(listed) != site.n_files:
        raise NotVerified(f"{len(listed)} files are listed, {site.n_files} were signed", where=MANIFEST)
    for path, digest in listed.items():
        if hashlib.sha256(_read(root, path, MAX_FILE)).digest() != digest:
            raise NotVerified("this file is not the one that was signed", where=path)
    # A link to a folder is no folder of this site: what stands behind it was not signed.
    there = {
        one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_symlink() or not one.is_dir()
    }
    if strange := sorted(there - listed.keys() - {SITE, MANIFEST}):
        raise NotVerified("this file was not signed with the others", where=strange[0])
    return site


def _read(root: Path, path: str, limit: int) -> bytes:
    try:
        data = read_file(root / path, limit)
    except (OSError, ValueError):
        data = None
    if data is None:
        raise InputError("this file of the site is missing, or cannot be read", where=path)
    return data
