"""docs/reference/cli.md, written from the commands themselves.

`python -m rising_bsm.cli.reference > docs/reference/cli.md` writes it again.
"""

import inspect
from collections.abc import Iterator

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from rising_bsm.cli.app import app

HEAD = """\
# The command `rising-bsm`

Exit status: 0 done, 1 refused, 2 wrong usage, 130 interrupted. The reason of a refusal is on standard error, or with
`--json` on standard output as `{"error": {…}}`. `--debug`, anywhere on the line, shows a traceback instead.

Keys, trusted keys and tokens are kept in the user's configuration directory, or in the folder that `RISING_BSM_CONFIG`
names, where nobody else can read them. `RISING_BSM_PASSPHRASE` answers the question for a key's passphrase,
`RISING_BSM_PASSWORD` that of `login`.
"""


def reference() -> str:
    """The page, in Markdown."""
    return "\n".join([HEAD, *_section("rising-bsm", get_command(app))])


def _section(name: str, command: object) -> Iterator[str]:
    assert isinstance(command, TyperCommand | TyperGroup)
    yield f"## `{name}`\n"
    yield _text_of(command.help or "")
    yield from _table("Argument", [_argument(param) for param in command.params if isinstance(param, TyperArgument)])
    yield from _table("Option", [_option(param) for param in command.params if isinstance(param, TyperOption)])
    if isinstance(command, TyperGroup):
        for below, inner in command.commands.items():
            yield from _section(f"{name} {below}", inner)


def _text_of(help: str) -> str:
    prose, _, examples = inspect.cleandoc(help).partition("\b\nExamples:\n")
    return prose.strip() + (f"\n\n```\n{inspect.cleandoc(examples)}\n```\n" if examples else "\n")


def _table(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f"| {title} | |\n|---|---|"
        yield from (f"| `{name}` | {text} |" for name, text in rows)
        yield ""


def _argument(param: TyperArgument) -> tuple[str, str]:
    return param.metavar or param.name.upper(), (param.help or "") + ("" if param.required else " Optional.")


def _option(param: TyperOption) -> tuple[str, str]:
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    variable = f" (environment: `{param.envvar}`)" if param.envvar else ""
    default = f" (default: `{param.default}`)" if isinstance(param.default, str) else ""
    return ", ".join(param.opts) + value, (param.help or "") + default + variable


if __name__ == "__main__":
    print(reference(), end="")
