"""A form with every kind of field."""

from typing import Any

from rising_bsm_sdk import ui

LEVELS = {"none": "No level", "silver": "Silver", "gold": "Gold"}


def form(send: Any) -> ui.Form:
    """The form; what is entered is checked by the host as the fields say."""
    return ui.Form(
        ui.Hidden("source", "gallery"),
        ui.TextField("name", "Name", required=True, max_length=40, help="At most 40 characters; nobody is refused."),
        ui.TextArea("about", "About"),
        ui.NumberField("visits", "Visits", minimum=0, maximum=1000, whole=True, value=3),
        ui.EmailField("email", "E-mail"),
        ui.PhoneField("phone", "Phone"),
        ui.UrlField("web", "Website"),
        ui.PasswordField("password", "Password of the other service"),
        ui.DateField("day", "Day"),
        ui.TimeField("time", "Time"),
        ui.DateTimeField("moment", "Day and time"),
        ui.Select("level", "Level", LEVELS, value="silver"),
        ui.MultiSelect("days", "Days", ["Monday", "Wednesday", "Friday"], value=["Monday"]),
        ui.Radio("size", "Size", {"s": "Small", "l": "Large"}, value="s"),
        ui.Checkbox("agreed", "Agreed"),
        ui.Switch("active", "Active", value=True),
        ui.ColorField("colour", "Colour", value="#1f6f5c"),
        ui.CustomerPicker("customer", "Customer"),
        action=send,
        submit="Send",
    )
