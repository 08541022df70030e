"""What the plugin tells others."""

from typing import Annotated, Any

from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.services import HostServices


class News(Arguments):
    """A topic of the plugin's own, in lower-case letters, digits and _, and what there is to say about it."""

    topic: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    payload: Any = None


async def emit(host: HostServices, actor: Actor, news: News) -> Any:
    """Tell the plugins that listen to `publisher.name:topic`; the event's id."""
    return str(await host.events.emit(actor, news.topic, news.payload))
