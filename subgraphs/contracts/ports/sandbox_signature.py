"""A signature provider for demos and tests: "signs" with an HMAC where the real one has a certificate."""

import hashlib
import hmac
from typing import Any

from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks
from subgraphs.contracts.ports.signature import SignatureOrder


class SandboxSignatureProvider:
    """A `SignatureProvider` without a person who looks at what is signed."""

    def __init__(self, webhooks: SandboxWebhooks) -> None:
        self.webhooks = webhooks

    async def request_signature(self, order: SignatureOrder) -> None:
        now = self.webhooks.clock.now().isoformat()
        reference = str(order.reference)

        def answer(refuse: bool) -> dict[str, Any]:
            message = {"reference": reference, "occurred_at": now}
            if refuse:
                return message | {
                    "event_id": f"sig-{reference}-refused",
                    "status": "refused",
                    "reason": "o certificado do signatário está revogado",
                }
            return message | {
                "event_id": f"sig-{reference}-signed",
                "status": "signed",
                "document_digest": order.document_digest,
                "signature": hmac.new(b"sandbox", order.document.encode(), hashlib.sha256).hexdigest(),
                "certificate": f"CN={order.signer_name or order.signer_id}, O=ICP-Brasil (sandbox)",
            }

        received = {
            "event_id": f"sig-{reference}-received",
            "reference": reference,
            "occurred_at": now,
            "status": "received",
        }
        self.webhooks.take_order(received, answer)
