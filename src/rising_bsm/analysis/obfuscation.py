"""Code that hides what it does: text that is run, blobs that nobody can read, names without meaning.

Signs, not proofs: what runs hidden text is an error, everything else a warning for whoever reviews it.
"""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import LARGEST_MODULE, Source

LINE_CHARACTERS = 2_000
BLOB_CHARACTERS = 200
ENTROPY_BITS = 5.2
"""Bits per character above which a long text is no language: Base64 has close to 6, English and code about 4.5."""

NAMES = 30
MEANINGLESS = re.compile(r"_*(?:[Il1]{6,}|[O0o]{6,}|_0x[0-9a-f]+|[lI1O0_]{8,}|_{3,}|[a-z]?\d{4,})_*")
BLOB = re.compile(rf"(?:[A-Za-z0-9+/_-]{{{BLOB_CHARACTERS},}}={{0,2}}|(?:[0-9A-Fa-f]{{2}}){{{BLOB_CHARACTERS // 2},}})")
MOST = 20

_RUNS = frozenset({"exec", "eval", "compile"})
_DECODES = frozenset(
    {
        *("b64decode", "b32decode", "b16decode", "b85decode", "a85decode", "urlsafe_b64decode", "standard_b64decode"),
        *("unhexlify", "a2b_base64", "a2b_hex", "fromhex", "decompress", "decode", "loads", "rot13", "translate"),
    }
)
_FIX = "Write it as code that can be read; whoever reviews it must be able to."


def check(source: Source) -> Iterator[Finding]:
    """Every module can be read for what it does."""
    found = [finding for path in source.code for finding in _in_file(source, path)]
    yield from found[:MOST]
    if len(found) > MOST:
        message = f"There is more of this kind in {len(found) - MOST} places."
        yield Finding("warning", "obfuscation.more", message, None, _FIX)
    if not found:
        yield Finding("ok", "obfuscation", "The code can be read.")


def _in_file(source: Source, path: str) -> Iterator[Finding]:
    content = source.code[path]
    if not path.endswith(".py"):
        return
    if len(content) > LARGEST_MODULE:
        message = f"The module has {len(content):,} bytes, and none above {LARGEST_MODULE:,} is looked into."
        yield Finding("error", "obfuscation.too_large", message, path, "Split it, or keep data in a file of its own.")
        return
    yield from _long_lines(path, content)
    if (tree := source.parsed.get(path)) is not None:
        yield from _hidden_code(path, tree)
        yield from _unreadable_texts(path, tree)
        yield from _without_meaning(path, tree)


def _long_lines(path: str, content: bytes) -> Iterator[Finding]:
    for number, line in enumerate(content.splitlines(), 1):
        if len(line) > LINE_CHARACTERS:
            message = f"The line has {len(line):,} characters."
            yield Finding("warning", "obfuscation.long_line", message, f"{path}:{number}", _FIX)
            return


def _hidden_code(path: str, tree: ast.Module) -> Iterator[Finding]:
    decoded = _decoded_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, place = _name_of(node.func), f"{path}:{node.lineno}"
        if name in _RUNS and isinstance(node.func, ast.Name):
            hidden = any(_is_hidden(argument, decoded) for argument in node.args)
            yield _runs_hidden(name, place) if hidden else _runs_text(name, place)
        elif name in ("loads", "load") and _owner_of(node.func) in ("marshal", "pickle", "dill"):
            yield _runs_hidden(f"{_owner_of(node.func)}.{name}", place)


def _runs_hidden(name: str, place: str) -> Finding:
    message = f"{name} runs what is hidden in encoded data."
    return Finding("error", "obfuscation.hidden_code", message, place, _FIX)


def _runs_text(name: str, place: str) -> Finding:
    message = f"{name} runs text as code, which nobody can see before."
    return Finding("warning", "obfuscation.runs_text", message, place, _FIX)


def _is_hidden(node: ast.expr, decoded: frozenset[str]) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and _name_of(inner.func) in _DECODES:
            return True
        if isinstance(inner, ast.Name) and inner.id in decoded:
            return True
        if isinstance(inner, ast.Constant) and _is_blob(inner.value):
            return True
    return False


def _decoded_names(tree: ast.Module) -> frozenset[str]:
    """Names that stand for something decoded, at any number of removes."""
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    found: frozenset[str] = frozenset()
    for _ in range(5):
        hidden = (node for node in assignments if _is_hidden(node.value, found))
        more = {name.id for node in hidden for target in node.targets for name in _names_in(target)}
        if more <= found:
            break
        found |= more
    return found


def _names_in(node: ast.AST) -> list[ast.Name]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ast.Name)]


def _unreadable_texts(path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and _is_unreadable(node.value):
            message = f"This text of {len(str(node.value)):,} characters is encoded, compressed or encrypted."
            yield Finding("warning", "obfuscation.blob", message, f"{path}:{node.lineno}", _FIX)


def _is_blob(value: object) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return isinstance(text, str) and BLOB.fullmatch("".join(text.split())) is not None


def _is_unreadable(value: object) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) < BLOB_CHARACTERS:
        return False
    # More than a third of other alphabets is a language that we do not know the measure of.
    foreign = sum(character > "\u024f" for character in text) > len(text) / 3 and not isinstance(value, bytes)
    return _is_blob(value) or (not foreign and entropy(text) > ENTROPY_BITS)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits for each."""
    counts, total = Counter(text), len(text)
    return -sum(count / total * math.log2(count / total) for count in counts.values())


def _without_meaning(path: str, tree: ast.Module) -> Iterator[Finding]:
    names = set(_defined(tree))
    strange = sorted(name for name in names if MEANINGLESS.fullmatch(name))
    short = [name for name in names if len(name) <= 2]
    if len(strange) >= 3 or (len(names) >= NAMES and len(short) > len(names) * 0.7):
        shown = ", ".join((strange or sorted(short))[:4])
        message = f"Names such as {shown} say nothing of what they stand for."
        yield Finding("warning", "obfuscation.names", message, path, _FIX)


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _owner_of(function: ast.expr) -> str:
    owner = function.value if isinstance(function, ast.Attribute) else None
    return owner.id if isinstance(owner, ast.Name) else ""
