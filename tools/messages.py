"""Collects what the pages say into `locale/*.po`, and tells what is untranslated."""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from rising_bsm.accounts.permissions import PERMISSIONS

WEB = Path(__file__).parents[1] / "src/rising_bsm/web"
LOCALE = WEB / "locale"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
# As `web/templating.py` has them: they decide on the white space within a text.
_OPTIONS = {
    "templates/**.html": {
        "extensions": "jinja2.ext.do",
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
_KEYWORDS = {"_": None, "gettext": None, "no_translation": None, "ngettext": (1, 2)}
_HEAD = """\
# The texts of the pages. `make messages` adds what is new and removes what is gone; translate what is empty.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""


def collected() -> Catalog:
    """Every text that the pages can say, untranslated; one with a plural is a pair."""
    catalog = Catalog()
    for text in sorted({*_sources(), *PERMISSIONS.values()}, key=str):
        catalog.add(text)
    return catalog


def read(file: Path) -> Catalog:
    """The translations that the file holds; its name is that of the language."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.stem)


def updated(file: Path) -> str:
    """What the file should be: its translations for what the pages say now, in order, and nothing else."""
    catalog = read(file)
    catalog.update(collected(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalog, width=120, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return _HEAD.format(language=file.stem, plurals=catalog.plural_forms) + written.getvalue().decode()


def untranslated(catalog: Catalog) -> list[str]:
    """The texts that have no translation, or not in all forms of the plural."""
    return [str(one.id) for one in catalog if one.id and not (one.string and all(_forms(one.string)))]


def main() -> int:
    """Writes each file anew; 1 if something in it is untranslated."""
    missing = []
    for file in sorted(LOCALE.glob("*.po")):
        file.write_text(updated(file), encoding="utf-8")
        missing += [f"{file.stem}: {text}" for text in untranslated(read(file))]
    print("\n".join(missing) or "Everything is translated.")
    return 1 if missing else 0


def _sources() -> Iterator[str | tuple[str, ...]]:
    for _file, _line, text, _comments, _context in extract_from_dir(WEB, _METHODS, _OPTIONS, keywords=_KEYWORDS):
        yield text


def _forms(string: str | Sequence[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    sys.exit(main())
