"""What the database refuses by itself, whoever asks."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from subgraphs.contracts.models import Base
from tests.builders.deliveries import deliver
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.contracts.contracts_builders import Contracts

A_SECOND_PAYMENT = """
INSERT INTO installment_payments
SELECT gen_random_uuid(), installment_id, amount_minor, due_minor, method, outcome, confirmed_at, late_minor, 2, 0
FROM installment_payments
"""


async def test_models_and_migrations_agree(contracts: Contracts) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with contracts.subgraph.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def refused(contracts: Contracts, statement: str) -> str:
    """Why the database does not commit *statement*, its owner's even."""
    with pytest.raises(DBAPIError) as raised:
        await sql_of_the_owner(contracts.subgraph.database, statement)
    return str(raised.value.orig)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE cprs SET status = 'ACTIVE', disbursed_at = now()", "cannot go from DRAFTED to ACTIVE"),
        ("UPDATE cprs SET annual_rate = 0.01", "terms of a CPR are not changed"),
        ("UPDATE cprs SET principal_minor = 999900", "repay 1000000 of 999900"),
        ("UPDATE cprs SET status = 'CANCELLED'", "ck_cprs_cancelled"),
        ("UPDATE installments SET principal_minor = principal_minor + 1 WHERE number = 1", "repay 1000001 of 1000000"),
        ("UPDATE installments SET interest_minor = -1", "ck_installments_amounts"),
        ("UPDATE installments SET status = 'PAID', paid_at = now()", "cannot go from SCHEDULED to PAID"),
        ("DELETE FROM installments", "not deleted"),
    ],
)
async def test_a_draft_keeps_its_rules(contracts: Contracts, statement: str, reason: str) -> None:
    await contracts.drafted()
    assert reason in await refused(contracts, statement)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE installments SET due_on = due_on + 1", "schedule of a disbursed CPR is not changed"),
        ("UPDATE installments SET interest_minor = 0", "schedule of a disbursed CPR is not changed"),
        ("UPDATE cprs SET principal_minor = 600000", "principal of a disbursed CPR is not changed"),
        (
            "UPDATE installments SET status = 'SCHEDULED', paid_at = NULL WHERE number = 1",
            "cannot go from PAID to SCHEDULED",
        ),
        (
            "UPDATE cprs SET status = 'CANCELLED', cancelled_at = now(), cancellation_reason = 'x'",
            "cannot go from ACTIVE to CANCELLED",
        ),
        ("UPDATE installment_payments SET amount_minor = 1", "are facts"),
        ("DELETE FROM installment_payments", "are facts"),
        (A_SECOND_PAYMENT, "uq_installment_payments_one_pays"),
    ],
)
async def test_a_debt_keeps_its_rules(contracts: Contracts, statement: str, reason: str) -> None:
    first, *_ = await contracts.installments(await contracts.active())
    await deliver(contracts.subgraph, contracts.a_payment(first))
    assert reason in await refused(contracts, statement)


async def test_a_request_has_one_cpr(contracts: Contracts) -> None:
    await contracts.drafted()
    columns = "farmer_id, status, purpose, crop, hectares, region, municipality, families_benefited, grade, "
    columns += "drafted_principal_minor, principal_minor, annual_rate, monthly_rate, term_months, amortisation, "
    columns += "business_day_rule, late_fine_rate, late_monthly_rate, drafted_at"
    statement = (
        f"INSERT INTO cprs (id, credit_request_id, {columns}) "  # noqa: S608  # the columns are written above
        f"SELECT gen_random_uuid(), credit_request_id, {columns} FROM cprs"
    )
    assert "uq_cprs_credit_request_id" in await refused(contracts, statement)
