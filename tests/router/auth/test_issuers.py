"""Several issuers, each behind a key server of its own: none speaks for another, none that is away stops another."""

import asyncio
import time
from base64 import urlsafe_b64encode
from contextlib import AsyncExitStack, asynccontextmanager

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import raw_answer, served
from trevo.auth import keys as keys_module
from trevo.auth.identity import make_verifier
from trevo.config.issuers import TokenIssuer
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.errors import RequestRefused

STAFF, PEOPLE = "https://staff.test", "https://people.test"
EDDSA, ES256, RS256 = Ed25519PrivateKey.generate(), generate_private_key(SECP256R1()), generate_rsa_key(65537, 2048)
KINDS = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm, "RS256": RSAAlgorithm}


class Issuer:
    """Publishes its keys over HTTP, counts who asks, hangs or fails on demand."""

    def __init__(self, name, algorithm, key, key_id, **rules):
        self.name, self.algorithm, self.key, self.key_id, self.rules = name, algorithm, key, key_id, rules
        self.asked = 0
        self.status = 200
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self, scope, _receive, send):
        if scope["type"] != "http":
            return
        self.asked += 1
        await self.answers.wait()
        public = KINDS[self.algorithm].to_jwk(self.key.public_key(), as_dict=True)
        keys = [public | {"kid": self.key_id, "alg": self.algorithm, "use": "sig"}]
        await raw_answer(send, self.status, orjson.dumps({"keys": keys}))

    def token(self, *, key=None, algorithm=None, headers=None, **claims):
        now = int(time.time())
        said = {"iss": self.name, "aud": "graph", "sub": "u1", "iat": now, "exp": now + 60} | claims
        said = {name: value for name, value in said.items() if value is not None}
        headers = {"kid": self.key_id} if headers is None else headers
        return jwt.encode(said, key or self.key, algorithm or self.algorithm, headers=headers)


class Both:
    def __init__(self, staff, people, settings):
        self.staff, self.people, self.settings = staff, people, settings
        self.verifier = make_verifier(settings, None)

    async def subject_of(self, token):
        identity = await self.verifier.verify(f"Bearer {token}")
        return identity.issuer, identity.subject

    async def refusal_of(self, token):
        with pytest.raises(RequestRefused) as caught:
            await self.verifier.verify(f"Bearer {token}")
        return caught.value.status, caught.value.errors[0].message


NO_KEYS = (503, "Tokens cannot be verified at the moment; try again.")


@asynccontextmanager
async def both(*, key_ids=("staff-1", "people-1"), as_single=False, **settings):
    staff = Issuer(STAFF, "EdDSA", EDDSA, key_ids[0], algorithms=("EdDSA",), audience="graph")
    people = Issuer(PEOPLE, "ES256", ES256, key_ids[1], algorithms=("ES256", "RS256"))
    async with AsyncExitStack() as stack:
        made, single = [], {}
        for issuer in (staff, people):
            there = await stack.enter_async_context(served(issuer))
            rules = {"issuer": issuer.name, "jwks_url": f"{there.origin}/jwks.json", **issuer.rules}
            if as_single and issuer is staff:
                single = rules
            else:
                made.append(TokenIssuer(**rules))
        yield Both(staff, people, Settings(issuers=tuple(made), **single, **settings))
        for issuer in (staff, people):
            issuer.answers.set()


@pytest.mark.parametrize("as_single", [False, True])
async def test_each_token_is_verified_by_its_own_issuers_keys(as_single):
    async with both(as_single=as_single) as two:
        assert await two.subject_of(two.staff.token()) == (STAFF, "u1")
        assert (two.staff.asked, two.people.asked) == (1, 0)
        assert await two.subject_of(two.people.token(sub="u2")) == (PEOPLE, "u2")
        assert (two.staff.asked, two.people.asked) == (1, 1)
        assert await two.verifier.verify(None) is None


async def test_one_issuer_alone_may_stand_in_the_list():
    staff = Issuer(STAFF, "EdDSA", EDDSA, "staff-1")
    async with served(staff) as there:
        settings = Settings(issuers=(TokenIssuer(issuer=STAFF, jwks_url=f"{there.origin}/jwks.json"),))
        verifier = make_verifier(settings, None)
        assert (await verifier.verify(f"Bearer {staff.token()}")).subject == "u1"
        with pytest.raises(RequestRefused, match="another issuer"):
            await verifier.verify(f"Bearer {staff.token(iss=PEOPLE)}")


