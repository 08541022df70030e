"""The types of the manifest's fields, each with the sentence that a wrong value gets."""

import re
from typing import Annotated

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AfterValidator, Field

_SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_PLUGIN_ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*$"
# The part of semantic versioning on which it agrees with `packaging`, so that there is one order of versions.
_NUMBER = "(0|[1-9][0-9]{0,8})"
_VERSION = rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-(alpha|beta|rc)\.{_NUMBER})?$"
_PERMISSION = r"^[a-z]+(\.[a-z_]+)+$"
_IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]*$"
_SETTING = r"^[a-z][a-z0-9_]*$"
_MAIN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"
_ROUTE_PATH = r"^/$|^(/([A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\}))+$"

PATTERN_SENTENCES = {
    _SLUG: "must be lower-case letters, digits and single dashes, beginning with a letter, such as loyalty-points",
    _PLUGIN_ID: "must be publisher.name, such as acme.loyalty",
    _VERSION: "must be three numbers, with -alpha.N, -beta.N or -rc.N for a preview, such as 1.0.0 or 1.1.0-rc.1",
    _PERMISSION: "must be a permission code, such as customers.read",
    _IDENTIFIER: "must be the name of a Python method",
    _SETTING: "must be lower-case letters, digits and underscores, beginning with a letter, such as api_key",
    _MAIN: "must be module:Class, such as acme_loyalty.plugin:Loyalty",
    _ROUTE_PATH: "must begin with /, with segments of letters, digits and ._~- or {name}, such as /points/{customer}",
}


def _one_line(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be one line without control or invisible characters, and no spaces around it")
    return text


def _license(expression: str) -> str:
    try:
        canonical = canonicalize_license_expression(expression)
    except InvalidLicenseExpression:
        canonical = None
    if canonical != expression:
        hint = f", spelled {canonical}" if canonical else ", such as MIT or LicenseRef-Proprietary"
        raise ValueError(f"must be an SPDX licence expression{hint}")
    return expression


def _version_range(text: str) -> str:
    try:
        specifiers = list(SpecifierSet(text))
    except InvalidSpecifier:
        specifiers = []
    # `===` compares versions as text.
    if not specifiers or any(specifier.operator == "===" for specifier in specifiers):
        raise ValueError("must be a range of versions, such as >=0.1,<1")
    return text


def _route_path(path: str) -> str:
    segments = path.split("/")
    parameters = re.findall(r"\{(\w+)\}", path)
    if {".", ".."} & set(segments):
        raise ValueError("must not have a segment . or ..")
    if len(set(parameters)) != len(parameters):
        raise ValueError("must not name a parameter twice")
    return path


Slug = Annotated[str, Field(pattern=_SLUG, max_length=40)]
PluginId = Annotated[str, Field(pattern=_PLUGIN_ID, max_length=81)]
VersionText = Annotated[str, Field(pattern=_VERSION, description="A semantic version.")]
Line = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
Sentence = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_one_line)]
LicenseText = Annotated[str, Field(max_length=200, description="An SPDX expression."), AfterValidator(_license)]
PermissionCode = Annotated[str, Field(pattern=_PERMISSION, max_length=80)]
Main = Annotated[str, Field(pattern=_MAIN, max_length=200)]
Identifier = Annotated[str, Field(pattern=_IDENTIFIER, max_length=80)]
SettingName = Annotated[str, Field(pattern=_SETTING, max_length=40)]
RoutePath = Annotated[str, Field(pattern=_ROUTE_PATH, max_length=200), AfterValidator(_route_path)]
VersionRange = Annotated[
    str, Field(max_length=100, description="A PEP 440 range of host versions."), AfterValidator(_version_range)
]
