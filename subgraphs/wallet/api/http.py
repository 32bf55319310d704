"""
The wallet's own routes: the gateway's webhook, files for people (`files.py`), and what the sandbox gateway offers them.

The webhook answers 2xx only for what is safely recorded; anything else makes the gateway try again. A payment that
we cannot place is recorded too (suspense), so it is answered 200: sending it again would not help.
"""

from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from pydantic import SecretStr, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.correlation import accept_correlation, correlation_id
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.money import InvalidAmount, parse_minor
from subgraphs.shared.people import PeopleUnavailable
from subgraphs.shared.request_body import BadRequest, read_body
from subgraphs.shared.sandbox_routes import sandbox_router
from subgraphs.shared.webhooks import ForgedWebhook, verify_webhook
from subgraphs.wallet.api.files import file_routes
from subgraphs.wallet.api.own_data import own_data
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import claims, metrics, payers, returns, withdrawals
from subgraphs.wallet.domain.audit import AUDIT_LOG
from subgraphs.wallet.domain.chart import GATEWAY_ROW
from subgraphs.wallet.ports.payment_gateway import Payer, ReportedPayment
from subgraphs.wallet.ports.sandbox_claims import CannotClaim, HowTold, Step
from subgraphs.wallet.ports.sandbox_gateway import CannotPay, IfReturned, Misbehaviour, SandboxGateway
from subgraphs.wallet.schemas.webhooks import (
    NOTICE,
    ClaimOpened,
    ClaimRejected,
    Notice,
    NoticeOfClaim,
    NoticeOfEnd,
    PayerTold,
    PaymentReceived,
    PaymentTakenBack,
    ReturnFailed,
    ReturnSettled,
    TransferReturned,
    TransferSettled,
    parse_reference,
)

log = structlog.get_logger()


def build_routes(services: Services, *, verifier: TokenVerifier) -> list[APIRouter]:
    own = own_data_routes(own_data(services), services.database, verifier, services.clock)
    acts = audit_routes(AUDIT_LOG, services.database, verifier, services.clock)
    routes = [_webhook_route(services), file_routes(services, verifier), own, acts]
    if services.sandbox is not None:
        routes.append(_sandbox_routes(services.sandbox))
    return routes


def _webhook_route(services: Services) -> APIRouter:
    router = APIRouter()

    @router.post("/webhooks/pix")
    async def receive(request: Request) -> Response:
        correlation_id.set(accept_correlation(None))
        response = await answer(request)
        metrics.webhooks.labels(str(response.status_code)).inc()
        return response

    async def answer(request: Request) -> Response:
        try:
            body = await read_body(request, services.settings.webhook_bytes_max)
        except BadRequest as error:
            return _answer(error.status, error=str(error))
        try:
            _verify(services, request, body)
        except ForgedWebhook as error:
            log.warning("a webhook was not the gateway's", reason=str(error))
            return _answer(401, error=str(error))
        try:
            notice = NOTICE.validate_json(body)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False, include_input=False)
            log.warning("a webhook of the gateway cannot be read", problems=details)
            return _answer(400, error="The body is no notice that we know.", problems=details)
        try:
            await _take(services, notice)
        except (PeopleUnavailable, NotYet) as error:
            log.warning("a webhook has to come again", reason=str(error))
            return _answer(503, error="What this needs is not known yet. Send it again.")
        return _answer(200, status="recorded")

    return router


def _verify(services: Services, request: Request, body: bytes) -> None:
    settings = services.settings
    secrets: list[SecretStr] = [settings.webhook_secret]
    if settings.webhook_secret_previous is not None:
        secrets.append(settings.webhook_secret_previous)
    for last, secret in enumerate(secrets, start=1):
        try:
            verify_webhook(secret.get_secret_value(), request.headers, body, now=services.clock.unmoved())
        except ForgedWebhook:
            if last == len(secrets):
                raise
        else:
            return


async def _take(services: Services, notice: Notice) -> None:
    if isinstance(notice, PaymentReceived):
        await payers.receive_reported(services, _reported(notice))
        return
    async with services.database.begin(GATEWAY_ROW) as session:
        taken = await _take_other(session, notice, now=services.clock.now())
    if not taken:
        log.info("nothing to do for a notice", notice=notice.type)


def _reported(notice: PaymentReceived) -> ReportedPayment:
    payer = notice.payer
    return ReportedPayment(
        end_to_end_id=notice.end_to_end_id,
        txid=notice.txid,
        method=notice.method,
        amount_minor=notice.amount,
        paid_at=notice.paid_at.astimezone(UTC),
        settles_on=notice.settles_on,
        payer=Payer(name=payer.name, tax_id=payer.tax_id, bank=payer.bank) if payer else None,
    )


