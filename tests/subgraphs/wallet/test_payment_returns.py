"""A payment goes back to who made it: once, whole, and not lost where their bank does not take it."""

import json
import uuid
from typing import Any

import asyncpg
import pytest

from subgraphs.wallet import models
from subgraphs.wallet.domain import returns
from subgraphs.wallet.domain.books import check_books
from subgraphs.wallet.models import ChargeMethod, PaymentOutcome
from subgraphs.wallet.ports.payment_gateway import Payer
from subgraphs.wallet.ports.sandbox_gateway import IfReturned
from subgraphs.wallet.schemas import events, heard
from tests.builders.jobs import run_job
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.pix_notices import charge_of_installment, deposit_txid, notice, post
from tests.subgraphs.wallet.staff_pairs import approve, move, propose
from tests.subgraphs.wallet.test_withdrawals import KEEP
from tests.subgraphs.wallet.wallet_world import ANA, MARINA, SERGIO, WalletWorld, number

MARINAS_CPF = "11144477735"
HERSELF = Payer(name="Marina Costa", tax_id=MARINAS_CPF, bank="Banco Azul")
JOAO = Payer(name="João Prado", tax_id="52998224725", bank="Banco Verde")
DEPOSIT = "query($id: ID!) { deposit(id: $id) { status payer { name taxId bank } } }"
RETURNS = """query($statuses: [PaymentReturnStatus!]) {
  paymentReturns(statuses: $statuses) {
    nodes { paymentReturn { amount { amount } status reason source } failure userId payer { name taxId bank } }
  }
}"""
SUSPENDED = "{ suspendedPayments { nodes { note payer { name } } } }"


async def verified_marina(world: WalletWorld) -> str:
    """The txid of a deposit of hers, R$ 100."""
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, MARINAS_CPF, "Marina Costa")
    return await deposit_txid(world)


async def send(world: WalletWorld) -> None:
    """Let returns that were asked for reach the gateway, as our own event does."""
    for requested in await world.published(events.PaymentReturnRequested):
        await world.tell(requested)


async def clearing(world: WalletWorld) -> dict[str, int]:
    """What is in suspense and on its way back; fails where the books do not explain it."""
    report = await check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ()
    rows = await world.rows(
        "SELECT code, balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id "
        "WHERE code IN ('suspense', 'returns', 'bank')"
    )
    return dict(tuple(row) for row in rows)


async def statuses(world: WalletWorld) -> list[str]:
    return [row[0] for row in await world.rows("SELECT status FROM payment_returns ORDER BY id")]


async def set_rule(owner: asyncpg.Connection, name: str, value: int) -> None:
    await owner.execute("INSERT INTO parameters VALUES ($1, '2020-02-02', $2, 'for a test')", name, value)


async def test_a_deposit_tells_who_paid_it(world: WalletWorld) -> None:
    txid = await verified_marina(world)
    payment = await world.arrive(txid, 100_00, payer=HERSELF)
    assert payment.outcome is PaymentOutcome.CREDITED
    deposit = (await world.get(DEPOSIT, MARINA, id=str(payment.charge_id)))["deposit"]
    assert deposit == {
        "status": "CONFIRMED",
        "payer": {"name": "Marina Costa", "taxId": "***.444.777-**", "bank": "Banco Azul"},
    }
    (row,) = await world.rows("SELECT * FROM payment_payers")
    assert not [word for word in ("Marina", MARINAS_CPF, "Azul") if word in str(tuple(row))]


async def test_of_a_payer_who_was_not_told_nothing_is_shown(world: WalletWorld) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00)
    deposit = (await world.get(DEPOSIT, MARINA, id=str(payment.charge_id)))["deposit"]
    assert deposit == {"status": "CONFIRMED", "payer": None}


