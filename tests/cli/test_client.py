"""What the terminal says when the instance is not there, is something else, or refuses."""

import json

import pytest

from rising_bsm.cli.client import Instance, StrangeAnswer, Unreachable, is_private
from rising_bsm.errors import Error, InvalidInput
from support.http import answering
from support.program import Program


def test_nothing_answers(program: Program) -> None:
    run = program("list", "--url", "http://127.0.0.1:9", "--token", "t")
    assert run.status == 1
    assert "[instance.unreachable]" in run.err
    assert "rising-bsm serve" in run.err


def test_the_same_as_json(program: Program) -> None:
    run = program("list", "--json", RISING_BSM_URL="http://127.0.0.1:9", RISING_BSM_TOKEN="t")
    assert (run.status, run.err) == (1, "")
    assert run.json["error"]["code"] == "instance.unreachable"


def test_nobody_signed_in(program: Program) -> None:
    run = program("list")
    assert run.status == 1
    assert "[auth.required]" in run.err
    assert "rising-bsm login --url http://127.0.0.1:8000" in run.err


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://x", "http://", "file:///etc/passwd"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InvalidInput, match="is no address"):
        Instance(url)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (500, b""), (404, b"[]"), (500, b'{"message": 3}'), (502, b'"oh"'), (200, b"{}"), (200, b"")],
)
def test_something_else_answers(status: int, body: bytes) -> None:
    with answering(status, body) as url, Instance(url) as instance, pytest.raises(StrangeAnswer) as caught:
        instance.get("/api/plugins", has=["items"])
    assert str(status) in caught.value.message


def test_an_answer_that_never_comes_is_no_traceback() -> None:
    with answering(200, b"") as url:
        pass
    with Instance(url) as instance, pytest.raises(Unreachable):
        instance.get("/api/plugins")


def test_a_refusal_comes_out_as_it_went_in() -> None:
    went_in = InvalidInput("No.", code="a.b", place="c", next_step="D.", fields={"name": "too long"})
    body = json.dumps(went_in.as_dict()).encode()
    with answering(422, body) as url, Instance(url) as instance, pytest.raises(InvalidInput) as caught:
        instance.get("/api/plugins")
    assert caught.value.as_dict() == went_in.as_dict()


def test_a_refusal_without_fields() -> None:
    body = json.dumps({"code": "x.y", "message": "No."}).encode()
    with answering(409, body) as url, Instance(url) as instance, pytest.raises(Error) as caught:
        instance.get("/api/plugins")
    assert caught.value.as_dict() == {"code": "x.y", "message": "No."}


def test_what_an_instance_sends_never_acts_on_the_terminal(program: Program) -> None:
    hostile = [{"id": "a.b\x1b[2J", "version": "1\x1b]0;x\x07", "state": "\u202eevitca"}]
    with answering(200, json.dumps({"items": hostile}).encode()) as url:
        plain = program("list", "--url", url, "--token", "t")
        as_json = program("list", "--url", url, "--token", "t", "--json")
    assert (plain.status, as_json.status) == (0, 0)
    assert (plain.out + as_json.out).replace("\n", "").isprintable()
    assert as_json.json == hostile


def test_the_token_is_not_told() -> None:
    with Instance("http://127.0.0.1:9", "rbsm_secret") as instance, pytest.raises(Unreachable) as caught:
        instance.get("/api/plugins")
    assert "rbsm_secret" not in json.dumps(caught.value.as_dict())


@pytest.mark.parametrize(
    ("url", "private"),
    [("https://bsm.example.com", True), ("http://127.0.0.1:8000", True), ("http://bsm.example.com", False)],
)
def test_where_nobody_can_listen(url: str, private: bool) -> None:
    assert is_private(url) is private
