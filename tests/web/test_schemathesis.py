"""The interface does what its description says, whatever is sent to it: made up by schemathesis, right and wrong."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.business import make_appointment, make_request
from support.people import make_customer
from support.web import Instance

pytestmark = pytest.mark.anyio

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
OF_PLUGINS = ("/api/ext/", "/api/plugins/", "/api/market/")


async def test_the_interface_is_as_it_is_described(instance: Instance) -> None:
    async with await instance.program() as program:
        description = (await program.get("/api/openapi.json")).json()
        known = await _known(instance)
        statuses: Counter[int] = Counter()
        for number, case in enumerate(_cases(description)):
            if number % 2:
                _about_what_is_there(case, known)
            response = await _answer(program, case)
            case.validate_response(response, checks=CHECKS)
            statuses[response.status_code] += 1
    # Much is refused, and much is not.
    assert statuses.total() > 250
    assert min(statuses[status] for status in (200, 201, 404, 422)) > 2


async def _known(instance: Instance) -> dict[str, str]:
    database = instance.services.database
    made = {"customers": make_customer, "appointments": make_appointment, "requests": make_request}
    return {noun: str((await make(database)).id) for noun, make in made.items()}


def _cases(description: dict[str, Any]) -> Iterator[Case]:
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        operation = result.ok()
        if operation.path.startswith(OF_PLUGINS):
            continue
        for mode in GenerationMode:
            yield from _made_up(operation, mode)


def _made_up(operation: Any, mode: GenerationMode) -> list[Case]:
    made: list[Case] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case) -> None:
        made.append(case)

    # Nothing can be wrong with a request that takes nothing.
    with suppress(Unsatisfiable):
        collect()
    return made


def _about_what_is_there(case: Case, known: dict[str, str]) -> None:
    """The case, about something that there is and stays: nobody guesses an id."""
    noun = case.path.removeprefix("/api/").partition("/")[0]
    if noun in known and case.path_parameters and case.method != "DELETE":
        case.path_parameters[next(iter(case.path_parameters))] = known[noun]


async def _answer(program: httpx.AsyncClient, case: Case) -> httpx.Response:
    sent = case.as_transport_kwargs(base_url="http://localhost")
    names = {
        "method": "method",
        "url": "url",
        "headers": "headers",
        "params": "params",
        "json": "json",
        "data": "content",
    }
    return await program.request(**{ours: sent[theirs] for theirs, ours in names.items() if theirs in sent})