async def test_somebody_elses_deposit_goes_back_to_them(world: WalletWorld, served: Served) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    assert (payment.outcome, payment.note) == (
        PaymentOutcome.RETURNED,
        "somebody else paid it than whose deposit it is",
    )
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await clearing(world) == {"suspense": 0, "returns": 100_00, "bank": 100_00}
    await send(world)
    assert await statuses(world) == ["SENT"]
    await world.sandbox.delivery.deliver_due()
    assert await statuses(world) == ["SETTLED"]
    assert await clearing(world) == {"suspense": 0, "returns": 0, "bank": 0}
    (returned,) = await world.published(events.PaymentReturned)
    assert (returned.user_id, returned.amount_minor, returned.reason) == (MARINA, 100_00, "ANOTHER_PAYER")
    (record,) = (await world.get(RETURNS, ANA, "admin"))["paymentReturns"]["nodes"]
    assert record == {
        "paymentReturn": {
            "amount": {"amount": "100.00"},
            "status": "SETTLED",
            "reason": "ANOTHER_PAYER",
            "source": "SUSPENSE",
        },
        "failure": None,
        "userId": str(MARINA),
        "payer": {"name": "João Prado", "taxId": "***.982.247-**", "bank": "Banco Verde"},
    }
    assert (await world.get(RETURNS, ANA, "admin", statuses=["SENT"]))["paymentReturns"]["nodes"] == []


async def test_the_deposit_can_still_be_paid_by_its_owner(world: WalletWorld) -> None:
    txid = await verified_marina(world)
    await world.arrive(txid, 100_00, payer=JOAO)
    assert (await world.arrive(txid, 100_00, payer=HERSELF)).outcome is PaymentOutcome.CREDITED
    assert await world.balances(MARINA) == (100_00, 0, 0)


@pytest.mark.parametrize(
    ("rule", "outcome", "balance"), [(0, PaymentOutcome.CREDITED, 100_00), (2, PaymentOutcome.QUARANTINED, 0)]
)
async def test_a_dated_rule_says_what_becomes_of_others_deposits(
    world: WalletWorld, owner: asyncpg.Connection, rule: int, outcome: PaymentOutcome, balance: int
) -> None:
    await set_rule(owner, "deposits_of_others", rule)
    payment = await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    assert payment.outcome is outcome
    assert await world.balances(MARINA) == (balance, 0, 0)
    assert await statuses(world) == []
    assert (await clearing(world))["suspense"] == 100_00 - balance


async def test_the_deposit_of_somebody_who_is_not_verified_is_credited_whoever_paid(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    assert (await world.arrive(await deposit_txid(world), 100_00, payer=JOAO)).outcome is PaymentOutcome.CREDITED


@pytest.mark.parametrize("if_returned", [IfReturned.REFUSED, IfReturned.FAILED])
async def test_what_the_payers_bank_does_not_take_is_in_suspense(
    world: WalletWorld, served: Served, if_returned: IfReturned
) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00, payer=JOAO, if_returned=if_returned)
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await statuses(world) == ["FAILED"]
    assert await clearing(world) == {"suspense": 100_00, "returns": 0, "bank": 100_00}
    waiting = (await world.get(SUSPENDED, ANA, "admin"))["suspendedPayments"]["nodes"]
    assert waiting == [{"note": payment.note, "payer": {"name": "João Prado"}}]
    (failed,) = await world.published(events.PaymentReturnFailed)
    assert (failed.return_id, failed.source) == (await world.scalar("SELECT id FROM payment_returns"), "SUSPENSE")


async def test_an_end_told_twice_or_late_counts_once(world: WalletWorld, served: Served) -> None:
    for if_returned in (IfReturned.TWICE, IfReturned.LATE):
        await world.arrive(await verified_marina(world), 100_00, payer=JOAO, if_returned=if_returned)
    await send(world)
    assert await world.sandbox.delivery.deliver_due() == 2
    assert sorted(await statuses(world)) == ["SENT", "SETTLED"]
    world.clock.advance(minutes=2)
    assert await world.sandbox.delivery.deliver_due() == 1
    assert await statuses(world) == ["SETTLED", "SETTLED"]
    assert len(await world.published(events.PaymentReturned)) == 2
    assert await clearing(world) == {"suspense": 0, "returns": 0, "bank": 0}


async def test_an_end_that_is_never_told_is_asked_for(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=JOAO, if_returned=IfReturned.NEVER)
    await send(world)
    assert await returns.ask_about_overdue(world.services) == 0
    world.clock.advance(minutes=6)
    assert [await returns.ask_about_overdue(world.services) for _ in range(2)] == [1, 0]
    assert await statuses(world) == ["SETTLED"]


