"""Telephone numbers in international form (ITU-T E.164): a plus sign and 7 to 15 digits."""

import re

from rising_bsm_sdk import Refuse

# Countries with a code of their own in which a domestic number begins with a 0 that is left out from abroad.
CODES = {"AT": "43", "BE": "32", "CH": "41", "DE": "49", "FR": "33", "GB": "44", "NL": "31", "SE": "46"}


def international(text: str, country: str) -> str:
    """The number as it is dialled from anywhere; `country` helps with one that begins with 0."""
    number = re.sub(r"\(0\)|[\s()./-]", "", text)
    number = re.sub(r"^00", "+", number)
    if number.startswith("0") and country in CODES:
        number = f"+{CODES[country]}{number[1:]}"
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        return number
    raise Refuse("Enter the telephone number with its country code, such as +49 30 231250.", field="phone")


def country_of(phone: str) -> str:
    """The two-letter code of the country that a number in international form belongs to, or nothing."""
    return next((country for country, code in CODES.items() if phone.startswith(f"+{code}")), "")
