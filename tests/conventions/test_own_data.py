"""Whatever table names a person is in that person's file, or it is said why not."""

from importlib import import_module
from types import ModuleType

import pytest
from sqlalchemy import MetaData

from subgraphs.shared.scopes import DOMAINS

PERSON = {
    "user_id",
    "owner_id",
    "person_id",
    "company_id",
    "farmer_id",
    "investor_id",
    "payer_id",
    "seller_id",
    "buyer_id",
    "decided_by",
    "actor_id",
}
"""Columns that say who a row is about."""
EVERYWHERE = {"standing_people"}
"""What accounts has decided about people, which is in accounts' own file."""
SECRETS = ("hash", "secret", "sealed", "fingerprint")
"""What no column of a file is called."""


def domain_of(name: str) -> tuple[ModuleType, MetaData]:
    return import_module(f"subgraphs.{name}.api.own_data"), import_module(f"subgraphs.{name}.models").Base.metadata


@pytest.mark.parametrize("name", DOMAINS)
def test_every_table_that_names_people_is_in_their_file_or_says_why_not(name: str) -> None:
    own_data, metadata = domain_of(name)
    naming = {table.name for table in metadata.tables.values() if PERSON & set(table.columns.keys())} - EVERYWHERE
    told = {part.table for part in own_data.PARTS}
    assert naming - told == set(own_data.LEFT_OUT), "say it in PARTS, or in LEFT_OUT with a reason"
    assert all(own_data.LEFT_OUT.values())
    assert len(told) == len(own_data.PARTS)


@pytest.mark.parametrize("name", DOMAINS)
def test_a_file_has_no_secrets_and_leaves_out_what_there_is(name: str) -> None:
    own_data, metadata = domain_of(name)
    for part in own_data.PARTS:
        columns = metadata.tables[part.table].columns
        assert set(part.without) <= set(columns.keys())
        texts = [column.name for column in columns if column.type.python_type is not bytes]
        shown = [column for column in texts if column not in part.without]
        assert [column for column in shown if any(word in column for word in SECRETS)] == []
