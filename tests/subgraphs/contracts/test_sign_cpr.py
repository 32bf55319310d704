"""The farmer signs; the provider and the registry answer."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.contracts.domain.provider_requests import chase_providers
from subgraphs.contracts.domain.signing import prepare_order
from subgraphs.contracts.ports.provider import ProviderUnavailable
from subgraphs.contracts.ports.sandbox_webhooks import Misbehaviour
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.people import PeopleUnavailable, Person
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, SIGN, Contracts


async def orders(contracts: Contracts) -> list[models.ProviderOrder]:
    async with contracts.subgraph.database.read() as session:
        return list(await session.scalars(select(models.ProviderOrder).order_by(models.ProviderOrder.id)))


def answer_of(contracts: Contracts, order: models.ProviderOrder) -> dict[str, Any]:
    vault = contracts.subgraph.services.vault
    assert order.answer_sealed is not None
    answer: dict[str, Any] = orjson.loads(vault.open(order.answer_sealed, use="provider answer", place=order.id))
    return answer


async def test_a_signed_cpr_is_issued_and_registered(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    cpr = await contracts.cpr(
        cpr_id, "status signedAt issuedOn registrationDueOn registeredAt registry registrationNumber"
    )
    order = (await orders(contracts))[1]
    assert cpr == {
        "status": "REGISTERED",
        "signedAt": "2026-11-23T12:00:00.000Z",
        "issuedOn": "2026-11-23",
        "registrationDueOn": "2027-01-06",
        "registeredAt": "2026-11-23T12:00:00.000Z",
        "registry": "B3",
        "registrationNumber": f"B3-{order.id.hex[-12:].upper()}",
    }
    (registered,) = await recorded(contracts.subgraph, "cpr_registered")
    row = await contracts.row(cpr_id)
    assert registered == {
        "cpr_id": str(cpr_id),
        "credit_request_id": str(row.credit_request_id),
        "farmer_id": str(SERGIO),
        "crop": "MAIZE",
        "hectares": "32.00",
        "region": "MT",
        "municipality": "5107925",
        "families_benefited": 3,
        "grade": "B",
        "principal_minor": 1_000_000,
        "annual_rate": "0.18",
        "monthly_rate": "0.013888430348",
        "term_months": 12,
        "amortisation": "PRICE",
        "registry": "B3",
        "registration_number": cpr["registrationNumber"],
        "registered_at": "2026-11-23T12:00:00Z",
        "issued_on": "2026-11-23",
    }


async def test_the_text_that_was_seen_is_the_text_that_is_signed(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    seen = await contracts.cpr(cpr_id, "document documentDigest")
    assert "Valor: R$ 10.000,00\nTaxa: 0.18 ao ano (0.013888430348 ao mês)" in seen["document"]
    other = await contracts.sign(cpr_id, documentDigest="0" * 64)
    assert (other["code"], other["documentDigest"]) == ("CPRDocumentChanged", seen["documentDigest"])
    assert (await contracts.row(cpr_id)).status == "DRAFTED"
    assert (await contracts.sign(cpr_id, documentDigest=seen["documentDigest"]))["status"] == "SIGNING"
    await contracts.work_off()
    assert await contracts.cpr(cpr_id, "document documentDigest") == seen
    (signature, _) = await orders(contracts)
    assert answer_of(contracts, signature)["document_digest"] == seen["documentDigest"]


async def test_the_verified_name_goes_to_the_provider(contracts: Contracts) -> None:
    contracts.people.people[SERGIO] = Person(full_name="Sérgio Campos", cpf="52998224725")
    await contracts.registered()
    (signature, _) = await orders(contracts)
    assert b"Campos" not in (signature.answer_sealed or b"")
    assert answer_of(contracts, signature)["certificate"] == "CN=Sérgio Campos, O=ICP-Brasil (sandbox)"


async def test_a_company_signs_by_its_legal_name_and_cnpj(contracts: Contracts) -> None:
    contracts.people.people[SERGIO] = Person(full_name="Fazenda Boa Vista S/A", cnpj="12ABC34501DE35")
    cpr_id = await contracts.drafted()
    await contracts.sign(cpr_id)
    (signature,) = await orders(contracts)
    order = await prepare_order(contracts.subgraph.database, contracts.people, signature.id)
    assert order is not None
    assert (order.signer_name, order.signer_tax_id) == ("Fazenda Boa Vista S/A", "12ABC34501DE35")


async def test_signing_again_while_the_provider_works_changes_nothing(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    answers = [await contracts.sign(cpr_id) for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["SIGNING", "SIGNING"]
    assert len(await orders(contracts)) == 1


async def test_a_registered_cpr_is_not_signed_again(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    answer = await contracts.sign(cpr_id)
    assert (answer["code"], answer["cprStatus"]) == ("CPRNotSignable", "REGISTERED")


async def test_only_the_farmer_signs(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    contracts.scopes[MARINA] = ("farmer",)
    assert (await contracts.sign(cpr_id, who=MARINA))["code"] == "CPRNotFound"
    assert (await contracts.sign(new_id()))["code"] == "CPRNotFound"
    assert (await contracts.sign("nonsense"))["code"] == "CPRNotFound"
    for who, code in ((ANA, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        response = await contracts.execute(who, SIGN, input={"cprId": str(cpr_id), "idempotencyKey": "signature-0001"})
        assert response["errors"][0]["extensions"]["code"] == code
    assert (await contracts.row(cpr_id)).status == "DRAFTED"


async def test_a_refused_signature_leaves_a_draft_that_can_be_signed_again(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    contracts.signature.misbehave(Misbehaviour.REFUSE)
    await contracts.sign(cpr_id)
    await contracts.work_off()
    assert (await contracts.row(cpr_id)).status == "DRAFTED"
    await contracts.sign(cpr_id)
    await contracts.work_off()
    assert (await contracts.row(cpr_id)).status == "REGISTERED"
    assert [order.status for order in await orders(contracts)] == ["REFUSED", "COMPLETED", "COMPLETED"]


async def test_a_refused_registration_cancels_the_cpr(contracts: Contracts) -> None:
    contracts.registry.misbehave(Misbehaviour.REFUSE)
    cpr_id = await contracts.registered()
    cpr = await contracts.cpr(cpr_id, "status cancellationReason cancelledAt")
    assert cpr == {
        "status": "CANCELLED",
        "cancellationReason": "the registry refused: garantia já vinculada a outra cédula",
        "cancelledAt": "2026-11-23T12:00:00.000Z",
    }
    assert (await recorded_types(contracts.subgraph))[-1] == "cpr_cancelled"


@pytest.mark.parametrize("misbehaviour", [Misbehaviour.DUPLICATE, Misbehaviour.OUT_OF_ORDER, Misbehaviour.LATE])
async def test_late_repeated_and_reordered_answers_take_effect_once(
    contracts: Contracts, misbehaviour: Misbehaviour
) -> None:
    contracts.signature.misbehave(misbehaviour)
    contracts.registry.misbehave(misbehaviour)
    cpr_id = await contracts.registered()
    assert (await contracts.row(cpr_id)).status == "REGISTERED"
    assert await recorded_types(contracts.subgraph) == [
        "cpr_drafted",
        "signature_requested",
        "cpr_signed",
        "cpr_registered",
    ]


async def test_a_provider_that_is_away_for_a_moment_is_asked_again_at_once(contracts: Contracts) -> None:
    contracts.signature.misbehave(Misbehaviour.UNAVAILABLE, times=2)
    contracts.registry.misbehave(Misbehaviour.UNAVAILABLE, times=2)
    cpr_id = await contracts.registered()
    assert (await contracts.row(cpr_id)).status == "REGISTERED"


async def test_a_provider_that_stays_away_puts_the_message_off(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    await contracts.sign(cpr_id)
    (order,) = await orders(contracts)
    requested = events.SignatureRequested(cpr_id=cpr_id, farmer_id=SERGIO, order_id=order.id)
    contracts.signature.misbehave(Misbehaviour.UNAVAILABLE, times=3)
    with pytest.raises(ProviderUnavailable):
        await deliver(contracts.subgraph, requested)
    assert await deliver(contracts.subgraph, requested) == 1
    await contracts.signature.idle()
    assert (await contracts.row(cpr_id)).status == "SIGNED"


@pytest.mark.parametrize("misbehaviour", [Misbehaviour.LOST, Misbehaviour.WRONG_SIGNATURE])
async def test_an_answer_that_never_comes_is_asked_for_again(contracts: Contracts, misbehaviour: Misbehaviour) -> None:
    contracts.signature.misbehave(misbehaviour)
    contracts.registry.misbehave(misbehaviour)
    cpr_id = await contracts.registered()
    assert (await contracts.row(cpr_id)).status == "SIGNING"
    assert await chase_providers(contracts.subgraph.services) == 0
    contracts.clock.advance(seconds=301)
    assert await chase_providers(contracts.subgraph.services) == 1
    await contracts.work_off()
    assert (await contracts.row(cpr_id)).status == "REGISTERING"
    contracts.clock.advance(seconds=301)
    assert await chase_providers(contracts.subgraph.services) == 1
    await contracts.work_off()
    assert (await contracts.row(cpr_id)).status == "REGISTERED"


async def test_a_cpr_that_is_not_registered_in_time_is_cancelled(contracts: Contracts) -> None:
    contracts.registry.misbehave(Misbehaviour.LOST)
    cpr_id = await contracts.registered()
    contracts.clock.advance(days=44)  # 2027-01-06, the last day
    await run_job(contracts.subgraph, "cancel_unregistered_cprs")
    assert (await contracts.row(cpr_id)).status == "REGISTERING"
    contracts.clock.advance(days=1)
    await run_job(contracts.subgraph, "cancel_unregistered_cprs")
    await run_job(contracts.subgraph, "cancel_unregistered_cprs")
    assert (await contracts.row(cpr_id)).cancellation_reason == "not registered within the time allowed"
    assert (await recorded_types(contracts.subgraph)).count("cpr_cancelled") == 1
    assert await chase_providers(contracts.subgraph.services) == 0


async def test_the_same_signature_asked_for_again_changes_nothing_whatever_has_become_of_the_cpr(
    contracts: Contracts,
) -> None:
    cpr_id = await contracts.drafted()
    assert (await contracts.sign(cpr_id, idempotencyKey="signature-0001"))["status"] == "SIGNING"
    assert (await contracts.sign(cpr_id, idempotencyKey="signature-0001"))["status"] == "SIGNING"
    await contracts.work_off()
    assert (await contracts.sign(cpr_id, idempotencyKey="signature-0001"))["status"] == "REGISTERED"
    assert (await contracts.sign(cpr_id, idempotencyKey="signature-0002"))["code"] == "CPRNotSignable"
    signatures = [order for order in await orders(contracts) if order.party == models.Party.SIGNATURE]
    assert len(signatures) == 1


async def test_a_signatures_key_for_another_request_is_a_mistake(contracts: Contracts) -> None:
    first, second = await contracts.drafted(), await contracts.drafted()
    await contracts.sign(first, idempotencyKey="signature-0001")
    answer = await contracts.sign(second, idempotencyKey="signature-0001")
    assert (answer["__typename"], answer["idempotencyKey"]) == ("IdempotencyKeyReused", "signature-0001")
    answer = await contracts.sign(first, idempotencyKey="signature-0001", documentDigest="0" * 64)
    assert answer["__typename"] == "IdempotencyKeyReused"
    assert (await contracts.sign(second, idempotencyKey="short"))["code"] == "InvalidInput"
    assert (await contracts.row(second)).status == "DRAFTED"


async def test_a_refused_signature_is_refused_again_and_another_key_signs(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    refused = await contracts.sign(cpr_id, idempotencyKey="signature-0001", documentDigest="0" * 64)
    assert refused["code"] == "CPRDocumentChanged"
    assert (await contracts.sign(cpr_id, idempotencyKey="signature-0002"))["status"] == "SIGNING"
    again = await contracts.sign(cpr_id, idempotencyKey="signature-0001", documentDigest="0" * 64)
    assert again == refused


async def test_the_proof_of_a_signature_outlives_the_account_for_five_years(contracts: Contracts) -> None:
    await contracts.registered()
    closed = Event.of(heard.AccountClosed(user_id=SERGIO), occurred_at=contracts.clock.now())
    await deliver(contracts.subgraph, closed)
    await run_job(contracts.subgraph, "keep_answers")
    kept = await orders(contracts)
    assert [order.kept_until for order in kept] == [closed.time + timedelta(days=5 * 365)] * 2
    assert all(order.answer_sealed for order in kept)
    contracts.clock.advance(days=5 * 365)
    await run_job(contracts.subgraph, "keep_answers")
    assert [order.answer_sealed for order in await orders(contracts)] == [None, None]


async def test_an_answer_from_before_is_sealed_by_the_job(contracts: Contracts) -> None:
    await contracts.registered()
    (signature, _) = await orders(contracts)
    async with contracts.subgraph.database.begin() as session:
        session.add(models.AnswerToSeal(order_id=signature.id, answer={"certificate": "CN=Sérgio Campos"}))
    await run_job(contracts.subgraph, "keep_answers")
    (signature, _) = await orders(contracts)
    assert answer_of(contracts, signature) == {"certificate": "CN=Sérgio Campos"}
    async with contracts.subgraph.database.read() as session:
        assert (await session.scalars(select(models.AnswerToSeal))).all() == []


async def test_a_signature_waits_until_accounts_tells_who_signs(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted()
    await contracts.sign(cpr_id)
    contracts.people.away = True
    with pytest.raises(PeopleUnavailable):
        await contracts.work_off()
    contracts.clock.advance(seconds=301)
    assert await chase_providers(contracts.subgraph.services) == 0
    contracts.people.away = False
    assert await chase_providers(contracts.subgraph.services) == 1
