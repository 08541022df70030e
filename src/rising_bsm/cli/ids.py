"""The names of plugins and of who publishes them, as they are typed in a terminal."""

import re

from rising_bsm.errors import InvalidInput

PART = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
ID = re.compile(rf"({PART})\.({PART})")
LONGEST_PART = 40


def parse_id(plugin_id: str) -> tuple[str, str]:
    """Publisher and name of `publisher.name`; raises `InvalidInput` for anything else."""
    found = ID.fullmatch(plugin_id)
    if found is None or max(map(len, found.groups())) > LONGEST_PART:
        raise InvalidInput(
            f'"{plugin_id}" is not an id of a plugin.',
            code="cli.bad_id",
            place="PUBLISHER.NAME",
            next_step="Use small letters, digits and single dashes, at most 40 on each side of one dot: acme.hello.",
        )
    publisher, name = found.groups()
    return publisher, name


def checked_publisher(publisher: str) -> str:
    """`publisher` as it is; raises `InvalidInput` unless it can be one."""
    if re.fullmatch(PART, publisher) is None or len(publisher) > LONGEST_PART:
        raise InvalidInput(
            f'"{publisher}" is not a name of a publisher.',
            code="cli.bad_publisher",
            place="PUBLISHER",
            next_step="Use small letters, digits and single dashes, at most 40: acme.",
        )
    return publisher
