"""The settings of one plugin in the database."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle.settings import SettingField, Value, changed
from rising_bsm.db import Database
from rising_bsm.errors import InvalidInput
from rising_bsm.runtime.settings.cipher import Cipher
from rising_bsm.runtime.tables import plugin_settings

_STORED = plugin_settings.c


class SettingsInvalid(InvalidInput):
    """Settings that cannot be stored; `fields` has every wrong one."""

    code = "settings.invalid_values"


class PluginSettings:
    """The settings of a plugin that has these `fields`.

    A stored value that a field cannot have any more, because the plugin was changed, is as if nobody had set it; so is
    one that was stored as a secret and is none any more, or the other way round.
    """

    def __init__(self, database: Database, cipher: Cipher, plugin_id: str, fields: tuple[SettingField, ...]) -> None:
        self._database = database
        self._cipher = cipher
        self._plugin_id = plugin_id
        self._fields = fields

    async def values(self) -> dict[str, Value | None]:
        """Every setting, secrets in the clear, for the plugin itself. Raises SecretUnreadable."""
        if not self._fields:
            return {}
        async with self._database.reading() as session:
            stored = await self._stored(session)
        return {one.name: self._value(one, stored) for one in self._fields}

    async def shown(self) -> list[dict[str, Any]]:
        """Every setting with its description and value, for administrators; of a secret, only whether it is `set`."""
        async with self._database.reading() as session:
            stored = await self._stored(session)
        return [self._shown(one, stored) for one in self._fields]

    async def write(self, session: AsyncSession, values: Mapping[str, Any]) -> list[str]:
        """Stores the values in the transaction of `session`, null to be as if nobody had; the names, sorted.

        Raises SettingsInvalid for values that the settings cannot have, and when a required one would have none.
        """
        good, wrong = changed(self._fields, dict(values))
        kept = await self._stored(session)
        after = {name for name in kept if name not in good} | {
            name for name, value in good.items() if value is not None
        }
        for one in self._fields:
            if one.required and one.default is None and one.name not in after and one.name not in wrong:
                wrong[one.name] = "is required"
        if wrong:
            raise _invalid(wrong)
        mine = _STORED.plugin_id == self._plugin_id
        await session.execute(delete(plugin_settings).where(mine, _STORED.name.in_(list(good))))
        rows = [self._row(one, good[one.name]) for one in self._fields if good.get(one.name) is not None]
        if rows:
            await session.execute(insert(plugin_settings), rows)
        return sorted(good)

    async def _stored(self, session: AsyncSession) -> dict[str, Any]:
        found = select(_STORED.name, _STORED.value, _STORED.encrypted).where(_STORED.plugin_id == self._plugin_id)
        rows = {row.name: row for row in (await session.execute(found)).all()}
        return {one.name: rows[one.name] for one in self._fields if one.name in rows and _usable(one, rows[one.name])}

    def _value(self, field: SettingField, stored: Mapping[str, Any]) -> Value | None:
        row = stored.get(field.name)
        if row is None:
            return field.default
        if row.encrypted:
            return self._cipher.open(self._plugin_id, field.name, row.value)
        value: Value = json.loads(row.value)
        return value

    def _shown(self, field: SettingField, stored: Mapping[str, Any]) -> dict[str, Any]:
        described = field.model_dump(mode="json") | {"set": field.name in stored}
        return described if field.type == "secret" else described | {"value": self._value(field, stored)}

    def _row(self, field: SettingField, value: Value | None) -> dict[str, Any]:
        secret = field.type == "secret"
        text = self._cipher.seal(self._plugin_id, field.name, str(value)) if secret else json.dumps(value)
        return {"plugin_id": self._plugin_id, "name": field.name, "value": text, "encrypted": secret}


def _usable(field: SettingField, row: Any) -> bool:
    if row.encrypted or field.type == "secret":
        return bool(row.encrypted and field.type == "secret")
    try:
        field.checked(json.loads(row.value))
    except ValueError:
        return False
    return True


def _invalid(wrong: Mapping[str, str]) -> SettingsInvalid:
    fields = {name: f"This {sentence}." for name, sentence in wrong.items()}
    names = ", ".join(fields)
    return SettingsInvalid(
        f"These settings cannot be stored: {names}.",
        fields=fields,
        place=next(iter(fields)),
        next_step="Correct what is named and send it again.",
    )
