"""
Seals what must not be readable in a stolen copy of a database: signing keys, CPFs, bank accounts, certificates.

Each domain has a vault of its own. One secret from the settings gives a key per use (HKDF, RFC 5869). What is sealed
(AES-256-GCM) is bound to its place, so that a sealed CPF moved to another person's row does not open there.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_FORM = b"\x01"
"""First byte of everything sealed: another way of sealing will be another number."""


class CannotOpen(RuntimeError):
    """What was sealed does not open: the vault's secret is another, or the data was moved or damaged."""


class Vault:
    """Named after its *domain*, whose keys open nothing elsewhere even where two secrets should be the same."""

    def __init__(self, secret: str, *, domain: str) -> None:
        self._secret = secret.encode()
        self._domain = domain
        self._key = lru_cache(maxsize=16)(self._derive)

    def seal(self, plain: bytes, *, use: str, place: object) -> bytes:
        """*plain*, readable only through `open` with the same *use* (`cpf`) and *place* (the row's id)."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORM + nonce + AESGCM(self._key(f"seal {use}")).encrypt(nonce, plain, str(place).encode())

    def open(self, sealed: bytes, *, use: str, place: object) -> bytes:
        """What was sealed. Raises CannotOpen."""
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _FORM:
                raise CannotOpen(f"{use} is sealed in a way that is not known here")
            return AESGCM(self._key(f"seal {use}")).decrypt(nonce, content, str(place).encode())
        except InvalidTag:
            raise CannotOpen(f"{use} was sealed with another secret, or moved") from None

    def fingerprint(self, value: str, *, use: str) -> bytes:
        """
        A keyed hash: equal for equal values, and of no use without the secret.

        A plain hash would not do: there are few enough CPFs and codes to try them all.
        """
        return hmac.digest(self._key(f"fingerprint {use}"), value.encode(), hashlib.sha256)

    def _derive(self, label: str) -> bytes:
        return HKDF(hashes.SHA256(), length=32, salt=None, info=f"peerseed {self._domain} {label}".encode()).derive(
            self._secret
        )
