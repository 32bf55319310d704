"""
How subgraphs with `https://` addresses are believed, and how the router proves who it is (mutual TLS).

Files are read once, at the start; one that cannot be used is told then, and not by the first request.
"""

import ssl
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class SubgraphTls(BaseModel):
    """Certificates for one subgraph, or all. Files are PEM."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    ca_file: Path | None = None
    """The authorities by whom a subgraph's certificate must be signed. None: those that the system believes."""
    certificate_file: Path | None = None
    """The router's own certificate, and those between it and its authority. None: it shows none."""
    key_file: Path | None = None
    """The private key of that certificate. None: it is in *certificate_file*."""
    key_password: SecretStr | None = None
    """Of the private key, where it is encrypted."""

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.certificate_file is None and (self.key_file is not None or self.key_password is not None):
            raise ValueError("'key_file' and 'key_password' belong to 'certificate_file'")
        return self

    def context(self, where: str) -> ssl.SSLContext | None:
        """What these files say; None where nothing is said. Raises ValueError, with *where* they were set."""
        if self.ca_file is None and self.certificate_file is None:
            return None
        try:
            made = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"{where}.ca_file: {self.ca_file}: {_reason(error)}") from None
        if self.certificate_file is None:
            return made
        password = "" if self.key_password is None else self.key_password.get_secret_value()
        try:
            # Given as a function, the password is not asked for at the terminal where none is set.
            made.load_cert_chain(self.certificate_file, self.key_file, lambda: password)
        except (OSError, ssl.SSLError, ValueError) as error:
            files = " and ".join(str(file) for file in (self.certificate_file, self.key_file) if file)
            raise ValueError(f"{where}.certificate_file: {files}: {_reason(error)}") from None
        return made


class SubgraphsTls(BaseModel):
    """Certificates on the way to subgraphs, for example `ROUTER_SUBGRAPH_TLS__ALL__CA_FILE=/etc/trevo/ca.pem`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    all: SubgraphTls = Field(default_factory=SubgraphTls)
    """For every subgraph that has none of its own."""
    subgraphs: dict[str, SubgraphTls] = Field(default_factory=dict)
    """For one, by its name, in place of those for all: `{"accounts": {"ca_file": "accounts.pem"}}`."""


class TlsContexts:
    """What the files of *rules* say, read once. Raises ValueError where one cannot be used."""

    def __init__(self, rules: SubgraphsTls) -> None:
        self._all = rules.all.context("subgraph_tls.all")
        self._own = {name: own.context(f"subgraph_tls.subgraphs.{name}") for name, own in rules.subgraphs.items()}

    def of(self, subgraph: str) -> ssl.SSLContext | None:
        """For *subgraph*; None: as the library has it by itself."""
        return self._own.get(subgraph, self._all)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key is not that of the certificate"
        reason = (error.reason or "no certificate or key can be read from it").lower().replace("_", " ")
        return f"it cannot be read ({reason})"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
