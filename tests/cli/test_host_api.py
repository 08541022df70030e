"""`rising-bsm host-api`: the table, for people and for programs."""

from rising_bsm.runtime import HOST_API
from support.program import Program


def test_every_function_is_a_line_with_its_permission_and_cost(program: Program) -> None:
    run = program("host-api")

    lines = run.out.splitlines()
    assert (run.status, run.err, len(lines)) == (0, "", len(HOST_API) + 1)
    for function, line in zip(HOST_API, lines[1:], strict=True):
        assert line.split()[:3] == [function.name, function.needs or "-", str(function.cost)]
        assert line.endswith(function.doc)


def test_programs_get_the_schemas_as_well(program: Program) -> None:
    functions = program("host-api", "--json").json["functions"]

    assert [one["name"] for one in functions] == [function.name for function in HOST_API]
    get = next(one for one in functions if one["name"] == "customers.get")
    assert get["arguments"]["required"] == ["id"]
    assert {"id", "email", "version"} <= set(get["result"]["required"])


def test_every_function_says_what_it_does_and_costs_something() -> None:
    assert [one.name for one in HOST_API if not one.doc.endswith(".")] == []
    assert [one.name for one in HOST_API if one.cost < 1] == []
