"""What is open while the application runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.accounts.service import Accounts
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime import Runtime
from rising_bsm.sandbox import Pool
from rising_bsm.web.beginning import begin
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.sandbox import open_plugins, open_sandbox
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
    pool: Pool
    runtime: Runtime
    plugins: Plugins
    publisher_keys: PublisherKeys


@asynccontextmanager
async def open_services(settings: Settings, jar: Cookies, pool: Pool | None = None) -> AsyncIterator[Services]:
    """Everything, opened in this order and closed in the opposite one; the schema is brought up to date.

    A `pool` that is open already is used and left open. Raises InvalidInput for a database URL that cannot be used,
    DatabaseUnavailable, and what `open_sandbox` and `begin` raise.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        await database.migrate()
        if pool is None:
            pool = await stack.enter_async_context(open_sandbox(settings))
        hooks = HookPoints()
        accounts, customers = Accounts(database), Customers(database, hooks)
        runtime = Runtime(pool, database, hooks, customers)
        plugins = await open_plugins(settings, database, runtime, pool)
        keys = PublisherKeys(database, plugins.recheck)
        await begin(settings, keys, plugins)
        sessions = Sessions(settings.data_dir / "sessions")
        await sessions.purge()
        yield Services(
            jar=jar,
            database=database,
            hooks=hooks,
            accounts=accounts,
            activity=ActivityLog(database),
            customers=customers,
            sessions=sessions,
            sign_in=SignIn(accounts, sessions, database),
            pool=pool,
            runtime=runtime,
            plugins=plugins,
            publisher_keys=keys,
        )
