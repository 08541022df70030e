"""Chance."""

import base64
from typing import Annotated, Any

from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.services import HostServices

MOST_BYTES = 1_024


class Size(Arguments):
    """How many bytes."""

    size: Annotated[int, Field(ge=1, le=MOST_BYTES)] = 32


async def random_bytes(host: HostServices, _actor: Actor, wanted: Size) -> Any:
    """Random bytes, good enough for secrets, in Base64."""
    return base64.b64encode(host.entropy(wanted.size)).decode()
