"""What the rooms below say to people most, so that pages say it in the language of whoever reads it."""

import re
from functools import cache

from rising_bsm.accounts.permissions import PERMISSIONS
from rising_bsm.web.i18n import gettext, preferences
from rising_bsm.web.i18n import no_translation as _

_SENTENCES = (
    _("%(who)s may not do this: %(permission)s."),
    _("A password has between %(least)s and %(most)s characters."),
    _("Ask an administrator to activate it."),
    _("Ask another administrator to do it."),
    _("Ask another operator of this marketplace."),
    _("Ask the operator of this marketplace."),
    _("Ask whoever sold it for another one."),
    _("Ask whoever sold it to renew it."),
    _("Ask whoever sold it; it can be resumed."),
    _("Choose a file that ends in .rbsm."),
    _("Choose another name."),
    _("Choose another time or somebody else, or send allow_overlap as true."),
    _("Choose another version of the plugin."),
    _("Choose the file again: it is kept for an hour, for whoever brought it."),
    _("Copy the whole key as you were given it."),
    _("Correct it and try again."),
    _("Correct what is named and send it again."),
    _("Delete the appointments first, or set the customer's status to inactive."),
    _("Get a version of the plugin that is made for this one, or ask its author for it."),
    _("Load the list again."),
    _("Load the page again."),
    _("Load the page again, and try once more."),
    _("Make a new one."),
    _("Make somebody else an administrator first."),
    _("No bundle was chosen."),
    _("No plugin of this name is installed."),
    _("Nobody decides about a submission of their own."),
    _("Nobody with this id works here."),
    _("Only people can sign in."),
    _("Only people have a password."),
    _("Only publishers and the operator of the marketplace sell licences."),
    _("Only who owns the publisher may do this."),
    _("Read the %(noun)s again and repeat the change."),
    _("Sign in."),
    _("Some of what was sent cannot be accepted."),
    _("Somebody else changed or removed this %(noun)s meanwhile."),
    _("The body of the request is too large."),
    _("The database cannot answer now."),
    _("The e-mail address or the password is wrong."),
    _("The key that has signed this bundle was revoked."),
    _("The marketplace cannot do it now: %(reason)s"),
    _("The marketplace has no such picture."),
    _("The marketplace has no version of %(plugin)s that can be installed."),
    _("The marketplace of %(where)s does not answer: %(reason)s."),
    _("The marketplace's answer cannot be read."),
    _("The request does not prove that it comes from our own pages."),
    _("There is a customer with the e-mail address %(email)s already."),
    _("There is a user with the e-mail address %(email)s already."),
    _("There is no %(noun)s with this id."),
    _("There is no note with this id here."),
    _("There is no such licence."),
    _("There is no such plugin on this marketplace."),
    _("There is no such plugin."),
    _("There is no such publisher here."),
    _("There is no such publisher."),
    _("There is no such review."),
    _("There is no such submission."),
    _("There is no such time zone. Names are such as Europe/Berlin."),
    _("There is nothing at this address."),
    _("There is nothing with this id, or it is not active."),
    _("There must be at most %(most)s of these."),
    _("These are no customers."),
    _("These fields are wrong: %(names)s."),
    _("This account is not active."),
    _("This address cannot be used in this way."),
    _("This bundle is not here any more."),
    _("This field is required."),
    _("This field is wrong: %(name)s."),
    _("This instance runs in safe mode: no plugin runs, and none can be installed, updated or switched on."),
    _("This is for people who are signed in with a browser."),
    _("This is not a valid e-mail address: %(reason)s"),
    _("This is not what the command prints."),
    _("This is not your password."),
    _("This is only for people who are signed in."),
    _("This key is registered already; a key is good for one publisher, once and for all."),
    _("This key is trusted already, for this publisher or another."),
    _("This moment is over."),
    _("This must be a country code of two letters from ISO 3166, such as DE."),
    _("This must be a time such as %(example)s."),
    _("This must be a time zone of the IANA database, such as Europe/Berlin."),
    _("This must be a whole number."),
    _("This must be at least %(least)s."),
    _("This must be at most %(most)s."),
    _("This must be one line of text without control characters."),
    _("This must be one of %(choices)s."),
    _("This must be text without control characters."),
    _("This must have at most %(most)s characters."),
    _("This must not be empty."),
    _("Too many attempts to sign in with this e-mail address."),
    _("Too many attempts to sign in."),
    _("Try again in %(seconds)s seconds."),
    _("Try again in a moment."),
    _("Try again later."),
    _("Try again when the marketplace can be reached."),
    _("Try again."),
    _("Try again; if it stays so, check the network and RISING_BSM_MARKETPLACE_URL."),
    _("Use another address, or change the customer who has it."),
    _("Use another address."),
    _("You cannot let a token do this: %(codes)s."),
    _("You cannot take the administration from yourself, nor lock yourself out."),
    _("You have no notification with this id."),
    _("You have no token with this id."),
)
_PARTS = {_("customer"), _("appointment"), _("service request"), _("note"), *PERMISSIONS.values()}


def told(text: str | None, code: str = "") -> str:
    """The sentence of an error with this code, in the present language where it is known; plugins' are left alone."""
    if not text or preferences().language == "en" or code.startswith("plugin."):
        return text or ""
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return gettext(sentence) % {name: _part(part) for name, part in found.groupdict().items()}
    return text


def _part(text: str) -> str:
    return gettext(text) if text in _PARTS else text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(sentence, re.compile(_holes(sentence), re.DOTALL)) for sentence in _SENTENCES]


def _holes(sentence: str) -> str:
    return re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(sentence))
