import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rising_bsm.bundle import BundleLimits, ProjectError, read_project
from support.bundles import MODULE, make_project


def refused(folder: Path, limits: BundleLimits | None = None) -> ProjectError:
    with pytest.raises(ProjectError) as refusal:
        read_project(folder, limits or BundleLimits())
    assert refusal.value.place
    assert refusal.value.next_step
    return refusal.value


def test_a_project_is_read(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path,
        project='dependencies = ["humanize>=4", "rising-bsm-sdk"]\nauthors = [{ name = "Acme" }]',
        tool='permissions = [{ code = "customers.read", reason = "To count." }]\nresources = { memory-mib = 64 }',
        files={
            **{"src/acme_hello/__init__.py": MODULE.decode(), "src/acme_hello/data/words.txt": "hello"},
            **{"README.md": "# Hello", "CHANGELOG.md": "1.0.0", "LICENSE": "MIT", "icon.svg": "<svg/>"},
            **{"ui/index.html": "<p>", "tests/test_hello.py": "", "notes.txt": "", "src/.hidden": ""},
            **{"src/acme_hello/__pycache__/x.pyc": "", "src/acme_hello.egg-info/PKG-INFO": ""},
        },
    )
    project = read_project(folder)
    manifest = project.manifest_draft
    assert (manifest.id, manifest.version, manifest.display_name) == ("acme.hello", "1.0.0", "Hello")
    assert (manifest.permissions[0].code, manifest.resources.memory_mib) == ("customers.read", 64)
    assert manifest.exports.routes == ()
    assert [str(requirement) for requirement in project.dependencies] == ["humanize>=4", "rising-bsm-sdk"]
    assert sorted(project.files) == [
        *("CHANGELOG.md", "LICENSE", "README.md", "code/acme_hello/__init__.py", "code/acme_hello/data/words.txt"),
        *("icon.svg", "ui/index.html"),
    ]
    assert project.root == folder


def test_without_src_the_modules_next_to_pyproject_are_the_plugin(tmp_path: Path) -> None:
    files = ["acme_hello.py", "tools/__init__.py", "tools/data.txt", "notes.txt", "docs/conf.py", "tests/__init__.py"]
    files += ["test_hello.py", "conftest.py", "setup.py", "dist/__init__.py", ".venv/__init__.py", "ui/app.js"]
    project = read_project(make_project(tmp_path, files=dict.fromkeys(files, "")))
    assert sorted(project.files) == [
        *("code/acme_hello.py", "code/tools/__init__.py", "code/tools/data.txt", "ui/app.js")
    ]


def test_a_folder_without_pyproject_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "project.missing"
    assert refused(tmp_path / "none").code == "project.missing"


@pytest.mark.parametrize("text", [b"[project", b"a = 1\na = 2", b"\xff", b"a = " + b"[" * 9_999])
def test_what_is_not_toml_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text)
    assert refused(tmp_path).code == "project.toml"