async def test_an_unknown_issuer_is_refused_and_nobody_is_asked():
    async with both() as two:
        for name in ("https://elsewhere.test", "", f"{STAFF}/", STAFF.upper()):
            told = await two.refusal_of(two.staff.token(iss=name))
            assert told == (401, "The token comes from another issuer.")
        assert (two.staff.asked, two.people.asked) == (0, 0)


@pytest.mark.parametrize("key_ids", [("staff-1", "people-1"), ("same", "same")])
async def test_no_issuer_speaks_for_another(key_ids):
    async with both(key_ids=key_ids) as two:
        staff, people = two.staff, two.people
        # Signed by the other's key, under the other's key id, or the right one.
        other_id = await two.refusal_of(people.token(iss=STAFF, aud="graph"))
        assert other_id == (401, "The token's algorithm is not accepted.")
        assert (await two.refusal_of(staff.token(iss=PEOPLE)))[0] == 401
        stolen = staff.token(key=Ed25519PrivateKey.generate())
        assert await two.refusal_of(stolen) == (401, "The token is invalid.")


async def test_a_key_of_the_other_issuer_with_a_signature_that_both_accept():
    one = Issuer(STAFF, "ES256", ES256, "one")
    other = Issuer(PEOPLE, "ES256", generate_private_key(SECP256R1()), "other")
    async with served(one) as first, served(other) as second:
        listed = tuple(
            TokenIssuer(issuer=each.name, jwks_url=there.origin) for each, there in ((one, first), (other, second))
        )
        two = Both(one, other, Settings(issuers=listed))
        right_id_of_the_wrong_issuer = other.token(iss=STAFF)
        assert await two.refusal_of(right_id_of_the_wrong_issuer) == (
            401,
            "The token is not signed by a key of the issuer.",
        )
        wrong_key_under_the_right_id = one.token(key=other.key)
        assert await two.refusal_of(wrong_key_under_the_right_id) == (401, "The token is invalid.")
        assert await two.subject_of(one.token()) == (STAFF, "u1")
        assert await two.subject_of(other.token()) == (PEOPLE, "u1")


def signed_with_the_public_key(issuer):
    """The public key taken for a shared secret. The library refuses to sign so; a forger would not ask it."""
    public = issuer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
    return issuer.token(key=public, algorithm="HS256")


async def test_a_signature_is_the_issuers_own_kind():
    async with both() as two:
        refused = (401, "The token's algorithm is not accepted.")
        assert await two.refusal_of(signed_with_the_public_key(two.staff)) == refused
        assert await two.refusal_of(two.staff.token(key=RS256, algorithm="RS256")) == refused
        assert await two.refusal_of(jwt.encode({"iss": STAFF, "sub": "u1"}, None, "none")) == refused
        # What it accepts, but not of this key.
        told = await two.refusal_of(two.people.token(key=RS256, algorithm="RS256"))
        assert told == (401, "The token is not signed by a key of the issuer.")


async def test_each_has_its_own_audience():
    async with both() as two:
        told = await two.refusal_of(two.staff.token(aud="elsewhere"))
        assert told == (401, "The token was issued for another audience.")
        assert await two.subject_of(two.people.token(aud="elsewhere")) == (PEOPLE, "u1")


def part(text):
    return urlsafe_b64encode(text).rstrip(b"=").decode()


HEAD = part(b'{"alg": "EdDSA", "kid": "staff-1"}')


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("nonsense", "The token is malformed."),
        ("a.b", "The token is malformed."),
        ("a.b.c.d", "The token is malformed."),
        (f"{HEAD}.{part(b'[]')}.x", "The token is malformed."),
        (f"{HEAD}.{part(b'{')}.x", "The token is malformed."),
        (f"{HEAD}.%%%.x", "The token is malformed."),
        (f"{HEAD}.{part(b'[' * 5000)}.x", "The token is malformed."),
        (f"{HEAD}.\u00e9\u00e9.x", "The token is malformed."),
        (f"{HEAD}.{part(b'{}')}.x", "The token lacks the claim 'iss'."),
        (f"{HEAD}.{part(orjson.dumps({'iss': 7}))}.x", "The token lacks the claim 'iss'."),
        (f"{HEAD}.{part(orjson.dumps({'iss': [STAFF]}))}.x", "The token lacks the claim 'iss'."),
    ],
)
async def test_what_names_no_issuer(token, message):
    async with both() as two:
        assert await two.refusal_of(token) == (401, message)
        assert (two.staff.asked, two.people.asked) == (0, 0)


