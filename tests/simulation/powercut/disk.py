"""The disk below a recorded process: what it may hold after the power is cut at any moment.

`shim.c` records what a process does to the files of one folder; `images` rebuilds the folder as it may look
after a cut. A test opens each image with the code under test and asks whether what had been acknowledged is
still there:

    trace = read_trace(path)
    for image in images(trace, seed=1, count=10_000):
        write_image(image, folder)
        assert what_the_store_holds(folder) >= what_was_acknowledged(image.acks)

**What survives for certain.** The data and the size of a file as they were when an fsync or fdatasync of
*that file* returned (or a write through O_SYNC). The names in a folder as they were when an fsync of *that
folder* returned. What was there before the recording began.

**What may be lost, torn or reordered**, decided by dice for each image:

- Each write since the file's last sync survives, is lost, or is torn: of the 512-byte sectors that it touches
  some survive (a first part, a last part, or any subset). One sector is never torn. A sector that survives
  holds what the page cache held after the last surviving write to it, so earlier writes to that sector are in
  it too.
- Each truncation or extension since then survives or not. A write that made the file longer may be lost while
  the new size survives; the hole reads as zeros.
- Of the creations, renames, links, removals and new folders in one folder since its last sync, some first
  part survives: a journaling file system keeps their order within a folder. A rename is one step, also from
  one folder to another: after it there is the old name or the new one, never both and never neither.
- Between files, and between files and folders, there is no order, except in the images of the moods that keep
  one (`Mood`): a name may survive before the data, data before the name.

**The two readings of fsync.** With `strict_posix` the sync of a file does not make its name durable: only a
sync of the folder does, and of the folder above if that folder is new too. Without it the sync of a file also
keeps the names under which that file was linked, and the folders above it, as ext4, XFS and Btrfs do. In both
readings fdatasync of a folder counts as fsync (on Linux it is; SQLite relies on it), and a sync of a file
that replaced another by rename does not keep the rename unless the sync came after it.

**Not modelled.** Disks that lie about a sync, except all of them at once with `ignore_fsync`, by which a test
shows that it would see a loss. Damage to what is already synced: rot, misdirected or torn writes over old
sectors that were not being written, a torn sector. Old or foreign bytes in blocks that a file was given but
had not yet filled (they read as zeros). An fsync that fails. Modes, times, extended attributes. The content
of shared mappings: only SQLite's "-shm" is let through, and an image holds it as it was written by other
means, mostly zeros. Readers during the cut: only what the disk holds afterwards is asked.

The same trace, seed and options give the same images. Recording the same command twice
gives two traces: inodes differ, and so may the order of threads.
"""

from __future__ import annotations

import enum
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512

_HEAD = struct.Struct("=IIIIQQ")  # struct head in shim.c


class TraceError(Exception):
    """The trace cannot be what happened: it is cut short, or names a file that was never made."""


# The trace


