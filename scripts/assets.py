"""Bring the scripts of others that the pages use into src/allweather/web/static/vendor, which is not kept.

    python scripts/assets.py

Each comes as a package from npm, by the hash that stands here, and nothing of it is run. Where npm is missing
or finds nothing the pages are plain links and forms, and this says so; that is no fault of a set-up.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "src" / "allweather" / "web" / "static" / "vendor"
MAX_FILE = 2**20

# name and version, SHA-512 of the package, the file in it, and what it is called here
ASSETS = (
    (
        "htmx.org@2.0.11",
        "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        "package/dist/htmx.min.js",
        "htmx.min.js",
    ),
    (
        "htmx-ext-sse@2.2.4",
        "LJmxVhykyflBWgh5PvbRidcyuqMHlgfajmmzumvKctv9puvsufeH6OaejSMZTNTnEI8O2wXXn4ZZtBdpEMqmEQ==",
        "package/dist/sse.min.js",
        "sse.min.js",
    ),
)


def bring(package: str, digest: str, inside: str) -> bytes:
    """The bytes of a file of a package. Raises OSError or ValueError if it cannot be had as it must be."""
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("npm is not here")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [npm, "pack", package, "--ignore-scripts", "--pack-destination", folder, "--silent"],
            cwd=folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        packed = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise OSError("npm does not find it")
        data = packed[0].read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != digest:
        raise ValueError("it is not the package that was pinned")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        file = archive.extractfile(inside)
        found = b"" if file is None else file.read(MAX_FILE + 1)
    if not found or len(found) > MAX_FILE:
        raise ValueError(f"it holds no {inside}")
    return found


def main() -> int:
    """Bring all of them."""
    wrong = False
    for package, digest, inside, name in ASSETS:
        stamp = VENDOR / f"{name}.from"
        if stamp.is_file() and stamp.read_text() == digest and (VENDOR / name).is_file():
            continue
        try:
            data = bring(package, digest, inside)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(
                f"assets: {package}: {error}; the pages work without it, by links and forms", file=sys.stderr
            )
            continue
        except (ValueError, KeyError, tarfile.TarError) as error:
            print(f"assets: {package}: {error}; nothing of it is used", file=sys.stderr)
            wrong = True
            continue
        VENDOR.mkdir(parents=True, exist_ok=True)
        (VENDOR / name).write_bytes(data)
        stamp.write_text(digest)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
