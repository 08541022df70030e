"""demo.customer-care: refuses customers nobody can call, and tidies up the others."""

from typing import Any

from customer_care import phones
from customer_care.words import city_name, mail_tag
from rising_bsm_sdk import Context, Plugin, Refuse, before

MOST_TAGS = 20


class CustomerCare(Plugin):
    """Runs before customers are written; what it returns is what is stored."""

    @before("customers.create")
    @before("customers.update")
    def tidy(self, ctx: Context, draft: dict[str, Any]) -> dict[str, Any]:
        """Refuse a customer without a usable telephone number, and complete the others."""
        if not draft.get("phone"):
            raise Refuse("A customer needs a telephone number.", field="phone")
        phone = phones.international(draft["phone"], draft.get("country") or "")
        tags = draft.get("tags") or []
        tag = mail_tag(draft["email"])
        return draft | {
            "phone": phone,
            "country": draft.get("country") or phones.country_of(phone),
            "city": city_name(draft.get("city") or ""),
            "tags": tags if tag in tags or len(tags) >= MOST_TAGS else [*tags, tag],
        }

    @before("customers.delete")
    def keep_active(self, ctx: Context, customer: dict[str, Any]) -> None:
        """Refuse to delete somebody we still work for."""
        if customer["status"] == "active":
            ctx.log.warning("deletion refused", customer=customer["id"])
            raise Refuse("Set the customer to inactive before deleting them.", field="status")
