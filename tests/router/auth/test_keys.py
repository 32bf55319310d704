"""When keys are looked for, and what happens while they cannot be had."""

import asyncio

import aiohttp
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from tests.router.small_graph import raw_answer, served
from trevo.auth import keys as keys_module
from trevo.auth.keys import KeySet, KeysUnavailable, keys_from_url, read_key_set


def public_key(key_id):
    key = Ed25519PrivateKey.generate().public_key()
    return OKPAlgorithm.to_jwk(key, as_dict=True) | {"kid": key_id, "alg": "EdDSA", "use": "sig"}


class Source:
    """Publishes keys, counts how often it is asked, fails on demand."""

    def __init__(self, *key_ids):
        self.keys = {key_id: public_key(key_id) for key_id in key_ids}
        self.asked = 0
        self.fails = False

    async def __call__(self):
        self.asked += 1
        if self.fails:
            raise OSError("down")
        return {"keys": list(self.keys.values())}


@pytest.fixture
def clock(monkeypatch):
    class Time:
        now = 1000.0

        def monotonic(self):
            return self.now

    stand_in = Time()
    monkeypatch.setattr(keys_module, "time", stand_in)
    return stand_in


def key_set(source):
    return KeySet(source, fresh_seconds=300, stale_seconds_max=3600)


async def test_keys_are_asked_for_once_while_they_are_fresh(clock):
    source = Source("a", "b")
    keys = key_set(source)
    assert (await keys.find("a")).key_id == "a"
    clock.now += 299
    assert (await keys.find("b")).key_id == "b"
    assert source.asked == 1
    clock.now += 2
    await keys.find("a")
    assert source.asked == 2


async def test_requests_at_the_same_time_ask_once(clock):
    source = Source("a")
    keys = key_set(source)
    await asyncio.gather(*(keys.find("a") for _ in range(20)))
    assert source.asked == 1


async def test_a_new_key_is_found_at_once(clock):
    source = Source("a")
    keys = key_set(source)
    await keys.find("a")
    source.keys["b"] = public_key("b")
    clock.now += 6
    assert (await keys.find("b")).key_id == "b"


async def test_invented_key_ids_do_not_make_us_ask_again_and_again(clock):
    source = Source("a")
    keys = key_set(source)
    for number in range(100):
        assert await keys.find(f"invented {number}") is None
    assert source.asked == 1
    clock.now += 6
    await keys.find("invented")
    await keys.find("invented")
    assert source.asked == 2


async def test_a_withdrawn_key_is_gone_after_the_next_look(clock):
    source = Source("a", "b")
    keys = key_set(source)
    await keys.find("a")
    del source.keys["a"]
    clock.now += 301
    assert await keys.find("a") is None


async def test_while_the_source_fails_the_old_keys_are_used_for_a_while(clock):
    source = Source("a")
    keys = key_set(source)
    await keys.find("a")
    source.fails = True
    clock.now += 3000
    assert (await keys.find("a")).key_id == "a"
    assert (await keys.find("a")).key_id == "a"
    assert source.asked == 2
    clock.now += 601
    with pytest.raises(KeysUnavailable):
        await keys.find("a")
    source.fails = False
    clock.now += 6
    assert (await keys.find("a")).key_id == "a"


async def test_a_key_that_goes_on_being_published_is_the_same_object(clock):
    source = Source("a")
    keys = key_set(source)
    first = await keys.find("a")
    clock.now += 301
    assert await keys.find("a") is first
    source.keys["a"] = public_key("a")
    clock.now += 301
    assert await keys.find("a") is not first


async def test_a_key_set_may_be_fresh_for_less_than_failures_are_waited_after(clock):
    source = Source("a")
    keys = KeySet(source, fresh_seconds=3, stale_seconds_max=3600)
    await keys.find("a")
    source.keys = {"b": public_key("b")}
    clock.now += 3
    assert await keys.find("a") is None


async def test_nobody_hangs_with_a_source_that_hangs(clock, monkeypatch):
    monkeypatch.setattr(keys_module, "WAIT_SECONDS_MAX", 0.01)
    source = Source("a")
    release = asyncio.Event()

    async def hanging():
        document = await source()
        if source.asked > 1:
            await release.wait()
        return document

    keys = KeySet(hanging, fresh_seconds=3, stale_seconds_max=3600)
    first = await keys.find("a")
    clock.now += 4
    assert await asyncio.gather(*(keys.find("a") for _ in range(20))) == [first] * 20
    assert source.asked == 2
    release.set()


@pytest.mark.parametrize("answer", [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": [7, {}, {"kty": "OKP"}]}])
async def test_an_answer_that_is_no_key_set_is_like_none(clock, answer):
    async def source():
        return answer

    with pytest.raises(KeysUnavailable):
        await key_set(source).find("a")


def test_keys_that_are_not_for_signatures_or_not_public_are_left_out():
    document = {
        "keys": [public_key("a"), public_key("b") | {"use": "enc"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "c"}]
    }
    assert list(read_key_set(document)) == ["a"]


async def test_keys_from_a_url():
    async def app(_scope, _receive, send):
        await raw_answer(send, 200, orjson.dumps({"keys": [public_key("a")]}))

    async with served(app) as there:
        document = await keys_from_url(f"{there.origin}/jwks.json")()
    assert [key["kid"] for key in document["keys"]] == ["a"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"{}", ValueError),
        (302, b"{}", ValueError),
        (200, b"{", ValueError),
        (200, b" " * 300_000, ValueError),
    ],
)
async def test_a_url_that_gives_no_keys(status, body, error):
    async def app(_scope, _receive, send):
        await raw_answer(send, status, body, b"application/json", (b"location", b"/elsewhere"))

    async with served(app) as there:
        with pytest.raises(error):
            await keys_from_url(f"{there.origin}/jwks.json")()


async def test_a_url_that_does_not_answer():
    async def app(_scope, _receive, send):
        await raw_answer(send, 200, b"{}")

    async with served(app) as there:
        url = there.origin
    with pytest.raises(aiohttp.ClientError):
        await keys_from_url(url)()
