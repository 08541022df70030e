"""The command `rising-bsm`: one translator turns every error into a sentence, or into JSON where that was asked for."""

import gc
import os
import sys
from collections.abc import Sequence

from rising_bsm.cli.app import app
from rising_bsm.cli.terminal import as_json, say, show_error
from rising_bsm.errors import Error

DEBUG = "--debug"


class Unexpected(Error):
    """Something broke that this program has no sentence for."""

    code = "cli.unexpected"


class FileTrouble(Error):
    """The operating system refused a file."""

    code = "file.refused"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0 done, 1 refused, 2 wrong usage, 130 interrupted."""
    # What is imported stays: to look through it again and again takes a fifth of the start.
    gc.set_threshold(50_000)
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in given or os.environ.get("RISING_BSM_DEBUG", "") not in ("", "0")
    try:
        app([word for word in given if word != DEBUG], prog_name="rising-bsm")
    except Exception as error:
        if debug:
            raise
        refuse(translated(error), json_wanted="--json" in given)


def translated(error: Exception) -> Error:
    """Any exception as an `Error` that a person can act on."""
    if isinstance(error, Error):
        return error
    if isinstance(error, OSError) and error.strerror:
        return FileTrouble(
            f"{error.strerror}.",
            place=error.filename and str(error.filename),
            next_step="See that the path is right and that you may use what is there.",
        )
    return Unexpected(
        f"rising-bsm itself broke: {type(error).__name__}: {error}",
        next_step="Run it again with --debug and report what it prints.",
    )


def refuse(error: Error, *, json_wanted: bool) -> None:
    """Show `error` and exit with status 1."""
    if json_wanted:
        say(as_json({"error": error.as_dict()}))
    else:
        show_error(error)
    sys.exit(1)
