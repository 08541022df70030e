"""What the marketplace has to do with instances: licences, their census, and reviews; put together."""

from functools import cached_property

from rising_bsm.db import Database
from rising_bsm.marketplace.instances.admission import Instances
from rising_bsm.marketplace.instances.census import InstanceCensus
from rising_bsm.marketplace.instances.days import Days
from rising_bsm.marketplace.licences.heartbeat import Heartbeats
from rising_bsm.marketplace.licences.instance_routes import InstanceRoutes
from rising_bsm.marketplace.licences.issuing import Signing
from rising_bsm.marketplace.licences.routes import LicenceRoutes
from rising_bsm.marketplace.licences.sales import Sales
from rising_bsm.marketplace.licences.service import Leases
from rising_bsm.marketplace.licences.tokens import DownloadTokens
from rising_bsm.marketplace.reviews.reporting import Reports
from rising_bsm.marketplace.reviews.routes import ReviewRoutes
from rising_bsm.marketplace.reviews.service import Reviews
from rising_bsm.runtime import Cipher


class Selling:
    """Licences and reviews on `database`; `signing` gives the key of licences, and `cipher` opens content keys."""

    def __init__(self, database: Database, cipher: Cipher, signing: Signing) -> None:
        self.instances = Instances(database)
        self.census = InstanceCensus(database)
        self.days = Days(database)
        self.sales = Sales(database)
        self.leases = Leases(database, signing)
        self.heartbeats = Heartbeats(database, self.census, signing)
        self.tokens = DownloadTokens(database, cipher)
        self.reviews = Reviews(database)
        self.reports = Reports(database)

    @cached_property
    def parts(self) -> tuple[object, ...]:
        """What answers for them."""
        return (
            LicenceRoutes(self.sales),
            InstanceRoutes(self.instances, self.leases, self.heartbeats, self.tokens),
            ReviewRoutes(self.instances, self.reviews),
        )
