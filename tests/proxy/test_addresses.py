"""Which addresses are public: one of each kind that is not."""

import pytest

from proxy.addresses import is_public

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]

PRIVATE = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "cloud metadata": ["169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254", "168.63.129.16"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],  # noqa: S104
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1"],
    "broadcast and reserved": ["255.255.255.255", "240.0.0.1", "192.0.0.192"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "2001:db8::1"],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1"],
    "IPv4 behind NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"],
    "IPv4 behind 6to4 and Teredo": ["2002:7f00:1::", "2002:808:808::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "no address": ["", "localhost", "2130706433", "0x7f.1", "127.1"],
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("addresses", PRIVATE.values(), ids=PRIVATE)
def test_what_is_not(addresses: list[str]) -> None:
    assert [address for address in addresses if is_public(address)] == []
