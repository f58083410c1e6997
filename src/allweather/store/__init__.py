"""Where a record is kept, and where one is read from: drivers, sources, key files.

**Stores.** The room `record` declares what a store must do (`record.storage.Storage`): keep, for each log,
its entries, the hashes above them and the signed head, with all faces that the log has shown; and payloads,
key notes, cosignatures, proofs, and the holder's own marks. A batch is kept as a whole or not at all, and
lasts when `commit` returns. Here are four drivers, and one conformance kit for all of them
(`tests/store/conformance.py`):

    MemoryStore                    gone with the process; the model of the others
    open_sqlite, open_postgres     a database: `schema.py` says what stands where
    FolderStore                    static files as C2SP tlog-tiles has them: `folder.py` says which

One process writes to a store; a second one is refused at once. A store believes no signature and checks
none: it is trusted to give back what it was given, and whoever reads verifies. What it can notice for
itself (a cut file, a wrong length, a payload that no longer has its hash) it reports as a `StoreError`, in
one sentence.

**Sources.** `open_source` reads static files, in the folder's layout, from a folder, a zip archive or a web
address. Sources are made by others: every path and length is bounded. `write_folder` and `write_archive`
write such files.

**Key files.** `write_key` and `read_key` keep a private key in a file that OpenSSH can open, behind a
passphrase.

This room does not know what an entry means, verifies nothing, and asks no one for anything by itself.
"""

from __future__ import annotations

from allweather.store.exporting import write_archive, write_folder
from allweather.store.folder import FolderStore
from allweather.store.keyfiles import read_key, write_key
from allweather.store.memory import MemoryStore
from allweather.store.sources import ArchiveSource, FolderSource, Source, open_source
from allweather.store.sql import SqlStore, open_postgres, open_sqlite
from allweather.store.websource import WebSource

__all__ = [
    "ArchiveSource",
    "FolderSource",
    "FolderStore",
    "MemoryStore",
    "Source",
    "SqlStore",
    "WebSource",
    "open_postgres",
    "open_source",
    "open_sqlite",
    "read_key",
    "write_archive",
    "write_folder",
    "write_key",
]
