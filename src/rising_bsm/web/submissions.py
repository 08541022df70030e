"""Service requests from visitors of the business's website, slowed down for those who send too many."""

from typing import Any

from rising_bsm.business.requests import Requests
from rising_bsm.web.limits import RateLimit

PER_CLIENT, IN_ALL = 5, 60


class Submissions:
    """What visitors send to `requests`: at most 5 a minute per client, and 60 in all."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self.per_client = RateLimit(PER_CLIENT, "Too many service requests from one address.")
        self.in_all = RateLimit(IN_ALL, "Too many service requests at the moment.")

    async def __call__(self, submission: Any, client: str) -> None:
        """Takes one. Raises RateLimited, InvalidInput, and what a hook refuses it with."""
        self.per_client.count(client)
        self.in_all.count("everybody")
        await self._requests.submit(submission)
