"""Files that people upload, and the way from an upload to a decision."""

import io
from typing import Any

import aiohttp

from tests.subgraphs.accounts.people import Accounts, Person

JPEG = b"\xff\xd8\xff\xe0 a face"
PNG = b"\x89PNG\r\n\x1a\n a document"
PDF = b"%PDF-1.7 a document"

SUBMIT = """mutation ($input: SubmitIdentityCheckInput!) { submitIdentityCheck(input: $input) {
  __typename ... on IdentityCheck { id status reason } ... on UploadNotFound { uploadId }
  ... on TooManyAttempts { retryAfterSeconds } ... on InvalidInput { field } } }"""
DECIDE = """mutation ($input: DecideIdentityCheckInput!) { decideIdentityCheck(input: $input) {
  __typename ... on IdentityCheck { id status reason decidedAt user { identityStatus } }
  ... on InvalidInput { field } } }"""
STATUS = "{ me { identityStatus identityCheck { status reason history { action } } } }"


async def post_file(client: aiohttp.ClientSession, content: bytes, **headers: str) -> tuple[int, Any]:
    """Status and body of `POST /uploads`."""
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(content), filename="document.exe", content_type="text/html")
    async with client.post("/uploads", data=form, headers=headers) as response:
        return response.status, await response.json()


async def upload(client: aiohttp.ClientSession, person: Person, content: bytes) -> str:
    """The id of a new upload."""
    status, body = await post_file(client, content, **person.bearer)
    assert status == 201, body
    return str(body["id"])


async def submit(accounts: Accounts, client: aiohttp.ClientSession, person: Person, document: bytes = PNG) -> Any:
    """A check handed in with two new uploads."""
    wanted = {
        "documentUploadId": await upload(client, person, document),
        "selfieUploadId": await upload(client, person, JPEG),
    }
    return await accounts.do(SUBMIT, wanted, headers=person.bearer)


async def status_of(accounts: Accounts, person: Person) -> str:
    return (await accounts.do(STATUS, headers=person.bearer))["identityStatus"]