async def test_a_gateway_that_was_away_gets_the_order_later(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    world.clock.advance(minutes=6)
    assert await returns.ask_about_overdue(world.services) == 0
    assert await statuses(world) == ["SENT"]
    assert await world.scalar("SELECT count(*) FROM sandbox_returns") == 1


async def test_a_return_that_comes_back_after_it_had_arrived_is_in_suspense_again(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    return_id = await world.scalar("SELECT id FROM payment_returns")
    for end, told in (("settled", True), ("failed", True), ("settled", False), ("failed", False)):
        async with world.begin() as session:
            if end == "settled":
                taken = await returns.settle_return(session, return_id, now=world.clock.now())
            else:
                taken = await returns.fail_return(session, return_id, reason="conta encerrada", now=world.clock.now())
        assert taken is told
    assert await clearing(world) == {"suspense": 100_00, "returns": 0, "bank": 100_00}


async def test_what_is_not_a_return_of_ours_changes_nothing(world: WalletWorld, served: Served) -> None:
    ended = {"type": "return.settled", "reference": uuid.uuid4().hex, "occurred_at": world.clock.now().isoformat()}
    assert (await post(world, served, ended))[0] == 200
    assert (await post(world, served, ended | {"type": "return.failed", "reason": "?"}))[0] == 200


async def test_while_accounts_is_away_the_gateway_is_asked_to_tell_again(world: WalletWorld, served: Served) -> None:
    txid = await verified_marina(world)
    told = notice(world, txid, payer={"name": JOAO.name, "tax_id": JOAO.tax_id, "bank": JOAO.bank})
    world.people.away = True
    assert (await post(world, served, told))[0] == 503
    assert await world.scalar("SELECT count(*) FROM gateway_payments") == 0
    world.people.away = False
    assert (await post(world, served, told))[0] == 200
    assert await statuses(world) == ["REQUESTED"]


@pytest.mark.parametrize(
    "payer",
    [{"name": "João"}, {"name": "", "tax_id": "52998224725", "bank": "x"}, {"name": "J", "tax_id": "5", "bank": "x"}],
)
async def test_a_payer_that_cannot_be_read_is_refused(world: WalletWorld, served: Served, payer: Any) -> None:
    txid = await verified_marina(world)
    assert (await post(world, served, notice(world, txid, payer=payer)))[0] == 400


async def boleto_paid_twice(world: WalletWorld, payer: Payer | None) -> models.GatewayPayment:
    charge = await charge_of_installment(world, "BOLETO")
    txid = await world.scalar("SELECT txid FROM charges WHERE id = :id", id=uuid.UUID(charge["id"]))
    for _ in range(2):
        payment = await world.arrive(txid, 300_00, method=ChargeMethod.BOLETO, payer=payer)
    return payment


async def test_a_boleto_paid_twice_goes_back_the_second_time(world: WalletWorld, served: Served) -> None:
    payment = await boleto_paid_twice(world, JOAO)
    assert (payment.outcome, payment.note) == (PaymentOutcome.RETURNED, "the boleto was paid before")
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await statuses(world) == ["SETTLED"]
    assert await world.balances(SERGIO) == (0, 0, 0)
    assert (await clearing(world))["suspense"] == 0


async def test_a_boleto_paid_twice_by_nobody_knows_whom_is_in_suspense(world: WalletWorld) -> None:
    await boleto_paid_twice(world, None)
    await send(world)
    assert await statuses(world) == ["FAILED"]
    assert (await clearing(world))["suspense"] == 300_00


async def test_a_boleto_paid_twice_stays_the_farmers_where_the_rule_says_so(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await set_rule(owner, "boletos_paid_twice", 0)
    assert (await boleto_paid_twice(world, JOAO)).outcome is PaymentOutcome.SURPLUS
    assert await world.balances(SERGIO) == (300_00, 0, 0)


async def test_staff_give_what_is_in_suspense_back_to_its_payer(world: WalletWorld, served: Served) -> None:
    payment = await world.arrive("x" * 30, 77_00, payer=JOAO)
    proposed = await propose(world, "RETURN_PAYMENT", payment.id)
    assert proposed["amount"] == {"amount": "77.00"}
    assert await statuses(world) == []
    assert (await approve(world, proposed))["status"] == "APPROVED"
    assert await clearing(world) == {"suspense": 0, "returns": 77_00, "bank": 77_00}
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await statuses(world) == ["SETTLED"]
    refused = await propose(world, "RETURN_PAYMENT", payment.id)
    assert (refused["code"], refused["message"]) == (
        "PaymentNotReturnable",
        "Deste pagamento podem ser devolvidos R$ 0,00.",
    )


async def test_staff_give_a_part_of_a_deposit_back_and_then_the_rest(world: WalletWorld, served: Served) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00, payer=HERSELF)
    assert (await move(world, "RETURN_PAYMENT", payment.id, amount="40.00"))["status"] == "APPROVED"
    assert await world.balances(MARINA) == (60_00, 0, 0)
    assert (await propose(world, "RETURN_PAYMENT", payment.id, amount="60.01"))["code"] == "PaymentNotReturnable"
    assert (await move(world, "RETURN_PAYMENT", payment.id))["amount"] == {"amount": "60.00"}
    assert await world.balances(MARINA) == (0, 0, 0)
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await statuses(world) == ["SETTLED", "SETTLED"]
    assert await clearing(world) == {"suspense": 0, "returns": 0, "bank": 0}
    assert "PAYMENT_RETURN  available            -40.00            60.00" in await world.statement(MARINA)


async def test_what_its_bank_does_not_take_of_a_deposit_is_in_the_wallet_again(
    world: WalletWorld, served: Served
) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00, payer=HERSELF, if_returned=IfReturned.FAILED)
    await move(world, "RETURN_PAYMENT", payment.id)
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await world.balances(MARINA) == (100_00, 0, 0)
    assert (await move(world, "RETURN_PAYMENT", payment.id))["status"] == "APPROVED"


async def test_what_is_not_there_is_not_given_back(world: WalletWorld) -> None:
    payment = await world.arrive(await verified_marina(world), 100_00, payer=HERSELF)
    await world.request_investment(MARINA, 100_00, investment=number(0x101))
    refused = await propose(world, "RETURN_PAYMENT", payment.id)
    assert refused["code"] == "PaymentNotReturnable"
    assert (await propose(world, "RETURN_PAYMENT", number(9)))["code"] == "PaymentNotReturnable"
    assert (await propose(world, "RETURN_PAYMENT", payment.id, by=MARINA))["code"] == "PaymentNotReturnable"
    assert (await propose(world, "RETURN_PAYMENT", payment.id, amount="0.00"))["field"] == "amount"
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))
    assert (await propose(world, "RETURN_PAYMENT", payment.id, by=MARINA))["code"] == "OwnMoney"


