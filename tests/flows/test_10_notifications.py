"""Flow 10: who is told what, in the app and outside of it, and what people choose of that."""

import secrets
from datetime import date, timedelta
from typing import Any

from story import credit, funding, people
from story.funding import PHRASE, invest
from story.people import Person, expect
from story.phone import phone_of, phone_showed_everything
from tests.flows.scene import Scene, reais, request_form

INBOX = "{ me { unreadCount notifications(first: 50) { nodes { id title body titleEnglish bodyEnglish isRead } } } }"
TO_A_FARMER = (
    "Pedido recebido", "Pedido aprovado", "Captação iniciada", "50 % captados", "75 % captados", "Captação concluída",
    "Parcela a vencer", "Pagamento recebido", "Parcela em atraso",
)  # fmt: skip


async def carried(scene: Scene, channel: str, to: str) -> list[dict[str, Any]]:
    base = scene.client.addresses.graphql.removesuffix("/graphql")
    found: list[dict[str, Any]] = await scene.client.get(f"{base}/sandbox/notifications", channel=channel, to=to)
    return found


async def carried_once(scene: Scene, channel: str, to: str, title: str) -> dict[str, Any]:
    async def arrived() -> dict[str, Any] | None:
        return next((one for one in await carried(scene, channel, to) if one["title"] == title), None)

    return await scene.until(f"“{title}” by {channel}", arrived)


async def device(scene: Scene, person: Person) -> str:
    """The token by which a push message finds the person's telephone."""
    token = secrets.token_urlsafe(24)
    form = {"token": token, "platform": "ANDROID"}
    expect(await scene.do(person, "registerDevice", form), "PushDevice")
    return token


async def test_a_farmer_is_told_at_each_step_from_the_request_to_being_late(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("800.00")
    cpr = await scene.offering_of(farmer, amount=reais("800.00"))
    for quotas in (4, 2, 2):
        made = await invest(scene.client, investor, cpr["offering"]["id"], quotas, confirmationPhrase=PHRASE)
        await funding.investment_in_any(scene.client, investor, expect(made, "Investment")["id"])
    active = await funding.disbursed(scene.client, scene.narrator, farmer)
    first, second = (date.fromisoformat(installment["dueOn"]) for installment in active["installments"][:2])
    await scene.pass_to(first - timedelta(days=3), farmer)
    await scene.told(farmer, "Parcela a vencer")
    await scene.pay(await scene.charge(farmer, active["installments"][0]["id"]))
    await scene.installment_in(farmer, active["id"], 1, "PAID")
    await scene.pass_to(second + timedelta(days=1), farmer)
    for title in TO_A_FARMER:
        await scene.told(farmer, title)


async def test_a_farmer_is_told_of_a_refusal(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    asked = await scene.do(farmer, "requestCredit", request_form(), "... on CreditRequest { id }")
    request_id = expect(asked, "CreditRequest")["id"]
    query = "query ($id: ID!) { creditRequest(id: $id) { status } }"

    async def scored() -> bool:
        return bool((await scene.ask(query, farmer, id=request_id))["creditRequest"]["status"] == "IN_ANALYSIS")

    await scene.until("the AgroScore", scored)
    form = {"creditRequestId": request_id, "reason": "A área não comporta o pedido."}
    expect(await scene.do(scene.analyst, "rejectCreditRequest", form), "CreditRequest")
    await scene.told(farmer, "Pedido não aprovado")
    assert await credit.newest_cpr(scene.client, farmer) is None


async def test_an_investor_is_told_of_deposit_investment_payout_and_an_asset_in_default(scene: Scene) -> None:
    """Of a quota sold: `test_8_secondary_market.py`; of a withdrawal: `test_9_money_in_and_out.py`."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("800.00")
    cpr = await scene.lent(farmer, [(investor, 8)])
    await scene.pay(await scene.charge(farmer, cpr["installments"][0]["id"]))
    await scene.payouts(investor, 1)
    for title in ("Depósito confirmado", "Investimento confirmado", "Rendimento creditado"):
        await scene.told(investor, title)
    second = date.fromisoformat(cpr["installments"][1]["dueOn"])
    await scene.pass_to(second + timedelta(days=31), farmer, investor)
    await scene.told(investor, "CPR inadimplente na sua carteira")


async def test_the_inbox_has_both_languages_and_counts_what_is_unread(scene: Scene) -> None:
    investor = await scene.investor("10.00")
    await scene.told(investor, "Depósito confirmado")
    me = (await scene.ask(INBOX, investor))["me"]
    nodes = me["notifications"]["nodes"]
    assert me["unreadCount"] == len(nodes)
    (deposit,) = [node for node in nodes if node["title"] == "Depósito confirmado"]
    assert (deposit["title"], deposit["body"]) == ("Depósito confirmado", "R$ 10,00 entraram na sua carteira.")
    assert deposit["titleEnglish"] == "Deposit confirmed"
    assert deposit["bodyEnglish"].endswith("arrived in your wallet.")
    assert deposit["isRead"] is False
    await scene.do(investor, "markNotificationsRead", {"ids": [deposit["id"]]})
    assert (await scene.ask("{ me { unreadCount } }", investor))["me"]["unreadCount"] == len(nodes) - 1


async def test_what_is_told_goes_out_by_email_and_to_the_persons_devices(scene: Scene) -> None:
    investor = await scene.verified("INVESTOR")
    telephone = await device(scene, investor)
    await people.deposit(scene.client, scene.narrator, investor, "10.00")
    letter = await carried_once(scene, "EMAIL", investor.email, "Sua carteira: Depósito confirmado")
    assert "R$ 10,00 entraram na sua carteira." in letter["body"]
    assert (await carried_once(scene, "PUSH", telephone, "Depósito confirmado"))["category"] == "DEPOSIT"


async def test_people_choose_by_category_and_channel(scene: Scene) -> None:
    investor = await scene.verified("INVESTOR")
    telephone = await device(scene, investor)
    form = {"category": "DEPOSIT", "channel": "EMAIL", "enabled": False}
    chosen = await scene.do(investor, "setNotificationPreference", form, "... on NotificationPreference { enabled }")
    assert chosen == {"__typename": "NotificationPreference", "enabled": False}
    await people.deposit(scene.client, scene.narrator, investor, "10.00")
    await carried_once(scene, "PUSH", telephone, "Depósito confirmado")
    assert "Sua carteira: Depósito confirmado" not in [
        one["title"] for one in await carried(scene, "EMAIL", investor.email)
    ]
    await scene.told(investor, "Depósito confirmado")  # the inbox has everything
    fixed = await scene.do(investor, "setNotificationPreference", form | {"category": "SECURITY"})
    assert fixed["__typename"] == "PreferenceFixed"


async def test_a_subscription_shows_each_as_it_comes(scene: Scene) -> None:
    investor = await scene.verified("INVESTOR")
    async with phone_of(scene.client, scene.narrator, investor) as phone:
        await people.deposit(scene.client, scene.narrator, investor, "10.00")
        await phone_showed_everything(scene.client, scene.narrator, phone, {"Depósito confirmado"})
