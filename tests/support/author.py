"""Authors' folders for tests of what the program makes of them."""

from pathlib import Path

PYPROJECT = """\
[project]
name = "hello"
version = "{version}"
description = "Says hello."
license = "MIT"
dependencies = []

[tool.rising-bsm]
publisher = "acme"
display-name = "Hello"
type = "mixed"
main = "acme_hello:Hello"
host = "{host}"
permissions = [{permissions}]
"""
CODE = """\
from rising_bsm_sdk import Plugin, Refuse, Response, action, after, before, component, route, schedule, ui


class Hello(Plugin):
"""


def make_project(
    root: Path,
    body: str = "",
    *,
    code: str | None = None,
    version: str = "0.1.0",
    host: str = ">=0.1,<1",
    permissions: tuple[str, ...] = (),
) -> Path:
    """A folder with a plugin whose class has `body`, or whose module is `code`; what its hooks need is asked for."""
    if "@before" in body or '@after("customers.' in body:
        permissions = tuple(dict.fromkeys((*permissions, "customers.read")))
    source = root / "src" / "acme_hello"
    source.mkdir(parents=True)
    rows = ", ".join(f'{{ code = "{name}", reason = "Needed by this test." }}' for name in permissions)
    (root / "pyproject.toml").write_text(PYPROJECT.format(version=version, host=host, permissions=rows))
    (root / "README.md").write_text("# Hello\n\nA plugin that says hello to everybody.\n")
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n## {version}\n\n- First.\n")
    indented = "".join(f"    {line}\n" for line in (body or "pass").splitlines())
    (source / "__init__.py").write_text(CODE + indented if code is None else code)
    return root
