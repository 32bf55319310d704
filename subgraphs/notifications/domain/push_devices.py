"""Which telephones and browsers a person is told on."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications import models
from subgraphs.notifications.crud import push_devices
from subgraphs.notifications.domain.people import hold_person
from subgraphs.notifications.domain.vocabulary import Language, Platform
from subgraphs.shared.identity import Identity
from subgraphs.shared.refusal import InvalidInput

DEVICES_MAX = 10
"""Of one person. One more, and the one is forgotten whose app has not been heard of for longest."""
_TOKEN = re.compile(r"[!-~]{16,1024}")
"""Providers' tokens, and the address of a browser's subscription, are some hundred characters of visible ASCII."""


@dataclass(frozen=True, kw_only=True)
class RegisterDevice:
    token: str
    platform: Platform
    language: Language | None


async def register_device(
    session: AsyncSession, command: RegisterDevice, *, actor: Identity, now: datetime
) -> models.PushDevice:
    """
    Tell a person on this device from now on; whoever was told on it before is told there no more.

    An app says so each time it starts: the same device stays the same. Refuses with InvalidInput. Raises NoLongerMay.
    """
    if not _TOKEN.fullmatch(command.token):
        raise InvalidInput(
            field="token",
            reason="send the push provider's token: 16 to 1,024 visible ASCII characters",
            reason_pt="Envie o token do serviço de push: de 16 a 1.024 caracteres ASCII visíveis.",
        )
    await hold_person(session, actor.user_id)
    device = await push_devices.put_device(
        session,
        actor.user_id,
        token=command.token,
        platform=command.platform,
        language=command.language,
        now=now,
    )
    await push_devices.keep_newest(session, actor.user_id, count=DEVICES_MAX)
    return device
