import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import BundleError
from rising_bsm.bundle.names import check_name, check_together
from support.bundles import refusal

# Characters that file systems disagree about, and the plain ones they sit between.
TRICKY = st.text(st.sampled_from("ab./\\:\0 \u00e9\u0301\u2025\uff0f\uff41A\u00df\u017f\u202e*\u200b"), max_size=12)


@pytest.mark.parametrize(
    "name", ["a", "code/a.py", "code/Größe/ü.txt", "ui/日本.js", "code/.hidden", "a b/c", "code/a..b"]
)
def test_plain_names_are_good(name: str) -> None:
    check_name(name)


@given(TRICKY | st.text(max_size=20))
def test_a_name_that_passes_stays_below_the_folder_on_every_system(name: str) -> None:
    if code := refusal(check_name, name):
        assert code in {
            f"bundle.{reason}" for reason in ("unsafe_path", "name_not_nfc", "reserved_name", "name_too_long")
        }
        return
    for form in {unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")}:
        posix, windows = PurePosixPath("/root", form), PureWindowsPath("C:/root", form)
        assert posix.parts[:2] == ("/", "root")
        assert ".." not in posix.parts
        assert windows.parts[:2] == ("C:\\", "root")
        assert windows.parts[1:] == posix.parts[1:]


@given(st.lists(TRICKY.filter(bool), max_size=6))
def test_names_that_pass_together_are_different_files_whatever_the_system_folds(names: list[str]) -> None:
    if code := refusal(check_together, names):
        assert code in ("bundle.duplicate_file", "bundle.name_collision", "bundle.file_and_folder")
        return
    for fold in (str.lower, str.upper, str.casefold):
        for form in ("NFC", "NFD", "NFKC"):
            folded = {fold(unicodedata.normalize(form, name)) for name in names}
            assert len(folded) == len(names)


def test_two_files_of_one_folder_are_good() -> None:
    check_together(["a/b/c.py", "a/b/d.py", "a/e.py"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/passwd", "is absolute"),
        ("a/../b", "has the segment '..'"),
        ("a//b", "has the segment ''"),
        ("a\\b", "holds a backslash"),
        ("C:/a", "as drive letters do"),
        ("a\0b", "holds a control"),
        ("a/\uff0fb", "stands for a slash"),
    ],
)
def test_the_sentence_says_what_is_unsafe(name: str, reason: str) -> None:
    with pytest.raises(BundleError, match="The file name") as refused:
        check_name(name)
    assert refused.value.code == "bundle.unsafe_path"
    assert reason in refused.value.message
