from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rising_bsm.bundle import BundleError, read_project, vendor
from rising_bsm.bundle.build import assemble
from support.bundles import make_project, make_wheel


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that `pip` knows of the world."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def vendored(*requirements: str) -> dict[str, bytes]:
    return vendor([Requirement(text) for text in requirements])


def refused(*requirements: str) -> BundleError:
    with pytest.raises(BundleError) as refusal:
        vendored(*requirements)
    assert refusal.value.place == "pyproject.toml: [project] dependencies"
    assert refusal.value.next_step
    return refusal.value


def test_dependencies_and_theirs_become_files(wheels: Path) -> None:
    make_wheel(wheels, "top", files={"top/__init__.py": b"import low", "top/data.txt": b"1"}, requires=["low-level>=2"])
    make_wheel(wheels, "low-level", version="1.0")
    make_wheel(wheels, "low-level", version="2.0", files={"low.py": b"two"})
    assert vendored("top") == {
        "code/top/__init__.py": b"import low",
        "code/top/data.txt": b"1",
        "code/low.py": b"two",
        "code/third-party-licenses/top-1.0/licenses/LICENSE": b"Licence of top\n",
        "code/third-party-licenses/low-level-2.0/licenses/LICENSE": b"Licence of low-level\n",
        "code/top-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: top\nVersion: 1.0\n",
        "code/low_level-2.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: low-level\nVersion: 2.0\n",
    }


def modules(names: Iterable[str]) -> list[str]:
    return [name for name in names if "third-party" not in name and ".dist-info/METADATA" not in name]


def test_metadata_scripts_and_data_outside_are_left_out(wheels: Path) -> None:
    make_wheel(
        wheels,
        "tool",
        files={"tool.py": b"", "tool-1.0.data/data/share/x": b"", "tool-1.0.data/scripts/t": b"#!python"},
    )
    assert modules(vendored("tool")) == ["code/tool.py"]


def test_nothing_is_asked_of_pip_without_dependencies() -> None:
    assert vendored() == {}
    assert vendored("rising-bsm-sdk>=0.1", "Rising_BSM.SDK") == {}


@pytest.mark.parametrize(
    "tag", ["cp314-cp314-manylinux_2_17_x86_64", "cp314-none-any", "py3-none-linux_x86_64", "py2-none-any"]
)
def test_a_dependency_without_a_pure_wheel_is_refused_by_name(wheels: Path, tag: str) -> None:
    make_wheel(wheels, "native-thing", tag=tag)
    error = refused("native-thing")
    assert error.code == "bundle.dependency_not_pure"
    assert "native-thing" in error.message


def test_a_dependency_of_a_dependency_is_refused_by_name_too(wheels: Path) -> None:
    make_wheel(wheels, "top", requires=["native_thing>=1"])
    make_wheel(wheels, "native-thing", tag="cp314-cp314-manylinux_2_17_x86_64")
    error = refused("top")
    assert error.code == "bundle.dependency_not_pure"
    assert "native_thing (needed by top)" in error.message


def test_a_source_distribution_is_refused_and_not_built(wheels: Path) -> None:
    (wheels / "sourced-1.0.tar.gz").write_bytes(b"")
    assert refused("sourced").code == "bundle.dependency_not_pure"


