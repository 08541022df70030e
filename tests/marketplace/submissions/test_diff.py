"""What a reviewer is shown of a new version."""

import pytest

from rising_bsm.bundle import open_unsigned
from rising_bsm.marketplace.submissions.comparison import FILE_BYTES, compare
from support.office import Desk, bundle

pytestmark = pytest.mark.anyio

READ = {"code": "customers.read", "reason": "To count."}
WRITE = {"code": "customers.update", "reason": "To write."}
PLACE = {"url": "https://api.example.com/v1/", "methods": ["GET"], "reason": "To ask."}


def diff(before: dict[str, object] | None, after: dict[str, object]) -> dict[str, object]:
    old = open_unsigned(bundle("1.0.0", **before)) if before is not None else None
    return compare(old, open_unsigned(bundle("1.1.0", **after)))


def test_permissions_and_places_are_told_apart() -> None:
    told = diff({"permissions": [READ]}, {"permissions": [WRITE], "network": [PLACE]})
    assert told["permissions"] == {
        "added": {"customers.update": "To write."},
        "removed": {"customers.read": "To count."},
        "reworded": {},
    }
    assert told["network"] == {"added": {"GET https://api.example.com/v1/": "To ask."}, "removed": {}, "reworded": {}}
    assert told["manifest"] == {"version": {"from": "1.0.0", "to": "1.1.0"}}


def test_files_are_compared_line_by_line() -> None:
    told = diff({"files": {"code/a.py": b"x = 1\ny = 2\n", "code/b.py": b""}}, {"files": {"code/a.py": b"x = 1\n"}})
    assert [(one["path"], one["status"]) for one in told["files"]] == [  # type: ignore[attr-defined] # a list
        ("code/a.py", "changed"),
        ("code/b.py", "removed"),
    ]
    assert "-y = 2" in told["files"][0]["diff"]  # type: ignore[index] # a list


def test_without_a_version_before_everything_is_new() -> None:
    told = diff(None, {"permissions": [READ]})
    assert (told["from"], told["permissions"]["added"]) == (None, {"customers.read": "To count."})  # type: ignore[index] # a dict
    assert {one["status"] for one in told["files"]} == {"added"}  # type: ignore[attr-defined] # a list


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (FILE_BYTES + 1), b"x\n" * 9_000])
def test_what_cannot_be_compared_is_named_with_its_size(content: bytes) -> None:
    [entry] = diff({}, {"files": {"code/data.bin": content}})["files"]  # type: ignore[misc] # a list
    assert (entry["diff"], entry["size"], entry["status"]) == (None, len(content), "added")


def test_what_hides_from_reviewers_is_written_out() -> None:
    [entry] = diff({}, {"files": {"code/a.py": "x = '\u202e\x1b[2J'\n".encode()}})["files"]  # type: ignore[misc] # a list
    assert "\\u202e\\x1b[2J" in entry["diff"]


async def test_it_is_the_version_that_was_released_last(desk: Desk) -> None:
    await desk.released("1.0.0")
    await desk.approved("1.1.0")
    submission = await desk.in_review("1.2.0")
    told = await desk.submissions.diff(desk.boss, submission.id)
    assert (told["from"], told["to"]) == ("1.0.0", "1.2.0")
