"""Where one's own pages are."""

from litestar import Router

from rising_bsm.web.pages.me.settings import change_password, change_preferences, change_profile, show_settings
from rising_bsm.web.pages.me.tokens import list_tokens, make_token, new_token, revoke_token

router = Router(
    "/me",
    route_handlers=[
        show_settings,
        change_profile,
        change_password,
        change_preferences,
        list_tokens,
        new_token,
        make_token,
        revoke_token,
    ],
    include_in_schema=False,
)
