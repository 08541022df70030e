import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rising_bsm.bundle import BundleError, open_unsigned, pack, vendor
from support.bundles import make_files, make_key, make_manifest, make_project, make_wheel

BUILD = """
import hashlib, sys
from pathlib import Path
from rising_bsm.bundle import SigningKey, assemble, pack, read_project, sign

project = read_project(Path(sys.argv[1]))
exports = {"routes": [{"method": "GET", "path": "/", "handler": "hello", "permission": None}]}
bundle = pack(project.manifest_draft.with_exports(exports), assemble(project))
sys.stdout.write(hashlib.sha256(sign(bundle, SigningKey.from_file(Path(sys.argv[2])))).hexdigest())
"""
FILES = {
    "src/acme_hello/__init__.py": "class Hello: ...\n" * 50,
    "README.md": "# Hello",
    "ui/a.js": "1",
    "ui/b.js": "2",
}


def test_two_builds_are_equal_whatever_the_hash_seed_the_times_and_the_order(tmp_path: Path) -> None:
    wheels, key = tmp_path / "wheels", tmp_path / "key.pem"
    wheels.mkdir()
    make_wheel(wheels, "top", requires=["low"])
    make_wheel(wheels, "low")
    make_key().to_file(key)
    digests = set()
    for number, seed in enumerate(("0", "1", "random")):
        names = list(FILES) if number % 2 else list(reversed(FILES))
        files = {name: FILES[name] for name in names}
        folder = make_project(tmp_path / f"plugin{number}", project='dependencies = ["top"]', files=files)
        for path in folder.rglob("*"):
            os.utime(path, (number * 1_000_000, number * 1_000_000))
            path.chmod(0o755 if number or path.is_dir() else 0o600)
        command = [sys.executable, "-c", BUILD, folder, key]
        done = subprocess.run(command, check=True, env=environment(wheels, seed), capture_output=True, text=True)
        digests.add(done.stdout)
    assert len(digests) == 1
    assert len(digests.pop()) == 64


def environment(wheels: Path, seed: str) -> dict[str, str]:
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": "/dev/null"}
    return {**os.environ, **pip, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_packed_bundle_holds_the_files_and_the_manifest() -> None:
    bundle = open_unsigned(pack(make_manifest(), make_files()))
    assert bundle.manifest == make_manifest()
    assert {name: data for name, data in bundle.files.items() if name != "manifest.json"} == make_files()


def test_the_order_of_the_files_makes_no_difference() -> None:
    files = make_files()
    assert pack(make_manifest(), files) == pack(make_manifest(), dict(reversed(files.items())))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("setup.py", b"", "bundle.unexpected_file"),
        ("code/../x.py", b"", "bundle.unsafe_path"),
        ("code/x.so", b"", "bundle.forbidden_file"),
        ("code/x.py", b"\xff", "bundle.not_text"),
        ("README.md", b"\xff", "bundle.not_text"),
        ("LICENSE", b"\xff", "bundle.not_text"),
        ("code/json.py", b"", "bundle.shadows_module"),
        ("code/ACME_hello/x.py", b"", "bundle.name_collision"),
    ],
)
def test_what_could_not_be_opened_is_not_packed(name: str, content: bytes, code: str) -> None:
    with pytest.raises(BundleError) as refusal:
        pack(make_manifest(), make_files({name: content}))
    assert refusal.value.code == code
    assert refusal.value.place in (name, "code/acme_hello/__init__.py")


def test_data_files_of_any_kind_may_be_in_the_code() -> None:
    files = make_files({"code/acme_hello/data.bin": bytes(range(256)), "code/acme_hello/table.csv": b"MZ,1\n"})
    assert open_unsigned(pack(make_manifest(), files)).code["acme_hello/data.bin"] == bytes(range(256))


def test_a_main_in_a_module_of_a_package_is_found() -> None:
    pack(make_manifest(main="acme_hello.plugin:Hello"), make_files({"code/acme_hello/plugin.py": b""}))
    pack(make_manifest(main="single:Hello"), make_files({"code/single.py": b""}))


def test_vendored_files_can_be_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    make_wheel(tmp_path, "top")
    files = make_files(vendor([Requirement("top")]))
    assert "top.py" in open_unsigned(pack(make_manifest(), files)).code
