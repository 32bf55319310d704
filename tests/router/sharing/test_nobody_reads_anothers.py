"""Every way that two requests can differ though their text is the same: each has the answer to what it sent itself."""

import asyncio

import pytest

from tests.router.auth.test_identity import token
from tests.router.server.guarded import GUARDED, settings
from tests.router.server.test_tokens_over_http import publish
from tests.router.sharing.held import Users, ask, at_once, sharing, told_in
from trevo.clients.sharing_client import written_to_the_letter
from trevo.config.header_rules import HeaderRule, HeaderRules
from trevo.config.limits import Limits
from trevo.config.sharing import Sharing
from trevo.extensions.extension import Extension

BOTH = [Sharing(queries=True), Sharing(fetches=True), Sharing(queries=True, fetches=True)]
TENANTS = HeaderRules(all=(HeaderRule(propagate="x-tenant", rename="x-land"),))
FOR_USERS = HeaderRules(subgraphs={"users": (HeaderRule(propagate="x-tenant"), HeaderRule(propagate="cookie"))})
WITH_ID = "query Mine($id: ID!, $also: Boolean = false) { user(id: $id) { id name email @include(if: $also) } }"


@pytest.mark.parametrize("shared", BOTH)
async def test_what_cannot_be_told_apart_is_asked_once(shared):
    async with sharing(sharing=shared) as users:
        first, second, third = await at_once(users, *[ask(authorization="Bearer a") for _ in range(3)])
        assert first == second == third
        assert told_in(first) == [{"authorization": "Bearer a", "x-forwarded-for": "203.0.113.1"}, {}]
        assert (len(users.came), users.shared) == (1, 2)


async def test_unless_set_nothing_is_shared():
    async with sharing() as users:
        await at_once(users, ask(), ask())
        assert (len(users.came), users.shared) == (2, 0)


@pytest.mark.parametrize("shared", BOTH)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"authorization": "Bearer a"}, {"authorization": "Bearer b"}),
        ({"authorization": "Bearer a"}, {}),
        ({"authorization": "Bearer a"}, {"authorization": ""}),
        ({"authorization": "Bearer a"}, {"authorization": "bearer a"}),
        ({"accept_language": "pt"}, {"accept_language": "en"}),
        ({"user_agent": "a"}, {"user_agent": "b"}),
        ({"authorization": "x", "user_agent": "y"}, {"authorization": "y", "user_agent": "x"}),
        ({"address": "203.0.113.1"}, {"address": "203.0.113.2"}),
        ({"address": "203.0.113.1"}, {"address": None}),
    ],
)
async def test_two_senders(shared, one, other):
    async with sharing(sharing=shared) as users:
        first, second = await at_once(users, ask(**one), ask(**other))
        assert told_in(first) != told_in(second)
        assert (len(users.came), users.shared) == (2, 0)


@pytest.mark.parametrize("shared", BOTH)
@pytest.mark.parametrize("rules", [TENANTS, FOR_USERS])
async def test_a_header_that_rules_pass_on(shared, rules):
    async with sharing(sharing=shared, headers=rules) as users:
        first, second = await at_once(users, ask(x_tenant="north"), ask(x_tenant="south"))
        assert [told_in(first)[0].popitem(), told_in(second)[0].popitem()].count(None) == 0
        assert told_in(first) != told_in(second)
        assert (len(users.came), users.shared) == (2, 0)


async def test_a_cookie_that_rules_pass_on():
    async with sharing(sharing=Sharing(queries=True, fetches=True), headers=FOR_USERS) as users:
        first, second = await at_once(users, ask(cookie="session=1"), ask(cookie="session=2"))
        assert (told_in(first)[0]["cookie"], told_in(second)[0]["cookie"]) == ("session=1", "session=2")


async def test_headers_that_no_subgraph_sees_and_those_of_one_request_keep_nobody_apart():
    async with sharing(sharing=Sharing(fetches=True)) as users:
        requests = (
            ask(cookie="session=1", x_correlation_id="request-1", x_request_deadline_ms="9000"),
            ask(cookie="session=2", x_correlation_id="request-2", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"),
        )
        first, second = await at_once(users, *requests)
        assert first == second
        assert (len(users.came), users.shared) == (1, 1)


@pytest.mark.parametrize("shared", BOTH)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": "1"}, {"id": 1}),
        ({"id": "1"}, {"id": "1 "}),
        ({"id": "true"}, {"id": "True"}),
        ({"id": "1", "also": True}, {"id": "1", "also": False}),
        ({"id": "1", "also": False}, {"id": "2"}),
    ],
)
async def test_two_values_of_variables(shared, one, other):
    async with sharing(sharing=shared) as users:
        first, second = await at_once(users, ask(WITH_ID, variables=one), ask(WITH_ID, variables=other))
        assert first != second
        assert (len(users.came), users.shared) == (2, 0)


