"""Accounts' own routes, in one list."""

from fastapi import APIRouter

from subgraphs.accounts.api.routes.discovery import discovery_routes
from subgraphs.accounts.api.routes.sandbox import sandbox_routes
from subgraphs.accounts.api.routes.token import token_routes
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.ports.sandbox_messenger import SandboxMessenger


def build_routes(services: AccountsServices) -> list[APIRouter]:
    routes = [token_routes(services), discovery_routes(services)]
    if isinstance(services.messenger, SandboxMessenger):
        routes.append(sandbox_routes(services.messenger))
    return routes
