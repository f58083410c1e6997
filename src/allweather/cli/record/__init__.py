"""`allweather record`: the record from the terminal, one module a theme.

    home        the folder with store, keys and guard            writing     new, append
    viewing     a home or a source to look at                    looking     log, show
    verifying   verify                                           proving     prove
    moving      export, import, witness                          keeping     redact, succeed, delegate, attest

The clock and all randomness (seeds of keys, nonces) come from here; the rooms below take them as arguments.
"""

from __future__ import annotations

import click

from allweather.cli.record.keeping import attest, delegate, redact, succeed
from allweather.cli.record.looking import log, show
from allweather.cli.record.moving import export, import_, witness
from allweather.cli.record.proving import prove
from allweather.cli.record.verifying import verify
from allweather.cli.record.writing import append, new


@click.group(short_help="The signed record: write it, carry it, verify it.")
def record() -> None:
    """The signed record: each member keeps one log, and every other member holds and cosigns a copy.

    HOME is a folder made by `new`. SOURCE is a folder, an archive (.zip) or a web address with the files of a
    record; PLACE is either of them. ORIGIN is the name of a log, council/member; INDEX the number of an entry
    in it, from 0.
    """


for one in (
    new,
    append,
    log,
    show,
    verify,
    prove,
    export,
    import_,
    witness,
    redact,
    succeed,
    delegate,
    attest,
):
    record.add_command(one)

__all__ = ["record"]
