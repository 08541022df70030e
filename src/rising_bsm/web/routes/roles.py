"""What people may be here, and what that lets them do."""

from typing import Any

from litestar import Router, get

from rising_bsm.accounts import PERMISSIONS, Role


@get("/roles")
async def list_roles() -> dict[str, Any]:
    """Every role with its permissions, and what each permission lets people do."""
    roles = [{"name": role.value, "permissions": sorted(role.permissions)} for role in Role]
    return {"items": roles, "permissions": dict(PERMISSIONS)}


router = Router("/", route_handlers=[list_roles], tags=["Users"])
