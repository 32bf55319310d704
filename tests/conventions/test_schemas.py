"""What every subgraph's schema keeps to."""

from importlib import import_module
from pathlib import Path

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLUnionType, get_named_type

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(path.parents[1].name for path in (ROOT / "subgraphs").glob("*/api/schema.py"))

TOKENS_WITHOUT_RULES = frozenset({"signOut"})
"""Mutations that no rule can refuse."""

DONE_TWICE_IS_DONE_ONCE = frozenset(
    {
        "removeBankAccount",
        "approveCreditRequest",
        "rejectCreditRequest",
        "markNotificationsRead",
        "setNotificationPreference",
        "setNotificationLanguage",
        "setNightLimit",
        "pauseMoneyOut",
        "withdrawQuotaOffer",
        "approveMoneyProposal",
        "rejectMoneyProposal",
        "withdrawRenegotiation",
        "registerDevice",
        "removeDevice",
        *(f"resume{domain}Saga" for domain in ("Contracts", "Marketplace", "Wallet", "Distribution")),
        *(f"{word}{domain.title()}Parameters" for word in ("approve", "reject") for domain in DOMAINS),
    }
)
"""Mutations outside accounts that bring about a state: sent again they find it there, or are refused for it."""


def core_schema(domain: str):
    return import_module(f"subgraphs.{domain}.api.schema").schema._schema


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_mutation_answers_with_success_or_typed_refusal(domain: str) -> None:
    mutations = core_schema(domain).mutation_type
    without = []
    for name, field in (mutations.fields if mutations else {}).items():
        result = get_named_type(field.type)
        members = result.types if isinstance(result, GraphQLUnionType) else ()
        refusals = [member for member in members if any(i.name == "Refusal" for i in member.interfaces)]
        if not refusals and name not in TOKENS_WITHOUT_RULES:
            without.append(name)
    assert without == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_money_is_never_a_float_or_an_int(domain: str) -> None:
    suspicious = ("amount", "price", "principal", "interest", "fee", "tax", "net", "gross", "balance", "available")
    schema = core_schema(domain)
    wrong = [
        f"{type_.name}.{name}: {get_named_type(field.type).name}"
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("_")
        for name, field in type_.fields.items()
        if name in suspicious and get_named_type(field.type).name in ("Float", "Int")
    ]
    assert wrong == []
    assert "Float" not in schema.type_map


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_entity_is_asked_in_batches(domain: str) -> None:
    module = import_module(f"subgraphs.{domain}.api.schema")
    union = module.schema._schema.type_map.get("_Entity")
    names = {member.name for member in union.types} if union else set()
    assert names == set(module.schema._entity_types)


@pytest.mark.parametrize("domain", DOMAINS)
def test_mutations_take_one_input(domain: str) -> None:
    mutations = core_schema(domain).mutation_type
    wrong = [
        name
        for name, field in (mutations.fields if mutations else {}).items()
        if field.args and (list(field.args) != ["input"] or not isinstance(field.args["input"].type, GraphQLNonNull))
    ]
    assert wrong == []


@pytest.mark.parametrize("domain", sorted(set(DOMAINS) - {"accounts"}))
def test_what_must_not_happen_twice_takes_an_idempotency_key(domain: str) -> None:
    """A mutation without a key says in `DONE_TWICE_IS_DONE_ONCE` that it needs none."""
    mutations = core_schema(domain).mutation_type
    without = []
    for name, field in (mutations.fields if mutations else {}).items():
        fields = get_named_type(field.args["input"].type).fields if field.args else {}
        members = {member.name for member in get_named_type(field.type).types}
        has_key = "idempotencyKey" in fields and isinstance(fields["idempotencyKey"].type, GraphQLNonNull)
        if not (has_key and "IdempotencyKeyReused" in members) and name not in DONE_TWICE_IS_DONE_ONCE:
            without.append(name)
    assert without == []
