"""What is open while the application runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.accounts.service import Accounts
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.settings import Settings
from rising_bsm.web.sign_in import SignIn


@dataclass(frozen=True)
class Services:
    """The services of one running application; a handler gets each by the name it has here."""

    jar: Cookies
    database: Database
    hooks: HookPoints
    accounts: Accounts
    activity: ActivityLog
    customers: Customers
    sessions: Sessions
    sign_in: SignIn


@asynccontextmanager
async def open_services(settings: Settings, jar: Cookies) -> AsyncIterator[Services]:
    """Everything, opened in this order and closed in the opposite one; the schema is brought up to date.

    Raises InvalidInput for a database URL that cannot be used, DatabaseUnavailable.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        await database.migrate()
        hooks = HookPoints()
        accounts = Accounts(database)
        sessions = Sessions(settings.data_dir / "sessions")
        await sessions.purge()
        yield Services(
            jar=jar,
            database=database,
            hooks=hooks,
            accounts=accounts,
            activity=ActivityLog(database),
            customers=Customers(database, hooks),
            sessions=sessions,
            sign_in=SignIn(accounts, sessions, database),
        )
