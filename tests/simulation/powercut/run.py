"""Run a command, record what it does to its files, and cut the power as often as a test wants."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.simulation.powercut.disk import (
    Image,
    Kind,
    Operation,
    Trace,
    TraceError,
    images,
    pack,
    read_trace,
    replay,
    write_image,
)

SHIM = Path(__file__).with_name("shim.c")


class CannotRecord(Exception):
    """This machine cannot record a process: the reason, for the test that is skipped."""


def build_shim(folder: Path) -> Path:
    """Compile the shim into `folder`; `CannotRecord` where there is no Linux or no C compiler.

    A compiler that does not take shim.c is an error and no reason to skip: a mistake in it must be seen.
    """
    if sys.platform != "linux" or sys.maxsize < 2**32:
        raise CannotRecord("the power-cut recorder is for 64-bit Linux")
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise CannotRecord("the power-cut recorder needs a C compiler: there is no cc, gcc or clang")
    library = folder / "powercut.so"
    flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC"]
    made = subprocess.run(
        [compiler, *flags, "-o", library, SHIM], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(f"{compiler} cannot compile shim.c: {made.stderr.strip()}")
    return library


def record(
    argv: Sequence[str | Path],
    root: Path,
    trace: Path,
    env: Mapping[str, str] | None = None,
    *,
    shim: Path,
    timeout: float = 120.0,
) -> Trace:
    """Run a command under the shim and give its trace, which is also left in the file `trace`.

    What `root` holds before counts as durable. `env` is added to the environment. What the command, or any
    process that it starts, writes to its descriptor 1 is an acknowledgement: print a whole line and flush it.
    Raises `TraceError` if the command fails, or if the trace does not give the folder that it left, byte for
    byte: then it changed files in a way that the shim does not see.
    """
    root, trace = root.resolve(strict=True), trace.resolve()
    if trace.is_relative_to(root):
        raise ValueError("the trace may not lie in the folder that is recorded")
    trace.write_bytes(b"".join(map(pack, _before(root))))
    setting = {"LD_PRELOAD": str(shim), "POWERCUT_ROOT": str(root), "POWERCUT_TRACE": str(trace)}
    ran = subprocess.run(
        [str(part) for part in argv],
        env={**os.environ, **(env or {}), **setting},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=timeout,
        check=False,
    )
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip()
        raise TraceError(f"the recorded command ended with {ran.returncode}: {said}")
    found = read_trace(trace)
    if different := differences(found, root):
        raise TraceError(f"the trace does not give what the command left: {', '.join(different)}")
    return found


def _before(root: Path) -> Iterator[Operation]:
    """What the folder holds, as the first operations of a trace."""
    yield Operation(Kind.OLD_FOLDER, root.stat().st_ino)
    for path in sorted(root.rglob("*")):
        name, inode = path.relative_to(root).as_posix(), path.lstat().st_ino
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ValueError(f"{name} is neither a folder nor a regular file")
        if path.is_dir():
            yield Operation(Kind.OLD_FOLDER, inode, path=name)
        else:
            yield Operation(Kind.OLD_FILE, inode, path=name, data=path.read_bytes())


def differences(trace: Trace, root: Path) -> list[str]:
    """The files in which the replayed trace and a real folder differ, but for SQLite's mapped "-shm"."""
    replayed = replay(trace)
    real = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return sorted(
        name
        for name in replayed.keys() | real.keys()
        if not name.endswith("-shm")
        and (name not in replayed or name not in real or replayed[name] != real[name].read_bytes())
    )


def rewrite_image(image: Image, folder: Path) -> None:
    """Make a folder hold an image, whatever it held, without touching the files that are right already."""
    wanted = set(image.folders)
    for above, folders, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(above, name)
            if image.files.get(path.relative_to(folder).as_posix()) != path.read_bytes():
                path.unlink()
        for name in folders:
            path = Path(above, name)
            if path.relative_to(folder).as_posix() not in wanted:
                path.rmdir()  # it is empty: an image holds no file in a folder that it does not name
    folder.mkdir(exist_ok=True)
    for name in image.folders:
        (folder / name).mkdir(exist_ok=True)
    for name, content in image.files.items():
        path = folder / name
        if not path.exists():
            path.write_bytes(content)


def crashes(
    trace: Trace,
    folder: Path,
    seed: int,
    count: int,
    *,
    strict_posix: bool = True,
    ignore_fsync: bool = False,
    reuse: bool = False,
) -> Iterator[tuple[Image, Path]]:
    """Each image, and the place in `folder` where it is written out until the next is asked for.

    With `reuse` the files that are the same from one image to the next stay where they are, which is faster
    where there are hundreds. Then what a test opened must be closed before it asks for the next image: SQLite
    would take what it remembers of the old file for the new one.
    """
    place = folder / "disk"
    try:
        for image in images(trace, seed, count, strict_posix=strict_posix, ignore_fsync=ignore_fsync):
            if reuse:
                rewrite_image(image, place)
            else:
                shutil.rmtree(place, ignore_errors=True)
                write_image(image, place)
            yield image, place
    finally:
        shutil.rmtree(place, ignore_errors=True)
