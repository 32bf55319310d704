"""Documents: taken by their content, kept in either store, shown to farmer and staff, and scored."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from subgraphs.credit import models
from subgraphs.credit.domain.documents import clean_name
from subgraphs.credit.ports.document_store import FolderStore
from subgraphs.credit.schemas import heard
from subgraphs.shared.http import create_http_app
from subgraphs.shared.ids import new_id
from tests.builders.deliveries import deliver, in_order, recorded
from tests.builders.serving import served
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.credit.credit_builders import ANA, JPEG, MARINA, PDF, PNG, SERGIO, Credit, make_credit

PATH = "/credit/documents"


@pytest_asyncio.fixture
async def address(credit: Credit) -> AsyncIterator[str]:
    async with served(lambda _: create_http_app(credit.subgraph)) as address:
        yield address


def a_form(request_id: object, content: bytes = PDF, *, kind: str = "LAND_TITLE", name: str = "matricula.pdf") -> Any:
    form = aiohttp.FormData()
    form.add_field("creditRequestId", str(request_id))
    form.add_field("kind", kind)
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    return form


async def upload(credit: Credit, address: str, form: Any, *, who: Any = SERGIO) -> tuple[int, Any]:
    status, answer, _ = await credit.send(who, "POST", PATH, address=address, data=form)
    return status, answer


async def count_documents(credit: Credit) -> int:
    async with credit.subgraph.database.read() as session:
        return await session.scalar(select(func.count()).select_from(models.Document)) or 0


@pytest.mark.parametrize(
    ("content", "media_type"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
async def test_a_document_is_kept_and_given_back(credit: Credit, address: str, content: bytes, media_type: str) -> None:
    request_id = await credit.scored_request()
    status, answer = await upload(credit, address, a_form(request_id, content))
    assert (status, answer) == (
        201,
        {
            "id": answer["id"],
            "creditRequestId": request_id,
            "kind": "LAND_TITLE",
            "fileName": "matricula.pdf",
            "mediaType": media_type,
            "sizeBytes": len(content),
            "path": f"/credit/documents/{answer['id']}",
        },
    )
    status, given_back, headers = await credit.send(SERGIO, "GET", answer["path"], address=address)
    assert (status, given_back) == (200, content)
    assert headers["content-type"] == media_type
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''matricula.pdf"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_new_document_scores_the_request_anew(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    await upload(credit, address, a_form(request_id))
    await credit.work_off()
    scores = [scored["score"] for scored in await recorded(credit.subgraph, "request_scored")]
    assert scores == [900, 925]
    query = "query ($id: ID!) { creditRequest(id: $id) { status score { score } documents { kind } steps { status } } }"
    request = (await credit.ask(SERGIO, query, id=request_id))["creditRequest"]
    assert (request["status"], request["score"], request["documents"]) == (
        "IN_ANALYSIS",
        {"score": 925},
        [{"kind": "LAND_TITLE"}],
    )
    assert [step["status"] for step in request["steps"]] == [
        "SUBMITTED",
        "SCORING",
        "IN_ANALYSIS",
        "SCORING",
        "IN_ANALYSIS",
    ]


async def test_documents_before_the_first_score_count_in_it(credit: Credit, address: str) -> None:
    request = await credit.request()
    await upload(credit, address, a_form(request["id"]))
    await upload(credit, address, a_form(request["id"], PNG, kind="INVOICE"))
    await credit.work_off()
    scores = [scored["score"] for scored in await recorded(credit.subgraph, "request_scored")]
    assert scores == [940, 940, 940]


async def test_the_same_file_again_is_the_document_already_there(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    first, again = [await upload(credit, address, a_form(request_id)) for _ in range(2)]
    assert first == again
    assert await count_documents(credit) == 1
    assert len(await recorded(credit.subgraph, "document_added")) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"MZ\x90\x00" + PDF,
        b"<html>%PDF-1.7 %%EOF</html>",
        PDF[:-8],
        PNG[:-4],
        PNG[:8] + b"\x00\x00\x00\x00IEND\xaeB\x60\x82",
        JPEG[:-2],
    ],
)
async def test_what_is_no_whole_document_is_refused_whatever_it_is_called(
    credit: Credit, address: str, content: bytes
) -> None:
    request_id = await credit.scored_request()
    status, answer = await upload(credit, address, a_form(request_id, content))
    assert (status, answer["code"], answer["field"]) == (400, "InvalidInput", "file")
    assert answer["message"] == "O arquivo precisa ser um PDF, JPG ou PNG completo."
    assert await count_documents(credit) == 0


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\laudo.pdf", "laudo.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("\x07bell.pdf", "bell.pdf"),
        ("", "documento"),
    ],
)
def test_a_file_name_is_for_people_only(name: str, kept: str) -> None:
    assert clean_name(name) == kept


async def test_forms_that_miss_something_say_what(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    without_file = aiohttp.FormData({"creditRequestId": request_id, "kind": "INVOICE"})
    without_file.add_field("more", b"x", filename="", content_type="text/plain")
    assert (await upload(credit, address, without_file))[1]["field"] == "file"
    status, answer = await upload(credit, address, a_form(request_id, kind="SELFIE"))
    assert (status, answer["field"]) == (400, "kind")
    assert (await upload(credit, address, b"{}"))[0] == 415
    broken = {"headers": {"content-type": "multipart/form-data; boundary=x"}, "data": b"no form"}
    assert (await credit.send(SERGIO, "POST", PATH, address=address, **broken))[0] == 400
    assert await count_documents(credit) == 0


async def test_a_file_over_the_limit_is_refused(make_database: MakeDatabase, tokens: TokenIssuer) -> None:
    small = make_credit(await make_database("credit"), tokens, document_bytes_max=100)
    async with served(lambda _: create_http_app(small.subgraph)) as address:
        request_id = await small.scored_request()
        at_the_limit = PDF[:8] + b" " * (100 - len(PDF)) + PDF[8:]
        assert (await upload(small, address, a_form(request_id, at_the_limit)))[0] == 201
        over = PDF[:8] + b" " * (101 - len(PDF)) + PDF[8:]
        assert (await upload(small, address, a_form(request_id, over)))[0] == 413
        far_over = b"x" * 20_000
        assert (await upload(small, address, a_form(request_id, far_over)))[0] == 413
        await small.subgraph.close()


async def test_only_the_farmer_adds_documents(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    answers = {who: (await upload(credit, address, a_form(request_id), who=who))[0] for who in (None, MARINA, ANA)}
    assert answers == {None: 401, MARINA: 403, ANA: 403}
    credit.scopes[MARINA] = ("farmer",)
    assert (await upload(credit, address, a_form(request_id), who=MARINA))[0] == 404
    assert (await upload(credit, address, a_form(new_id())))[1]["code"] == "CreditRequestNotFound"
    forged = await credit.send(
        None, "POST", PATH, address=address, data=a_form(request_id), headers={"authorization": "Bearer nonsense"}
    )
    assert (forged[0], forged[2]["www-authenticate"]) == (401, "Bearer")


async def test_the_farmer_and_staff_may_look_at_a_document(credit: Credit, address: str) -> None:
    _, answer = await upload(credit, address, a_form(await credit.scored_request()))
    seen = {
        who: (await credit.send(who, "GET", answer["path"], address=address))[0] for who in (None, MARINA, SERGIO, ANA)
    }
    assert seen == {None: 401, MARINA: 404, SERGIO: 200, ANA: 200}
    assert (await credit.send(SERGIO, "GET", f"{PATH}/nonsense", address=address))[0] == 404


async def test_a_decided_request_takes_no_more_documents(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    await credit.approve(request_id)
    status, answer = await upload(credit, address, a_form(request_id))
    assert (status, answer["code"]) == (409, "RequestDecided")


async def test_a_request_takes_only_so_many_documents(credit: Credit, address: str) -> None:
    request_id = (await credit.request())["id"]
    for number in range(20):
        assert (await upload(credit, address, a_form(request_id, PDF + b"%%EOF\n" * number)))[0] == 201
    status, answer = await upload(credit, address, a_form(request_id, PNG))
    assert (status, answer["code"]) == (409, "TooManyDocuments")


async def test_documents_may_lie_in_a_folder(make_database: MakeDatabase, tokens: TokenIssuer, tmp_path: Path) -> None:
    credit = make_credit(await make_database("credit"), tokens, document_folder=tmp_path)
    async with served(lambda _: create_http_app(credit.subgraph)) as address:
        _, answer = await upload(credit, address, a_form(await credit.scored_request()))
        kept = FolderStore(tmp_path).path_of(UUID(answer["id"]))
        assert kept.read_bytes() == PDF
        assert (await credit.send(SERGIO, "GET", answer["path"], address=address))[1] == PDF
        await deliver(credit.subgraph, heard.AccountClosed(user_id=SERGIO))
        assert not kept.exists()
        assert (await credit.send(SERGIO, "GET", answer["path"], address=address))[0] == 404
        await credit.subgraph.close()


async def test_a_closed_account_leaves_no_document_and_no_name_of_one(credit: Credit, address: str) -> None:
    request_id = await credit.scored_request()
    _, answer = await upload(credit, address, a_form(request_id, name="Sérgio Campos.pdf"))
    verified = heard.IdentityVerified(user_id=SERGIO)
    late, closed = in_order(verified, heard.AccountClosed(user_id=SERGIO))
    await deliver(credit.subgraph, closed)
    await deliver(credit.subgraph, late)
    assert (await credit.send(ANA, "GET", answer["path"], address=address))[0] == 404
    async with credit.subgraph.database.read() as session:
        applicant = await session.get_one(models.Applicant, SERGIO)
        (document,) = (await session.scalars(select(models.Document))).all()
    assert (applicant.verified_at, document.file_name) == (None, "")
    query = "query ($id: ID!) { creditRequest(id: $id) { documents { id } score { score } } }"
    request = (await credit.ask(ANA, query, id=request_id))["creditRequest"]
    assert request == {"documents": [], "score": {"score": 900}}


async def test_the_sandbox_bureau_is_told_what_to_say_over_http(credit: Credit, address: str) -> None:
    order = {"subject": str(SERGIO), "profile": "poor"}
    assert (await credit.send(None, "POST", "/sandbox/bureau", address=address, json=order))[0] == 204
    outage = {"misbehave": "unavailable", "times": 2}
    assert (await credit.send(None, "POST", "/sandbox/bureau", address=address, json=outage))[0] == 204
    assert (await credit.send(None, "POST", "/sandbox/bureau", address=address, json={"profile": "rich"}))[0] == 400
    await credit.scored_request()
    assert credit.bureau.asked == 3
    assert [scored["score"] for scored in await recorded(credit.subgraph, "request_scored")] == [320]
