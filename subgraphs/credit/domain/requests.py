"""Asking for credit: the rules of a request and its way to the analyst."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.crud import policies, read_models
from subgraphs.credit.crud import requests as rows
from subgraphs.credit.domain import refusals
from subgraphs.credit.domain.consents import TO_REQUEST
from subgraphs.credit.models import CreditPolicy, CreditRequest, RequestStatus, RequestStep
from subgraphs.credit.schemas import events
from subgraphs.credit.schemas.commands import RequestCredit
from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.consents import asking
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.money import to_decimal
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.vocabulary import IBGE_CODE_OF_REGION, Region

CAR_NUMBER = re.compile(r"(?P<region>[A-Z]{2})-(?P<municipality>[0-9]{7})-[0-9A-F]{32}")
PURPOSE_NOTE_MAX = 1_000
REVENUE_MINOR_MAX = 10**12
FAMILIES_MAX = 10_000


async def submit_request(
    session: AsyncSession, command: RequestCredit, *, actor: Identity, now: datetime
) -> CreditRequest:
    """
    Take a farmer's request for credit and set its scoring in motion.

    One undecided request per farmer: the second would be scored as if the first did not exist. The farmer's requests
    queue behind a lock, so two sent at once do not both see none.

    A repeated key answers with the first request. Refuses with InvalidInput, CreditBelowMinimum, AmountAboveLimit,
    TermOutOfRange, ConsentRequired, FarmerInArrears, OpenRequestExists, IdempotencyKeyReused.
    """
    request_id = new_id()
    claimed = idempotency.Request("request_credit", actor.user_id, command.idempotency_key, _content(command))
    if earlier_id := await idempotency.claim(session, claimed, result_id=request_id, now=now):
        return await rows.get_request(session, earlier_id)
    policy = await policies.get_policy(session, business_date(now))
    _check_limits(command, policy)
    _check_property(command, policy)
    await asking.require(session, actor.user_id, TO_REQUEST, today=business_date(now))
    await rows.lock_farmer(session, actor.user_id)
    if arrears := await read_models.find_arrears(session, actor.user_id):
        assert arrears.defaulted_at is not None  # noqa: S101  # the query asks for those in default
        raise refusals.FarmerInArrears(cpr_id=arrears.cpr_id, since=arrears.defaulted_at)
    if open_request := await rows.find_open_request(session, actor.user_id):
        raise refusals.OpenRequestExists(credit_request_id=open_request.id)

    request = _new_request(request_id, actor.user_id, command, now=now)
    session.add(request)
    await session.flush()
    add_step(session, request, RequestStatus.SUBMITTED, now=now)
    submitted = events.RequestSubmitted(
        credit_request_id=request.id,
        farmer_id=request.farmer_id,
        amount_minor=request.amount_minor,
        term_months=request.term_months,
    )
    outbox.record(session, submitted, occurred_at=now)
    return request


def add_step(session: AsyncSession, request: CreditRequest, status: RequestStatus, *, now: datetime) -> None:
    """Move *request* to *status*, which becomes a step with its instant."""
    request.status = status
    session.add(RequestStep(credit_request_id=request.id, status=status, reached_at=now))


def check_car_number(car_number: str, region: Region) -> str:
    """
    The CAR number (Cadastro Ambiental Rural) in its canonical form, `UF-1234567-` and 32 hexadecimal digits.

    Refuses with InvalidInput when the form is wrong, or when state, municipality code and *region* contradict each
    other: a typing error there would point to somebody else's land.
    """
    canonical = re.sub(r"[.\s]", "", car_number).upper()
    match = CAR_NUMBER.fullmatch(canonical)
    if match is None:
        raise InvalidInput(
            field="carNumber",
            reason="A CAR number is UF-1234567- followed by 32 hexadecimal digits.",
            reason_pt="O número do CAR tem a forma UF-1234567- seguida de 32 dígitos hexadecimais.",
        )
    if match["region"] != region:
        raise InvalidInput(
            field="carNumber",
            reason=f"The CAR number is of {match['region']}, the request of {region}.",
            reason_pt=f"O CAR é de {match['region']}, mas o pedido é de {region}.",
        )
    if not match["municipality"].startswith(IBGE_CODE_OF_REGION[region]):
        raise InvalidInput(
            field="carNumber",
            reason=f"The municipality {match['municipality']} in the CAR number is not in {region}.",
            reason_pt=f"O município {match['municipality']} do CAR não fica em {region}.",
        )
    return canonical


def _check_limits(command: RequestCredit, policy: CreditPolicy) -> None:
    if command.amount_minor < policy.amount_min_minor:
        raise refusals.CreditBelowMinimum(minimum_minor=policy.amount_min_minor, requested_minor=command.amount_minor)
    if command.amount_minor > policy.amount_max_minor:
        raise refusals.AmountAboveLimit(limit_minor=policy.amount_max_minor, requested_minor=command.amount_minor)
    check_step(command.amount_minor, policy)
    if not policy.term_months_min <= command.term_months <= policy.term_months_max:
        raise refusals.TermOutOfRange(months_min=policy.term_months_min, months_max=policy.term_months_max)


def check_step(amount_minor: int, policy: CreditPolicy) -> None:
    """Refuses with InvalidInput an amount that does not divide into quotas."""
    if amount_minor % policy.amount_step_minor:
        step = to_decimal(policy.amount_step_minor)
        raise InvalidInput(
            field="amount",
            reason=f"The amount has to be a multiple of {step}.",
            reason_pt=f"O valor precisa ser múltiplo de R$ {step}.".replace(".00.", ",00."),
        )


def _check_property(command: RequestCredit, policy: CreditPolicy) -> None:
    if not 0 < command.hectares <= policy.hectares_max or command.hectares != round(command.hectares, 2):
        raise InvalidInput(
            field="hectares",
            reason=f"Hectares have to be above 0, up to {policy.hectares_max}, with at most two decimal places.",
            reason_pt=f"A área precisa ser maior que 0, até {policy.hectares_max} ha, com até duas casas decimais.",
        )
    in_region = command.municipality.startswith(IBGE_CODE_OF_REGION[command.region])
    if not re.fullmatch(r"[0-9]{7}", command.municipality) or not in_region:
        raise InvalidInput(
            field="municipality",
            reason=f"A municipality is IBGE's seven digits; in {command.region} they begin with "
            f"{IBGE_CODE_OF_REGION[command.region]}.",
            reason_pt=f"O município é o código de sete dígitos do IBGE; em {command.region} ele começa com "
            f"{IBGE_CODE_OF_REGION[command.region]}.",
        )
    check_car_number(command.car_number, command.region)
    if not 0 <= command.last_cycle_revenue_minor <= REVENUE_MINOR_MAX:
        raise InvalidInput(
            field="lastCycleRevenue",
            reason="The last cycle's revenue has to be between 0 and 10 billion.",
            reason_pt="A receita do último ciclo precisa estar entre 0 e 10 bilhões.",
        )
    if not 0 <= command.families_benefited <= FAMILIES_MAX:
        raise InvalidInput(
            field="familiesBenefited",
            reason=f"Families benefited have to be between 0 and {FAMILIES_MAX}.",
            reason_pt=f"O número de famílias precisa estar entre 0 e {FAMILIES_MAX}.",
        )
    if len(command.purpose_note) > PURPOSE_NOTE_MAX:
        raise InvalidInput(
            field="purposeNote",
            reason=f"The note has to be at most {PURPOSE_NOTE_MAX} characters.",
            reason_pt=f"A descrição pode ter até {PURPOSE_NOTE_MAX} caracteres.",
        )


def _content(command: RequestCredit) -> dict[str, object]:
    """What was asked for, the key apart."""
    return {name: value for name, value in vars(command).items() if name != "idempotency_key"}


def _new_request(request_id: UUID, farmer_id: UUID, command: RequestCredit, *, now: datetime) -> CreditRequest:
    return CreditRequest(
        id=request_id,
        farmer_id=farmer_id,
        status=RequestStatus.SUBMITTED,
        amount_minor=command.amount_minor,
        term_months=command.term_months,
        purpose=command.purpose,
        purpose_note=command.purpose_note.strip(),
        crop=command.crop,
        hectares=command.hectares,
        land_tenure=command.land_tenure,
        region=command.region,
        municipality=command.municipality,
        car_number=check_car_number(command.car_number, command.region),
        certifications=sorted(set(command.certifications)),
        last_cycle_revenue_minor=command.last_cycle_revenue_minor,
        families_benefited=command.families_benefited,
        amortisation=command.amortisation,
        submitted_at=now,
        scoring_asked_at=now,
    )
