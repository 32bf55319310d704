"""Flow 1: from a form with name and CPF to a closed account."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pyotp
import pytest

from story import people
from story.people import AGREED_AS, PASSWORD, SELFIE, Person, expect, new_cpf
from tests.flows.scene import Scene, approve, key, propose
from upkeep.clock import move

SIGNED_IN = "... on SignedIn { accessToken refreshToken expiresIn scope user { id profiles } }"


def form_of(**changes: Any) -> dict[str, Any]:
    tag = secrets.token_hex(5)
    return {
        "name": "Vera Lima Prado",
        "email": f"vera.{tag}@flows.peerseed.example",
        "password": PASSWORD,
        "birthDate": "1985-03-14",
        "phone": f"+55659{secrets.randbelow(10**8):08d}",
        "cpf": new_cpf(),
        "profiles": ["FARMER"],
        "consents": [{"purpose": purpose, "version": 1} for purpose in AGREED_AS["FARMER"]],
        **changes,
    }


async def sign_in(scene: Scene, email: str, **more: Any) -> dict[str, Any]:
    return await scene.do(None, "signIn", {"email": email, "password": PASSWORD, **more}, SIGNED_IN)


async def token(scene: Scene, **form: str) -> tuple[int, Any]:
    answer = await scene.http("POST", f"{scene.client.addresses.accounts}/oauth/token", data=form)
    return answer.status, answer.json


async def claims_of(scene: Scene, access_token: str) -> dict[str, Any]:
    """What a token says, once its signature is proved by the published keys."""
    keys = await scene.http("GET", f"{scene.client.addresses.accounts}/.well-known/jwks.json")
    header = jwt.get_unverified_header(access_token)
    (found,) = [one for one in keys.json["keys"] if one["kid"] == header["kid"]]
    told: dict[str, Any] = jwt.decode(
        access_token, jwt.PyJWK(found).key, algorithms=["EdDSA"], options={"verify_aud": False}
    )
    return {**told, "alg": header["alg"]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "colheita#2026"}, "password"),
        ({"password": "Colheita#abc"}, "password"),
        ({"password": "Colheita2026"}, "password"),
        ({"password": "Col#202"}, "password"),
        ({"cpf": "529.982.247-24"}, "cpf"),
        ({"cpf": "111.111.111-11"}, "cpf"),
        ({"name": ""}, "name"),
        ({"email": "vera"}, "email"),
        ({"birthDate": "2020-01-01"}, "birthDate"),
        ({"phone": "+551133334444"}, "phone"),
        ({"profiles": []}, "profiles"),
    ],
    ids=lambda case: "-".join(map(str, case.values())) if isinstance(case, dict) else case,
)
async def test_a_form_with_a_wrong_value_is_refused_and_the_value_named(
    scene: Scene, wrong: dict[str, Any], field: str
) -> None:
    answer = await scene.do(None, "signUp", form_of(**wrong), "... on InvalidInput { field }")
    assert (answer["__typename"], answer.get("field")) == ("InvalidInput", field)


@pytest.mark.parametrize("cpf", ["529.982.247-25", "111.444.777-35"])
async def test_a_cpf_whose_check_digits_are_right_is_taken(scene: Scene, cpf: str) -> None:
    """Both are of people who are there already, which nobody learns from the answer."""
    form = form_of(cpf=cpf)
    assert (await scene.do(None, "signUp", form))["__typename"] == "SignUpAccepted"
    await scene.letter(form["email"], "CPF_IN_USE")


async def test_a_person_may_be_farmer_and_investor(scene: Scene) -> None:
    person = await scene.newcomer("FARMER", "INVESTOR")
    assert (await scene.ask("{ me { profiles } }", person))["me"]["profiles"] == ["FARMER", "INVESTOR"]


async def test_the_link_in_the_email_confirms(scene: Scene) -> None:
    form = form_of()
    await scene.do(None, "signUp", form)
    assert (await sign_in(scene, form["email"]))["__typename"] == "ContactNotConfirmed"
    link = (await scene.letter(form["email"], "CONFIRM_EMAIL"))["data"]["token"]
    answer = await scene.do(None, "confirmContact", {"token": link}, "... on ContactConfirmed { channel }")
    assert answer == {"__typename": "ContactConfirmed", "channel": "EMAIL"}
    assert (await sign_in(scene, form["email"]))["__typename"] == "SignedIn"


async def test_the_code_sent_to_the_phone_confirms(scene: Scene) -> None:
    form = form_of()
    await scene.do(None, "signUp", form)
    code = (await scene.letter(form["phone"], "CONFIRM_PHONE"))["data"]["code"]
    answer = await scene.do(
        None, "confirmContact", {"email": form["email"], "code": code}, "... on ContactConfirmed { channel }"
    )
    assert answer == {"__typename": "ContactConfirmed", "channel": "SMS"}
    assert (await sign_in(scene, form["email"]))["__typename"] == "SignedIn"


CHECK = "{ me { identityStatus identityCheck { id status reason } } }"


async def checked(scene: Scene, person: Person, status: str) -> dict[str, Any]:
    """The person's identity check, once it has a *status*."""

    async def reached() -> dict[str, Any] | None:
        check: dict[str, Any] = (await scene.ask(CHECK, person))["me"]["identityCheck"]
        return check if check["status"] == status else None

    return await scene.until(f"the identity check being {status}", reached)


