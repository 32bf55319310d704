"""`POST /uploads` and `GET /uploads/{id}`, over real HTTP."""

import aiohttp
import pytest
from sqlalchemy import select

from subgraphs.accounts.models import AuditEntry, Upload
from tests.subgraphs.accounts.evidence import JPEG, PDF, PNG, post_file, upload
from tests.subgraphs.accounts.people import MARINA, Accounts


@pytest.mark.parametrize(
    ("content", "media_type"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (PDF, "application/pdf")]
)
async def test_a_file_is_known_by_its_content(
    accounts: Accounts, over_http: aiohttp.ClientSession, content: bytes, media_type: str
) -> None:
    sergio = await accounts.person()
    status, body = await post_file(over_http, content, **sergio.bearer)
    assert (status, body["mediaType"], body["sizeBytes"]) == (201, media_type, len(content))
    async with over_http.get(f"/uploads/{body['id']}", headers=sergio.bearer) as response:
        assert (response.status, response.content_type, await response.read()) == (200, media_type, content)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("content", [b"", b"MZ program", b"<html>", b" %PDF-1.7", b"\x89PNG", b"GIF89a"])
async def test_other_content_is_refused_whatever_it_calls_itself(
    accounts: Accounts, over_http: aiohttp.ClientSession, content: bytes
) -> None:
    sergio = await accounts.person()
    status, body = await post_file(over_http, content, **sergio.bearer)
    assert (status, body) == (
        415,
        {
            "code": "InvalidInput",
            "message": "Envie um arquivo PDF, JPG ou PNG.",
            "messageEnglish": "The file has to be a PDF, JPEG or PNG.",
        },
    )


async def test_five_megabytes_are_taken_and_one_byte_more_is_not(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    bytes_max = accounts.services.settings.upload_bytes_max
    status, _ = await post_file(over_http, JPEG.ljust(bytes_max, b"x"), **sergio.bearer)
    assert status == 201
    status, body = await post_file(over_http, JPEG.ljust(bytes_max + 1, b"x"), **sergio.bearer)
    assert (status, body["messageEnglish"]) == (413, "The file is larger than 5 MB.")
    status, body = await post_file(over_http, JPEG.ljust(bytes_max + 100_000, b"x"), **sergio.bearer)
    assert (status, body["code"]) == (413, "InvalidInput")


async def test_who_has_no_token_uploads_and_reads_nothing(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    upload_id = await upload(over_http, sergio, JPEG)
    status, body = await post_file(over_http, JPEG)
    assert (status, body["code"]) == (401, "UNAUTHENTICATED")
    async with over_http.get(f"/uploads/{upload_id}") as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_others_do_not_find_it(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, marina = await accounts.person(), await accounts.person("investor", **MARINA)
    upload_id = await upload(over_http, sergio, JPEG)
    for path in (f"/uploads/{upload_id}", "/uploads/not-a-uuid"):
        async with over_http.get(path, headers=marina.bearer) as response:
            assert (response.status, (await response.json())["code"]) == (404, "UploadNotFound")


async def test_a_token_without_signed_in_sends_no_file_and_reads_none(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    upload_id = await upload(over_http, sergio, JPEG)
    narrowed = accounts.tokens.bearer(sergio.id, scope="farmer")
    status, body = await post_file(over_http, JPEG, **narrowed)
    assert (status, body["code"]) == (403, "FORBIDDEN")
    async with over_http.get(f"/uploads/{upload_id}", headers=narrowed) as response:
        assert (response.status, (await response.json())["code"]) == (404, "UploadNotFound")


async def test_that_staff_looked_is_written_down(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio, ana = await accounts.person(), await accounts.person("analyst", **MARINA)
    upload_id = await upload(over_http, sergio, JPEG)
    async with over_http.get(f"/uploads/{upload_id}", headers=ana.bearer) as response:
        assert (response.status, await response.read()) == (200, JPEG)
    async with accounts.services.database.read() as session:
        (entry,) = (await session.scalars(select(AuditEntry))).all()
    assert (entry.action, str(entry.actor_id), str(entry.user_id)) == ("UPLOAD_VIEWED", ana.id, sergio.id)
    assert str(entry.subject_id) == upload_id


async def test_the_content_is_sealed_in_the_database(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    await upload(over_http, await accounts.person(), JPEG)
    async with accounts.services.database.read() as session:
        sealed = (await session.scalars(select(Upload.content_sealed))).one()
    assert b"a face" not in (sealed or b"a face")


async def test_uploads_that_belong_to_nothing_are_limited(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    for _ in range(10):
        await upload(over_http, sergio, JPEG)
    status, body = await post_file(over_http, JPEG, **sergio.bearer)
    assert (status, body["code"]) == (409, "TooManyUploads")


async def test_a_body_that_is_no_form_is_refused(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    async with over_http.post("/uploads", data=JPEG, headers=sergio.bearer) as response:
        assert (response.status, (await response.json())["code"]) == (400, "BAD_REQUEST")
    async with over_http.post("/uploads", data={"file": "text"}, headers=sergio.bearer) as response:
        assert (response.status, (await response.json())["code"]) == (400, "BAD_REQUEST")
    broken = sergio.bearer | {"content-type": "multipart/form-data; boundary=x"}
    async with over_http.post("/uploads", data=b"--y\r\n", headers=broken) as response:
        assert (response.status, (await response.json())["code"]) == (400, "BAD_REQUEST")
