"""What a token must be to prove anything: each way to be wrong is refused, and says no more than its holder needs."""

import asyncio
import base64
import json
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine

from subgraphs.shared.identity import InvalidToken, KeysUnavailable, TokenVerifier, bearer_token
from tests.fixtures.tokens import AUDIENCE, ISSUER, TokenIssuer

SERGIO = UUID("00000000-0000-7000-8000-000000000001")


@pytest.fixture
def issuer() -> TokenIssuer:
    return TokenIssuer()


async def test_a_good_token_proves_who_and_what_for(issuer: TokenIssuer) -> None:
    identity = await issuer.verifier.verify(issuer.token(SERGIO, "farmer"))
    assert (identity.user_id, identity.scopes) == (SERGIO, {"signed_in", "farmer"})
    assert identity.may("farmer")
    assert not identity.may("analyst")


@pytest.mark.parametrize(
    "scope", ["signed_in\tadmin", "signed_in\u00a0admin", "signed_in\nadmin", ["admin"], {"admin": 1}]
)
async def test_only_a_space_divides_scopes(issuer: TokenIssuer, scope: Any) -> None:
    identity = await issuer.verifier.verify(issuer.token(SERGIO, scope=scope))
    assert not identity.may("admin")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"expires_in": -60}, "the token has expired; refresh it or sign in again"),
    "other audience": ({"aud": "somebody-else"}, "the token is not valid here: it is meant for another audience"),
    "other issuer": ({"iss": "https://evil.test"}, "the token is not valid here: it comes from another issuer"),
    "not yet valid": ({"nbf": 2**33}, "the token is not valid here: it is not valid yet"),
    "nobody": ({"sub": "not-a-uuid"}, "the token is not valid here: its signature or its claims are wrong"),
}


@pytest.mark.parametrize(("claims", "message"), WRONG.values(), ids=WRONG)
async def test_a_wrong_claim_is_refused(issuer: TokenIssuer, claims: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        await issuer.verifier.verify(issuer.token(SERGIO, **claims))
    assert str(refused.value) == message


async def test_a_forged_signature_is_refused(issuer: TokenIssuer) -> None:
    forger = TokenIssuer(key_id=issuer.key_id)
    with pytest.raises(InvalidToken, match="its signature or its claims are wrong"):
        await issuer.verifier.verify(forger.token(SERGIO))


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


async def test_a_token_without_signature_is_refused(issuer: TokenIssuer) -> None:
    claims = jwt.decode(issuer.token(SERGIO), options={"verify_signature": False})
    unsigned = f"{part({'alg': 'none', 'kid': issuer.key_id})}.{part(claims)}."
    with pytest.raises(InvalidToken):
        await issuer.verifier.verify(unsigned)


async def test_the_public_key_is_no_secret_to_sign_with(issuer: TokenIssuer) -> None:
    (public,) = (await issuer.key_set())["keys"]
    claims = jwt.decode(issuer.token(SERGIO), options={"verify_signature": False})
    forged = jwt.encode(claims, public["x"].ljust(32, "x"), algorithm="HS256", headers={"kid": issuer.key_id})
    with pytest.raises(InvalidToken):
        await issuer.verifier.verify(forged)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e" * 5_000], ids=["empty", "word", "dots", "too long"])
async def test_what_is_no_token_is_refused(issuer: TokenIssuer, text: str) -> None:
    with pytest.raises(InvalidToken):
        await issuer.verifier.verify(text)


async def test_a_remembered_token_ends_when_it_expires(issuer: TokenIssuer) -> None:
    verifier, token = issuer.verifier, issuer.token(SERGIO, expires_in=20)
    await verifier.verify(token)
    ended = jwt.decode(token, options={"verify_signature": False})["exp"] + 6
    with time_machine.travel(ended, tick=False), pytest.raises(InvalidToken, match="expired"):
        await verifier.verify(token)


class Keys:
    """A publisher of keys that counts how often it is asked, and can be away."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self.issuer, self.asked, self.is_away = issuer, 0, False

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        if self.is_away:
            raise ConnectionError
        return await self.issuer.key_set()


async def test_tokens_of_unknown_keys_do_not_hammer_the_publisher(issuer: TokenIssuer) -> None:
    keys = Keys(issuer)
    verifier = TokenVerifier(ISSUER, AUDIENCE, keys)
    for number in range(5):
        with pytest.raises(InvalidToken, match="a key that is not known"):
            await verifier.verify(TokenIssuer(key_id=f"forged-{number}").token(SERGIO))
    assert keys.asked == 1


async def test_nothing_is_proved_while_no_key_can_be_had(issuer: TokenIssuer) -> None:
    keys = Keys(issuer)
    keys.is_away = True
    verifier = TokenVerifier(ISSUER, AUDIENCE, keys)
    with pytest.raises(KeysUnavailable):
        await verifier.verify(issuer.token(SERGIO))
    keys.is_away = False
    assert (await verifier.verify(issuer.token(SERGIO))).user_id == SERGIO


def test_a_bearer_header_holds_a_token() -> None:
    assert bearer_token(None) is None
    assert bearer_token("Bearer abc") == "abc"
    with pytest.raises(InvalidToken):
        bearer_token("Basic abc")
    with pytest.raises(InvalidToken):
        bearer_token("Bearer ")


async def test_nobody_hangs_with_a_publisher_that_hangs(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.shared.identity.KEYS_FRESH_SECONDS", 0)
    monkeypatch.setattr("subgraphs.shared.identity.KEYS_RETRY_SECONDS", 0)
    monkeypatch.setattr("subgraphs.shared.identity.KEYS_WAIT_SECONDS", 0.01)
    keys = Keys(issuer)
    release = asyncio.Event()

    async def hanging() -> Any:
        document = await keys()
        if keys.asked > 1:
            await release.wait()
        return document

    verifier = TokenVerifier(ISSUER, AUDIENCE, hanging)
    for _ in range(10):
        assert (await verifier.verify(issuer.token(SERGIO))).user_id == SERGIO
    assert keys.asked == 2
    release.set()