@pytest.mark.parametrize("value", [1, 1.0, True, "1", "true", None, [1], [[1]], {"a": 1}, {"a": 1.0}, 0.0, -0.0, 0, ""])
def test_no_two_values_are_written_alike(value):
    others = [1, 1.0, True, "1", "true", None, [1], [[1]], {"a": 1}, {"a": 1.0}, 0.0, -0.0, 0, ""]
    assert [repr(each) for each in others if written_to_the_letter(each) == written_to_the_letter(value)] == [
        repr(value)
    ]


@pytest.mark.parametrize("value", [2**70, "\ud800", object(), {1: "a"}, type("Text", (str,), {})("a")])
def test_what_json_cannot_say_to_the_letter_is_not_shared(value):
    assert written_to_the_letter(value) is None


@pytest.mark.parametrize("shared", BOTH)
async def test_two_operations_of_one_document(shared):
    document = "query A { me { id name } } query B { user(id: 1) { id name } }"
    async with sharing(sharing=shared) as users:
        first, second = await at_once(users, ask(document, "A"), ask(document, "B"))
        assert [list(first["data"]), list(second["data"])] == [["me"], ["user"]]
        assert (len(users.came), users.shared) == (2, 0)


@pytest.mark.parametrize("shared", BOTH)
async def test_aliases_are_each_ones_own(shared):
    async with sharing(sharing=shared) as users:
        first, second = await at_once(users, ask("{ a: user(id: 1) { name } }"), ask("{ b: user(id: 1) { name } }"))
        assert [list(first["data"] or {}), list(second["data"] or {})] == [["a"], ["b"]]


async def test_a_mutation_is_done_as_often_as_it_is_asked():
    rename = 'mutation { rename(id: "u1", name: "X") { id } }'
    async with sharing(sharing=Sharing(queries=True, fetches=True)) as users:
        await at_once(users, ask(rename), ask(rename))
        assert (len(users.came), users.shared) == (2, 0)


async def test_introspection_beside_the_same_fetch_is_each_ones_own():
    async with sharing(sharing=Sharing(queries=True, fetches=True)) as users:
        named = "query($n: String!) { me { id } __type(name: $n) { name } }"
        first, second = await at_once(
            users, ask(named, variables={"n": "User"}), ask(named, variables={"n": "Product"})
        )
        assert [body["data"]["__type"]["name"] for body in (first, second)] == ["User", "Product"]
        assert (len(users.came), users.shared) == (1, 1)


async def test_whose_token_it_is_counts_though_no_subgraph_sees_it():
    """What one may read the other may not: the fetches have one sender, the answers have two readers."""
    given = settings(sharing=Sharing(queries=True), forwarded_headers=()).model_dump(
        include={"issuer", "audience", "sharing", "forwarded_headers"}
    )
    query = "{ me { id name email } }"
    async with sharing(supergraph_text=GUARDED, options={"key_source": publish}, **given) as users:
        ada, bob = (f"Bearer {token(sub=each)}" for each in ("u1", "u2"))
        bodies = await at_once(users, ask(query, authorization=ada), ask(query, authorization=bob), ask(query))
        assert (len(users.came), users.shared) == (3, 0)
        assert [body["data"]["me"].get("email") for body in bodies] == [None, None, None]
        codes = [[error["extensions"]["code"] for error in body.get("errors", ())] for body in bodies]
        assert codes == [[], [], ["UNAUTHORIZED_FIELD_OR_TYPE"]]


async def test_what_a_policy_says_counts_though_the_sender_is_the_same():
    says = iter([True, False])
    text = GUARDED.replace("  email: String @authenticated", '  email: String @policy(policies: [["reader"]])')
    options = {"policies": {"reader": lambda _request: next(says)}}
    async with sharing(supergraph_text=text, options=options, sharing=Sharing(queries=True)) as users:
        first, second = await at_once(users, ask("{ me { name email } }"), ask("{ me { name email } }"))
        assert ("errors" in first, "errors" in second) == (False, True)
        assert (len(users.came), users.shared) == (2, 0)


