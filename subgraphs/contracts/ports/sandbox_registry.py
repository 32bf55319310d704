"""A registry for demos and tests: gives out numbers like B3 would."""

from typing import Any

from subgraphs.contracts.ports.registry import RegistryOrder
from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks


class SandboxRegistry:
    """A `Registry` that registers whatever it gets."""

    def __init__(self, webhooks: SandboxWebhooks) -> None:
        self.webhooks = webhooks

    async def request_registration(self, order: RegistryOrder) -> None:
        now = self.webhooks.clock.now().isoformat()
        reference = str(order.reference)

        def answer(refuse: bool) -> dict[str, Any]:
            message = {"reference": reference, "occurred_at": now}
            if refuse:
                return message | {
                    "event_id": f"reg-{reference}-refused",
                    "status": "refused",
                    "reason": "garantia já vinculada a outra cédula",
                }
            return message | {
                "event_id": f"reg-{reference}-registered",
                "status": "registered",
                "registry": "B3",
                "registration_number": f"B3-{order.reference.hex[-12:].upper()}",
            }

        received = {
            "event_id": f"reg-{reference}-received",
            "reference": reference,
            "occurred_at": now,
            "status": "received",
        }
        self.webhooks.take_order(received, answer)
