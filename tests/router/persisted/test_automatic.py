"""Documents that clients make known, in one process and in a store that several share."""

import structlog

from tests.router.rates.test_rate_stores import free_port, needs_server, redis_on, url  # noqa: F401  # a fixture
from trevo.config.persisted_documents import AutomaticDocumentSettings
from trevo.persisted.automatic import KEY_PREFIX, AutomaticDocuments
from trevo.persisted.manifest import hash_of

ME = "{ me { id } }"


def documents(told=None, **settings):
    tell = told.append if told is not None else lambda _: None
    return AutomaticDocuments(
        AutomaticDocumentSettings(enabled=True, store_seconds_max=30.0, **settings), characters_max=1_000, tell=tell
    )


async def test_what_is_kept_is_known_by_its_hash():
    one = documents()
    assert (one.get(hash_of(ME)), await one.fetch(hash_of(ME))) == (None, None)
    await one.keep(hash_of(ME), ME)
    assert one.get(hash_of(ME)) == ME
    await one.close()


async def test_no_more_are_kept_than_set():
    one = documents(documents_max=2)
    texts = [f"{{ me {{ id }} }} # {number}" for number in range(5)]
    for text in texts:
        await one.keep(hash_of(text), text)
    assert [one.get(hash_of(text)) for text in texts] == [None, None, None, *texts[3:]]


async def test_a_flood_pushes_out_only_what_nobody_has_named():
    one = documents(bytes_max=40_000)
    await one.keep(hash_of(ME), ME)
    assert one.get(hash_of(ME)) == ME
    flood = [f"{{ me {{ id }} }} # {number:0500}" for number in range(200)]
    for text in [text for pair in zip(flood, flood, strict=True) for text in pair]:
        assert one.look(hash_of(text)) in {None, text}
        await one.keep(hash_of(text), text)
    assert one.get(hash_of(ME)) == ME
    left = [text for text in flood if one.get(hash_of(text)) is not None]
    assert 0 < len(left) < 20
    assert left == flood[-len(left) :]


@needs_server
async def test_what_one_replica_is_sent_another_knows(url):  # noqa: F811
    one, other = documents(store_url=url, stored_seconds=600), documents(store_url=url)
    await one.keep(hash_of(ME), ME)
    assert other.get(hash_of(ME)) is None
    assert await other.fetch(hash_of(ME)) == ME
    assert other.get(hash_of(ME)) == ME
    assert 0 < await one._link.redis.ttl(f"{KEY_PREFIX}{hash_of(ME)}") <= 600
    await one.close()
    await other.close()


@needs_server
async def test_what_others_write_into_the_store_is_not_believed(url):  # noqa: F811
    one = documents(store_url=url)
    for text in (b"{ me { email } }", b"\xff\xfe", ME.encode() + b" " * 10_000, b""):
        await one._link.redis.set(f"{KEY_PREFIX}{hash_of(ME)}", text)
        assert await one.fetch(hash_of(ME)) is None
    assert one.get(hash_of(ME)) is None
    await one.close()


@needs_server
async def test_while_the_store_is_away_each_process_knows_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr("trevo.stores.redis_link.LOOK_AGAIN_SECONDS", 0.0)
    port, told = free_port(), []
    one = documents(told, store_url=f"redis://127.0.0.1:{port}")
    with structlog.testing.capture_logs() as logs:
        await one.keep(hash_of(ME), ME)
        assert (one.get(hash_of(ME)), await one.fetch(hash_of("{ a }"))) == (ME, None)
        async with redis_on(port, tmp_path):
            await one.keep(hash_of("{ b }"), "{ b }")
            assert await one._link.redis.get(f"{KEY_PREFIX}{hash_of('{ b }')}") == b"{ b }"
    assert told == [True, False, True]
    assert [(entry["event"], entry["of"]) for entry in logs] == [
        ("a store is away", "documents"), ("a store answers again", "documents"),
    ]  # fmt: skip
    await one.close()