async def test_after_a_reload_nobody_waits_for_the_old_graph():
    async with sharing(sharing=Sharing(queries=True)) as users:
        users.expected = 2
        old = asyncio.create_task(users.router.execute(ask()))
        while not users.came:  # noqa: ASYNC110  # the subgraph is asked when it is asked
            await asyncio.sleep(0.002)
        assert await users.router.reload(users.router._text + "\n# anew\n")
        await asyncio.gather(old, users.router.execute(ask()))
        assert (len(users.came), users.shared) == (2, 0)


async def test_an_error_that_names_its_request_is_told_to_no_other():
    def error(request):
        return {"message": "no", "path": ["me", "name"], "extensions": {"traceId": request.headers["x-correlation-id"]}}

    for shared in BOTH:
        async with sharing(sharing=shared) as users:
            users.error = error
            bodies = await at_once(users, ask(x_correlation_id="request-1"), ask(x_correlation_id="request-2"))
            told = [body["errors"][0]["extensions"]["traceId"] for body in bodies]
            assert told == ["request-1", "request-2"]


@pytest.mark.parametrize("shared", BOTH)
async def test_no_more_is_the_message_of_an_error(shared):
    def error(request):
        return {"message": f"see {request.headers['x-correlation-id']}", "path": ["me", "name"]}

    async with sharing(sharing=shared) as users:
        users.error = error
        bodies = await at_once(users, *[ask(x_correlation_id=f"request-{number}") for number in range(5)])
        assert [body["errors"][0]["message"] for body in bodies] == [f"see request-{number}" for number in range(5)]
        # As often as if nothing were shared, and not more often.
        assert len(users.came) == 5


async def test_who_comes_later_does_not_fail_by_the_time_of_the_first():
    gone = asyncio.Event()

    class Late(Users):
        async def answer(self, request):
            if not self.came:
                self.came.append(request)
                await gone.wait()
            return await super().answer(request)

    limits = Limits(subgraph_seconds_max=1)
    async with sharing(Late, sharing=Sharing(queries=True), limits=limits) as users:
        first, second = await at_once(users, ask(), ask())
        gone.set()
        assert first["errors"][0]["extensions"]["code"] == "SUBREQUEST_TIMEOUT"
        assert "errors" not in second


async def test_addresses_keep_apart_unless_the_setting_says_otherwise():
    async with sharing(sharing=Sharing(queries=True, fetches=True, across_addresses=True)) as users:
        await at_once(users, ask(), ask(address="203.0.113.2"))
        assert (len(users.came), users.shared) == (1, 1)


@pytest.mark.parametrize(
    "shared", [Sharing(queries=True, subgraphs={"users": False}), Sharing(fetches=True, subgraphs={"users": False})]
)
async def test_one_subgraph_may_be_left_out(shared):
    async with sharing(sharing=shared) as users:
        await at_once(users, ask(), ask())
        assert (len(users.came), users.shared) == (2, 0)


async def test_fetches_of_one_subgraph_alone_may_be_shared():
    async with sharing(sharing=Sharing(subgraphs={"users": True})) as users:
        await at_once(users, ask(), ask())
        assert (len(users.came), users.shared) == (1, 1)


async def test_what_an_extension_says_to_a_subgraph_counts():
    class Numbers(Extension):
        fetches = 0

        def on_fetch(self, fetch):
            self.fetches += 1
            fetch.set_header("x-number", str(self.fetches))

    options = {"extensions": [Numbers()]}
    async with sharing(sharing=Sharing(queries=True, fetches=True), options=options) as users:
        bodies = await at_once(users, ask(), ask())
        assert [told_in(body)[0]["x-number"] for body in bodies] == ["1", "2"]


async def test_what_an_extension_adds_to_an_answer_is_each_ones_own():
    class Ids(Extension):
        def on_response(self, response):
            response.extensions["id"] = response.request.trace.correlation_id

    async with sharing(sharing=Sharing(queries=True), options={"extensions": [Ids()]}) as users:
        ids = ["request-1", "request-2"]
        bodies = await at_once(users, *[ask(x_correlation_id=each) for each in ids])
        assert [body["extensions"]["id"] for body in bodies] == ids
        assert (len(users.came), users.shared) == (1, 1)
