"""Webhooks: proven, understood, once, in any order."""

from typing import Any

import pytest

from subgraphs.contracts.ports.sandbox_webhooks import Misbehaviour
from subgraphs.shared.ids import new_id
from subgraphs.shared.webhooks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_webhook
from tests.builders.deliveries import recorded_types
from tests.subgraphs.contracts.contracts_builders import Contracts
from tests.subgraphs.contracts.test_sign_cpr import orders

SIGNATURE, REGISTRY = "/webhooks/signature", "/webhooks/registry"


async def a_signing_cpr(contracts: Contracts) -> dict[str, Any]:
    """The message that would sign a CPR whose provider stays silent."""
    cpr_id = await contracts.drafted()
    contracts.signature.misbehave(Misbehaviour.LOST)
    await contracts.sign(cpr_id)
    await contracts.work_off()
    (order,) = await orders(contracts)
    return {
        "event_id": "provider-event-1",
        "reference": str(order.id),
        "status": "signed",
        "occurred_at": contracts.clock.now().isoformat(),
        "document_digest": (await contracts.row(cpr_id)).document_digest,
    }


async def status(contracts: Contracts) -> str:
    (order, *_) = await orders(contracts)
    return (await contracts.row(order.cpr_id)).status


async def test_a_proven_message_signs_and_the_same_again_changes_nothing(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    answers = [await contracts.post(SIGNATURE, message, party="SIGNATURE") for _ in range(2)]
    assert answers == [(200, {"changed": True}), (200, {"changed": False})]
    assert await status(contracts) == "SIGNED"
    assert (await recorded_types(contracts.subgraph)).count("cpr_signed") == 1


async def test_another_message_about_an_answered_order_changes_nothing(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    await contracts.post(SIGNATURE, message, party="SIGNATURE")
    late = message | {"event_id": "provider-event-2", "status": "refused"}
    assert await contracts.post(SIGNATURE, late, party="SIGNATURE") == (200, {"changed": False})
    assert await status(contracts) == "SIGNED"


async def test_received_is_taken_note_of_and_changes_nothing(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    received = message | {"event_id": "provider-event-0", "status": "received"}
    assert await contracts.post(SIGNATURE, received, party="SIGNATURE") == (200, {"changed": False})
    assert await status(contracts) == "SIGNING"
    assert await contracts.post(SIGNATURE, message, party="SIGNATURE") == (200, {"changed": True})


async def test_a_message_without_proof_is_refused(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    assert (await contracts.post(SIGNATURE, message))[0] == 401
    assert await status(contracts) == "SIGNING"


async def test_another_providers_secret_proves_nothing(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    assert (await contracts.post(SIGNATURE, message, party="REGISTRY"))[0] == 401
    assert await status(contracts) == "SIGNING"


async def test_a_changed_body_is_refused(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    secret = contracts.subgraph.services.settings.provider_secret("SIGNATURE")
    headers = sign_webhook(secret, b"another body", now=contracts.clock.now())
    assert (await contracts.post(SIGNATURE, message, **headers))[0] == 401
    assert await status(contracts) == "SIGNING"


@pytest.mark.parametrize("seconds", [301, -301])
async def test_a_recording_is_refused(contracts: Contracts, seconds: int) -> None:
    message = await a_signing_cpr(contracts)
    stale = str(int(contracts.clock.now().timestamp()) - seconds)
    answer = await contracts.post(SIGNATURE, message, party="SIGNATURE", **{TIMESTAMP_HEADER: stale})
    assert answer == (401, {"error": "x-webhook-timestamp is more than 300 seconds from now"})


@pytest.mark.parametrize("timestamp", ["", "soon", "١٢٣", "9" * 20])
async def test_a_timestamp_that_is_none_is_refused(contracts: Contracts, timestamp: str) -> None:
    headers = {TIMESTAMP_HEADER: timestamp.encode().decode("latin-1"), SIGNATURE_HEADER: "0" * 64}
    assert (await contracts.post(SIGNATURE, {}, **headers))[0] == 401


async def test_a_signature_of_another_document_is_refused(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts) | {"document_digest": "0" * 64}
    assert (await contracts.post(SIGNATURE, message, party="SIGNATURE"))[0] == 409
    assert await status(contracts) == "SIGNING"


async def test_an_order_that_we_never_made_is_not_found(contracts: Contracts) -> None:
    message = await a_signing_cpr(contracts)
    assert (await contracts.post(SIGNATURE, message | {"reference": str(new_id())}, party="SIGNATURE"))[0] == 404
    as_registry = {**message, "status": "registered", "registry": "B3", "registration_number": "1"}
    assert (await contracts.post(REGISTRY, as_registry, party="REGISTRY"))[0] == 404


@pytest.mark.parametrize(
    ("path", "party", "change"),
    [
        (SIGNATURE, "SIGNATURE", {"status": "perhaps"}),
        (SIGNATURE, "SIGNATURE", {"event_id": ""}),
        (SIGNATURE, "SIGNATURE", {"reference": "none"}),
        (SIGNATURE, "SIGNATURE", {"document_digest": None}),
        (REGISTRY, "REGISTRY", {"status": "registered", "registration_number": None}),
        (REGISTRY, "REGISTRY", {"status": "registered", "registry": None, "registration_number": "1"}),
    ],
)
async def test_what_cannot_be_read_is_refused_with_what_is_wrong(
    contracts: Contracts, path: str, party: str, change: dict[str, Any]
) -> None:
    message = await a_signing_cpr(contracts) | change
    code, answer = await contracts.post(path, message, party=party)
    assert (code, answer["error"]) == (400, "the message cannot be read")
    assert answer["details"]


async def test_no_json_and_too_much_are_refused(contracts: Contracts) -> None:
    assert (await contracts.post(SIGNATURE, b"{", party="SIGNATURE"))[0] == 400
    assert (await contracts.post(SIGNATURE, b"x" * 64_001, party="SIGNATURE"))[0] == 413


async def test_the_sandbox_is_told_to_misbehave_over_http(contracts: Contracts) -> None:
    assert await contracts.post("/sandbox/registry", {"misbehave": "refuse"}) == (204, None)
    cpr_id = await contracts.registered()
    assert (await contracts.row(cpr_id)).status == "CANCELLED"
    assert (await contracts.post("/sandbox/signature", {"misbehave": "dance"}))[0] == 400
