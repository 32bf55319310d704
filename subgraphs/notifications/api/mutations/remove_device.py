"""`removeDevice`: be told on a telephone or browser no more."""

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.crud import push_devices
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Which of one's devices.")
class RemoveDeviceInput:
    id: strawberry.ID = strawberry.field(description="The id that registering it answered.")


@strawberry.type(description="Nothing is sent to this device any more.")
class DeviceRemoved:
    id: strawberry.ID = strawberry.field(description="The id that was sent.")


@mutation(description="Be told on a device of one's own no more. Doing so again changes nothing.")
async def remove_device(info: Info, input: RemoveDeviceInput) -> DeviceRemoved:
    user_id = info.context.require().user_id
    async with info.context.begin() as session:
        await push_devices.remove_device(session, user_id, require_id(input.id))
    return DeviceRemoved(id=input.id)
