"""
`POST /oauth/token`, `/oauth/revoke` and `/oauth/introspect`: OAuth 2 (RFC 6749, RFC 7009, RFC 7662).

Clients are public: they have no secret, so none is asked for, and one that is sent is refused rather than ignored.
Answers are never stored by caches (section 5.1). Errors are those of section 5.2; slowing down is told as
`slow_down`, the registry's only word for it (RFC 8628, section 3.5), with 429 and `Retry-After`.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response

from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import access_tokens, refusals, sessions, telling
from subgraphs.accounts.domain.access_tokens import Grant
from subgraphs.accounts.schemas.commands import Origin, SignIn
from subgraphs.shared.identity import TOKEN_CHARACTERS_MAX, InvalidToken, TokenVerifier
from subgraphs.shared.refusal import Refusal
from subgraphs.shared.request_body import BadRequest, read_body

BODY_BYTES_MAX = 10_000
PARAMETERS_MAX = 20
PARAMETER_CHARACTERS_MAX = 1_024

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        second_factor: str | None = None,
        unlock: str | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"error": error, "error_description": description}
        if second_factor is not None:
            self.body["second_factor"] = second_factor
        if unlock is not None:
            self.body["unlock"] = unlock


def token_routes(services: Services, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()

    @routes.post("/oauth/token")
    async def token(request: Request) -> Response:
        """Give tokens for a password or for a refresh token."""
        try:
            form = await _read_form(request)
            grant = await _grant(services, form, _origin(request))
        except OAuthError as error:
            return _answer(error.body, error.status, error.headers)
        except Refusal as refusal:
            told = _OAUTH_ERRORS[type(refusal)](refusal)
            return _answer(told.body, told.status, told.headers)
        answer = {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in,
            "refresh_token": grant.refresh_token,
            "scope": " ".join(grant.scopes),
        }
        # Of our own, like the parameter that it is sent back in (RFC 6749, section 5.1, allows it).
        return _answer(answer if grant.device_token is None else {**answer, "device_token": grant.device_token})

    @routes.post("/oauth/revoke")
    async def revoke(request: Request) -> Response:
        """End the session of a refresh token. An unknown token is a success (RFC 7009, section 2.2)."""
        try:
            form = await _read_form(request)
            await sessions.revoke_token(services, _required(form, "token"))
        except OAuthError as error:
            return _answer(error.body, error.status, error.headers)
        return Response(status_code=200, headers=NOT_STORED)

    @routes.post("/oauth/introspect")
    async def introspect(request: Request) -> Response:
        """
        Say whether an access token is still good. Asked by the other domains when facts do not reach them.

        Whoever has the token could as well use it and see, so no other permission is asked for, and nothing else told.
        """
        try:
            form = await _read_form(request, characters_max=TOKEN_CHARACTERS_MAX)
            identity = await verifier.verify(_required(form, "token"))
            is_active = await telling.is_in_good_standing(services, identity)
        except OAuthError as error:
            return _answer(error.body, error.status, error.headers)
        except InvalidToken:
            is_active = False
        return _answer({"active": is_active})

    return routes


async def _grant(services: Services, form: Mapping[str, str], origin: Origin) -> Grant:
    grant_type = _required(form, "grant_type")
    scopes = _scopes(form.get("scope"))
    if grant_type == "password":
        command = SignIn(
            email=_required(form, "username"),
            password=_required(form, "password"),
            totp_code=form.get("totp_code"),
            recovery_code=form.get("recovery_code"),
            device_token=form.get("device_token"),
            unlock_code=form.get("unlock_code"),
            scopes=scopes,
        )
        return await sessions.sign_in(services, command, origin=origin)
    if grant_type == "refresh_token":
        return await sessions.refresh(services, _required(form, "refresh_token"), scopes=scopes)
    raise OAuthError("unsupported_grant_type", "grant_type has to be password or refresh_token")


async def _read_form(request: Request, *, characters_max: int = PARAMETER_CHARACTERS_MAX) -> dict[str, str]:
    if request.headers.get("authorization"):
        raise OAuthError(
            "invalid_client",
            "clients are public here and do not authenticate",
            status=401,
            headers={"WWW-Authenticate": 'Basic realm="Peerseed"'},
        )
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "send the parameters as application/x-www-form-urlencoded")
    try:
        body = await read_body(request, BODY_BYTES_MAX)
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX, errors="strict")
    except BadRequest as error:
        raise OAuthError("invalid_request", str(error), status=error.status) from None
    except ValueError:
        raise OAuthError("invalid_request", "the body is not a form") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "a parameter is there twice")
    if any(len(value) > characters_max for value in form.values()):
        raise OAuthError("invalid_request", "a parameter is too long")
    if any("\0" in value for value in form.values()):
        raise OAuthError("invalid_request", "a parameter has a character that cannot be stored")
    if "client_secret" in form:
        raise OAuthError("invalid_client", "clients are public here and have no secret", status=401)
    # A parameter without a value is one that was left out (section 3.2).
    return {name: value for name, value in form.items() if value}


def _required(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise OAuthError("invalid_request", f"the parameter {name} is missing")
    return form[name]


def _scopes(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    scopes = frozenset(text.split())
    if not scopes or not scopes.issubset(access_tokens.ALL_SCOPES):
        raise OAuthError("invalid_scope", f"scopes are {', '.join(access_tokens.ALL_SCOPES)}")
    return scopes


def _origin(request: Request) -> Origin:
    address = request.client.host if request.client else None
    return Origin(address=address, user_agent=request.headers.get("user-agent"))


def _invalid_grant(description: str, *, second_factor: str | None = None) -> Callable[[Any], OAuthError]:
    return lambda _refusal: OAuthError("invalid_grant", description, second_factor=second_factor)


_OAUTH_ERRORS: dict[type[Refusal], Callable[[Any], OAuthError]] = {
    refusals.InvalidCredentials: _invalid_grant("user name or password is wrong"),
    refusals.SecondFactorRequired: _invalid_grant(
        "a second factor is required: send totp_code or recovery_code too", second_factor="required"
    ),
    refusals.InvalidSecondFactor: _invalid_grant("the second factor is wrong", second_factor="wrong"),
    refusals.ContactNotConfirmed: _invalid_grant("neither e-mail nor phone is confirmed yet"),
    refusals.AccountSuspended: _invalid_grant("the account is suspended"),
    refusals.InvalidRefreshToken: _invalid_grant("the refresh token is unknown or was used before"),
    refusals.SessionEnded: _invalid_grant("the session is over"),
    refusals.ScopeNotGranted: lambda _refusal: OAuthError(
        "invalid_scope", "the account or session does not have that scope"
    ),
    refusals.UnlockRequired: lambda refusal: OAuthError(
        "slow_down",
        "too many attempts on unknown devices; send unlock_code, which was mailed to the account's owner, or try again "
        f"in {refusal.retry_after_seconds} s",
        status=429,
        headers={"Retry-After": str(refusal.retry_after_seconds)},
        unlock="required",
    ),
    refusals.TooManyAttempts: lambda refusal: OAuthError(
        "slow_down",
        f"too many attempts; try again in {refusal.retry_after_seconds} s",
        status=429,
        headers={"Retry-After": str(refusal.retry_after_seconds)},
    ),
}


def _answer(body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body), status, headers={**NOT_STORED, **(headers or {})}, media_type="application/json"
    )
