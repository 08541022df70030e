"""What a marketplace says of plugins, publishers and reviews: read as strictly as anything that a stranger says."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from rising_bsm.bundle.fields import PermissionCode, PluginId, Slug, VersionText
from rising_bsm.bundle.offer import Homepage, Support
from rising_bsm.plugins.market.transport import MarketRefused
from rising_bsm.runtime.text import visible

Shown = Annotated[str, AfterValidator(visible)]
Text = Annotated[str, Field(max_length=400_000)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


def strange_answer() -> MarketRefused:
    """The refusal of what no marketplace of ours says."""
    return MarketRefused(
        "The marketplace's answer cannot be read.",
        code="market.strange_answer",
        next_step="See that both instances run a current version.",
    )


class _Said(BaseModel):
    # What a later marketplace says in addition is passed over.
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, answer: Any) -> Self:
        """What is said in an answer; raises MarketRefused (`market.strange_answer`)."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            raise strange_answer() from error


class By(_Said):
    """Who publishes a plugin; `verified` says that the operator knows who that is."""

    name: Slug
    display_name: Shown
    verified: bool


class Card(_Said):
    """A plugin as an entry of a list; `installed` is the version that is here, None if it is not."""

    id: PluginId
    publisher: By
    display_name: Shown
    description: Shown
    category: Shown
    tags: tuple[Slug, ...] = ()
    type: Shown
    pricing: Literal["free", "paid"]
    trial_days: Count = 0
    latest_version: VersionText | None = None
    icon_sha256: Sha256 | None = None
    installs: Count = 0
    downloads: Count = 0
    rating: float | None = None
    rating_count: Count = 0
    published_at: AwareDatetime | None = None
    installed: VersionText | None = None


class Cards(_Said):
    """A page of a search; `next` is the cursor of the page after it."""

    items: tuple[Card, ...]
    next: str | None = None


class Request(_Said):
    """A permission with its reason."""

    code: PermissionCode
    reason: Shown = ""


class Place(_Said):
    """A place on the network with its reason."""

    url: Shown
    methods: tuple[Shown, ...] = ()
    reason: Shown = ""


class Version(_Said):
    """A version that was released; sizes in bytes."""

    version: VersionText
    channel: Shown
    status: Shown
    reason: Shown | None = None
    security: bool = False
    changelog: Text = ""
    encrypted: bool = False
    bundle_size: Count
    released_at: AwareDatetime | None = None
    host: Shown
    dependencies: dict[PluginId, Shown] | None = None


class Resources(_Said):
    """What an instance of it needs."""

    resident: bool = False
    memory_mib: Count = 128


class _Asks(_Said):
    permissions: tuple[Request, ...] | None = ()
    optional_permissions: tuple[Request, ...] | None = ()
    network: tuple[Place, ...] | None = ()
    conflicts: tuple[PluginId, ...] | None = ()
    resources: Resources | list[Any] | None = None

    @property
    def needs(self) -> Resources:
        """What an instance of it needs."""
        return self.resources if isinstance(self.resources, Resources) else Resources()


class Offer(Card, _Asks):
    """All that a marketplace says of a plugin."""

    license: Shown
    homepage: Homepage | None = None
    support: Support | None = None
    screenshots: tuple[Sha256, ...] = ()
    readme: Text = ""
    versions: tuple[Version, ...] = ()


class Route(_Said):
    """An address below that of the plugin."""

    method: Shown
    path: Shown
    public: bool = False


class Hook(_Said):
    """A handler that runs before an operation; lower orders first."""

    hook: Shown
    order: int = 100


class Event(_Said):
    """An event that it is told of."""

    event: Shown


class Schedule(_Said):
    """When it runs by itself."""

    cron: Shown
    time_zone: Shown


class Component(_Said):
    """What people are shown, and where."""

    mount: Shown
    title: Shown


class Adds(_Said):
    """What a version answers to."""

    routes: tuple[Route, ...] = ()
    before: tuple[Hook, ...] = ()
    after: tuple[Event, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    components: tuple[Component, ...] = ()


class Publisher(_Said):
    """A publisher, and how many plugins of it there are."""

    name: Slug
    display_name: Shown
    website: Homepage | Literal[""] = ""
    verified: bool
    since: AwareDatetime
    plugins: Count = 0


class Facts(Version, _Asks):
    """One version with what it asks for and adds; `publisher` is None where the marketplace knows only its name."""

    plugin: Card
    publisher: Publisher | None = None
    exports: Adds = Adds()


class Reply(_Said):
    """What the publisher has answered."""

    text: Text
    at: AwareDatetime | None = None


class Review(_Said):
    """What somebody says of a plugin: 1 to 5 stars, and text."""

    id: Annotated[str, Field(pattern="^[0-9a-f-]{36}$")]
    name: Shown
    stars: Annotated[int, Field(ge=1, le=5)]
    text: Text = ""
    version: Shown
    reply: Reply | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Reviews(_Said):
    """A page of reviews; `next` is the cursor of the page after it."""

    items: tuple[Review, ...] = ()
    next: str | None = None
