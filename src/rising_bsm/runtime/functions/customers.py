"""The customers."""

from typing import ClassVar

from pydantic import ConfigDict

from rising_bsm.business.customers import CustomerDraft, CustomerQuery
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.functions.entities import verbs
from rising_bsm.runtime.functions.results import IdText, Moment


class Stored(CustomerDraft):
    """A customer as it is stored; `version` counts the changes."""

    model_config = ConfigDict(title="Customer")

    id: IdText
    created_at: Moment
    updated_at: Moment
    version: int


class Matching(CustomerQuery):
    """Which customers; what is about a page does not matter to who counts them."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal


list, count, get, create, update, delete = verbs(lambda business: business.customers)
