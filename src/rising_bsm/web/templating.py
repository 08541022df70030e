"""The templates of the pages, and what every one of them may use."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rising_bsm import __version__
from rising_bsm.web import i18n
from rising_bsm.web.assets import address_of
from rising_bsm.web.charts import chart
from rising_bsm.web.markdown import markdown
from rising_bsm.web.sentences import told


def render(template: str, context: dict[str, Any]) -> str:
    """The template with the context filled in; an unknown name is an error, and what is put in is escaped."""
    return environment().get_template(template).render(context)


def macros(template: str) -> Any:
    """The macros of a template, as functions."""
    return environment().get_template(template).module


@cache
def environment() -> Environment:
    """Where all templates come from."""
    pages = Environment(
        loader=PackageLoader("rising_bsm.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    install: Any = pages
    install.install_gettext_callables(_said, _counted, newstyle=True)
    pages.filters |= i18n.FILTERS | {"markdown": markdown, "told": told}
    pages.globals |= {"asset": address_of, "icon": icon, "chart": chart, "version": __version__}
    return pages


# Jinja takes what these give for markup. Our own texts have none; a text that a plugin gave may have some, and must not
# become any because somebody had it looked up.


def _said(text: str) -> Markup:
    return escape(i18n.gettext(text))


def _counted(singular: str, plural: str, number: int) -> Markup:
    return escape(i18n.ngettext(singular, plural, number))


def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite, for the eye alone unless it has a label."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    use = Markup('<svg class="icon" width="24" height="24" {}><use href="{}#{}"/></svg>')
    return use.format(said, address_of("icons.svg"), name)
