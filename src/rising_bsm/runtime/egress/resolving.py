"""From a host to the addresses that may be connected to. Whoever connects uses these, and asks no resolver again."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network, ip_address

from rising_bsm.bundle.addresses import Address, is_public
from rising_bsm.bundle.urls import Target
from rising_bsm.runtime.egress.errors import AddressRefused, FetchFailed

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""`await resolve(host, port)` gives the addresses of a name; raises OSError when there are none."""

Networks = Sequence[IPv4Network | IPv6Network]

# Looking up a name blocks a thread for as long as the resolver likes; these are nobody else's.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="rising-bsm-resolve")


async def system_resolver(host: str, port: int) -> Sequence[Address]:
    """The addresses that this machine finds for a name."""
    ask = (host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_THREADS, socket.getaddrinfo, *ask)
    return list(dict.fromkeys(ip_address(row[4][0]) for row in found))


async def permitted_addresses(target: Target, resolve: Resolve, allowed: Networks) -> Sequence[Address]:
    """The addresses of the target's host, every one of which is public, or in a network that is `allowed` all the same.

    Raises AddressRefused, FetchFailed.
    """
    addresses = [target.literal] if target.literal else await _resolved(target, resolve)
    for address in addresses:
        if not any(address in network for network in allowed) and (not is_public(address) or is_own(address)):
            raise AddressRefused(
                f"{target.host} has the address {address}, which no plugin is let at.",
                place=target.host,
                next_step="Only public addresses can be reached; RISING_BSM_EGRESS_ALLOW can except a network.",
            )
    return addresses


def is_own(address: Address) -> bool:
    """Whether an interface of this machine has the address: only such a one can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


async def _resolved(target: Target, resolve: Resolve) -> Sequence[Address]:
    try:
        addresses = await resolve(target.host, target.port)
    except (OSError, UnicodeError, ValueError) as error:
        raise _unknown(target) from error
    if not addresses:
        raise _unknown(target)
    return addresses


def _unknown(target: Target) -> FetchFailed:
    return FetchFailed(
        f"There is no address for {target.host}.", place=target.host, next_step="See that the name is right."
    )
