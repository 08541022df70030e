"""A new plugin as a folder of files that validates, builds and answers as it stands."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rising_bsm.errors import Conflict, InvalidInput

SEE_CUSTOMERS = '\n  { code = "customers.read", reason = "Looks at customers before they are written." },\n'
READ_CUSTOMERS = '\n  { code = "customers.read", reason = "Says how many customers there are." },\n'


@dataclass(frozen=True)
class Kind:
    """A type of plugin that can be started: what its first version asks for, answers and says of itself."""

    permissions: str
    target: str
    summary: str


KINDS: Mapping[str, Kind] = {
    "api": Kind(READ_CUSTOMERS, "GET /hello", "Answers requests of its own below `/api/ext/`."),
    "automation": Kind(SEE_CUSTOMERS, "before customers.create", "Looks at every new customer before it is written."),
    "ui": Kind(READ_CUSTOMERS, "component notes", "Has a page of its own, with a table and a form."),
    "mixed": Kind(
        READ_CUSTOMERS,
        "GET /hello",
        "Answers a request of its own, shows something on the dashboard and looks at every new customer.",
    ),
}


@dataclass(frozen=True)
class NewPlugin:
    """What is known of a plugin before its first line is written."""

    publisher: str
    name: str
    type: str
    display_name: str
    description: str

    @property
    def package(self) -> str:
        """The name of the Python package: publisher and name, and never that of a module of Python itself."""
        package = f"{self.publisher}_{self.name}".replace("-", "_")
        return f"{package}_plugin" if package in {*sys.stdlib_module_names, "rising_bsm_sdk"} else package

    @property
    def class_name(self) -> str:
        """The name of the class, `HelloWorldPlugin` for `hello-world`."""
        return "".join(part.capitalize() for part in self.name.split("-")) + "Plugin"


def known_kind(type: str) -> Kind:
    """The kind named `type`; raises `InvalidInput` for one that cannot be started."""
    if type in KINDS:
        return KINDS[type]
    raise InvalidInput(
        f'There is no type "{type}".',
        code="create.type_unavailable",
        place="--type",
        next_step=f"Use one of {', '.join(KINDS)}.",
    )


def scaffold(plugin: NewPlugin) -> dict[str, str]:
    """The files of a new plugin as path -> text; raises `InvalidInput` for names that no line of text can hold."""
    for option, text in (("--display-name", plugin.display_name), ("--description", plugin.description)):
        if not text.isprintable():
            raise InvalidInput(
                "This holds a line break or a control character.",
                code="create.bad_text",
                place=option,
                next_step="Write it on one line.",
            )
    values = _values(plugin)
    texts = {
        "pyproject.toml": "pyproject.toml.txt",
        "README.md": "README.md.txt",
        "CHANGELOG.md": "CHANGELOG.md.txt",
        ".gitignore": "gitignore.txt",
        f"src/{plugin.package}/__init__.py": f"{plugin.type}.py.txt",
    }
    folder = Path(__file__).parent / "templates"
    return {
        path: Template((folder / template).read_text("utf-8")).substitute(values) for path, template in texts.items()
    }


def write(root: Path, texts: Mapping[str, str]) -> None:
    """Write the files into `root`; raises `Conflict` if something is there already."""
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Conflict(
            "There is something there already.",
            code="create.folder_not_empty",
            place=str(root),
            next_step="Choose another folder with --folder, or empty this one.",
        )
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _values(plugin: NewPlugin) -> dict[str, str]:
    kind = known_kind(plugin.type)
    return {
        "publisher": plugin.publisher,
        "name": plugin.name,
        "id": f"{plugin.publisher}.{plugin.name}",
        "type": plugin.type,
        "package": plugin.package,
        "class_name": plugin.class_name,
        "title": plugin.display_name,
        "display_name": json.dumps(plugin.display_name, ensure_ascii=False),
        "description": json.dumps(plugin.description, ensure_ascii=False),
        "summary": plugin.description,
        "permissions": kind.permissions,
        "target": kind.target,
    }
