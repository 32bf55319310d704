"""Notifications' settings: `NOTIFICATIONS_DATABASE_URL`, `NOTIFICATIONS_EMAIL`, …"""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from subgraphs.shared.people import PEOPLE_MAX
from subgraphs.shared.settings import PeopleSettings, SubgraphSettings

SUBGRAPH_URLS = {
    "accounts": "http://127.0.0.1:4001/graphql",
    "credit": "http://127.0.0.1:4002/graphql",
    "contracts": "http://127.0.0.1:4003/graphql",
    "marketplace": "http://127.0.0.1:4004/graphql",
    "wallet": "http://127.0.0.1:4005/graphql",
    "distribution": "http://127.0.0.1:4006/graphql",
}
"""The others' ports of `make run-split`."""


class NotificationsSettings(PeopleSettings, SubgraphSettings):
    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_", extra="ignore")

    email: str = "sandbox"
    """Who carries e-mail: `sandbox`, or `package.module:factory`."""
    push: str = "sandbox"
    """Who carries push messages, likewise."""
    sms: str = "sandbox"
    """Who carries SMS, likewise."""
    frontend_url: str = "https://app.peerseed.example"
    """Where the links in e-mails lead."""
    subgraph_urls: dict[str, str] = Field(default_factory=lambda: dict(SUBGRAPH_URLS))
    """Where the other domains are asked whether an id is one of their things, each at its GraphQL endpoint."""
    dispatch_job_seconds: float = 1.0
    """How often the way out is looked at."""
    dispatch_batch_max: int = Field(50, ge=1, le=PEOPLE_MAX)
    """Messages carried at once; their addresses are asked for together."""
    dispatch_attempts_max: int = 6
    dispatch_retry_seconds: float = 5.0
    """Wait after the first failure; it doubles from there."""
    dispatch_timeout_seconds: float = 10.0
