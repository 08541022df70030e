"""Syntax: what the sandbox's Python cannot compile, every file of it."""

import ast
from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import LARGEST_MODULE, Source
from rising_bsm.errors import Error


def check(source: Source, refusal: Error | None) -> Iterator[Finding]:
    """`refusal` is why the sandbox could not compile the plugin, if it could not; it names the first place only.

    The sandbox has a newer Python, so what this one cannot parse counts only when the sandbox cannot either.
    """
    if refusal is None:
        yield Finding("ok", "syntax", "All code compiles.")
        return
    wrong = list(_unparsable(source))
    yield from wrong
    place = source.place_of(refusal.place)
    if place not in {finding.place for finding in wrong}:
        yield Finding("error", "syntax", refusal.message, place, refusal.next_step)


def _unparsable(source: Source) -> Iterator[Finding]:
    for path, content in source.code.items():
        if not path.endswith(".py") or len(content) > LARGEST_MODULE:
            continue
        try:
            ast.parse(content, path)
        except SyntaxError as error:
            yield Finding("error", "syntax", f"{error.msg}.", f"{path}:{error.lineno or 1}", "Correct the line.")
        except ValueError as error:
            yield Finding("error", "syntax", f"{error}.", path, "Save the file as UTF-8 text.")
        except (RecursionError, MemoryError):
            yield Finding("error", "syntax", "The code is nested too deeply.", path, "Write flatter expressions.")
