"""`registerDevice`: be told by push on this telephone or browser."""

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.types.push_device import PushDevice
from subgraphs.notifications.api.types.vocabulary import Language, Platform
from subgraphs.notifications.domain import push_devices
from subgraphs.notifications.domain.push_devices import RegisterDevice
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The device that sends this.")
class RegisterDeviceInput:
    token: str = strawberry.field(
        description="By which the push provider knows it: 16 to 1,024 visible ASCII characters."
    )
    platform: Platform = strawberry.field(description="What it is.")
    language: Language | None = strawberry.field(
        default=None, description="In which messages to it are written; the person's choice when left out."
    )


@mutation(
    description="Be told by push on this device. To be sent whenever the app starts: nothing changes but the time. A "
    "token is one person's: who registered it last. Of more than ten devices the one heard of longest ago is "
    "forgotten.",
)
async def register_device(info: Info, input: RegisterDeviceInput) -> PushDevice:
    actor = info.context.require()
    command = RegisterDevice(token=input.token, platform=input.platform, language=input.language)
    async with info.context.begin() as session:
        device = await push_devices.register_device(session, command, actor=actor, now=info.context.clock.now())
    return PushDevice.from_model(device)
