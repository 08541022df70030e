"""docs/reference/ui.md: what the ui kit of the SDK says of itself."""

import ast
import inspect

from tools.docs.sdk import SOURCE

CHAPTERS = {
    "Pages and their parts": (
        "layout",
        ("Page", "Section", "Card", "Grid", "Row", "List", "Tabs", "Tab", "Modal", "Empty"),
    ),
    "Tables and timelines": ("layout", ("Table", "Column", "Line", "Timeline", "Moment")),
    "What is shown": (
        "content",
        ("Text", "Markdown", "Code", "Stat", "Badge", "Alert", "Progress", "Image", "Link", "Chart"),
    ),
    "What is pressed": ("content", ("Button",)),
    "Forms": ("forms", ("Form", "Hidden")),
    "Fields": (
        "forms",
        (
            *("Field", "TextField", "TextArea", "PasswordField", "NumberField", "EmailField", "PhoneField", "UrlField"),
            *("DateField", "TimeField", "DateTimeField", "ColorField", "Checkbox", "Switch", "Select", "Radio"),
            *("MultiSelect", "CustomerPicker"),
        ),
    ),
    "What actions answer": ("answers", ("Done", "Redirect")),
}
HEAD = """\
# The ui kit

`from rising_bsm_sdk import ui`. Components return these nodes, and the host draws them.
[The guide](../guide/plugin-ui.md) shows how.

Wherever children are taken, a text or a number is a `Text`, lists are opened up, and None is left out. A `Tone` is
`neutral`, `info`, `success`, `warning` or `danger`. Nodes do not change; make another one.
"""


def page() -> str:
    """The page, in Markdown."""
    chapters = (
        "\n".join([f"## {title}\n", *(_section(_classes(module)[name]) for name in names)])
        for title, (module, names) in CHAPTERS.items()
    )
    return "\n".join([HEAD, *chapters]).rstrip() + "\n"


def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse((SOURCE / "ui" / f"{module}.py").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _section(node: ast.ClassDef) -> str:
    sentence = inspect.cleandoc(ast.get_docstring(node) or "")
    return f"### `{node.name}`\n\n```text\nui.{node.name}({_arguments(node)})\n```\n\n{sentence}\n"


def _arguments(node: ast.ClassDef) -> str:
    """What the class is made with: by itself, by the class that it is a kind of, or its fields."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return ast.unparse(item.args).removeprefix("self, ")
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    if fields:
        return ", ".join(ast.unparse(item) for item in fields)
    base = ast.unparse(node.bases[0])
    return _arguments(_classes("forms")[base])
