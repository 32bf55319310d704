"""Tokens, good and bad, against real signatures."""

import asyncio
import time

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from trevo.auth.identity import Identity, TokenVerifier, check_scope, make_verifier
from trevo.auth.keys import KeySet
from trevo.config.settings import Settings
from trevo.errors import RequestRefused

ISSUER, AUDIENCE = "https://issuer.test", "router-test"
KEYS = {
    "EdDSA": (Ed25519PrivateKey.generate(), OKPAlgorithm),
    "ES256": (generate_private_key(SECP256R1()), ECAlgorithm),
    "RS256": (generate_rsa_key(65537, 2048), RSAAlgorithm),
}


def key_set(*algorithms):
    return {
        "keys": [
            KEYS[name][1].to_jwk(KEYS[name][0].public_key(), as_dict=True) | {"kid": name, "alg": name, "use": "sig"}
            for name in algorithms or KEYS
        ]
    }


def verifier(source=None, **options):
    async def publish():
        return key_set()

    keys = KeySet(source or publish, fresh_seconds=300, stale_seconds_max=3600)
    settings = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("EdDSA", "ES256", "RS256")} | options
    return TokenVerifier(keys, **settings)


def token(algorithm="EdDSA", *, key=None, headers=None, drop=(), **claims):
    now = int(time.time())
    payload = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u1", "iat": now, "exp": now + 60, "scope": "a b"} | claims
    payload = {name: value for name, value in payload.items() if name not in drop}
    headers = {"kid": algorithm} if headers is None else headers
    return jwt.encode(payload, key or KEYS[algorithm][0], algorithm, headers=headers)


async def refusal(authorization, of=None):
    with pytest.raises(RequestRefused) as caught:
        await (of or verifier()).verify(authorization)
    return caught.value


async def test_without_a_token_a_request_is_anonymous():
    assert await verifier().verify(None) is None


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_good_token(algorithm):
    expires_at = int(time.time()) + 60
    identity = await verifier().verify(f"Bearer {token(algorithm, exp=expires_at)}")
    assert identity == Identity("u1", frozenset({"a", "b"}), expires_at + 5, ISSUER)  # as long as clocks may differ


@pytest.mark.parametrize("scope", ["a\tb", "a\u00a0b", "a\nb"])
async def test_only_a_space_divides_scopes(scope):
    identity = await verifier().verify(f"Bearer {token(scope=scope)}")
    assert identity.scopes == {scope}


class CountingVerifier(TokenVerifier):
    """Says how often a signature was verified."""

    verified = 0

    def _decode(self, token, key):
        self.verified += 1
        return super()._decode(token, key)


async def test_a_good_token_is_remembered_for_a_moment_and_not_beyond_its_end():
    async def publish():
        return key_set()

    keys = KeySet(publish, fresh_seconds=300, stale_seconds_max=3600)
    asked = CountingVerifier(keys, issuer=ISSUER, audience=AUDIENCE, algorithms=("EdDSA",))
    now = int(time.time())
    long, short = (f"Bearer {token(exp=now + seconds)}" for seconds in (3600, 20))
    with time_machine.travel(now, tick=False) as clock:
        assert await asked.verify(long) is await asked.verify(long)
        await asked.verify(short)
        assert asked.verified == 2
        clock.shift(26)  # past the end of the short one, and the seconds that clocks may differ
        await asked.verify(long)
        assert asked.verified == 2
        assert (await refusal(short, asked)).errors[0].message == "The token has expired; sign in again."
        clock.shift(5)
        await asked.verify(long)
        assert asked.verified == 4


async def test_a_bad_token_is_not_remembered():
    asked = verifier()
    bad = f"Bearer {token(iss='https://other.test')}"
    assert [(await refusal(bad, asked)).status for _ in range(2)] == [401, 401]


async def test_the_scheme_is_read_without_regard_to_case_and_several_audiences_are_allowed():
    assert (await verifier().verify(f"bearer  {token(aud=['other', AUDIENCE])}")).subject == "u1"


async def test_a_clock_that_is_a_little_off_is_forgiven():
    now = int(time.time())
    assert (await verifier(clock_skew_seconds=30).verify(f"Bearer {token(nbf=now + 10, exp=now - 10)}")).subject == "u1"


OTHER_KEY = Ed25519PrivateKey.generate()

BAD = [
    ("", "Send the token as 'Authorization: Bearer <token>'."),
    ("Bearer", "Send the token as 'Authorization: Bearer <token>'."),
    ("Bearer ", "Send the token as 'Authorization: Bearer <token>'."),
    ("Basic dXNlcjpwYXNz", "Send the token as 'Authorization: Bearer <token>'."),
    ("Bearer a b", "Send the token as 'Authorization: Bearer <token>'."),
    ("Bearer nonsense", "The token is malformed."),
    ("Bearer a.b.c", "The token is malformed."),
    (f"Bearer {'x' * 20_000}", "The token is too long."),
]


