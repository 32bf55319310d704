"""Accounts' settings: `ACCOUNTS_DATABASE_URL`, `ACCOUNTS_KEY_ENCRYPTION_SECRET`, …"""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import IdentitySettings, SubgraphSettings

_IDENTITY = IdentitySettings.model_fields


class AccountsSettings(SubgraphSettings):
    model_config = SettingsConfigDict(env_prefix="ACCOUNTS_", extra="ignore")

    # What every service verifies by, so these two keep their common names: TOKEN_ISSUER, TOKEN_AUDIENCE.
    token_issuer: str = Field(_IDENTITY["token_issuer"].default, validation_alias="token_issuer")
    token_audience: str = Field(_IDENTITY["token_audience"].default, validation_alias="token_audience")

    key_encryption_secret: SecretStr = Field(min_length=16)
    """Seals signing keys and personal data. Losing it loses them; it cannot be changed without sealing anew."""
    # What each service signs its questions about people with; one name in both services' settings.
    contracts_people_secret: SecretStr | None = Field(None, min_length=16, validation_alias="contracts_people_secret")
    credit_people_secret: SecretStr | None = Field(None, min_length=16, validation_alias="credit_people_secret")
    distribution_people_secret: SecretStr | None = Field(
        None, min_length=16, validation_alias="distribution_people_secret"
    )
    notifications_people_secret: SecretStr | None = Field(
        None, min_length=16, validation_alias="notifications_people_secret"
    )
    wallet_people_secret: SecretStr | None = Field(None, min_length=16, validation_alias="wallet_people_secret")

    base_url: str = "http://127.0.0.1:4001"
    """Where accounts' own routes are reached from outside."""
    frontend_url: str = "https://app.peerseed.example"
    """Where the links in e-mails lead."""

    access_token_seconds: int = 600
    session_idle_seconds: int = 1_800
    """A session without a refresh for this long has ended."""
    session_days_max: int = 30
    """A session ends after this, however busy."""
    sessions_max: int = 20
    """Per person; one more ends the one idle longest."""

    signing_key_days_max: int = 30
    """Older keys are replaced by the job."""
    signing_key_lead_seconds: int = 900
    """How long a new key is published before it signs. Longer than any verifier keeps its copy of the key set."""

    password_time_cost: int = 1
    password_memory_kib: int = 65_536
    password_parallelism: int = 4
    """One pass over 64 MiB in four lanes, 0.15 CPU seconds: above the 46 MiB in one pass that OWASP names first. RFC
    9106's three passes would let anybody use twice that with each wrong password. Older hashes are made anew at the
    next sign-in."""
    password_workers: int = 2
    """Hashes computed at once; each takes the memory above. More requests wait."""
    password_waiting_max: int = 100
    """Hashes that wait for a worker; one more is told at once that this part is not available."""
    password_characters_max: int = 128
    answer_seconds_min: float = 0.3
    """Answers that must not tell whether an e-mail is known take at least this long."""

    attempts_free: int = 5
    """Failures on one device, in one session, or at one account from one address, before they are slowed down."""
    attempts_free_per_account: int = 20
    """Failures at one account on all devices unknown to it; then those need a code from the owner's mail."""
    unlock_code_seconds: int = 3_600
    """How long that code is good for, and the shortest time between two such letters."""
    devices_max: int = 20
    """Devices of one person that are known; one more replaces the one unused longest."""
    device_days_kept: int = 180
    """A device unused for this long is a stranger's again."""
    attempts_free_per_address: int = 30
    """The same for one network address, behind which there may be many people."""
    attempts_delay_seconds: int = 2
    """The first wait; it doubles with each further failure."""
    attempts_delay_seconds_max: int = 900
    attempts_window_seconds: int = 3_600
    """Failures are forgotten when nothing was tried for this long."""
    messages_free: int = 3
    """Messages of one kind to one person (confirmation, reset link) before their requests are slowed down."""

    confirmation_link_seconds: int = 172_800
    confirmation_code_seconds: int = 600
    confirmation_code_tries: int = 5
    reset_link_seconds: int = 3_600
    recovery_code_count: int = 10

    messenger: str = "sandbox"
    """Who delivers e-mail and SMS: `sandbox`, or `package.module:factory`."""
    identity_verifier: str = "sandbox"
    """Who compares face and document: `sandbox`, or `package.module:factory`."""
    screener: str = "sandbox"
    """Who knows the lists of sanctions and of politically exposed people: `sandbox`, or `package.module:factory`."""
    sandbox_identity_result: str = "PASSED"
    """What the sandbox verifier finds when the document carries no marker: PASSED, FAILED or UNSURE."""

    upload_bytes_max: int = 5 * 1024 * 1024
    uploads_open_max: int = 10
    """Uploads of one person that belong to nothing yet."""
    upload_hours_kept: int = 24
    """An upload that belongs to nothing is deleted after this."""
    identity_checks_per_day: int = 5

    unconfirmed_days_kept: int = 7
    """A sign-up that nobody confirms is undone after this, so that it keeps no e-mail or CPF from its owner."""
    unproved_company_days_kept: int = 30
    """A company that nobody has proved to represent is undone after this, so that its CNPJ is free for its owner."""
    failed_check_days_kept: int = 90
    """Photos of a check that proved nothing are erased after this."""
    message_days_kept: int = 30
    """That a message was sent, not what was in it."""

    def secret_of(self, service: str) -> str | None:
        """What *service* signs its questions about people with; None when it has been given no secret."""
        secrets = {
            "contracts": self.contracts_people_secret,
            "credit": self.credit_people_secret,
            "distribution": self.distribution_people_secret,
            "notifications": self.notifications_people_secret,
            "wallet": self.wallet_people_secret,
        }
        secret = secrets.get(service)
        return secret.get_secret_value() if secret else None