def test_a_dependency_by_address_is_refused_and_nothing_of_it_runs(wheels: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    backend = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (source / "pyproject.toml").write_text(f'{backend}[project]\nname = "evil"\nversion = "1.0"\n')
    (source / "backend.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    make_wheel(wheels, "top", requires=[f"evil @ {source.as_uri()}"])
    error = refused("top")
    assert error.code == "bundle.dependency_address"
    assert "evil" in error.message
    assert not (tmp_path / "ran").exists()


def test_what_does_not_exist_is_told_from_what_is_not_pure(wheels: Path) -> None:
    make_wheel(wheels, "there", version="1.0")
    assert refused("nowhere").code == "bundle.dependency_not_found"
    error = refused("there>=2")
    assert error.code == "bundle.dependency_not_found"
    assert "there>=2" in error.message


def test_dependencies_that_contradict_each_other_are_refused(wheels: Path) -> None:
    make_wheel(wheels, "one", requires=["low<2"])
    make_wheel(wheels, "two", requires=["low>=2"])
    for version in ("1.0", "2.0"):
        make_wheel(wheels, "low", version=version)
    assert refused("one", "two").code == "bundle.vendor_failed"


def test_markers_are_those_of_the_sandbox_and_not_of_this_machine(wheels: Path) -> None:
    make_wheel(
        wheels,
        "top",
        requires=[
            "new; python_version >= '3.14'",
            "old; python_version < '3.14'",
            "here; sys_platform == 'linux' or sys_platform == 'darwin' or sys_platform == 'win32'",
            "wasi; sys_platform == 'wasi' and platform_machine == 'wasm32'",
        ],
    )
    for name in ("new", "old", "here", "wasi"):
        make_wheel(wheels, name)
    assert {name for name in vendored("top", "old; python_version < '3.14'") if name.endswith(".py")} == {
        *("code/top.py", "code/new.py", "code/wasi.py")
    }


@pytest.mark.parametrize("name", ["fast/_speedups.so", "fast/x.pyd", "fast.pth", "fast/x.pyc", "fast/bundle.zip"])
def test_a_wheel_that_says_pure_and_is_not_is_refused(wheels: Path, name: str) -> None:
    make_wheel(wheels, "fast", files={"fast/__init__.py": b"", name: b"x"})
    error = refused("fast")
    assert error.code == "bundle.dependency_not_pure"
    assert "fast" in error.message
    assert name in error.message


@pytest.mark.parametrize("name", ["json.py", "json/__init__.py", "rising_bsm_sdk/__init__.py", "annotationlib.py"])
def test_a_dependency_that_hides_a_standard_module_is_refused_by_name(wheels: Path, name: str) -> None:
    make_wheel(wheels, "hider", files={name: b""})
    error = refused("hider")
    assert error.code == "bundle.shadows_module"
    assert "hider" in error.message


def test_the_sdk_is_not_vendored_even_when_a_dependency_asks_for_it(wheels: Path) -> None:
    make_wheel(wheels, "helper", requires=["rising-bsm-sdk"])
    make_wheel(wheels, "rising-bsm-sdk", files={"rising_bsm_sdk/__init__.py": b""})
    assert modules(vendored("helper")) == ["code/helper.py"]


def test_a_record_cannot_reach_outside(wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    record = [",,", f"top/{'../' * 12}{tmp_path}/secret.txt,,", f"{tmp_path}/secret.txt,,"]
    make_wheel(wheels, "top", record=record)
    assert all(b"secret" not in content for content in vendored("top").values())


def test_a_file_called_pip_in_the_authors_folder_is_not_run(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheels, "top")
    (tmp_path / "pip.py").write_text("raise SystemExit('ran')")
    monkeypatch.chdir(tmp_path)
    assert "code/top.py" in vendored("top")


def test_a_project_and_its_dependencies_are_put_together(wheels: Path, tmp_path: Path) -> None:
    make_wheel(wheels, "top")
    project = read_project(make_project(tmp_path / "plugin", project='dependencies = ["top"]'))
    assert {"code/top.py", "code/acme_hello/__init__.py"} <= assemble(project).keys()


def test_a_module_that_a_dependency_has_too_is_refused(wheels: Path, tmp_path: Path) -> None:
    make_wheel(wheels, "top", files={"acme_hello/more.py": b""})
    project = read_project(make_project(tmp_path / "plugin", project='dependencies = ["top"]'))
    with pytest.raises(BundleError) as refusal:
        assemble(project)
    assert refusal.value.code == "bundle.module_twice"
    assert "acme_hello" in refusal.value.message
