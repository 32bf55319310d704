"""A registry for demos and tests: gives out numbers like B3 would."""

from subgraphs.contracts.ports.registry import RegistryOrder
from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks


class SandboxRegistry:
    """A `Registry` that registers whatever it gets."""

    def __init__(self, webhooks: SandboxWebhooks) -> None:
        self.webhooks = webhooks

    async def request_registration(self, order: RegistryOrder) -> None:
        registered = {"registry": "B3", "registration_number": f"B3-{order.reference.hex[-12:].upper()}"}
        refusal = "garantia já vinculada a outra cédula"
        self.webhooks.take_order("reg", order.reference, "registered", registered, refusal=refusal)
