"""Every mutation has its place: money leaves by it, or what it does can wait for a fact that is late."""

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(path.parents[1].name for path in (ROOT / "subgraphs").glob("*/api/schema.py"))

MONEY_STAYS = {
    "accounts": {  # it decides by its own books
        "actFor", "appointRepresentative", "changeEmail", "changePassword", "closeAccount", "confirmContact",
        "confirmIdentity", "confirmTotp", "decideIdentityCheck", "decideScreeningHit", "disableTotp", "disownChange",
        "enableTotp",
        "endRepresentation", "endSession", "giveConsent", "purgeDeadLetters", "reactivateUser", "replayDeadLetters",
        "refreshToken", "registerCompany", "replaceRecoveryCodes",
        "requestPasswordReset", "resendConfirmation", "resetPassword", "signIn", "signOut", "signUp",
        "submitIdentityCheck", "suspendUser", "updateProfile", "withdrawConsent",
    },
    "contracts": {"recordCollectionStep", "withdrawRenegotiation"},
    "credit": {"rejectCreditRequest", "requestCredit"},
    "distribution": set(),
    "marketplace": {"cancelOffering", "extendOffering", "withdrawQuotaOffer"},
    "notifications": {"markNotificationsRead", "registerDevice", "removeDevice", "setNotificationLanguage",
                      "setNotificationPreference"},
    "wallet": {"createCharge", "createDeposit", "createSettlementCharge", "pauseMoneyOut", "rejectMoneyProposal",
               "removeBankAccount", "setNightLimit"},
}  # fmt: skip
PARAMETERS = {
    domain: {f"propose{domain.title()}Parameters", f"reject{domain.title()}Parameters"}
    # What accounts approves, it decides by its own books.
    | ({"approveAccountsParameters"} if domain == "accounts" else set())
    for domain in ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution")
}
"""Proposing and rejecting a rule moves nothing."""
RESUMED = {domain: {f"resume{domain.title()}Saga"} for domain in ("contracts", "marketplace", "wallet", "distribution")}
"""What is told again was decided before, and is done once."""


@pytest.mark.parametrize("domain", DOMAINS)
def test_it_is_said_of_every_mutation_whether_money_leaves_by_it(domain: str) -> None:
    schema = import_module(f"subgraphs.{domain}.api.schema").schema
    mutations = schema._schema.mutation_type
    stays = MONEY_STAYS[domain] | PARAMETERS.get(domain, set()) | RESUMED.get(domain, set())
    assert set(mutations.fields if mutations else {}) == stays | schema.money_leaves_by
    assert not stays & schema.money_leaves_by


@pytest.mark.parametrize("domain", [domain for domain in DOMAINS if domain != "accounts"])
def test_every_domain_follows_who_is_in_good_standing(domain: str) -> None:
    tables = import_module(f"subgraphs.{domain}.models").Base.metadata.tables
    assert {"standing_people", "standing_ended_sessions", "standing_withdrawn_keys", "standing_feed"} <= set(tables)
    text = (ROOT / "subgraphs" / domain / "api" / "reactions.py").read_text()
    assert "follow_standing(reactions)" in text
