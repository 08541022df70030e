"""Public is what IANA has given to somebody, and nothing that stands for something else."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle.addresses import is_public


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1", "2001:4860::8888"],
)
def test_what_the_world_uses_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_python_takes_for_private_is_not_public(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6))
def test_no_public_address_holds_an_ipv4_address(address: IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@given(
    st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "fe80::", "fc00::", "ff00::"]),
    st.ip_addresses(v=4),
)
def test_an_ipv4_address_within_an_ipv6_address_is_not_public(prefix: str, inner: IPv4Address) -> None:
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) | int(inner)))


@given(st.ip_addresses(v=4))
def test_no_6to4_address_is_public(inner: IPv4Address) -> None:
    assert not is_public(IPv6Address(0x2002 << 112 | int(inner) << 80 | 1))
