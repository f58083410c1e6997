"""Making a home: a folder with the store, three keys behind passphrases, and the member's card."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from allweather.errors import OutputError
from allweather.node.home import Home, Passphrase, format_home, new_keys, open_store
from allweather.record.members import make_card
from allweather.record.writing import adopt
from allweather.store.disk import reason, sync_folder, write_new


def make_home(
    home: Home, recovery_key: Path | None, words: dict[str, Passphrase], *, rounds: int | None = None
) -> bytes:
    """Make the home beside its place and put it there as a whole; the digest of the member's card.

    `words` are the passphrases of the keys `log`, `witness` and `recovery`, `rounds` as for `new_keys`.
    Raises OutputError.
    """
    words["log"].get(new=True)  # asked for before anything is made
    words["recovery"].get(new=True)
    target = home.path.absolute()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    made = Home(part, home.origin, home.store, home.quorum)
    places = {word: made.keys / f"{word}.key" for word in ("log", "witness", "recovery")}
    if recovery_key is not None:
        places["recovery"] = recovery_key
    outside = False
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise OutputError(f"{home.path} is there already and is not empty; choose another place")
        part.mkdir(mode=0o700)
        made.keys.mkdir(mode=0o700)
        keys = new_keys(home.origin, places, words, rounds=rounds)
        outside = recovery_key is not None
        card = make_card(keys["log"], keys["witness"], keys["recovery"])
        write_new(part / "home.toml", format_home(home), mode=0o600)
        storage = open_store(made, create=True)
        try:
            if storage.origins():
                raise OutputError(f"the store of {home.path} holds a record already; name an empty one")
            storage.commit(adopt(card))
        finally:
            storage.close()
        sync_folder(part)
        part.rename(target)
        outside = False
        sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"cannot make {home.path}: {reason(error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if outside:
            places["recovery"].unlink(missing_ok=True)
    return card.digest
