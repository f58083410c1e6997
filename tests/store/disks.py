"""A small disk of its own for a test, which can be full or read-only for root too."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own; skips where this machine does not let us have one."""
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("a full or read-only disk is not tested: mounting one needs root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a full or read-only disk is not tested: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def make_read_only(disk: Path) -> None:
    """Nothing can be written to it from here on."""
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)


def make_writable(disk: Path) -> None:
    """It can be written to again."""
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
