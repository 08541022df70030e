"""demo.ui-gallery: a page with every part that pages of plugins can be made of."""

from typing import Any

from rising_bsm_sdk import Context, Plugin, Refuse, action, component, ui

from . import content, fields, people


class Gallery(Plugin):
    """One page; its storage keeps who has been removed and what was entered."""

    @component("page", title="UI gallery", icon="list-check")
    def gallery(self, ctx: Context, props: dict[str, Any]) -> ui.Page:
        """All of it."""
        return ui.Page(
            "UI gallery",
            ui.Section("Numbers", content.numbers()),
            ui.Section("Charts", content.charts()),
            ui.Section("Texts", content.texts()),
            ui.Section("A table", people.table(ctx, props["query"], self)),
            ui.Section("Tabs", content.tabs()),
            ui.Section("Asking", ui.Row(self._modal(), *self._buttons())),
            ui.Section("A form", self._entered(ctx), fields.form(self.send)),
            ui.Section("What happened", content.happened()),
            ui.Section("Nothing", self._nothing()),
            subtitle="Everything that a plugin's page can be made of.",
        )

    @action
    def send(self, ctx: Context, values: dict[str, Any]) -> ui.Done:
        """Keep what was entered; the password is not."""
        if values["name"].lower() == "nobody":
            raise Refuse("Somebody must have a name.", field="name")
        ctx.storage.set("entered", {key: value for key, value in values.items() if key != "password"})
        return ui.Done(f"Thank you, {values['name']}.")

    @action
    def remove(self, ctx: Context, values: dict[str, Any]) -> ui.Done:
        """Take somebody off the table."""
        ctx.storage.set(f"removed/{values['name']}", True)
        return ui.Done(f"{values['name']} is removed.")

    @action
    def restore(self, ctx: Context, values: dict[str, Any]) -> ui.Done:
        """Put everybody back on the table."""
        for key in ctx.storage.list("removed/"):
            ctx.storage.delete(key)
        return ui.Done("Everybody is back.")

    @action
    def refuse(self, ctx: Context, values: dict[str, Any]) -> None:
        """Refuse, whatever is asked."""
        raise Refuse("This button never does anything.")

    def _modal(self) -> ui.Modal:
        form = ui.Form(ui.TextField("name", "Name", required=True), action=self.greet, submit="Greet")
        return ui.Modal("Open a dialog", "Who is there?", "What you write is greeted.", form, style="primary")

    @action
    def greet(self, ctx: Context, values: dict[str, Any]) -> ui.Done:
        """Greet somebody."""
        return ui.Done(f"Hello, {values['name']}!")

    def _buttons(self) -> tuple[ui.Button, ...]:
        return (
            ui.Button("Bring everybody back", self.restore, confirm="Bring back everybody who was removed?"),
            ui.Button("Be refused", self.refuse, style="danger"),
            ui.Button("Not now", self.refuse, disabled=True),
        )

    def _entered(self, ctx: Context) -> ui.Code | None:
        entered = ctx.storage.get("entered")
        return ui.Code("\n".join(f"{key} = {value!r}" for key, value in entered.items())) if entered else None

    def _nothing(self) -> ui.Empty:
        return ui.Empty(
            "Nothing here yet", ui.Button("Try anyway", self.refuse), text="Say what can be done about it, as here."
        )
