"""`rising-bsm build`: a plugin's folder becomes one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rising_bsm.cli.options import HERE, Json, ProjectFolder
from rising_bsm.cli.terminal import as_json, plural, progress, say, size, ticked, visible

if TYPE_CHECKING:
    from rising_bsm.analysis.loaded import Loaded
    from rising_bsm.bundle.project import Project

Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write it here (default: PUBLISHER.NAME-VERSION.rbsm in PATH).")
]
SignWith = Annotated[str | None, typer.Option("--sign", metavar="KEY", help="Sign it with this key, as `sign` does.")]


def build(path: ProjectFolder = HERE, output: Output = None, sign: SignWith = None, json: Json = False) -> None:
    """Pack a plugin and what it depends on into a bundle.

    What the plugin answers to is read off its class, running in the sandbox.

    \b
    Examples:
      rising-bsm build
      rising-bsm build plugins/hello --output hello.rbsm --sign acme
    """
    import asyncio

    from rising_bsm.bundle.project import read_project
    from rising_bsm.cli.files import write_whole
    from rising_bsm.cli.sign import sign_with

    loaded = asyncio.run(load_project(read_project(path)))
    data, manifest = loaded.pack(), loaded.manifest
    key_id = None
    if sign is not None:
        data, _, key_id = sign_with(data, sign)
    target = output or path / f"{manifest.id}-{manifest.version}.rbsm"
    write_whole(target, data)
    _tell(_summary(loaded, target, data, key_id), json=json)


async def load_project(project: "Project") -> "Loaded":
    """The plugin with what it depends on, compiled and looked at in the sandbox; raises what becomes of that."""
    from rising_bsm.analysis.loaded import compile_code, load
    from rising_bsm.cli.author import sandbox, with_dependencies

    draft, files = project.manifest_draft, with_dependencies(project)
    async with sandbox() as pool:
        with progress("Loading the plugin in the sandbox"):
            return await load(pool, draft, files, await compile_code(pool, draft, files))


def _summary(loaded: "Loaded", target: Path, data: bytes, key_id: str | None) -> dict[str, Any]:
    from hashlib import sha256

    manifest = loaded.manifest
    return {
        "file": str(target),
        "id": manifest.id,
        "version": manifest.version,
        "size": len(data),
        "sha256": sha256(data).hexdigest(),
        "files": len(loaded.files) + 1,
        "permissions": [request.model_dump() for request in manifest.permissions],
        "exports": manifest.exports.model_dump(mode="json"),
        "key_id": key_id,
    }


def _tell(made: dict[str, Any], *, json: bool) -> None:
    if json:
        say(as_json(made))
        return
    ticked(f"{made['id']} {made['version']} is in {visible(made['file'])}")
    say(f"  {plural(made['files'], 'file')}, {size(made['size'])}, sha256 {made['sha256']}")
    for route in made["exports"]["routes"]:
        say(f"  answers {route['method']} {route['path']}")
    for hook in made["exports"]["before"]:
        say(f"  runs before {hook['hook']}")
    for request in made["permissions"]:
        say(f"  asks for {request['code']}: {request['reason']}")
    say(f"  signed with {made['key_id']}" if made["key_id"] else "  not signed: `rising-bsm sign` does that")