class Kind(enum.Enum):
    """What an operation does; the letters are those of shim.c."""

    OLD_FOLDER = "D"
    OLD_FILE = "F"
    CREATE = "C"
    MKDIR = "M"
    WRITE = "W"
    RESIZE = "T"
    SYNC = "S"
    RENAME = "R"
    LINK = "L"
    UNLINK = "U"
    RMDIR = "K"
    ACK = "A"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that succeeded.

    `inode` is the file or folder, where one is meant by its descriptor or is made; `at` the offset of a write
    or the new size; `path` and `new_path` are relative to the root; `data` what was written or acknowledged.
    """

    kind: Kind
    inode: int = 0
    at: int = 0
    path: str = ""
    new_path: str = ""
    data: bytes = b""


@dataclass(frozen=True)
class Trace:
    """The operations in the order in which they took effect; the first `start` tell what was there before."""

    operations: tuple[Operation, ...]
    start: int

    def acks(self, crash_at: int | None = None) -> tuple[str, ...]:
        """The whole lines that had been acknowledged when `crash_at` operations were done (None: all)."""
        text = b"".join(one.data for one in self.operations[:crash_at] if one.kind is Kind.ACK)
        return tuple(text[: text.rfind(b"\n") + 1].decode("utf-8", errors="replace").splitlines())


def pack(operation: Operation) -> bytes:
    """The record of an operation, as shim.c writes it."""
    parts = [operation.path.encode("utf-8", "surrogateescape"), operation.data]
    if operation.kind in (Kind.RENAME, Kind.LINK):
        parts[1] = operation.new_path.encode("utf-8", "surrogateescape")
    elif operation.kind in (Kind.WRITE, Kind.ACK):
        parts.reverse()
    sizes = [len(part) for part in parts]
    head = _HEAD.pack(ord(operation.kind.value), *sizes, 0, operation.inode, operation.at)
    return head + b"".join(parts)


def read_trace(path: Path) -> Trace:
    """Read the trace that `run.record` left."""
    raw = path.read_bytes()
    operations, place = [], 0
    while place < len(raw):
        if place + _HEAD.size > len(raw):
            raise TraceError(f"{path.name} ends within a record")
        letter, size1, size2, _, inode, at = _HEAD.unpack_from(raw, place)
        middle = place + _HEAD.size + size1
        one, two = raw[place + _HEAD.size : middle], raw[middle : middle + size2]
        place = middle + size2
        if place > len(raw):
            raise TraceError(f"{path.name} ends within a record")
        try:
            kind = Kind(chr(letter))
        except ValueError as error:
            raise TraceError(f"{path.name} holds a record of no known kind") from error
        if kind in (Kind.WRITE, Kind.ACK):
            operations.append(Operation(kind, inode, at, data=one))
            continue
        name = one.decode("utf-8", "surrogateescape")
        if kind in (Kind.RENAME, Kind.LINK):
            operations.append(Operation(kind, path=name, new_path=two.decode("utf-8", "surrogateescape")))
        else:
            operations.append(Operation(kind, inode, at, name, data=two))
    old = (Kind.OLD_FOLDER, Kind.OLD_FILE)
    start = next((i for i, one in enumerate(operations) if one.kind not in old), len(operations))
    return Trace(tuple(operations), start)


# The dice


class Mood(enum.Enum):
    """How an image decides about what was not synced; the value is its share in a hundred images."""

    NOTHING = "nothing unsynced survives", 15
    EVERYTHING = "everything survives, as after kill -9", 5
    IN_ORDER = "everything up to some moment survives, nothing after it", 20
    NAMES_FIRST = "all names survive, of the data little or nothing", 15
    DATA_FIRST = "all data survive, of the names little or nothing", 10
    ANY = "each write and each folder for itself", 35


_MOODS = tuple(Mood)
_SHARES = tuple(mood.value[1] for mood in Mood)


class _Fate(enum.Enum):
    KEPT = 1
    LOST = 2
    TORN = 3


class _Dice:
    """The decisions of one image."""

    def __init__(self, rng: random.Random, unsynced: Callable[[], list[int]]) -> None:
        self.rng = rng
        self.mood = rng.choices(_MOODS, _SHARES)[0]
        self._cut = rng.choice([0, *unsynced()]) if self.mood is Mood.IN_ORDER else 0

    def of_file(self) -> Callable[[int], _Fate]:
        """A function from an operation's number to its fate, for the unsynced operations of one file."""
        rng, cut, share, torn = self.rng, self._cut, 0.0, 0.0
        match self.mood:
            case Mood.NOTHING:
                return lambda _: _Fate.LOST
            case Mood.EVERYTHING | Mood.DATA_FIRST:
                return lambda _: _Fate.KEPT
            case Mood.IN_ORDER:
                return lambda n: _Fate.KEPT if n < cut else _Fate.TORN if n == cut else _Fate.LOST
            case Mood.NAMES_FIRST:
                share, torn = rng.choice(((0.0, 0.0), (0.0, 0.3), (0.3, 0.1)))
            case Mood.ANY:
                share, torn = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0)), rng.choice((0.0, 0.1, 0.5))

        def fate(_: int) -> _Fate:
            if rng.random() < torn:
                return _Fate.TORN
            return _Fate.KEPT if rng.random() < share else _Fate.LOST

        return fate

    def of_folder(self, pending: list[_Change]) -> int:
        """The number of the last unsynced change of one folder that survives, or -1."""
        numbers = [-1, *(change.number for change in pending)]
        match self.mood:
            case Mood.NOTHING:
                return -1
            case Mood.EVERYTHING | Mood.NAMES_FIRST:
                return numbers[-1]
            case Mood.IN_ORDER:
                return self._cut
            case Mood.DATA_FIRST:
                return self.rng.choice((-1, self.rng.choice(numbers[:-1])))
            case Mood.ANY:
                return self.rng.choice((-1, numbers[-1], self.rng.choice(numbers)))


# Files and folders: what is synced, what is seen by the running process, and what lies between