@pytest.mark.parametrize("text", ["", "project = 3", "tool = 3", "[project]\n[tool]\nrising-bsm = []"])
def test_every_required_key_is_named_with_an_example(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    error = refused(tmp_path)
    assert error.code == "project.keys"
    assert set(error.fields) == {
        *("[project] name", "[project] version", "[project] description", "[project] license"),
        *("[tool.rising-bsm] publisher", "[tool.rising-bsm] display-name", "[tool.rising-bsm] type"),
        *("[tool.rising-bsm] main", "[tool.rising-bsm] host"),
    }
    assert set(error.fields.values()) == {"is required"}
    for example in ('name = "loyalty"', 'main = "acme_loyalty:Loyalty"', 'display-name = "Loyalty points"'):
        assert example in str(error.next_step)


@pytest.mark.parametrize(
    ("project", "tool", "key", "sentence"),
    [
        ('version = "1.0"', "", "[project] version", "must be three numbers"),
        ('version = "1.0.0rc1"', "", "[project] version", "1.1.0-rc.1"),
        ("version = 2024-01-01", "", "[project] version", "must be a valid string"),
        ("description = 2024-01-01", "", "[project] description", "must be a valid string"),
        ('name = "Acme_Hello"', "", "[project] name", "must be lower-case"),
        ('license = { text = "MIT" }', "", "[project] license", "must be a valid string"),
        ('descripton = "x"', "", "[project] descripton", "did you mean description?"),
        ('dependencies = "humanize"', "", "[project] dependencies", "must be a list"),
        ('dependencies = ["humanize", "=="]', "", "[project] dependencies[1]", "is not a requirement"),
        ("dependencies = [3]", "", "[project] dependencies[0]", "is not a requirement"),
        ('dependencies = ["x @ file:///x"]', "", "[project] dependencies[0]", "not an address"),
        ("", 'display_name = "x"', "[tool.rising-bsm] display_name", "did you mean display-name?"),
        ("", 'permisions = ["x"]', "[tool.rising-bsm] permisions", "did you mean permissions?"),
        ("", 'type = "plugin"', "[tool.rising-bsm] type", "must be 'ui'"),
        ("", 'main = "acme_hello"', "[tool.rising-bsm] main", "must be module:Class"),
        ("", 'permissions = ["customers.read"]', "[tool.rising-bsm] permissions[0]", "must be an object"),
        ("", 'permissions = [{ code = "customers.read" }]', "[tool.rising-bsm] permissions[0].reason", "is required"),
        ("", "resources = { memory_mib = 64 }", "[tool.rising-bsm] resources.memory_mib", "did you mean memory-mib?"),
        ("", "resources = { memory-mib = 8 }", "[tool.rising-bsm] resources.memory-mib", "greater than or equal to 16"),
        ("", "resources = { memory-mib = 64.5 }", "[tool.rising-bsm] resources.memory-mib", "must be a valid integer"),
        ("", "resources = { memory-mib = nan }", "[tool.rising-bsm] resources.memory-mib", "must be a valid integer"),
        ("", 'resources = "much"', "[tool.rising-bsm] resources", "must be an object"),
        ("", 'exports = "x"', "[tool.rising-bsm] exports", "is not a known key"),
        ("", "format = 1", "[tool.rising-bsm] format", "is not a known key"),
    ],
)
def test_a_wrong_key_is_named_with_what_to_write(
    tmp_path: Path, project: str, tool: str, key: str, sentence: str
) -> None:
    error = refused(make_project(tmp_path, project=project, tool=tool))
    assert error.code == "project.keys"
    assert list(error.fields) == [key]
    assert sentence in error.fields[key]
    assert error.place == f"{tmp_path / 'pyproject.toml'}: {key}"
    assert key in error.message


def test_problems_of_all_kinds_are_reported_together(tmp_path: Path) -> None:
    folder = make_project(tmp_path, project='version = "1"\ncolour = "red"\ndependencies = ["=="]', tool='type = "x"')
    assert set(refused(folder).fields) == {
        *("[project] version", "[project] colour", "[project] dependencies[0]", "[tool.rising-bsm] type")
    }


@pytest.mark.parametrize("link", ["src/acme_hello/secret.txt", "src/linked", "src", "ui", "README.md", "icon.svg"])
def test_links_are_refused_wherever_they_lead(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("x = 1")
    files = {"acme_hello.py": ""} if link == "src" else None
    folder = make_project(tmp_path / "plugin", files=files)
    target = outside / "secret.py" if "." in link else outside
    os.symlink(target, folder / link)
    error = refused(folder)
    assert error.code == "project.link"
    assert error.place == str(folder / link)


def test_what_is_no_file_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    os.mkfifo(folder / "src" / "pipe.txt")
    assert refused(folder).code == "project.link"


def test_a_file_that_cannot_be_read_is_named() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = make_project(Path(name))
        folder.chmod(0o755)
        (folder / "src/acme_hello/__init__.py").chmod(0)
        user = os.geteuid()
        os.seteuid(user or 65534)  # root may read everything
        try:
            error = refused(folder)
        finally:
            os.seteuid(user)
    assert error.code == "project.unreadable"
    assert error.place == str(folder / "src/acme_hello/__init__.py")


def test_a_folder_without_modules_is_refused(tmp_path: Path) -> None:
    assert refused(make_project(tmp_path, files={"README.md": ""})).code == "project.no_code"


def test_limits_hold_while_files_are_collected(tmp_path: Path) -> None:
    folder = make_project(tmp_path, files={"src/a.py": "", "src/b.py": "x" * 100})
    assert refused(folder, BundleLimits(files=1)).code == "project.too_large"
    assert refused(folder, BundleLimits(file_bytes=99)).code == "project.too_large"
    assert len(read_project(folder, BundleLimits(files=2, file_bytes=100)).files) == 2


def test_names_are_brought_into_the_form_that_bundles_have(tmp_path: Path) -> None:
    project = read_project(make_project(tmp_path, files={"src/acme_hello.py": "", "src/e\u0301.txt": ""}))
    assert "code/\u00e9.txt" in project.files
