"""Import from memory: the rest of the standard library, then the plugin, in that order, and never from files."""

import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import marshal
import os
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable, TraversableResources
from types import CodeType, ModuleType
from typing import Any

LEFT_OUT = frozenset(
    {"test", "idlelib", "tkinter", "turtledemo", "turtle", "ensurepip", "venv", "pydoc_data", "pydoc", "unittest"}
    | {"doctest", "pdb", "_pyrepl", "multiprocessing", "curses", "dbm", "sqlite3", "ctypes"}
    | {
        "ssl",
        "socketserver",
        "xmlrpc",
        "wsgiref",
        "smtplib",
        "ftplib",
        "imaplib",
        "poplib",
        "webbrowser",
        "antigravity",
    }
    | {"this", "cProfile", "profile", "pstats", "site-packages", "__phello__"}
)
"""What makes no sense without files, sockets, processes, threads or a terminal."""

_taken: set[str] = set()


class Module:
    """One importable module: marshalled code, and whether it is a package."""

    __slots__ = ("code", "package", "squeezed")

    def __init__(self, code: bytes, package: bool, squeezed: bool = False) -> None:
        self.code, self.package, self.squeezed = code, package, squeezed

    def load(self) -> CodeType:
        """The code object."""
        code: CodeType = marshal.loads(  # noqa: S302  it came from this interpreter's own compiler
            zlib.decompress(self.code) if self.squeezed else self.code
        )
        return code


class MemoryFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds modules in a mapping of dotted name to `Module`."""

    def __init__(self, root: str, modules: Mapping[str, Module], data: Mapping[str, bytes] | None = None) -> None:
        self.root, self.modules, self.data = root, modules, data or {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec, if the module is one of ours."""
        module = self.modules.get(fullname)
        if module is None:
            return None
        origin = self._origin(fullname, module)
        return importlib.machinery.ModuleSpec(fullname, self, origin=origin, is_package=module.package)

    def _origin(self, name: str, module: Module) -> str:
        path = name.replace(".", "/")
        return f"{self.root}{path}/__init__.py" if module.package else f"{self.root}{path}.py"

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave making the module object to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        name = module.__name__
        module.__file__ = self._origin(name, self.modules[name])
        if self.modules[name].package:
            module.__path__ = [f"{self.root}{name.replace('.', '/')}"]
        exec(self.modules[name].load(), module.__dict__)  # noqa: S102  this is what importing is

    def import_first(self, name: str) -> None:
        """Import a top-level module that nobody else can be importing, past the locks and look-ups of `import`."""
        module = type(sys)(name)
        module.__spec__ = self.find_spec(name)
        module.__loader__ = self
        module.__package__ = name if self.modules[name].package else ""
        sys.modules[name] = module
        self.exec_module(module)

    def is_package(self, fullname: str) -> bool:
        """Whether it is a package."""
        return self.modules[fullname].package

    def get_code(self, fullname: str) -> CodeType:
        """The code object of a module."""
        return self.modules[fullname].load()

    def get_source(self, fullname: str) -> None:
        """No source is kept."""

    def get_data(self, path: str) -> bytes:
        """A data file of the bundle, as `pkgutil.get_data` asks for it."""
        try:
            return self.data[path.removeprefix(self.root)]
        except KeyError:
            raise FileNotFoundError(path) from None

    def get_resource_reader(self, fullname: str) -> TraversableResources:
        """What `importlib.resources.files` reads through."""
        return _Resources(_Entry(self.data, fullname.replace(".", "/")))


class _Resources(TraversableResources):
    def __init__(self, entry: Traversable) -> None:
        self._entry = entry

    def files(self) -> Traversable:
        return self._entry


class _Entry(Traversable):
    """A file or folder of the bundle's data."""

    def __init__(self, data: Mapping[str, bytes], path: str) -> None:
        self._data, self._path = data, path

    @property
    def name(self) -> str:
        return self._path.rpartition("/")[2]

    def is_file(self) -> bool:
        return self._path in self._data

    def is_dir(self) -> bool:
        return any(path.startswith(self._path + "/") for path in self._data)

    def iterdir(self) -> Iterator[Traversable]:
        inside = self._path + "/"
        for name in sorted({path[len(inside) :].split("/")[0] for path in self._data if path.startswith(inside)}):
            yield _Entry(self._data, inside + name)

    def joinpath(self, *parts: Any) -> Traversable:
        return _Entry(self._data, "/".join((self._path, *parts)))

    def open(self, mode: str = "r", *_more: Any, **options: Any) -> Any:
        return io.BytesIO(self.read_bytes()) if "b" in mode else io.StringIO(self.read_text(**options))

    def read_bytes(self) -> bytes:
        if self._path not in self._data:
            raise FileNotFoundError(self._path)
        return self._data[self._path]

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")


def install(modules: Mapping[str, Module]) -> None:
    """Serve the rest of the standard library from memory, behind what is built in and before any plugin."""
    _taken.update(
        sys.stdlib_module_names, sys.builtin_module_names, (name.partition(".")[0] for name in sys.modules), modules
    )
    sys.meta_path[:] = [
        importlib.machinery.BuiltinImporter,
        importlib.machinery.FrozenImporter,
        MemoryFinder("<python>/", modules),
    ]


def add_plugin(modules: Mapping[str, Module], data: Mapping[str, bytes]) -> MemoryFinder:
    """Make the modules of a plugin importable, unless their name belongs to the standard library or the SDK.

    The finder stands first, because that is faster; what it could shadow is left out of it.
    """
    own = {name: module for name, module in modules.items() if name.partition(".")[0] not in _taken}
    finder = MemoryFinder("", own, data)
    sys.meta_path.insert(0, finder)
    return finder


def read_standard_library() -> dict[str, Module]:
    """The pure-Python standard library as squeezed bytecode, while there still are files to read."""
    root = os.path.dirname(os.path.dirname(json.__file__))
    modules = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT and name != "__pycache__"]
        for file in files:
            name = _module_name(root, folder, file)
            if name is not None and name.split(".")[0] not in LEFT_OUT:
                modules[name] = _squeeze(os.path.join(folder, file), file == "__init__.py")
    return modules


def _module_name(root: str, folder: str, file: str) -> str | None:
    if not file.endswith(".py"):
        return None
    below = folder[len(root) :].strip("/")
    parts = below.split("/") if below else []
    if file != "__init__.py":
        parts.append(file[:-3])
    return ".".join(parts) if all(part.isidentifier() for part in parts) and parts else None


def _squeeze(path: str, package: bool) -> Module:
    with open(path, "rb") as file:
        code = compile(file.read(), f"<python>/{os.path.basename(path)}", "exec", dont_inherit=True, optimize=0)
    return Module(zlib.compress(marshal.dumps(code), 9), package, squeezed=True)