class _File:
    """A file's content: as synced, as the page cache has it, and the unsynced operations between the two."""

    def __init__(self, content: bytes = b"") -> None:
        self._synced = bytearray(content)
        self.cached = bytearray(content)
        self.pending: list[tuple[int, Operation]] = []
        self._as_bytes: bytes | None = content

    def do(self, number: int, operation: Operation) -> None:
        """Write or resize, in the page cache."""
        _apply(self.cached, operation)
        self.pending.append((number, operation))

    def sync(self) -> None:
        """Make what the page cache holds durable."""
        for _, operation in self.pending:
            _apply(self._synced, operation)
            self._as_bytes = None
        self.pending.clear()

    def image(self, dice: _Dice) -> bytes:
        """The content that the disk holds after the cut."""
        if self._as_bytes is None:
            self._as_bytes = bytes(self._synced)
        if not self.pending or dice.mood is Mood.NOTHING:
            return self._as_bytes
        fate = dice.of_file()
        fates = [fate(number) for number, _ in self.pending]
        if all(one is _Fate.LOST for one in fates) and dice.mood is not Mood.ANY:
            return self._as_bytes
        if all(one is _Fate.KEPT for one in fates):
            return bytes(self.cached)
        disk, cache = bytearray(self._synced), bytearray(self._synced)
        for (_, operation), one in zip(self.pending, fates, strict=True):
            _apply(cache, operation)
            if operation.kind is Kind.RESIZE:
                if one is _Fate.KEPT:
                    _apply(disk, operation)
            elif one is not _Fate.LOST:
                _write_back(disk, cache, operation, _sectors(operation, one, dice.rng), dice.rng)
            elif dice.mood is Mood.ANY and dice.rng.random() < 0.1:
                _extend(disk, operation.at + len(operation.data))
        return bytes(disk)


def _extend(content: bytearray, size: int) -> None:
    if size > len(content):
        content.extend(bytes(size - len(content)))


def _apply(content: bytearray, operation: Operation) -> None:
    """What a write or a change of size does to a content."""
    if operation.kind is Kind.RESIZE:
        del content[operation.at :]
        _extend(content, operation.at)
    else:
        _extend(content, operation.at)
        content[operation.at : operation.at + len(operation.data)] = operation.data


