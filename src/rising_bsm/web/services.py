"""What is open while the application runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network

from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.accounts.colleagues import Colleagues
from rising_bsm.accounts.service import Accounts
from rising_bsm.business.appointments import Appointments
from rising_bsm.business.customers import Customers
from rising_bsm.business.notes.service import Notes
from rising_bsm.business.notifications import Notifications
from rising_bsm.business.overview import Overviews
from rising_bsm.business.requests import Requests
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from rising_bsm.marketplace.market import Market
from rising_bsm.plugins.arrivals import Arrivals
from rising_bsm.plugins.care import PluginCare
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.licences.desk import LicenceDesk
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.stored import StoredData
from rising_bsm.runtime import Business, Cipher, Egress, Runtime
from rising_bsm.runtime.events.deliveries import Deliveries
from rising_bsm.runtime.events.dispatcher import Dispatcher
from rising_bsm.sandbox import Pool
from rising_bsm.web.beginning import begin
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.market_side import open_market_side
from rising_bsm.web.metrics import Metrics
from rising_bsm.web.own_password import OwnPassword
from rising_bsm.web.sandbox import open_plugins, open_sandbox
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.settings import Settings
from rising_bsm.web.sign_in import SignIn
from rising_bsm.web.submissions import Submissions


@dataclass(frozen=True)
class Services:
    """The services of one running application; a handler gets each by the name it has here."""

    jar: Cookies
    database: Database
    hooks: HookPoints
    accounts: Accounts
    activity: ActivityLog
    colleagues: Colleagues
    customers: Customers
    appointments: Appointments
    requests: Requests
    notes: Notes
    submissions: Submissions
    notifications: Notifications
    overviews: Overviews
    sessions: Sessions
    sign_in: SignIn
    own_password: OwnPassword
    pool: Pool
    runtime: Runtime
    plugins: Plugins
    plugin_care: PluginCare
    plugin_safety: PluginSafety
    stored_data: StoredData
    arrivals: Arrivals
    market: Market
    market_side: MarketSide
    licence_desk: LicenceDesk
    publisher_keys: PublisherKeys
    deliveries: Deliveries
    metrics: Metrics


@asynccontextmanager
async def open_services(
    settings: Settings, jar: Cookies, metrics: Metrics, pool: Pool | None = None
) -> AsyncIterator[Services]:
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
        accounts, business = Accounts(database), Business.on(database, hooks)
        cipher = Cipher(jar.secret)
        runtime = Runtime(
            pool, database, hooks, business, egress=_egress(settings), cipher=cipher, safe_mode=settings.safe_mode
        )
        market = _market(settings, database, cipher, pool)
        await stack.enter_async_context(market.open())
        runtime.system.add(market.plugin)
        await stack.enter_async_context(runtime.accounting)
        metrics.watch(pool, runtime)
        plugins = await open_plugins(settings, database, runtime, pool)
        keys = PublisherKeys(database, plugins.recheck)
        side = open_market_side(settings, jar.secret, database, runtime, plugins, accounts)
        market_side = await stack.enter_async_context(side)
        await begin(settings, keys, plugins)
        await stack.enter_async_context(plugins.following())
        sessions = Sessions(settings.data_dir / "sessions")
        await sessions.purge()
        await stack.enter_async_context(Dispatcher(database, runtime, places=pool.settings.background_workers))
        yield Services(
            jar=jar,
            database=database,
            hooks=hooks,
            accounts=accounts,
            activity=ActivityLog(database),
            colleagues=business.users,
            customers=business.customers,
            appointments=business.appointments,
            requests=business.requests,
            notes=Notes(database),
            submissions=Submissions(business.requests),
            notifications=business.notifications,
            overviews=Overviews(database),
            sessions=sessions,
            sign_in=SignIn(accounts, sessions, database, hooks),
            own_password=OwnPassword(accounts, sessions),
            pool=pool,
            runtime=runtime,
            plugins=plugins,
            plugin_care=PluginCare(database, runtime, plugins),
            plugin_safety=PluginSafety(database, runtime, plugins),
            stored_data=StoredData(database, plugins),
            arrivals=Arrivals(database, plugins, settings.data_dir / "plugins" / "arrivals"),
            market=market,
            market_side=market_side,
            licence_desk=LicenceDesk(database, market_side.held),
            publisher_keys=keys,
            deliveries=Deliveries(database, runtime.outbox),
            metrics=metrics,
        )


def _market(settings: Settings, database: Database, cipher: Cipher, pool: Pool) -> Market:
    place, elsewhere = settings.blob_store, settings.marketplace_url
    return Market(database, cipher=cipher, blobs=place, pool=pool, elsewhere=elsewhere)


def _egress(settings: Settings) -> Egress:
    return Egress(allowed=[ip_network(network) for network in settings.egress_allow])