async def test_an_issuer_that_fails_harms_its_own_tokens_alone():
    async with both() as two:
        two.staff.status = 500
        assert await two.refusal_of(two.staff.token()) == NO_KEYS
        assert await two.subject_of(two.people.token()) == (PEOPLE, "u1")


async def test_an_issuer_that_hangs_harms_its_own_tokens_alone(monkeypatch):
    monkeypatch.setattr(keys_module, "FETCH_SECONDS_MAX", 0.05)
    monkeypatch.setattr(keys_module, "REFRESH_SECONDS_MIN", 0.0)
    monkeypatch.setattr(keys_module, "WAIT_SECONDS_MAX", 0.01)
    async with both() as two:
        two.staff.answers.clear()
        assert await two.refusal_of(two.staff.token()) == NO_KEYS
        # Once it is known to hang, nobody waits as long as a look at it may take.
        monkeypatch.setattr(keys_module, "FETCH_SECONDS_MAX", 60.0)
        hanging = asyncio.create_task(two.refusal_of(two.staff.token()))
        assert await two.subject_of(two.people.token()) == (PEOPLE, "u1")
        assert await hanging == NO_KEYS
        two.staff.answers.set()
        async with asyncio.timeout(20):
            while await two.verifier.verify(f"Bearer {two.people.token()}"):
                try:
                    assert await two.subject_of(two.staff.token()) == (STAFF, "u1")
                except RequestRefused:
                    await asyncio.sleep(0.01)  # a refusal waits for nothing, and the look under way needs the loop
                else:
                    break


async def test_one_subject_of_two_issuers_is_two_people():
    async with both(rates=Rates(person="1/minute")) as two, serving(two.settings) as http:
        for issuer in (two.staff, two.people):
            bearer = f"Bearer {issuer.token()}"
            assert (await post(http, {"query": "{ __typename }"}, authorization=bearer))[0] == 200
            status, _, body = await post(http, {"query": "{ __typename }"}, authorization=bearer)
            assert (status, code_of(body)) == (429, "RATE_LIMITED")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"issuers": ({"issuer": STAFF, "jwks_url": "http://a.test"},) * 2}, "named twice: https://staff.test"),
        ({"issuer": STAFF, "issuers": ({"issuer": STAFF, "jwks_url": "http://a.test"},)}, "named twice"),
        ({"jwks_url": "http://b.test", "issuers": ({"issuer": STAFF, "jwks_url": "http://a.test"},)}, "by 'issuer'"),
        ({"issuers": ({"issuer": STAFF},)}, "jwks_url"),
        ({"issuers": ({"issuer": STAFF, "jwks_url": "ftp://a.test"},)}, "jwks_url"),
        ({"issuers": ({"issuer": STAFF, "jwks_url": "http://a.test", "algorithms": ("HS256",)},)}, "algorithms"),
        ({"algorithms": ("none",)}, "algorithms"),
        ({"algorithms": ()}, "algorithms"),
    ],
)
def test_issuers_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        Settings(**options)


def test_keys_of_the_embedder_beside_others_need_a_name():
    async def publish():
        return {}

    listed = (TokenIssuer(issuer=STAFF, jwks_url="http://a.test", jwks_cache_seconds=9.0, jwks_stale_seconds_max=99.0),)
    with pytest.raises(ValueError, match="by 'issuer'"):
        make_verifier(Settings(issuers=listed), publish)
    assert make_verifier(Settings(issuers=listed, issuer=PEOPLE), publish) is not None


@pytest.mark.parametrize("stale", [60.0, 120.0])
async def test_each_keeps_its_keys_as_long_as_set(monkeypatch, stale):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(keys_module, "time", clock)
    staff = Issuer(STAFF, "EdDSA", EDDSA, "staff-1")
    async with served(staff) as there:
        listed = TokenIssuer(issuer=STAFF, jwks_url=there.origin, jwks_cache_seconds=7.0, jwks_stale_seconds_max=stale)
        two = Both(staff, staff, Settings(issuers=(listed,)))
        await two.subject_of(staff.token())
        clock.now += 6
        await two.subject_of(staff.token())
        assert staff.asked == 1
        staff.status = 500
        clock.now += 93
        told = await two.subject_of(staff.token()) if stale == 120 else await two.refusal_of(staff.token())
        assert told == ((STAFF, "u1") if stale == 120 else NO_KEYS)
        assert staff.asked == 2