@pytest.mark.parametrize(("header", "message"), BAD)
async def test_what_is_no_token(header, message):
    refused = await refusal(header)
    assert (refused.status, refused.errors[0].message, refused.errors[0].code) == (401, message, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def unsigned():
    return jwt.encode({"sub": "u1", "exp": time.time() + 60}, None, "none")


def signed_with_the_public_key():
    """The old trick: take the public key for an HMAC secret."""
    return jwt.encode({"sub": "u1", "exp": time.time() + 60, "iss": ISSUER, "aud": AUDIENCE}, "x" * 64, "HS256")


def with_another_payload():
    head, _, signature = token().split(".")
    return f"{head}.{token(sub='admin').split('.')[1]}.{signature}"


FORGED = [
    (lambda: token(exp=int(time.time()) - 60), "The token has expired; sign in again."),
    (lambda: token(nbf=int(time.time()) + 60), "The token is not valid yet."),
    (lambda: token(iat=int(time.time()) + 60), "The token is not valid yet."),
    (lambda: token(aud="elsewhere"), "The token was issued for another audience."),
    (lambda: token(iss="https://elsewhere.test"), "The token comes from another issuer."),
    (lambda: token(drop=["exp"]), "The token lacks the claim 'exp'."),
    (lambda: token(drop=["sub"]), "The token lacks the claim 'sub'."),
    (lambda: token(drop=["aud"]), "The token lacks the claim 'aud'."),
    (lambda: token(drop=["iss"]), "The token lacks the claim 'iss'."),
    (lambda: token(sub=7, exp="soon"), "The token is invalid."),
    (lambda: token(key=OTHER_KEY), "The token is invalid."),
    (lambda: token(headers={"kid": "unknown"}), "The token is not signed by a key of the issuer."),
    (lambda: token(headers={"kid": "ES256"}), "The token is not signed by a key of the issuer."),
    (lambda: token(headers={}), "The token is not signed by a key of the issuer."),
    (unsigned, "The token's algorithm is not accepted."),
    (signed_with_the_public_key, "The token's algorithm is not accepted."),
    (with_another_payload, "The token is invalid."),
    (lambda: token() + "x", "The token is malformed."),
]


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("make", "message"), FORGED)
async def test_a_token_that_must_not_pass(make, message):
    refused = await refusal(f"Bearer {make()}")
    assert (refused.status, refused.errors[0].message) == (401, message)


async def test_a_token_without_a_key_id_is_tried_with_the_only_key():
    async def publish():
        return key_set("EdDSA")

    assert (await verifier(publish).verify(f"Bearer {token(headers={})}")).subject == "u1"


async def test_an_algorithm_that_is_not_allowed_is_not_used_even_with_a_right_key():
    refused = await refusal(f"Bearer {token('RS256')}", verifier(algorithms=("EdDSA",)))
    assert refused.errors[0].message == "The token's algorithm is not accepted."


async def test_no_keys_at_all_is_our_fault_and_not_the_clients():
    async def fail():
        raise OSError("issuer is down")

    refused = await refusal(f"Bearer {token()}", verifier(fail))
    assert (refused.status, refused.errors[0].code) == (503, "KEYS_UNAVAILABLE")


def test_a_required_scope():
    check_scope(None, "admin")
    check_scope(Identity("u1", frozenset({"admin"}), 0), "admin")
    check_scope(Identity("u1", frozenset(), 0), None)
    with pytest.raises(RequestRefused) as caught:
        check_scope(Identity("u1", frozenset({"a"}), 0), "admin")
    assert (caught.value.status, caught.value.errors[0].code) == (403, "INSUFFICIENT_SCOPE")
    assert caught.value.headers == {"www-authenticate": 'Bearer error="insufficient_scope", scope="admin"'}


def test_without_keys_nothing_is_verified():
    assert make_verifier(Settings(), None) is None


async def test_a_token_verified_a_moment_ago_is_refused_once_its_key_is_withdrawn():
    published = list(KEYS)

    async def publish():
        return key_set(*published)

    keys = KeySet(publish, fresh_seconds=0.001, stale_seconds_max=3600)
    asked = TokenVerifier(keys, issuer=ISSUER, audience=AUDIENCE, algorithms=("EdDSA", "ES256"))
    authorization = f"Bearer {token()}"
    await asked.verify(authorization)
    published.remove("EdDSA")
    await asyncio.sleep(0.002)  # the key set is not fresh any more
    refused = await refusal(authorization, asked)
    assert (refused.status, refused.errors[0].code) == (401, "UNAUTHENTICATED")


def test_a_withdrawn_key_is_believed_for_three_seconds_at_most_by_default():
    assert Settings().jwks_cache_seconds == 3.0