async def test_an_identity_check_passes_automatically(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    await people.submit_identity(scene.client, person, people.DOCUMENT)
    await checked(scene, person, "APPROVED")
    assert (await scene.ask(CHECK, person))["me"]["identityStatus"] == "VERIFIED"


async def test_an_identity_check_fails(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    await people.submit_identity(scene.client, person, people.DOCUMENT + b"SANDBOX:FAIL")
    check = await checked(scene, person, "REJECTED")
    assert check["reason"] == "O rosto da selfie não corresponde ao do documento."


@pytest.mark.parametrize(
    ("decision", "status", "identity", "action"),
    [
        ("APPROVE", "APPROVED", "VERIFIED", "IDENTITY_APPROVED"),
        ("REJECT", "REJECTED", "REJECTED", "IDENTITY_REJECTED"),
        ("REQUEST_NEW_UPLOAD", "NEW_UPLOAD_REQUESTED", "NEW_UPLOAD_REQUESTED", "IDENTITY_NEW_UPLOAD_REQUESTED"),
    ],
)
async def test_an_unclear_identity_goes_to_the_analysts_queue_and_the_decision_is_audited(
    scene: Scene, decision: str, status: str, identity: str, action: str
) -> None:
    person = await scene.newcomer("INVESTOR")
    await people.submit_identity(scene.client, person, people.DOCUMENT + b"SANDBOX:REVIEW")
    check_id = (await checked(scene, person, "IN_REVIEW"))["id"]
    queue = "{ identityChecks(first: 100) { nodes { id } } }"
    waiting = (await scene.ask(queue, scene.analyst))["identityChecks"]["nodes"]
    assert {"id": check_id} in waiting
    form = {"identityCheckId": check_id, "decision": decision, "reason": "A foto está escura."}
    select = "... on IdentityCheck { status history { action actorId } }"
    decided = await scene.do(scene.analyst, "decideIdentityCheck", form, select)
    assert decided["status"] == status
    assert decided["history"][-1] == {"action": action, "actorId": scene.analyst.id}
    assert (await scene.ask(CHECK, person))["me"]["identityStatus"] == identity
    log = """query ($of: AuditFilter) { accountsAuditLog(filter: $of) { nodes { action actorId subjectId } } }"""
    entries = (await scene.ask(log, scene.admin, of={"personId": person.id, "actions": [action]}))["accountsAuditLog"]
    assert entries["nodes"] == [{"action": action, "actorId": scene.analyst.id, "subjectId": check_id}]


CONSENTS = "{ me { consents { purpose status version text { version } } } }"
GIVEN = "... on ConsentGiven { consent { status version } }"
MISSING = "... on ConsentRequired { purpose version }"


async def stands(scene: Scene, person: Person) -> dict[str, tuple[str, int | None, int]]:
    """By purpose: where the person stands, with which version, and which is in force."""
    found = (await scene.ask(CONSENTS, person))["me"]["consents"]
    return {one["purpose"]: (one["status"], one["version"], one["text"]["version"]) for one in found}


async def test_nobody_signs_up_without_terms_and_privacy_policy(scene: Scene) -> None:
    form = form_of()
    for purpose in ("TERMS_OF_USE", "PRIVACY_POLICY"):
        consents = [one for one in form["consents"] if one["purpose"] != purpose]
        refused = await scene.do(None, "signUp", {**form, "consents": consents}, MISSING)
        assert (refused["__typename"], refused["purpose"], refused["version"]) == ("ConsentRequired", purpose, 1)
    assert (await scene.do(None, "signUp", form))["__typename"] == "SignUpAccepted"


async def test_a_consent_is_given_and_withdrawn_and_what_an_account_needs_is_not(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    assert {purpose: status for purpose, (status, _, _) in (await stands(scene, person)).items()} == {
        "TERMS_OF_USE": "GIVEN", "PRIVACY_POLICY": "GIVEN", "INVESTMENT_RISK": "GIVEN",
        "CREDIT_BUREAU": "NOT_GIVEN", "MARKETING": "NOT_GIVEN",
    }  # fmt: skip
    await scene.agree(person, "MARKETING")
    assert (await stands(scene, person))["MARKETING"][0] == "GIVEN"
    taken_back = "... on ConsentWithdrawn { consent { status } leadsToEnglish }"
    withdrawn = await scene.do(person, "withdrawConsent", {"purpose": "MARKETING"}, taken_back)
    assert withdrawn["consent"] == {"status": "WITHDRAWN"}
    assert withdrawn["leadsToEnglish"].startswith("No more news and offers are sent to you.")
    needed = await scene.do(person, "withdrawConsent", {"purpose": "TERMS_OF_USE"})
    assert needed["__typename"] == "ConsentNeeded"


async def test_a_new_text_is_laid_down_by_two_told_to_who_agreed_and_asked_anew(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    version = (await stands(scene, person))["MARKETING"][2]
    await scene.do(person, "giveConsent", {"purpose": "MARKETING", "version": version}, GIVEN)
    day = scene.today + timedelta(days=1)
    values = {
        "purpose": "MARKETING", "version": str(version + 1), "title": "Novidades e ofertas", "earlier_good_days": "10",
        "sentences": "Quero receber novidades, agora também por SMS.", "title_english": "News and offers",
        "sentences_english": "I want to be sent news, by SMS too from now on.",
    }  # fmt: skip
    row = {"table": "consent_texts", "values": [{"name": name, "value": value} for name, value in values.items()]}
    form = {
        "rule": "consent_texts", "validFrom": day.isoformat(), "rows": [row], "reason": "Um canal a mais.",
        "idempotencyKey": key("proposal"),
    }  # fmt: skip
    await scene.with_staff()
    proposed = expect(await propose(scene, "Accounts", form, by=scene.admin), "ParameterProposal")
    assert (await approve(scene, "Accounts", proposed["id"], by=scene.approver))["status"] == "APPROVED"
    log = "query ($of: AuditFilter) { accountsAuditLog(filter: $of) { nodes { action actorId detail } } }"
    of = {"from": scene.today.isoformat(), "actions": ["PROPOSAL_APPROVED"]}
    entries = (await scene.ask(log, scene.admin, of=of))["accountsAuditLog"]["nodes"]
    assert scene.approver.id in [entry["actorId"] for entry in entries if "consent_texts" in (entry["detail"] or "")]
    await scene.pass_to(day, person)
    await scene.told(person, "Texto atualizado")
    assert (await stands(scene, person))["MARKETING"] == ("EARLIER_VERSION", version, version + 1)
    await scene.pass_days(10, person)
    assert (await stands(scene, person))["MARKETING"] == ("LAPSED", version, version + 1)
    outdated = "... on ConsentTextNotInForce { currentVersion }"
    refused = await scene.do(person, "giveConsent", {"purpose": "MARKETING", "version": version}, outdated)
    assert (refused["__typename"], refused["currentVersion"]) == ("ConsentTextNotInForce", version + 1)
    await scene.do(person, "giveConsent", {"purpose": "MARKETING", "version": version + 1}, GIVEN)
    assert (await stands(scene, person))["MARKETING"] == ("GIVEN", version + 1, version + 1)


async def test_the_token_endpoint_takes_password_and_refresh_grants_and_answers_errors_as_rfc_6749_does(
    scene: Scene,
) -> None:
    person = await scene.newcomer("FARMER")
    status, first = await token(scene, grant_type="password", username=person.email, password=PASSWORD)
    assert (status, first["token_type"], first["scope"]) == (200, "Bearer", "signed_in farmer")
    status, second = await token(scene, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (status, second["token_type"]) == (200, "Bearer")
    assert (await claims_of(scene, second["access_token"]))["sub"] == person.id
    status, wrong = await token(scene, grant_type="password", username=person.email, password="Errada#2026")
    assert (status, wrong["error"]) == (400, "invalid_grant")
    status, odd = await token(scene, grant_type="implicit")
    assert (status, odd["error"]) == (400, "unsupported_grant_type")


async def test_an_access_token_is_a_jwt_signed_by_a_published_key(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    told = await claims_of(scene, person.token)
    assert (told["alg"], told["sub"], told["scope"]) == ("EdDSA", person.id, "signed_in investor")
    assert {"jti", "iss", "aud", "exp", "iat"} <= set(told)
    again = await sign_in(scene, person.email)
    assert (await claims_of(scene, again["accessToken"]))["jti"] != told["jti"]


async def test_a_refresh_token_is_good_once_and_its_reuse_revokes_the_whole_family(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    opened = await sign_in(scene, person.email)
    first = opened["refreshToken"]
    second = await scene.do(None, "refreshToken", {"refreshToken": first}, SIGNED_IN)
    assert second["__typename"] == "SignedIn"
    assert (await scene.do(None, "refreshToken", {"refreshToken": first}))["__typename"] == "InvalidRefreshToken"
    for of_the_family in (second["refreshToken"], first):
        refused = await scene.do(None, "refreshToken", {"refreshToken": of_the_family})
        assert refused["__typename"] in ("InvalidRefreshToken", "SessionEnded")
    history = "{ me { sessions { id } signInHistory(first: 10) { nodes { endReason } } } }"
    me = (await scene.ask(history, person))["me"]
    assert len(me["sessions"]) == 1  # the one that asks, which is of another family
    assert [node["endReason"] for node in me["signInHistory"]["nodes"]] == ["REFRESH_TOKEN_REUSED", None]


async def test_a_session_ends_after_30_idle_minutes(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    opened = await sign_in(scene, person.email)
    move(Path(scene.client.addresses.clock), by=timedelta(minutes=29))
    kept = await scene.do(None, "refreshToken", {"refreshToken": opened["refreshToken"]}, SIGNED_IN)
    assert kept["__typename"] == "SignedIn"
    move(Path(scene.client.addresses.clock), by=timedelta(minutes=31))
    ended = await scene.do(None, "refreshToken", {"refreshToken": kept["refreshToken"]})
    assert ended["__typename"] == "SessionEnded"
    await scene.sign_in_all(person)
    nodes = (await scene.ask("{ me { signInHistory(first: 10) { nodes { endReason } } } }", person))["me"]
    assert "IDLE" in [node["endReason"] for node in nodes["signInHistory"]["nodes"]]


async def test_changing_the_password_ends_every_other_session(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    others = [await sign_in(scene, person.email) for _ in range(2)]
    form = {"currentPassword": PASSWORD, "newPassword": "Safrinha#2027"}
    changed = await scene.do(person, "changePassword", form, "... on PasswordChanged { endedSessions }")
    assert changed == {"__typename": "PasswordChanged", "endedSessions": 2}
    for other in others:
        ended = await scene.do(None, "refreshToken", {"refreshToken": other["refreshToken"]})
        assert ended["__typename"] == "SessionEnded"
    (left,) = (await scene.ask("{ me { sessions { isCurrent } } }", person))["me"]["sessions"]
    assert left == {"isCurrent": True}
    assert (await sign_in(scene, person.email))["__typename"] == "InvalidCredentials"


async def reset_link(scene: Scene, email: str) -> str:
    answer = await scene.do(None, "requestPasswordReset", {"email": email}, "... on PasswordResetRequested { email }")
    assert answer == {"__typename": "PasswordResetRequested", "email": email}
    link: str = (await scene.letter(email, "RESET_PASSWORD"))["data"]["token"]
    return link


async def test_a_reset_link_is_good_for_one_use(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    link = await reset_link(scene, person.email)
    form = {"token": link, "newPassword": "Safrinha#2027"}
    assert (await scene.do(None, "resetPassword", form))["__typename"] == "PasswordReset"
    assert (await scene.do(None, "resetPassword", form))["__typename"] == "InvalidResetToken"
    again = await sign_in(scene, person.email, password="Safrinha#2027")
    assert again["__typename"] == "SignedIn"


async def test_a_reset_link_is_good_for_one_hour(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    link = await reset_link(scene, person.email)
    move(Path(scene.client.addresses.clock), by=timedelta(minutes=61))
    form = {"token": link, "newPassword": "Safrinha#2027"}
    assert (await scene.do(None, "resetPassword", form))["__typename"] == "InvalidResetToken"


async def test_a_second_factor_is_a_totp_with_recovery_codes(scene: Scene) -> None:
    person = await scene.newcomer("INVESTOR")
    enrolled = await scene.do(person, "enableTotp", {"password": PASSWORD}, "... on TotpEnrolment { secret }")
    app = pyotp.TOTP(enrolled["secret"])
    confirmed = await scene.do(person, "confirmTotp", {"code": app.now()}, "... on RecoveryCodes { codes }")
    assert len(set(confirmed["codes"])) == 10
    assert (await sign_in(scene, person.email))["__typename"] == "SecondFactorRequired"
    lost = confirmed["codes"][0]
    assert (await sign_in(scene, person.email, recoveryCode=lost))["__typename"] == "SignedIn"
    assert (await sign_in(scene, person.email, recoveryCode=lost))["__typename"] == "InvalidSecondFactor"
    refused = await sign_in(scene, person.email, totpCode="000000" if app.now() != "000000" else "000001")
    assert refused["__typename"] == "InvalidSecondFactor"


async def test_a_sign_in_says_the_same_whether_or_not_the_email_exists(scene: Scene) -> None:
    """In the same time, too: `tests/subgraphs/accounts/test_sign_in.py`, as no test here measures time."""
    person = await scene.newcomer("INVESTOR")
    known = await scene.do(None, "signIn", {"email": person.email, "password": "Errada#2026"})
    unknown = await scene.do(None, "signIn", {"email": form_of()["email"], "password": "Errada#2026"})
    assert known == unknown
    assert known["__typename"] == "InvalidCredentials"


async def test_repeated_failures_are_slowed_down_per_account(scene: Scene) -> None:
    person, other = await scene.newcomer("INVESTOR"), await scene.newcomer("INVESTOR")
    wrong = {"email": person.email, "password": "Errada#2026"}
    answers = [(await scene.do(None, "signIn", wrong))["__typename"] for _ in range(6)]
    assert answers[:5] == ["InvalidCredentials"] * 5
    assert answers[5] in ("TooManyAttempts", "UnlockRequired")
    assert (await sign_in(scene, other.email))["__typename"] == "SignedIn"


async def test_an_account_with_nothing_open_is_closed_and_the_answer_says_what_stays_and_why(scene: Scene) -> None:
    person = await scene.verified("INVESTOR")
    select = "... on AccountClosed { kept { kind why law } }"
    closed = await scene.do(person, "closeAccount", {"password": PASSWORD}, select)
    kept = {one["kind"]: one for one in closed["kept"]}
    assert {"IDENTIFICATION", "BUSINESS_RECORDS"} <= set(kept)
    assert all(one["why"] and one["law"] for one in kept.values())
    assert (await sign_in(scene, person.email))["__typename"] == "InvalidCredentials"
    query = "query ($id: ID!) { user(id: $id) { displayName fullName email phone } }"
    assert (await scene.ask(query, scene.admin, id=person.id))["user"] == {
        "displayName": "Conta encerrada", "fullName": None, "email": None, "phone": None,
    }  # fmt: skip


async def test_an_account_is_not_closed_while_a_cpr_or_an_investment_is_open(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("500.00")
    await scene.lent(farmer, [(investor, 5)])
    select = "... on AccountHasOpenBusiness { openCprs openInvestments }"
    refused = await scene.do(farmer, "closeAccount", {"password": PASSWORD}, select)
    assert (refused["__typename"], refused["openCprs"], refused["openInvestments"]) == ("AccountHasOpenBusiness", 1, 0)
    refused = await scene.do(investor, "closeAccount", {"password": PASSWORD}, select)
    assert (refused["__typename"], refused["openCprs"], refused["openInvestments"]) == ("AccountHasOpenBusiness", 0, 1)
    assert (await sign_in(scene, investor.email))["__typename"] == "SignedIn"


async def test_a_document_is_uploaded_by_a_signed_in_person_only(scene: Scene) -> None:
    url = f"{scene.client.addresses.accounts}/uploads"
    assert (await scene.http("POST", url, data={"file": SELFIE})).status == 401
