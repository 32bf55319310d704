"""An operation explained on GraphiQL's page: to whom, within which bounds, and never by running it."""

import pytest

from tests.router.server.guarded import bearer, settings
from tests.router.server.http_client import serving
from tests.router.server.test_cost_of_a_request import PRICED
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.shown_plans import ShownPlans
from trevo.errors import refuse
from trevo.explain import STAGES, explain
from trevo.extensions.extension import Extension
from trevo.supergraph import load_supergraph

ME = "{ me { name reviews { body } } }"
EXPLAIN = "/graphiql/explain"


def page(tmp_path, shown=None, supergraph_text=SUPERGRAPH, **options):
    made = {"graphiql": GraphiQLSettings(folder=tmp_path), "shown_plans": shown or ShownPlans(to_everybody=True)}
    extensions = options.pop("extensions", ())
    graph = options.pop("graph", None)
    return serving(settings(**(made | options)), graph, supergraph_text, key_source=publish, extensions=extensions)


async def explained(http, stage="plan", query=ME, headers=None, **more):
    async with http.post(EXPLAIN, json={"stage": stage, "query": query, **more}, headers=headers or {}) as response:
        return response.status, await response.text()


@pytest.mark.parametrize("stage", STAGES)
async def test_each_stage_is_what_the_command_prints_and_nobody_is_asked(stage, tmp_path):
    graph = SmallGraph()
    async with page(tmp_path, graph=graph) as http:
        answer = await explained(http, stage)
    assert answer == (200, explain(stage, load_supergraph(SUPERGRAPH), ME) + "\n")
    assert [each.requests for each in graph.subgraphs] == [[], [], [], []]


async def test_a_mutation_is_explained_and_not_done(tmp_path):
    graph = SmallGraph()
    async with page(tmp_path, graph=graph) as http:
        status, text = await explained(http, query='mutation { rename(id: "u1", name: "Eve") { name } }')
    assert (status, "mutation { rename" in text, graph.users.requests) == (200, True, [])


async def test_of_several_operations_the_named_one_is_explained(tmp_path):
    both = "query One { me { name } } query Two { topProducts { name } }"
    async with page(tmp_path) as http:
        status, text = await explained(http, query=both, operationName="Two")
        without = await explained(http, query=both)
    assert (status, "topProducts" in text, "me {" in text) == (200, True, False)
    assert without[0] == 400


async def test_variables_count_for_the_cost(tmp_path):
    query = "query ($many: Int) { topProducts(first: $many) { inStock } }"
    async with page(tmp_path, supergraph_text=PRICED) as http:
        few, many = [await explained(http, "cost", query, variables={"many": many}) for many in (1, 50)]
    assert (few[0], many[0], few[1] == many[1]) == (200, 200, False)


@pytest.mark.parametrize(
    ("shown", "claims", "status"),
    [
        (ShownPlans(roles={"engineer"}), {"roles": "engineer"}, 200),
        (ShownPlans(roles={"engineer"}), {"roles": "support"}, 403),
        (ShownPlans(roles={"engineer"}), None, 403),
        (ShownPlans(scopes={"plans"}), {"scope": "plans"}, 200),
        (ShownPlans(to_everybody=True), None, 200),
    ],
)
async def test_it_is_for_whom_plans_are_shown_to(shown, claims, status, tmp_path):
    async with page(tmp_path, shown) as http:
        answered, text = await explained(http, headers={} if claims is None else bearer(**claims))
    assert answered == status
    assert text.startswith("QueryPlan {") is (status == 200)


async def test_where_plans_are_shown_to_nobody_there_is_no_such_place(tmp_path):
    async with page(tmp_path, ShownPlans()) as http:
        assert (await explained(http))[0] == 404


async def test_a_token_that_is_refused_explains_nothing(tmp_path):
    async with page(tmp_path) as http:
        status, text = await explained(http, headers={"authorization": "Bearer x.y.z"})
    assert (status, "QueryPlan" in text) == (401, False)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"stage": "plan", "query": "{ nobody }"}, 400, "Cannot query field 'nobody' on type 'Query'."),
        ({"stage": "plan", "query": "{ me {"}, 400, "Syntax Error: Expected Name, found <EOF>."),
        ({"stage": "everything", "query": ME}, 400, "'stage' must be one of graph, paths,"),
        ({"stage": ["plan"], "query": ME}, 400, "'stage' must be one of graph, paths,"),
        ({"query": ME}, 400, "'stage' must be one of graph, paths,"),
        ([{"stage": "plan", "query": ME}], 400, "One operation is explained at a time."),
        ({"stage": "plan"}, 400, "'query' must be a string with a GraphQL document."),
        ({"stage": "plan", "query": "{ me { name } } #" + "-" * 300}, 400, "longer than 300 characters"),
    ],
)
async def test_what_cannot_be_explained_says_why(body, status, words, tmp_path):
    async with (
        page(tmp_path, limits=Limits(query_characters_max=300)) as http,
        http.post(EXPLAIN, json=body) as response,
    ):
        text = await response.text()
    assert (response.status, words in text) == (status, True), text


async def test_it_is_asked_by_post_and_json_alone(tmp_path):
    async with page(tmp_path, limits=Limits(body_bytes_max=1_000)) as http:
        async with http.get(EXPLAIN) as response:
            assert (response.status, response.headers["allow"]) == (405, "POST")
        async with http.post(EXPLAIN, data={"stage": "plan", "query": ME}) as response:
            assert response.status == 415
        async with http.post(EXPLAIN, data=b"x" * 1_001, headers={"content-type": "application/json"}) as response:
            assert response.status == 413


async def test_it_counts_for_rates_and_extensions_may_refuse_it(tmp_path):
    class Closed(Extension):
        def on_request(self, request):
            if request.headers.get("x-tenant") is None:
                raise refuse("UNKNOWN_TENANT", "We do not know this tenant.", status=403)

    rates = Rates(address="1/minute burst 1")
    async with page(tmp_path, rates=rates, extensions=[Closed()]) as http:
        known = {"x-tenant": "north"}
        statuses = [(await explained(http, headers=known))[0] for _ in range(2)]
        assert statuses == [200, 429]
    async with page(tmp_path, extensions=[Closed()]) as http:
        assert await explained(http) == (403, "We do not know this tenant.\n")


async def test_after_a_new_supergraph_that_one_is_explained(tmp_path):
    without_email = SUPERGRAPH.replace("  email: String @join__field(graph: USERS)\n", "")
    async with page(tmp_path) as http:
        before = await explained(http, query="{ me { email } }")
        assert await http.router.reload(without_email)
        after = await explained(http, query="{ me { email } }")
    assert (before[0], after[0]) == (200, 400)
