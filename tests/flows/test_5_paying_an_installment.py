"""Flow 5: an installment is charged, paid in any of three ways, and everybody hears of it."""

import base64
import binascii
import re
from datetime import date
from typing import Any

import pytest

from story.people import Person, expect
from tests.flows.scene import Scene, key, reais

RESTART = date(2025, 2, 22)
"""The due-date factor was 9999 the day before, and is 1000 on this one."""


async def owed(scene: Scene) -> tuple[Person, Person, dict[str, Any]]:
    """A farmer, an investor who holds the whole CPR of R$ 10,000.00, and the CPR."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("10000.00")
    return farmer, investor, await scene.lent(farmer, [(investor, 100)])


def modulus_10(digits: str) -> str:
    """Of a field of a boleto's line: weights 2 and 1 from the right, digits of the products added."""
    products = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(product // 10 + product % 10 for product in products) % 10)


def modulus_11(digits: str) -> str:
    """Of a boleto's barcode: weights 2 to 9 from the right; 0, 10 and 11 are a 1."""
    rest = 11 - sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits))) % 11
    return str(rest) if rest in range(2, 10) else "1"


def test_a_boleto_known_to_all_is_reckoned_so_here() -> None:
    """The one of the examples: 00190.50095 40144.816069 06809.350314 3 37370000000100."""
    barcode = "00193373700000001000500940144816060680935031"
    assert modulus_11(barcode[:4] + barcode[5:]) == "3"
    assert [modulus_10(field) for field in ("001905009", "4014481606", "0680935031")] == ["5", "9", "4"]


async def test_a_pix_code_ends_in_its_crc_16_and_names_its_txid(scene: Scene) -> None:
    farmer, _, cpr = await owed(scene)
    charge = await scene.charge(farmer, cpr["installments"][0]["id"], "PIX")
    code, txid = charge["pix"]["brCode"], charge["pix"]["txid"]
    assert charge["amount"] == reais("945.60")
    assert binascii.crc_hqx(b"123456789", 0xFFFF) == 0x29B1  # the same CRC as of the examples
    assert code.endswith(f"6304{binascii.crc_hqx(code[:-4].encode(), 0xFFFF):04X}")
    assert re.fullmatch(r"[a-zA-Z0-9]{26,35}", txid)
    assert "5406945.60" in code


async def test_a_pix_code_is_a_picture_too(scene: Scene) -> None:
    farmer, _, cpr = await owed(scene)
    pix = (await scene.charge(farmer, cpr["installments"][0]["id"], "PIX"))["pix"]
    assert pix["qrSvg"].startswith("<svg")
    kind, _, png = pix["qrPng"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(png).startswith(b"\x89PNG\r\n\x1a\n")


async def test_a_boleto_has_47_digits_check_digits_and_a_due_date_factor(scene: Scene) -> None:
    farmer, _, cpr = await owed(scene)
    installment = cpr["installments"][0]
    boleto = (await scene.charge(farmer, installment["id"], "BOLETO"))["boleto"]
    line, barcode = re.sub(r"\D", "", boleto["line"]), boleto["barcode"]
    assert (len(line), len(barcode)) == (47, 44)
    assert boleto["dueOn"] == installment["dueOn"]
    fields = barcode[:4] + barcode[19:24], barcode[24:34], barcode[34:]
    assert line == "".join(field + modulus_10(field) for field in fields) + barcode[4:19]
    assert barcode[4] == modulus_11(barcode[:4] + barcode[5:])
    assert int(barcode[5:9]) == 1000 + (date.fromisoformat(boleto["dueOn"]) - RESTART).days
    assert barcode[9:19] == "0000094560"


@pytest.mark.parametrize("method", ["PIX", "BOLETO"])
async def test_what_is_paid_at_a_bank_pays_the_installment_is_split_and_told(scene: Scene, method: str) -> None:
    """The wallet tells that it was paid; contracts, distribution and notifications each do their own."""
    farmer, investor, cpr = await owed(scene)
    charge = await scene.charge(farmer, cpr["installments"][0]["id"], method)
    assert (await scene.pay(charge)).status == 200
    paid = await scene.installment_in(farmer, cpr["id"], 1, "PAID")
    assert paid["outstanding"] == reais("0.00")
    (payout,) = await scene.payouts(investor, 1)
    assert (payout["gross"], payout["distribution"]["installment"]["id"]) == (reais("945.60"), paid["id"])
    await scene.told(farmer, "Pagamento recebido")
    await scene.told(investor, "Rendimento creditado")


async def test_an_installment_is_paid_from_the_wallet(scene: Scene) -> None:
    """Before it is due it costs its present value: `tests/subgraphs/wallet/test_early_payments.py`."""
    farmer, investor, cpr = await owed(scene)
    due_on = date.fromisoformat(cpr["installments"][0]["dueOn"])
    await scene.pass_to(due_on, farmer, investor)
    before = (await scene.installments(farmer, cpr["id"]))[0]
    assert before["dueToday"] == {"total": reais("945.60"), "reduction": reais("0.00")}
    form = {"installmentId": before["id"], "idempotencyKey": key("pay")}
    paid = await scene.do(farmer, "payInstallment", form, "... on InstallmentPayment { amount { amount } }")
    assert expect(paid, "InstallmentPayment")["amount"] == reais("945.60")
    await scene.installment_in(farmer, cpr["id"], 1, "PAID")
    (payout,) = await scene.payouts(investor, 1)
    assert payout["gross"] == reais("945.60")


@pytest.mark.parametrize("misbehaviour", ["duplicate", "out_of_order", "wrong_signature"])
async def test_the_gateways_webhook_pays_once_however_it_comes(scene: Scene, misbehaviour: str) -> None:
    farmer, investor, cpr = await owed(scene)
    charge = await scene.charge(farmer, cpr["installments"][0]["id"])
    assert (await scene.pay(charge, misbehave=misbehaviour)).status == 200
    await scene.installment_in(farmer, cpr["id"], 1, "PAID")
    (payout,) = await scene.payouts(investor, 1)
    assert payout["gross"] == reais("945.60")
    second = await scene.charge(farmer, cpr["installments"][1]["id"])
    await scene.pay(second)
    await scene.installment_in(farmer, cpr["id"], 2, "PAID")
    assert [one["gross"] for one in await scene.payouts(investor, 2)] == [reais("945.60")] * 2


async def test_a_webhook_that_is_not_signed_pays_nothing(scene: Scene) -> None:
    """One that is signed wrongly, or an hour ago: `tests/end_to_end/test_bad_requests.py`."""
    farmer, _, cpr = await owed(scene)
    charge = await scene.charge(farmer, cpr["installments"][0]["id"])
    notice = {"type": "payment.received", "txid": charge["pix"]["txid"], "amount": "945.60"}
    answer = await scene.http("POST", f"{scene.client.addresses.wallet}/webhooks/pix", json=notice)
    assert answer.status == 401
    assert (await scene.installments(farmer, cpr["id"]))[0]["status"] == "SCHEDULED"
