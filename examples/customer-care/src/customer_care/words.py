"""How cities are written, and what an e-mail address says about somebody."""

SMALL_WORDS = {"am", "an", "bei", "de", "der", "im", "in", "la", "le", "of", "sur", "upon"}
PRIVATE_MAIL = {"gmail.com", "gmx.de", "hotmail.com", "icloud.com", "outlook.com", "web.de", "yahoo.com"}
LONGEST_TAG = 40


def city_name(city: str) -> str:
    """The city as usual, if it was typed in small or in capital letters throughout."""
    if not (city.islower() or city.isupper()):
        return city
    first, *others = city.lower().split(" ")
    return " ".join([first.title(), *(word if word in SMALL_WORDS else word.title() for word in others)])


def mail_tag(email: str) -> str:
    """The tag for an e-mail address: its domain, or that it is a private one."""
    domain = email.rpartition("@")[2].lower()
    return "private mail" if domain in PRIVATE_MAIL else domain[-LONGEST_TAG:]
