"""Settings of plugins: what is stored of them, and what becomes of secrets."""

from rising_bsm.runtime.settings.cipher import Cipher
from rising_bsm.runtime.settings.store import PluginSettings, SettingsInvalid

__all__ = ["Cipher", "PluginSettings", "SettingsInvalid"]