async def _take_other(session: AsyncSession, notice: NoticeOfEnd | NoticeOfClaim, *, now: datetime) -> bool:
    """Take a notice of what we ordered, or of what a payer's bank wants. False when it changes nothing."""
    match notice:
        case ClaimOpened():
            return await claims.open_claim(session, notice, now=now)
        case ClaimRejected():
            return await claims.reject_claim(session, notice.claim, now=now)
        case PaymentTakenBack():
            return await claims.pay_claim(session, notice, now=now)
    ordered_id = parse_reference(notice.reference)
    match notice:
        case TransferReturned():
            return await withdrawals.return_withdrawal(session, ordered_id, reason=notice.reason, now=now)
        case TransferSettled():
            return await withdrawals.settle_withdrawal(session, ordered_id, now=now)
        case ReturnFailed():
            return await returns.fail_return(session, ordered_id, reason=notice.reason, now=now)
        case ReturnSettled():
            return await returns.settle_return(session, ordered_id, now=now)


def _sandbox_routes(sandbox: SandboxGateway) -> APIRouter:
    """Only there while the sandbox is the gateway: anybody may "pay" here."""
    router = sandbox_router()

    async def pay(request: Request) -> Response:
        try:
            body = await read_body(request, 10_000)
            arguments = _payment_arguments(orjson.loads(body))
        except BadRequest as error:
            return _answer(error.status, error=str(error))
        except (orjson.JSONDecodeError, InvalidAmount, ValueError) as error:
            return _answer(400, error=f"{error}. {PAY_FORM}")
        try:
            payment = await sandbox.pay(**arguments)
        except CannotPay as error:
            return _answer(409, error=str(error))
        sandbox.delivery.wake()
        return _answer(200, status="paid", endToEndId=payment.end_to_end_id, txid=payment.txid)

    async def claim(request: Request) -> Response:
        try:
            body = await read_body(request, 10_000)
            arguments = _claim_arguments(orjson.loads(body))
        except BadRequest as error:
            return _answer(error.status, error=str(error))
        except (orjson.JSONDecodeError, InvalidAmount, ValueError) as error:
            return _answer(400, error=f"{error}. {CLAIM_FORM}")
        try:
            name = await sandbox.claims.take(**arguments)
        except CannotClaim as error:
            return _answer(409, error=str(error))
        sandbox.delivery.wake()
        return _answer(200, status="told", claim=name)

    router.add_api_route("/sandbox/pix/claim", claim, methods=["POST"])
    router.add_api_route("/sandbox/pix/pay", pay, methods=["POST"])
    router.add_api_route("/sandbox/boleto/pay", pay, methods=["POST"])
    return router


PAY_FORM = (
    'Send {"txid": "…"} (or a boleto\'s barcode or line as "txid"); optionally "amount": "945.60", '
    f'"misbehave": {" | ".join(sorted(member.value for member in Misbehaviour))}, "evenIfClosed": true, '
    '"payer": {"name": "…", "tax_id": "CPF or CNPJ, without marks", "bank": "…"}, '
    f'"ifReturned": {" | ".join(sorted(member.value for member in IfReturned))}'
)


CLAIM_FORM = (
    f'Send {{"step": {" | ".join(step.value for step in Step)}, and "endToEndId": "…" of a payment or "claim": "…" of '
    f'an open claim}}; optionally "amount": "945.60", "told": {" | ".join(told.value for told in HowTold)}'
)


def _claim_arguments(body: Any) -> dict[str, Any]:
    """Raises ValueError with what is wrong."""
    if not isinstance(body, dict):
        raise ValueError('"step" is missing')  # noqa: TRY004  # one kind of error for one kind of answer
    texts = {name: body.get(name) for name in ("claim", "endToEndId", "amount")}
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f'"{name}" has to be a string')  # likewise
    return {
        "step": Step(str(body.get("step"))),
        "claim": texts["claim"],
        "end_to_end_id": texts["endToEndId"],
        "amount_minor": None if texts["amount"] is None else parse_minor(texts["amount"]),
        "told": None if body.get("told") is None else HowTold(body["told"]),
    }


def _payment_arguments(body: Any) -> dict[str, Any]:
    """Raises ValueError with what is wrong."""
    if not isinstance(body, dict) or not isinstance(body.get("txid"), str):
        raise ValueError('"txid" is missing')  # noqa: TRY004  # one kind of error for one kind of answer
    amount = body.get("amount")
    if amount is not None and not isinstance(amount, str):
        raise ValueError('"amount" has to be a string')  # likewise
    amount_minor = None if amount is None else parse_minor(amount)
    if amount_minor is not None and amount_minor <= 0:
        raise ValueError('"amount" has to be more than nothing')
    misbehave, payer, if_returned = body.get("misbehave"), body.get("payer"), body.get("ifReturned")
    return {
        "txid": body["txid"],
        "amount_minor": amount_minor,
        "misbehave": None if misbehave is None else Misbehaviour(misbehave),
        "even_if_closed": body.get("evenIfClosed") is True,
        "payer": None if payer is None else PayerTold.model_validate(payer).model_dump(),
        "if_returned": None if if_returned is None else IfReturned(if_returned),
    }


def _answer(http_status: int, **body: Any) -> Response:
    return Response(orjson.dumps(body), http_status, media_type="application/json")
