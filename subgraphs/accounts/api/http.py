"""Accounts' own routes, in one list."""

from fastapi import APIRouter

from subgraphs.accounts.api.own_data import own_data
from subgraphs.accounts.api.routes.discovery import discovery_routes
from subgraphs.accounts.api.routes.people import people_routes
from subgraphs.accounts.api.routes.sandbox import sandbox_routes
from subgraphs.accounts.api.routes.token import token_routes
from subgraphs.accounts.api.routes.uploads import upload_routes
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.audit import AUDIT_LOG
from subgraphs.accounts.ports.sandbox_messenger import SandboxMessenger
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.identity import TokenVerifier


def build_routes(services: Services, verifier: TokenVerifier) -> list[APIRouter]:
    routes = [
        token_routes(services, verifier),
        discovery_routes(services),
        upload_routes(services, verifier),
        own_data_routes(own_data(services), services.database, verifier, services.clock),
        audit_routes(AUDIT_LOG, services.database, verifier, services.clock),
    ]
    if isinstance(services.messenger, SandboxMessenger):
        routes.append(sandbox_routes(services.messenger))
    return routes


def build_internal_routes(services: Services) -> list[APIRouter]:
    return [people_routes(services)]
