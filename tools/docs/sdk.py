"""docs/reference/sdk.md: what the SDK says of itself.

The source is read and not the running module, so that the page is the same whatever Python writes it.
"""

import ast
import inspect
from collections.abc import Iterable
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "sdk" / "src" / "rising_bsm_sdk"
CHAPTERS = {
    "The class": ("Plugin",),
    "Decorators": ("route", "before", "after", "schedule", "component", "action"),
    "Requests and answers": ("Request", "Response"),
    "Events": ("Event", "Events"),
    "`ctx`": ("Context", "PluginInfo", "Customers", "Appointments", "Requests", "Storage", "Log"),
    "More of `ctx`": ("Notifications", "Users", "Settings", "License", "Problems", "Http", "Reply", "Time", "Random"),
    "What the business looks like": ("Customer", "Appointment", "ServiceRequest", "Page", "User", "UserPage"),
    "Errors": ("Refuse", "HostError", "NotPermitted", "Missing", "Invalid"),
}
HEAD = """\
# The SDK

`from rising_bsm_sdk import ...` is all that a plugin needs. The sandbox brings the SDK along, so a bundle does not; on
your own machine it is there for your editor and type checker (`pip install -e sdk` in a clone).

Handlers may be `def` or `async def`. There is no event loop behind them: the host answers every call at once, so a
coroutine that waits for anything else (`asyncio.sleep`) ends the call with an error.

What the host refuses is raised by the method of `ctx` that asked: `NotPermitted` for a code that ends in `.denied`,
`Missing` for `.not_found`, `Invalid` for `.invalid`, and `HostError` for [any other](errors.md).

What each function of `ctx` needs and takes is in [the host API](host-api.md); `ui` has [a page of its own](ui.md).
"""

Definition = ast.ClassDef | ast.FunctionDef


def page() -> str:
    """The page, in Markdown."""
    known = definitions()
    chapters = (
        "\n".join([f"## {title}\n", *(_section(name, known[name]) for name in names)])
        for title, names in CHAPTERS.items()
    )
    return "\n".join([HEAD, *chapters]).rstrip() + "\n"


def definitions() -> dict[str, Definition]:
    """Every class and function at the top of the SDK's modules, by name."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.glob("*.py")))
    nodes = (node for tree in trees for node in tree.body)
    return {node.name: node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def methods(node: Definition) -> dict[str, ast.FunctionDef]:
    """The public methods of a class, those of the class that it is a kind of included, by name."""
    if not isinstance(node, ast.ClassDef):
        return {}
    known = definitions()
    bases = (ast.unparse(base).partition("[")[0] for base in node.bases)
    inherited = [item for base in bases if base in known for item in methods(known[base]).values()]
    found = [item for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")]
    return {item.name: item for item in (*inherited, *found)}


def sentence(node: Definition) -> str:
    """What the docstring says."""
    return inspect.cleandoc(ast.get_docstring(node) or "")


def signature(function: ast.FunctionDef) -> str:
    """`name(arguments) -> result`, without `self`."""
    arguments = ast.unparse(function.args).removeprefix("self").removeprefix(", ")
    result = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"{function.name}({arguments}){result}"


def _section(name: str, node: Definition) -> str:
    if isinstance(node, ast.FunctionDef):
        return f"### `@{name}`\n\n```text\n@{_call(node)}\n```\n\n{sentence(node)}\n"
    blocks = [f"### `{name}`", sentence(node), _attributes(node), _list(methods(node).values())]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _list(functions: Iterable[ast.FunctionDef]) -> str:
    return "\n".join(f"- `{signature(one)}`<br>{' '.join(sentence(one).split())}" for one in functions)


def _call(function: ast.FunctionDef) -> str:
    return f"{function.name}({ast.unparse(function.args)})"


def _attributes(node: ast.ClassDef) -> str:
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    lines = [f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}{_default(item)}" for item in fields]
    return "\n".join(["```text", *lines, "```"]) if lines else ""


def _default(field: ast.AnnAssign) -> str:
    return f" = {ast.unparse(field.value)}" if isinstance(field.value, ast.Constant) else ""


def _is_class(node: Definition) -> bool:
    return isinstance(node, ast.ClassDef)