async def test_payers_are_forgotten_when_the_law_lets_them_be(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=HERSELF)
    await run_job(world.subgraph, KEEP)
    assert await world.scalar("SELECT count(*) FROM payment_payers") == 1
    world.clock.advance(days=5 * 365)
    await run_job(world.subgraph, KEEP)
    assert await world.scalar("SELECT count(*) FROM payment_payers") == 0


async def test_the_sandbox_takes_a_payer_and_what_becomes_of_a_return(world: WalletWorld, served: Served) -> None:
    txid = await verified_marina(world)
    wish = {"txid": txid, "payer": {"name": JOAO.name, "tax_id": JOAO.tax_id, "bank": JOAO.bank}, "ifReturned": "never"}
    async with served.client.post(f"{served.url}/sandbox/pix/pay", data=json.dumps(wish)) as response:
        assert response.status == 200
    await world.sandbox.delivery.close()
    assert await statuses(world) == ["REQUESTED"]
    for wrong in ({"payer": "João"}, {"payer": {"name": "João"}}, {"ifReturned": "nicely"}):
        async with served.client.post(f"{served.url}/sandbox/pix/pay", data=json.dumps(wish | wrong)) as response:
            assert response.status == 400


async def test_nobody_else_sees_a_return(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    asked = """query($r: [_Any!]!) { _entities(representations: $r) { ... on PaymentReturn { summary } } }"""
    reference = {"__typename": "PaymentReturn", "id": str(await world.scalar("SELECT id FROM payment_returns"))}
    own = await world.get(asked, MARINA, r=[reference])
    assert own == {"_entities": [{"summary": "Devolução de R$ 100,00 solicitada"}]}
    assert await world.get(asked, number(0xA9), r=[reference]) == {"_entities": [None]}
