"""What a plugin asks to reach on the network."""

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rising_bsm.bundle import fields
from rising_bsm.bundle.addresses import is_public
from rising_bsm.bundle.urls import URL_CHARACTERS, Target, parse_url

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def _place(url: str) -> str:
    target = parse_url(url)
    if target.query:
        raise ValueError("must be an address without a question mark; every query below it is allowed")
    if target.literal is not None and not is_public(target.literal):
        raise ValueError("must be a name or a public address, not one that belongs to every network")
    # One spelling, so that what the administrator reads is what is compared.
    if target.url != url:
        raise ValueError(f"must be spelled {target.url}")
    return url


def _no_method_twice(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    if twice := [method for method, count in Counter(methods).items() if count > 1]:
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")
    return methods


class NetworkRequest(BaseModel):
    """A place on the network that the plugin asks to reach, with the reason that the administrator reads."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    url: Annotated[
        str,
        Field(max_length=URL_CHARACTERS, description="Scheme, host, port and the path that everything must be below."),
        AfterValidator(_place),
    ]
    methods: Annotated[tuple[Method, ...], Field(min_length=1, max_length=6), AfterValidator(_no_method_twice)] = (
        "GET",
    )
    reason: fields.Sentence

    def allows(self, method: str, target: Target) -> bool:
        """Whether a request with this method to this target is asked for here."""
        place = parse_url(self.url)
        return method in self.methods and target.origin == place.origin and target.is_below(place.path)


def no_place_twice(places: tuple[NetworkRequest, ...]) -> tuple[NetworkRequest, ...]:
    """The places as they are; raises ValueError when one is named twice."""
    if twice := [url for url, count in Counter(place.url for place in places).items() if count > 1]:
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")
    return places


Network = Annotated[tuple[NetworkRequest, ...], Field(max_length=50), AfterValidator(no_place_twice)]
