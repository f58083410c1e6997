"""What a person sees when something fails: one sentence and an exit code, never a traceback.

Wrong input or request: exit code 2. A fault of ours: exit code 1, and a sentence that says how to
get the details (ALLWEATHER_TRACEBACK=1 shows the traceback). An interrupt: 130, as shells do.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import click

from allweather.errors import AllweatherError

WRONG_INPUT, OUR_FAULT, INTERRUPTED = 2, 1, 130


class Door(click.Group):
    """A command group that turns every failure into a sentence and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; always ends in SystemExit."""
        kwargs["standalone_mode"] = False
        try:
            super().main(*args, **kwargs)
        except click.exceptions.Exit as exit:
            sys.exit(exit.exit_code)
        except click.Abort:
            _say("interrupted; nothing was half written")
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(WRONG_INPUT)
        except AllweatherError as error:
            _say(str(error))
            sys.exit(WRONG_INPUT)
        except BrokenPipeError:
            # The reader of our output has gone (`| head`); there is nobody left to tell.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
            sys.exit(0)
        except MemoryError:
            _say("there is not enough memory for this source; review fewer questions or members at a time")
            sys.exit(WRONG_INPUT)
        except Exception as error:
            if os.environ.get("ALLWEATHER_TRACEBACK"):
                traceback.print_exc()
            _say(
                f"this is a fault of the program, not yours ({type(error).__name__}); nothing was half "
                "written. Set ALLWEATHER_TRACEBACK=1 and run it again for the details to report"
            )
            sys.exit(OUR_FAULT)
        sys.exit(0)


def _say(sentence: str) -> None:
    # One line, whatever the message holds: a file's name or text may bring its own line breaks.
    click.echo(f"allweather: {' '.join(sentence.split())}", err=True)
