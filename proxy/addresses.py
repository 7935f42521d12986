"""Which addresses belong to the public internet, and not to somebody's own network or machine.

https://www.iana.org/assignments/iana-ipv4-special-registry and the same for IPv6.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Numbers that Python takes for public and that lead to the machine's own cloud; other clouds' metadata is at
# addresses that are not public anyway.
CLOUDS = (
    # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    IPv4Network("168.63.129.16/32"),
    # IETF's protocol assignments, 192.0.0.192 with Oracle's metadata among them.
    IPv4Network("192.0.0.0/24"),
)

# The last four bytes are an IPv4 address that the packet really goes to.
NAT64 = IPv6Network("64:ff9b::/96")  # https://www.rfc-editor.org/rfc/rfc6052
# Relics that carry IPv4 addresses too: nobody serves anything there.
TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("64:ff9b:1::/48"))


def is_public(address: str) -> bool:
    """Of an address as a socket has it; what is none is not public.

    >>> [is_public(each) for each in ("93.184.216.34", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False]
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return is_public_ipv4(ip)
    if ip.ipv4_mapped:
        return is_public_ipv4(ip.ipv4_mapped)
    if ip in NAT64:
        return is_public_ipv4(IPv4Address(ip.packed[-4:]))
    return is_public_ipv6(ip)


def is_public_ipv4(ip: IPv4Address) -> bool:
    other = ip.is_multicast or ip.is_reserved or any(ip in cloud for cloud in CLOUDS)
    return ip.is_global and not other


def is_public_ipv6(ip: IPv6Address) -> bool:
    other = ip.is_multicast or ip.is_reserved or ip.is_site_local or ip.scope_id is not None
    return ip.is_global and not other and not any(ip in tunnel for tunnel in TUNNELS)
