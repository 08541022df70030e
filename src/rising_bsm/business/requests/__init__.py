"""Service requests: the entity, what may be written and asked, and what the business does with them."""

from rising_bsm.business.requests.model import ServiceRequest
from rising_bsm.business.requests.schema import Conversion, RequestDraft, RequestQuery, Submission
from rising_bsm.business.requests.service import Requests

HOOK_POINTS = ("requests.create", "requests.update", "requests.delete")
"""The moments of a service request's life that `hooks` are asked about beforehand."""

__all__ = ["HOOK_POINTS", "Conversion", "RequestDraft", "RequestQuery", "Requests", "ServiceRequest", "Submission"]
