"""The class every plugin derives from."""

from .context import Context


class Plugin:
    """One plugin: its methods answer routes and hooks, and these follow it through its life.

    A fresh object serves every call, so what a call leaves on `self` is gone after it; keep things in `ctx.storage`.
    """

    def on_install(self, ctx: Context) -> None:
        """Runs once, when the plugin is installed; raising undoes the installation."""

    def on_activate(self, ctx: Context) -> None:
        """Runs each time the plugin is switched on; raising leaves it off."""

    def on_settings_changed(self, ctx: Context) -> None:
        """Runs when an administrator has changed the plugin's settings."""

    def on_permissions_changed(self, ctx: Context) -> None:
        """Runs when an administrator has granted or taken away optional permissions; see `ctx.may`."""

    def on_license_verified(self, ctx: Context) -> None:
        """Runs when the licence of a plugin that costs something has changed: renewed again, upgraded, run out; see
        `ctx.license`.
        """

    def on_update(self, ctx: Context, from_version: str) -> None:
        """Runs in the new version before it takes over from `from_version`, which answers meanwhile; raising keeps
        that one. What it stored stays then, so it must bear to be run again.
        """

    def on_deactivate(self, ctx: Context) -> None:
        """Runs when the plugin is switched off."""

    def on_uninstall(self, ctx: Context) -> None:
        """Runs before the plugin and all it stored are removed."""
