"""A signature provider for demos and tests: "signs" with an HMAC where the real one has a certificate."""

import hashlib
import hmac

from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks
from subgraphs.contracts.ports.signature import SignatureOrder


class SandboxSignatureProvider:
    """A `SignatureProvider` without a person who looks at what is signed."""

    def __init__(self, webhooks: SandboxWebhooks) -> None:
        self.webhooks = webhooks

    async def request_signature(self, order: SignatureOrder) -> None:
        signed = {
            "document_digest": order.document_digest,
            "signature": hmac.new(b"sandbox", order.document.encode(), hashlib.sha256).hexdigest(),
            "certificate": f"CN={order.signer_name or order.signer_id}, O=ICP-Brasil (sandbox)",
        }
        refusal = "o certificado do signatário está revogado"
        self.webhooks.take_order("sig", order.reference, "signed", signed, refusal=refusal)
