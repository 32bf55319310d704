"""Whose address a request comes from: read from the right, as far as proxies are ours."""

import pytest

from trevo.door.client_address import NOBODY, TrustedProxies, find_client, read_address, subscriber_of

OURS = TrustedProxies.of(["10.0.0.0/8", "fd00::/8"])


def test_a_stranger_is_not_asked_whom_it_speaks_for():
    assert find_client("203.0.113.4", ["198.51.100.1"], OURS) == "203.0.113.4"
    assert find_client("203.0.113.4", ["198.51.100.1"], NOBODY) == "203.0.113.4"


def test_the_first_from_the_right_that_is_not_ours_is_the_client():
    assert find_client("10.0.0.7", ["127.0.0.1, 203.0.113.4, 10.0.0.9"], OURS) == "203.0.113.4"


def test_what_a_client_says_of_itself_is_never_read():
    invented = ", ".join(["10.1.1.1"] * 5)
    assert find_client("10.0.0.7", [f"{invented}, 203.0.113.4"], OURS) == "203.0.113.4"


def test_several_header_lines_are_one_list():
    assert find_client("10.0.0.7", ["198.51.100.1", "203.0.113.4, 10.0.0.9"], OURS) == "203.0.113.4"


def test_hops_are_believed_whatever_their_addresses():
    two = TrustedProxies.of([], hops=2)
    assert find_client("192.0.2.1", ["198.51.100.1, 203.0.113.4, 192.0.2.2"], two) == "203.0.113.4"
    one = TrustedProxies.of([], hops=1)
    assert find_client("192.0.2.1", ["198.51.100.1, 203.0.113.4, 192.0.2.2"], one) == "192.0.2.2"


def test_hops_and_networks_add_up():
    both = TrustedProxies.of(["10.0.0.0/8"], hops=1)
    assert find_client("192.0.2.1", ["203.0.113.4, 10.0.0.9"], both) == "203.0.113.4"
    assert find_client("192.0.2.1", ["203.0.113.4, 198.51.100.9"], both) == "198.51.100.9"


def test_a_peer_without_an_address_is_believed_by_hops_only():
    assert find_client(None, ["203.0.113.4"], TrustedProxies.of([], hops=1)) == "203.0.113.4"
    assert find_client(None, ["203.0.113.4"], OURS) is None


@pytest.mark.parametrize("lines", [[], [""], ["unknown"], ["203.0.113.4, _hidden"], ["203.0.113.4,"], ["1.2.3.4.5"]])
def test_what_cannot_be_read_ends_the_search_at_the_proxy_that_wrote_it(lines):
    assert find_client("10.0.0.7", lines, OURS) == "10.0.0.7"


def test_where_all_are_ours_the_furthest_is_the_client():
    assert find_client("10.0.0.7", ["10.0.0.3, 10.0.0.9"], OURS) == "10.0.0.3"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("203.0.113.4:5122", "203.0.113.4"),
        (" 203.0.113.4 ", "203.0.113.4"),
        ('"[2001:DB8::1]:443"', "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.4", "203.0.113.4"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_is_read_in_any_writing(written, read):
    assert find_client("10.0.0.7", [f"198.51.100.1, {written}"], OURS) == read


def test_proxies_are_known_by_ipv6_and_by_ipv4_written_as_ipv6():
    assert find_client("fd00::7", ["2001:db8::1"], OURS) == "2001:db8::1"
    assert find_client("::ffff:10.0.0.7", ["2001:db8::1"], OURS) == "2001:db8::1"


def test_a_list_is_read_only_so_far():
    chain = ", ".join(["203.0.113.4", *["10.0.0.9"] * 30])
    assert find_client("10.0.0.7", [chain], OURS) == "10.0.0.9"
    assert find_client("10.0.0.7", [", ".join(["203.0.113.4", *["10.0.0.9"] * 29])], OURS) == "203.0.113.4"


def test_a_subscriber_of_ipv6_is_one_whatever_address_it_uses():
    assert subscriber_of("2001:db8::1") == subscriber_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert subscriber_of("203.0.113.4") == "203.0.113.4"
    assert read_address("203.0.113") is None


def test_a_network_that_is_none_is_told():
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8 has host bits set"):
        TrustedProxies.of(["10.0.0.1/8"])
