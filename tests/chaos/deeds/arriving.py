"""People sign up, follow the link in their mail, and prove who they are."""

import random
import uuid

from story.client import StoryFailed
from story.people import CONFIRM, DOCUMENT, IDENTITY, PASSWORD, SELFIE, SIGN_UP, VERIFY, consents_of, expect, new_cpf
from tests.chaos.deeds.turn import Turn, deed

RESEND = """mutation Resend($input: ResendConfirmationInput!) { resendConfirmation(input: $input) { __typename } }"""
REGISTER = """mutation Register($input: RegisterDeviceInput!) { registerDevice(input: $input) { __typename } }"""
LOOKS_UNTIL_RESENT = 20


@deed("arrive")
async def arrive(turn: Turn) -> None:
    player = turn.player
    draw = random.Random(f"{turn.world.seed} {player.part}")  # a made-up person
    form = {
        "name": player.name,
        "email": player.email,
        "password": PASSWORD,
        "birthDate": "1985-03-14",
        "phone": f"+55659{draw.randrange(10**8):08d}",
        "cpf": new_cpf(draw),
        "profiles": [turn.term("profile")],
        "consents": await consents_of(turn.client, turn.term("profile")),
    }
    expect((await turn.client.graphql(SIGN_UP, {"input": form}))["signUp"], "SignUpAccepted")
    await _follow_link(turn)
    await turn.client.sign_in(player)
    device = {"token": f"telephone-{uuid.uuid5(uuid.NAMESPACE_URL, player.email)}", "platform": "ANDROID"}
    await turn.ask(REGISTER, {"input": device})
    await _prove_identity(turn)


async def _follow_link(turn: Turn) -> None:
    email, looks = turn.player.email, 0

    async def confirmed() -> bool:
        """The sandbox keeps letters in memory: one that was there when it was killed is asked for again."""
        nonlocal looks
        letters = await turn.client.get(f"{turn.client.addresses.accounts}/sandbox/messages", to=email)
        tokens = [letter["data"]["token"] for letter in letters if "token" in letter["data"]]
        if tokens:
            answer = await turn.client.graphql(CONFIRM, {"input": {"token": tokens[-1]}})
            return bool(answer["confirmContact"]["__typename"] == "ContactConfirmed") or await _can_sign_in(turn)
        looks += 1
        if looks % LOOKS_UNTIL_RESENT == 0:
            await turn.client.graphql(RESEND, {"input": {"email": email}})
        return False

    await turn.client.until(f"the confirmation link of {turn.player.part}", confirmed)


async def _can_sign_in(turn: Turn) -> bool:
    """The link was followed before, and the answer to that was lost."""
    try:
        await turn.client.sign_in(turn.player)
    except StoryFailed:
        return False
    return True


async def _prove_identity(turn: Turn) -> None:
    player, uploads = turn.player, f"{turn.client.addresses.accounts}/uploads"
    mark = (turn.term("document") or "").encode()
    selfie = await turn.client.upload(uploads, SELFIE, "image/png", token=player.token)
    document = await turn.client.upload(uploads, DOCUMENT + mark, "application/pdf", token=player.token)
    await turn.ask(VERIFY, {"input": {"selfieUploadId": selfie["id"], "documentUploadId": document["id"]}})

    async def verified() -> bool:
        me = (await turn.ask(IDENTITY))["me"]
        return me["identityStatus"] == "VERIFIED" and me["wallet"] is not None

    await turn.client.until(f"the identity of {player.part} being verified", verified)
