"""What accounts keeps of a person, for their own file."""

from typing import Any
from uuid import UUID

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import companies, registration
from subgraphs.accounts.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part
from subgraphs.shared.reading import Reader

PARTS = (
    Part("users", "id", without=("password_hash", "email_key")),
    Part("sessions", "user_id"),
    Part("known_devices", "user_id"),
    Part("second_factors", "user_id", without=("last_step",)),
    Part("confirmations", "user_id"),
    Part("password_resets", "user_id"),
    Part("alerts", "user_id", without=("email_key",)),
    Part("uploads", "user_id"),
    Part("identity_checks", "user_id"),
    Part("representations", where=":person IN (row.company_id, row.person_id)", without=("appointed_by", "ended_by")),
    # Of a company it is another person who did it.
    Part("consents", "user_id", without=("actor_id",)),
    Part("consent_notices", "user_id"),
    Part("engagements", "user_id"),
    Part("wallet_balances", "user_id"),
    # Why staff decided is for the record; what a person is told of it stands with the decision.
    Part(
        "audit_entries",
        where="row.user_id = :person AND NOT starts_with(row.action, 'SCREENING')",
        without=("actor_id", "reason"),
    ),
    Part("staff_looks", "user_id", without=("actor_id", "correlation_id")),
)
LEFT_OUT = {
    "dead_letter_acts": "what staff did to messages, of nobody's data",
    "staff_proposals": "what staff want rules to say, of nobody's data",
    "recovery_codes": "only hashes of codes",
    "screenings": "what the rules on money laundering have us ask, and not tell of (Circular BCB 3.978/2020)",
    "screening_hits": "the same",
    "retained_records": "made when an account is closed, of people who cannot ask any more",
}
"""Tables that name people and are not in their file, and why."""


def own_data(services: Services) -> OwnData:
    async def opened(session: Reader, person: UUID) -> dict[str, Any]:
        user = await crud.users.find_user(session, person)
        if user is None:
            return {}
        return {"tax_id": companies.cnpj_of(services, user) or registration.cpf_of(services, user)}

    return OwnData("accounts", Base.metadata, PARTS, opened)
