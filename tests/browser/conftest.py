"""A site and a browser for each worker, a person and a page for each test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from support.browser import Site, Watched, chromium, need_chromium, person
from support.served import served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served instance with demo data, the same for all tests of a worker."""
    need_chromium()
    with served(tmp_path_factory.mktemp("site"), DEMO="true") as running, running.browser() as api:
        yield Site(running, api)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    need_chromium()
    with chromium() as running:
        yield running


@pytest.fixture
def contexts() -> Iterator[list[tuple[BrowserContext, Watched]]]:
    """The browsers that people used in a test; nothing unexpected may have happened in any."""
    used: list[tuple[BrowserContext, Watched]] = []
    yield used
    for context, _ in used:
        context.close()
    for _, watched in used:
        watched.check()


@pytest.fixture
def sign_in(site: Site, browser: Browser, contexts: list[tuple[BrowserContext, Watched]]) -> Callable[..., Page]:
    """A page of somebody with a role who has signed in: `sign_in("employee", viewport=PHONE)`; "" is a stranger."""

    def signed_in(role: str = "admin", **options: object) -> Page:
        context = person(browser, site, role, **options)
        contexts.append((context, Watched(context, site.url)))
        return context.new_page()

    return signed_in


@pytest.fixture
def watched(contexts: list[tuple[BrowserContext, Watched]]) -> Callable[[Page], Watched]:
    """What is watched of a page's browser, to say which errors a test is about."""
    return lambda page: next(found for context, found in contexts if context == page.context)
