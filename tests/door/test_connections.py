"""Which connection makes way when there is no more room."""

from trevo.door.client_address import NOBODY, TrustedProxies
from trevo.door.connections import ConnectionBounds, OpenConnections


class Guests:
    """Connections by name, and who had to go."""

    def __init__(self, trusted=NOBODY, **bounds):
        self.connections = OpenConnections(ConnectionBounds(**bounds), trusted)
        self.places = {}
        self.gone = []

    def come(self, *names, peer="203.0.113.1"):
        for name in names:
            place = self.connections.enter(peer, lambda name=name: self.gone.append(name))
            if place is None:
                return False
            self.places[name] = place
        return True

    def speak(self, name):
        self.connections.stop_waiting(self.places[name])


def test_who_has_waited_longest_makes_way_for_a_newcomer():
    guests = Guests(open_max=2)
    assert guests.come("first", "second", "third")
    assert (guests.gone, len(guests.connections)) == (["first"], 2)


def test_who_is_being_answered_never_makes_way():
    guests = Guests(open_max=2)
    guests.come("first", "second")
    guests.speak("first")
    assert guests.come("third")
    guests.speak("third")
    assert not guests.come("fourth")
    assert guests.gone == ["second"]


def test_who_waits_again_waits_behind_the_others():
    guests = Guests(open_max=2)
    guests.come("first", "second")
    guests.speak("first")
    guests.connections.wait(guests.places["first"])
    guests.come("third")
    assert guests.gone == ["second"]


def test_one_address_crowds_itself_only():
    guests = Guests(open_max=10, open_per_address_max=2)
    guests.come("neighbour", peer="203.0.113.9")
    assert guests.come("first", "second", "third")
    assert guests.gone == ["first"]
    guests.speak("second")
    guests.speak("third")
    assert not guests.come("fourth")
    assert guests.come("other", peer="203.0.113.10")


def test_addresses_of_one_ipv6_subscriber_are_one():
    guests = Guests(open_per_address_max=1)
    guests.come("first", peer="2001:db8::1")
    guests.come("second", peer="2001:db8::2")
    guests.come("neighbour", peer="2001:db8:0:1::1")
    assert guests.gone == ["first"]


def test_a_trusted_proxy_speaks_for_many():
    guests = Guests(TrustedProxies.of(["10.0.0.0/8"]), open_max=5, open_per_address_max=1)
    assert guests.come("a", "b", "c", peer="10.0.0.1")
    assert guests.gone == []


def test_the_oldest_half_of_a_body_makes_way_for_others():
    guests = Guests(bodies_bytes_max=100)
    guests.come("first", "second", "third")
    for name in ("first", "second", "third"):
        guests.connections.hold(guests.places[name], 40)
    assert (guests.gone, guests.connections.bytes_held) == (["first"], 80)
    guests.speak("second")
    assert guests.connections.bytes_held == 40


def test_a_connection_that_closes_leaves_nothing_behind():
    guests = Guests(open_max=1, open_per_address_max=1)
    for name in ("first", "second"):
        guests.come(name)
        guests.connections.hold(guests.places[name], 5)
        guests.connections.leave(guests.places[name])
        guests.connections.leave(guests.places[name])
    assert (guests.gone, len(guests.connections), guests.connections.bytes_held) == ([], 0, 0)
