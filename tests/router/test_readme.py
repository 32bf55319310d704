"""What the README says of bounds that are on from the start, and how they are widened, is true."""

import re
from typing import Any

import pytest

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from tests.router.test_floors import PACKAGE
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

README = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
BY_DEFAULT: list[tuple[str, str]] = []
WIDENED = re.findall(r"(ROUTER_\w+)=(\S+)", next(line for line in README.splitlines() if line.startswith("ROUTER_")))

DEEP = "{ me { reviews { author { reviews { author { reviews { author { reviews { body } } } } } } } } }"


@pytest.mark.parametrize(("set_so", "code"), [(BY_DEFAULT, "COST_ESTIMATED_TOO_EXPENSIVE"), (WIDENED, None)])
async def test_what_an_operation_may_cost(
    monkeypatch: pytest.MonkeyPatch, set_so: list[tuple[str, str]], code: str | None
) -> None:
    assert await _codes_of(monkeypatch, set_so, DEEP) == {code}
    assert f"{Limits().cost_max:,.0f} objects" in README


@pytest.mark.parametrize(("set_so", "codes"), [(BY_DEFAULT, {None, "RATE_LIMITED"}), (WIDENED, {None})])
async def test_how_often_somebody_may_ask(
    monkeypatch: pytest.MonkeyPatch, set_so: list[tuple[str, str]], codes: set[str | None]
) -> None:
    assert await _codes_of(monkeypatch, set_so, "{ __typename }", times=150) == codes
    assert Rates().address.startswith("1200/minute")
    assert "1,200 times a minute" in README


async def _codes_of(
    monkeypatch: pytest.MonkeyPatch, set_so: list[tuple[str, str]], query: str, *, times: int = 1
) -> set[str | None]:
    """How one address is answered: None, or the code of the first error."""
    for name, value in set_so:
        monkeypatch.setenv(name, value)
    clients = {each.name: InProcessSubgraphClient(each.name, each) for each in SmallGraph().subgraphs}
    router = Router(Settings(), supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)
    bodies: list[Any] = [(await router.execute(GraphQLRequest(query, address="192.0.2.1"))).body for _ in range(times)]
    await router.stop()
    return {body["errors"][0]["extensions"]["code"] if "errors" in body else None for body in bodies}
