"""A CPR from its draft to its settlement, over the sandbox providers' real webhooks."""

from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts


async def test_a_cpr_goes_from_draft_to_settlement(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    assert (await contracts.cpr(cpr_id, "status nextInstallment { id }")) == {
        "status": "DRAFTED",
        "nextInstallment": None,
    }
    assert (await contracts.sign(cpr_id)) == {"__typename": "CPR", "id": str(cpr_id), "status": "SIGNING"}
    await contracts.work_off()
    assert (await contracts.cpr(cpr_id, "status registry")) == {"status": "REGISTERED", "registry": "B3"}
    await contracts.disburse(cpr_id)
    assert (await contracts.cpr(cpr_id, "status"))["status"] == "ACTIVE"
    for installment in await contracts.installments(cpr_id):
        await deliver(contracts.subgraph, contracts.a_payment(installment))
    settled = await contracts.cpr(cpr_id, "status progress { paidCount totalCount paidPercent } nextInstallment { id }")
    assert settled == {
        "status": "SETTLED",
        "progress": {"paidCount": 12, "totalCount": 12, "paidPercent": 100},
        "nextInstallment": None,
    }
    assert await recorded_types(contracts.subgraph) == [
        "cpr_drafted",
        "signature_requested",
        "cpr_signed",
        "cpr_registered",
        "cpr_activated",
        *["installment_paid"] * 12,
        "cpr_settled",
    ]
    assert (await recorded(contracts.subgraph, "cpr_settled")) == [{"cpr_id": str(cpr_id), "farmer_id": str(SERGIO)}]
