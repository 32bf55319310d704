"""
Webhooks with an HMAC: who knows the secret wrote this body, not long ago.

The signature is HMAC-SHA256 over `timestamp.body`, in hexadecimal; the timestamp is inside, so that a recorded
request cannot be sent again later.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

TIMESTAMP_HEADER = "x-webhook-timestamp"
SIGNATURE_HEADER = "x-webhook-signature"

TOLERANCE_SECONDS = 300
"""How far the sender's clock may be from ours. Longer gives recordings a longer life."""


class ForgedWebhook(Exception):
    """The request does not prove who sent it; the message says what is missing or wrong, and no more."""


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def sign_webhook(secret: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers that prove *body*."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature_of(secret, timestamp, body)}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Raises ForgedWebhook unless *headers* prove *body* and are recent. Compares in constant time."""
    timestamp, signature = headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise ForgedWebhook(f"{TIMESTAMP_HEADER} has to be seconds since 1970")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise ForgedWebhook(f"{TIMESTAMP_HEADER} is more than {TOLERANCE_SECONDS} seconds from now")
    if not hmac.compare_digest(signature_of(secret, timestamp, body).encode(), signature.encode()):
        raise ForgedWebhook(f"{SIGNATURE_HEADER} is not the signature of this body")
