"""Signing keys, and their replacement without a token that is not believed."""

import asyncio
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import select

from subgraphs.accounts.main import create_services
from subgraphs.accounts.models import SigningKey
from subgraphs.accounts.rotate_keys import rotate
from subgraphs.shared.vault import CannotOpen, Vault
from tests.subgraphs.accounts.people import PASSWORD, Accounts


async def published(accounts: Accounts) -> list[str]:
    return [key["kid"] for key in (await accounts.services.key_source())["keys"]]


async def signs(accounts: Accounts) -> str:
    return (await accounts.services.key_ring.signer()).key_id


async def believed(accounts: Accounts, token: str) -> bool:
    """Whether the key that signed *token* is published; its times are the clock's business."""
    keys = {key["kid"]: jwt.PyJWK(key) for key in (await accounts.services.key_source())["keys"]}
    key = keys.get(jwt.get_unverified_header(token)["kid"])
    if key is None:
        return False
    options: Any = {"verify_exp": False, "verify_iat": False}
    jwt.decode(token, key, algorithms=["EdDSA"], audience="peerseed", options=options)
    return True


async def test_the_first_key_signs_at_once(accounts: Accounts) -> None:
    assert await published(accounts) == [await signs(accounts)]


async def test_two_processes_starting_at_once_make_one_first_key(accounts: Accounts) -> None:
    other = create_services(accounts.services.settings, clock=accounts.clock)
    try:
        sets = await asyncio.gather(accounts.services.key_source(), other.key_source())
    finally:
        await other.close()
    assert sets[0] == sets[1]
    assert len(sets[0]["keys"]) == 1


async def test_the_key_id_is_the_keys_thumbprint(accounts: Accounts) -> None:
    (key,) = (await accounts.services.key_source())["keys"]
    assert key["kid"] == jwt.PyJWK(key).key_id
    assert len(key["kid"]) == 43


async def test_private_parts_are_sealed(accounts: Accounts) -> None:
    await accounts.services.key_source()
    async with accounts.services.database.read() as session:
        key = (await session.scalars(select(SigningKey))).one()
    raw = accounts.services.vault.open(key.private_sealed, use="signing key", place=key.id)
    assert len(raw) == 32
    assert raw not in key.private_sealed
    with pytest.raises(CannotOpen):
        Vault("another secret than theirs", domain="accounts").open(key.private_sealed, use="signing key", place=key.id)
    with pytest.raises(CannotOpen):
        accounts.services.vault.open(key.private_sealed, use="signing key", place="another row")


async def test_a_successor_is_published_before_it_signs_and_the_old_one_after(accounts: Accounts) -> None:
    old = await signs(accounts)
    new = (await accounts.services.key_ring.rotate()).id
    assert await published(accounts) == [old, new]
    assert await signs(accounts) == old
    accounts.clock.advance(seconds=899)
    assert await signs(accounts) == old
    accounts.clock.advance(seconds=1)
    assert await signs(accounts) == new
    # 30 s that a process may still use what it read, ten minutes that a token lives, a minute's margin.
    accounts.clock.advance(seconds=30 + 600 + 59)
    assert await published(accounts) == [old, new]
    accounts.clock.advance(seconds=31)
    assert await published(accounts) == [new]


async def test_every_token_is_believed_for_as_long_as_it_lives(accounts: Accounts) -> None:
    await accounts.person()
    tokens = []
    for minute in range(60):
        if minute == 5:
            await accounts.services.key_ring.rotate()
        if minute % 3 == 0:
            tokens.append((accounts.clock.now(), (await accounts.sign_in())["accessToken"]))
        for issued_at, token in tokens:
            if accounts.clock.now() - issued_at <= timedelta(minutes=10):
                assert await believed(accounts, token)
        accounts.clock.advance(minutes=1)
    assert len({jwt.get_unverified_header(token)["kid"] for _, token in tokens}) == 2


async def test_rotating_twice_is_rotating_once(accounts: Accounts) -> None:
    await signs(accounts)
    keys = await asyncio.gather(accounts.services.key_ring.rotate(), accounts.services.key_ring.rotate())
    assert keys[0].id == keys[1].id
    assert len(await published(accounts)) == 2


async def test_the_job_replaces_old_keys_and_forgets_unpublished_ones(accounts: Accounts) -> None:
    ring = accounts.services.key_ring
    first = await signs(accounts)
    accounts.clock.advance(days=29, hours=23)
    await ring.rotate_when_old()
    assert await published(accounts) == [first]
    accounts.clock.advance(hours=1)
    await ring.rotate_when_old()
    await ring.rotate_when_old()
    assert len(await published(accounts)) == 2
    assert await signs(accounts) == first
    accounts.clock.advance(days=1)
    await ring.rotate_when_old()
    assert await signs(accounts) != first
    async with accounts.services.database.read() as session:
        assert len((await session.scalars(select(SigningKey))).all()) == 1


async def test_the_job_makes_the_first_key_on_an_empty_database(accounts: Accounts) -> None:
    await accounts.services.key_ring.rotate_when_old()
    assert await published(accounts) == [await signs(accounts)]


async def test_a_withdrawn_key_is_gone_at_once(accounts: Accounts) -> None:
    await accounts.person()
    token = (await accounts.sign_in())["accessToken"]
    stolen = await signs(accounts)
    assert await accounts.services.key_ring.withdraw(stolen)
    assert not await believed(accounts, token)
    assert await signs(accounts) != stolen
    assert await believed(accounts, (await accounts.sign_in(password=PASSWORD))["accessToken"])
    assert not await accounts.services.key_ring.withdraw(stolen)


async def test_the_command_rotates_for_a_running_service(accounts: Accounts) -> None:
    old = await signs(accounts)
    said = await rotate(accounts.services.settings, clock=accounts.clock)
    new = said.split()[0]
    assert said == f"{new} is published and signs from 2026-11-23T12:15:00+00:00"
    accounts.clock.advance(seconds=30)
    assert await published(accounts) == [old, new]
    said = await rotate(accounts.services.settings, withdraw="unknown", clock=accounts.clock)
    assert said == "there is no key unknown"


async def test_another_secret_says_so_instead_of_signing(accounts: Accounts) -> None:
    await signs(accounts)
    settings = accounts.services.settings.model_copy(
        update={"key_encryption_secret": type(accounts.services.settings.key_encryption_secret)("another-secret-of-16")}
    )
    other = create_services(settings, clock=accounts.clock)
    try:
        with pytest.raises(CannotOpen, match="another secret"):
            await other.key_ring.signer()
    finally:
        await other.close()
