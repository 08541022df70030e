"""What a new instance needs before it can serve anybody."""

from rising_bsm.accounts.service import Accounts, FirstAdmin
from rising_bsm.business.demo import load_demo
from rising_bsm.db import Database
from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import HookPoints
from rising_bsm.web.secret import instance_secret
from rising_bsm.web.settings import PREFIX, BadSetting, Settings


async def prepare(settings: Settings) -> FirstAdmin | None:
    """Makes the data folder, its secret, the schema, the first administrator and demo data, where they are missing.

    Gives the administrator if it was made just now. Raises BadSetting and InvalidInput for settings that cannot be
    used, SecretUnusable, DatabaseUnavailable.
    """
    instance_secret(settings.data_dir)
    database = Database(settings.database)
    try:
        await database.migrate()
        admin = await _first_admin(database, settings)
        if settings.demo:
            await load_demo(database, HookPoints())
    finally:
        await database.close()
    return admin


async def _first_admin(database: Database, settings: Settings) -> FirstAdmin | None:
    try:
        return await Accounts(database).ensure_first_admin(settings.admin_email, settings.admin_password)
    except InvalidInput as error:
        field, sentence = next(iter(error.fields.items()))
        raise BadSetting(
            f"The first administrator cannot be added. {sentence}",
            place=f"{PREFIX}ADMIN_{field.upper()}",
            next_step="Correct the variable, or remove it to have one made up.",
        ) from error
