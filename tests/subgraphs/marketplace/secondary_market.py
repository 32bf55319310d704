"""The secondary market as a person trades on it: what they ask for, and the answers of the wallet."""

import uuid
from typing import Any

from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import CARLOS, MARINA, PHRASE, Market, OfferedCPR, activated

OFFER = """mutation ($input: OfferQuotasInput!) { offerQuotas(input: $input) {
  __typename ... on QuotaOffer { id status availableQuotas pricePerQuota { amount } isMine isCprLate }
  ... on Refusal { code } ... on FreshProofRequired { secondsMax }
  ... on CPRNotTraded { reason message messageEnglish }
  ... on QuotasUnavailable { availableQuotas }
  ... on InvalidInput { field } } }"""
BUY = """mutation ($input: BuyQuotasInput!) { buyQuotas(input: $input) {
  __typename ... on QuotaPurchase { id status summary amount { amount } } ... on Refusal { code }
  ... on QuotasUnavailable { availableQuotas } ... on BorrowerLimitExceeded { remaining { amount } }
  ... on BelowMinimum { minimum { amount } }
  ... on InstallmentPaidMeanwhile { remainingInstallments } ... on FreshProofRequired { secondsMax }
  ... on QuotaOfferClosed { offerStatus } ... on ConcentrationNotConfirmed { share } } }"""
WITHDRAW = """mutation ($input: WithdrawQuotaOfferInput!) { withdrawQuotaOffer(input: $input) {
  __typename ... on QuotaOffer { status } ... on Refusal { code } } }"""
OTHER = uuid.UUID("0a000000-0000-4000-8000-000000000003")
"""Another who has lent."""
LIST = """query ($filter: QuotaOfferFilter, $sort: QuotaOfferSort! = CHEAPEST, $first: Int, $after: String) {
  secondaryOffers(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes { pricePerQuota { amount } availableQuotas status cpr { id } } pageInfo { hasNextPage endCursor } } }"""
PURCHASES = """query ($r: [_Any!]!, $status: [QuotaPurchaseStatus!], $first: Int, $after: String) {
  _entities(representations: $r) { ... on User { quotaPurchases(status: $status, first: $first, after: $after) {
    nodes { id status refusalReason summary } pageInfo { hasNextPage endCursor } } } } }"""


async def traded(market: Market, **changes: Any) -> tuple[OfferedCPR, uuid.UUID]:
    """A CPR of 100 quotas that Marina has lent all of, with two installments to come; and her position."""
    return await lent_by(market, MARINA, **changes)


async def lent_by(market: Market, investor: uuid.UUID, **changes: Any) -> tuple[OfferedCPR, uuid.UUID]:
    offering = await market.open_offering(**changes)
    position = await market.confirmed(offering, 100, who=investor)
    await market.disburse(offering)
    await market.deliver(activated(offering.cpr_id, (600_000, 20_000), (400_000, 8_000)))
    return offering, position


async def offer(market: Market, position: uuid.UUID, quotas: int, price: str = "101.00", **more: Any) -> Any:
    request = {
        "positionId": str(position),
        "quotaCount": quotas,
        "pricePerQuota": {"amount": price},
        "idempotencyKey": more.get("key", f"offer-{next(market.keys):06}"),
    }
    return await trade(market, OFFER, request, who=more.get("who", MARINA), proved_at=more.get("proved_at"))


async def buy(market: Market, offer_id: str, quotas: int, **more: Any) -> Any:
    request = {
        "offerId": offer_id,
        "quotaCount": quotas,
        "remainingInstallments": more.get("remaining", 2),
        "idempotencyKey": more.get("key", f"buy-{next(market.keys):06}"),
        "confirmationPhrase": more.get("phrase", PHRASE),
    }
    return await trade(market, BUY, request, who=more.get("who", CARLOS), proved_at=more.get("proved_at"))


async def trade(market: Market, document: str, request: Any, *, who: uuid.UUID, proved_at: float | None) -> Any:
    """The answer to who proved to be themselves just now, or at another time."""
    claims = {} if proved_at is None else {"auth_time": int(proved_at)}
    answer = await market.ask(document, market.tokens.bearer(who, "investor", **claims), input=request)
    assert "errors" not in answer, answer["errors"]
    (value,) = answer["data"].values()
    return value


async def swapped(market: Market, purchase_id: str, *, fee_minor: int = 0) -> heard.QuotasSwapped:
    (row,) = await market.sql("SELECT amount_minor FROM quota_purchases WHERE id = :id", id=uuid.UUID(purchase_id))
    return heard.QuotasSwapped(
        purchase_id=uuid.UUID(purchase_id),
        price_minor=row["amount_minor"],
        fee_minor=fee_minor,
        tax_minor=0,
        net_minor=row["amount_minor"] - fee_minor,
        swapped_at=market.clock.now(),
    )


async def offers(market: Market, **variables: Any) -> Any:
    return (await market.ask_as(CARLOS, LIST, "investor", **variables))["secondaryOffers"]


async def purchases(market: Market, *, of: uuid.UUID = CARLOS, who: uuid.UUID = CARLOS, **variables: Any) -> Any:
    reference = {"__typename": "User", "id": str(of)}
    (person,) = (await market.ask_as(who, PURCHASES, "investor", r=[reference], **variables))["_entities"]
    return person["quotaPurchases"]


async def held(market: Market) -> list[tuple[Any, ...]]:
    rows = await market.sql(
        "SELECT investor_id, quota_count, sold_quotas, ended_as FROM quota_positions ORDER BY valid_from, id"
    )
    return [tuple(row.values()) for row in rows]
