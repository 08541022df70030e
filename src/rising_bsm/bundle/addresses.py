"""Which IP addresses are somebody's on the public internet, and nobody's at home."""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

# Listed here rather than asked of `is_global`, whose answer changes with Python. Sources: the IANA special-purpose
# address registries (RFC 6890 and successors), and the clouds' documentation for what they answer at public addresses.
_IPV4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; Alibaba's metadata
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # Azure's host
        "169.254.0.0/16",  # link-local; the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_IPV6 = ip_network("2000::/3")
"""All that is assigned; mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), local and multicast addresses are outside."""
_IPV6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether the address is global unicast, and neither reserved nor a way to address something else."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4)
    # With a scope it is an address of one interface.
    return address in _GLOBAL_IPV6 and address.scope_id is None and not any(address in network for network in _IPV6)