def _sectors(write: Operation, fate: _Fate, rng: random.Random) -> list[int]:
    """The numbers of the sectors of a write that reach the disk."""
    sectors = list(range(write.at // SECTOR, (write.at + len(write.data) - 1) // SECTOR + 1))
    if fate is _Fate.KEPT:
        return sectors
    where = rng.randrange(len(sectors) + 1)
    kind = rng.randrange(3)
    if kind == 2:
        chosen = rng.getrandbits(len(sectors))
        return [sector for i, sector in enumerate(sectors) if chosen >> i & 1]
    return sectors[:where] if kind == 0 else sectors[where:]


def _write_back(
    disk: bytearray, cache: bytearray, write: Operation, sectors: list[int], rng: random.Random
) -> None:
    """Copy the sectors of a write from the page cache, and the size as far as it survives."""
    if not sectors:
        return
    end = write.at + len(write.data)
    whole = len(sectors) == (end - 1) // SECTOR - write.at // SECTOR + 1
    _extend(disk, end if whole or rng.random() < 0.5 else min(end, (sectors[-1] + 1) * SECTOR))
    first = sectors[0]
    for place, sector in enumerate(sectors, 1):
        if place < len(sectors) and sectors[place] == sector + 1:
            continue  # copy each run of neighbours at once
        start, stop = first * SECTOR, min((sector + 1) * SECTOR, len(disk))
        if stop > start:
            disk[start:stop] = cache[start:stop].ljust(stop - start, b"\0")
        first = sectors[place] if place < len(sectors) else 0


@dataclass(eq=False)
class _Folder:
    """The names in a folder: as synced, as the running process sees them, and the changes between the two."""

    synced: dict[str, _Node] = field(default_factory=dict)
    seen: dict[str, _Node] = field(default_factory=dict)
    pending: list[_Change] = field(default_factory=list)


_Node = _File | _Folder


@dataclass(frozen=True, eq=False)
class _Change:
    """A step that takes names away and gives names, in one folder or, for some renames, in two."""

    number: int
    gone: tuple[_Folder, str] | None
    come: tuple[_Folder, str, _Node] | None

    def folders(self) -> list[_Folder]:
        """The folders whose names it changes."""
        found = [part[0] for part in (self.gone, self.come) if part]
        return found[:1] if len(found) == 2 and found[0] is found[1] else found

    def apply(self, folder: _Folder, names: dict[str, _Node]) -> None:
        """Do to `names` what it does to `folder`."""
        if self.gone and self.gone[0] is folder:
            names.pop(self.gone[1], None)
        if self.come and self.come[0] is folder:
            names[self.come[1]] = self.come[2]


# The disk


@dataclass(frozen=True)
class Image:
    """What a disk holds after a cut, and what had been acknowledged before it.

    `crash_at` operations of the trace were done. `number` and `mood` tell which image it was: the same trace
    and seed give it again.
    """

    number: int
    crash_at: int
    mood: Mood
    acks: tuple[str, ...]
    folders: tuple[str, ...]
    files: dict[str, bytes]


class Disk:
    """The running state while a trace is played: `do` each operation, take an `image` at any moment."""

    def __init__(self, *, strict_posix: bool = True, ignore_fsync: bool = False) -> None:
        self._strict, self._ignore = strict_posix, ignore_fsync
        self._root = _Folder()
        self._by_inode: dict[int, _Node] = {}
        self._dirty: dict[int, _File] = {}  # by inode
        self._changed: dict[int, _Folder] = {}  # by id; folders live as long as the disk

    def do(self, number: int, operation: Operation) -> None:
        """Take the next operation."""
        match operation.kind:
            case Kind.OLD_FOLDER | Kind.OLD_FILE:
                self._make_old(operation)
            case Kind.WRITE | Kind.RESIZE:
                file = self._by_inode.get(operation.inode)
                if not isinstance(file, _File):
                    raise TraceError(f"operation {number} writes to a file that the trace did not make")
                file.do(number, operation)
                self._dirty[operation.inode] = file
            case Kind.SYNC:
                if not self._ignore:
                    self._sync(number, operation.inode)
            case Kind.ACK:
                pass
            case _:
                if change := self._change(number, operation):
                    for folder in change.folders():
                        change.apply(folder, folder.seen)
                        folder.pending.append(change)
                        self._changed[id(folder)] = folder

    def _make_old(self, operation: Operation) -> None:
        node = self._by_inode.get(operation.inode)
        if not operation.path:
            node = self._root
        elif node is None:
            node = _File(operation.data) if operation.kind is Kind.OLD_FILE else _Folder()
        self._by_inode[operation.inode] = node
        if operation.path:
            folder, name = self._place(operation.path)
            folder.synced[name] = folder.seen[name] = node

    def _place(self, path: str) -> tuple[_Folder, str]:
        """The folder of a path, as the running process sees it, and the last name."""
        *above, name = path.split("/")
        folder: _Node | None = self._root
        for one in above:
            folder = folder.seen.get(one) if isinstance(folder, _Folder) else None
        if not isinstance(folder, _Folder):
            raise TraceError(f"{path}: the trace did not make its folder")
        return folder, name

    def _change(self, number: int, operation: Operation) -> _Change | None:
        """The change that an operation on names makes, None if it changes nothing."""
        folder, name = self._place(operation.path)
        if operation.kind in (Kind.CREATE, Kind.MKDIR):
            made = _File() if operation.kind is Kind.CREATE else _Folder()
            self._by_inode[operation.inode] = made
            self._dirty.pop(operation.inode, None)  # the number was given again: the old file is gone
            return _Change(number, None, (folder, name, made))
        node = folder.seen.get(name)
        if node is None:
            raise TraceError(f"operation {number} is about {operation.path}, which the trace did not make")
        if operation.kind in (Kind.UNLINK, Kind.RMDIR):
            return _Change(number, (folder, name), None)
        target, new_name = self._place(operation.new_path)
        if operation.kind is Kind.LINK:
            return _Change(number, None, (target, new_name, node))
        if target.seen.get(new_name) is node:
            return None  # POSIX: a rename between two names of one file does nothing
        return _Change(number, (folder, name), (target, new_name, node))

    def _sync(self, number: int, inode: int) -> None:
        node = self._by_inode.get(inode)
        if node is None:
            raise TraceError(f"operation {number} syncs what the trace did not make")
        if isinstance(node, _Folder):
            self._commit({id(node): number})
        else:
            node.sync()
            self._dirty.pop(inode, None)
        if not self._strict:
            self._commit_names(node)

    def _commit_names(self, node: _Node) -> None:
        """Keep the unsynced names of a file or folder, and of the folders above it."""
        wanted: list[_Node] = [node]
        for one in wanted:
            limits = {}
            for key, folder in self._changed.items():
                numbers = [
                    c.number for c in folder.pending if c.come and c.come[2] is one and c.come[0] is folder
                ]
                if numbers:
                    limits[key] = numbers[-1]
                    wanted.append(folder)
            self._commit(limits)

    def _commit(self, limits: dict[int, int]) -> None:
        """Make the changes of folders up to these numbers durable, and what is one step with them."""
        work = list(limits)
        while work:
            key = work.pop()
            for change in self._changed[key].pending if key in self._changed else ():
                for other in map(id, change.folders()):
                    if change.number <= limits[key] and limits.get(other, -1) < change.number:
                        limits[other] = change.number
                        work.append(other)
        for key, limit in limits.items():
            if not (folder := self._changed.get(key)):
                continue
            for change in folder.pending:
                if change.number <= limit:
                    change.apply(folder, folder.synced)
            folder.pending = [change for change in folder.pending if change.number > limit]
            if not folder.pending:
                del self._changed[key]

    def image(self, number: int, crash_at: int, acks: tuple[str, ...], rng: random.Random) -> Image:
        """One disk as the cut may leave it now, after `crash_at` operations."""
        dice = _Dice(rng, self._unsynced)
        limits = {key: dice.of_folder(folder.pending) for key, folder in self._changed.items()}
        self._keep_whole(limits)
        contents: dict[_File, bytes] = {}
        folders: list[str] = []
        files: dict[str, bytes] = {}
        work = [("", self._root)]
        for above, folder in work:
            names = folder.synced
            if folder.pending:
                names = dict(names)
                for change in folder.pending:
                    if change.number <= limits[id(folder)]:
                        change.apply(folder, names)
            for name, node in names.items():
                path = above + name
                if isinstance(node, _Folder):
                    folders.append(path)
                    work.append((f"{path}/", node))
                    continue
                if node not in contents:
                    contents[node] = node.image(dice)
                files[path] = contents[node]
        return Image(number, crash_at, dice.mood, acks, tuple(folders), files)

    def _unsynced(self) -> list[int]:
        """The numbers of all operations whose effect is not yet durable."""
        data = [number for file in self._dirty.values() for number, _ in file.pending]
        return data + [change.number for folder in self._changed.values() for change in folder.pending]

    def _keep_whole(self, limits: dict[int, int]) -> None:
        """Lower the limits until a change that is one step in two folders survives in both or in neither."""
        shared = [c for folder in self._changed.values() for c in folder.pending if len(c.folders()) == 2]
        again = bool(shared)
        while again:
            again = False
            for change in shared:
                keys = [id(folder) for folder in change.folders()]
                kept = [key for key in keys if limits[key] >= change.number]
                if len(kept) == 1:
                    limits[kept[0]] = change.number - 1
                    again = True

    def seen(self) -> dict[str, bytes]:
        """All files as the running process sees them."""
        files = {}
        work = [("", self._root)]
        for above, folder in work:
            for name, node in folder.seen.items():
                if isinstance(node, _Folder):
                    work.append((f"{above}{name}/", node))
                else:
                    files[above + name] = bytes(node.cached)
        return files


def replay(trace: Trace) -> dict[str, bytes]:
    """All files as they are after the whole trace, without a cut."""
    disk = Disk()
    for number, operation in enumerate(trace.operations):
        disk.do(number, operation)
    return disk.seen()


def crash_points(trace: Trace, seed: int, count: int) -> list[int]:
    """The moments of `count` cuts, sorted: half spread evenly, half right after an acknowledgement."""
    first, last = trace.start, len(trace.operations)
    acks = (i for i, operation in enumerate(trace.operations) if operation.kind is Kind.ACK)
    after = [i + 1 for i in acks if trace.operations[i].data.endswith(b"\n")]
    rng = random.Random(f"crash points/{seed}")
    chosen = count // 2 if after else 0
    spread = count - chosen
    offset = rng.random()
    points = [first + int((i + offset) / spread * (last - first + 1)) for i in range(spread)]
    return sorted(points + rng.choices(after, k=chosen) if chosen else points)


def images(
    trace: Trace, seed: int, count: int, *, strict_posix: bool = True, ignore_fsync: bool = False
) -> Iterator[Image]:
    """`count` disks after a cut, in the order of the moments of their cuts; the trace is played once."""
    disk = Disk(strict_posix=strict_posix, ignore_fsync=ignore_fsync)
    done, acked = 0, b""
    acks: tuple[str, ...] = ()
    for number, crash_at in enumerate(crash_points(trace, seed, count)):
        new = b""
        while done < crash_at:
            operation = trace.operations[done]
            disk.do(done, operation)
            if operation.kind is Kind.ACK:
                new += operation.data
            done += 1
        if new:
            *lines, acked = (acked + new).split(b"\n")
            acks += tuple(line.decode("utf-8", errors="replace") for line in lines)
        yield disk.image(number, crash_at, acks, random.Random(f"{seed}/{number}"))


def write_image(image: Image, folder: Path) -> None:
    """Write an image out to `folder`, which is made, or is empty."""
    folder.mkdir(exist_ok=True)
    for name in image.folders:
        (folder / name).mkdir()
    for name, content in image.files.items():
        (folder / name).write_bytes(content)
