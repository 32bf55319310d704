"""The published language in files, and whether its readers understand it."""

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import jsonschema
import orjson
import pytest
from jsonschema.validators import Draft202012Validator

from subgraphs.shared.messaging.catalogue import Catalogue, discover
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.schema_export import export_schemas, stale_files

ROOT = Path(__file__).resolve().parents[4]


class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
    """Money was set aside."""

    hold_id: UUID
    amount_minor: int
    rate: Decimal | None = None


class Read:
    """What another domain reads of it."""

    class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
        hold_id: UUID
        amount_minor: int


PUBLISHED = {"wallet": (HoldPlaced,)}
CONSUMED = {"marketplace": (Read.HoldPlaced,)}


def test_an_event_validates_against_its_exported_schema(tmp_path: Path) -> None:
    export_schemas(PUBLISHED, CONSUMED, tmp_path)
    schema = orjson.loads((tmp_path / "wallet.hold_placed.v1.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    assert (schema["title"], schema["description"]) == ("wallet.hold_placed.v1", "Money was set aside.")
    payload = HoldPlaced(hold_id=UUID(int=7), amount_minor=100_00, rate=Decimal("0.10"))
    jsonschema.validate(Event.of(payload).data, schema)
    with pytest.raises(jsonschema.ValidationError, match="'amount_minor' is a required property"):
        jsonschema.validate({"hold_id": str(UUID(int=7))}, schema)


def test_the_asyncapi_document_says_who_sends_and_who_receives(tmp_path: Path) -> None:
    export_schemas(PUBLISHED, CONSUMED, tmp_path)
    document = orjson.loads((tmp_path / "asyncapi.json").read_bytes())
    channel = {"$ref": "#/channels/wallet.hold_placed.v1"}
    assert document["asyncapi"] == "3.0.0"
    assert document["operations"] == {
        "wallet sends wallet.hold_placed.v1": {"action": "send", "channel": channel},
        "marketplace receives wallet.hold_placed.v1": {"action": "receive", "channel": channel},
    }
    assert document["channels"]["wallet.hold_placed.v1"]["address"] == "wallet.hold_placed.v1"
    message = document["components"]["messages"]["wallet.hold_placed.v1"]
    assert message["payload"]["allOf"][1]["properties"]["data"] == {"$ref": "./wallet.hold_placed.v1.json"}
    envelope = document["components"]["schemas"]["CloudEvent"]
    body = orjson.loads(Event.of(HoldPlaced(hold_id=UUID(int=7), amount_minor=1)).encode())
    jsonschema.validate(body, envelope)


def test_exporting_writes_what_changed_and_deletes_what_is_gone(tmp_path: Path) -> None:
    assert {path.name for path in stale_files(PUBLISHED, CONSUMED, tmp_path)} == {
        "wallet.hold_placed.v1.json",
        "asyncapi.json",
    }
    export_schemas(PUBLISHED, CONSUMED, tmp_path)
    assert stale_files(PUBLISHED, CONSUMED, tmp_path) == []
    (tmp_path / "wallet.hold_forgotten.v1.json").write_text("{}")
    assert [path.name for path in export_schemas(PUBLISHED, CONSUMED, tmp_path)] == ["wallet.hold_forgotten.v1.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asyncapi.json", "wallet.hold_placed.v1.json"]


def test_a_reader_may_take_less_than_there_is() -> None:
    assert Catalogue(PUBLISHED, CONSUMED).disagreements() == []


def test_a_reader_may_not_need_what_is_not_sent() -> None:
    class Demanding(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
        hold_id: UUID
        wallet_id: UUID
        note: str | None = None

    assert Catalogue(PUBLISHED, {"marketplace": (Demanding,)}).disagreements() == [
        "marketplace needs wallet_id of wallet.hold_placed.v1, which its publisher does not send"
    ]


def test_a_reader_must_be_able_to_read_every_value_that_is_sent() -> None:
    class Narrow(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
        hold_id: UUID
        amount_minor: str
        rate: Decimal

    assert Catalogue(PUBLISHED, {"marketplace": (Narrow,)}).disagreements() == [
        "marketplace cannot read amount_minor of wallet.hold_placed.v1 when it is: integer",
        "marketplace cannot read rate of wallet.hold_placed.v1 when it is: null",
    ]


def test_what_is_read_must_be_published_and_by_its_own_domain() -> None:
    assert Catalogue({"wallet": ()}, CONSUMED).disagreements() == [
        "marketplace reads wallet.hold_placed.v1, which nobody publishes"
    ]
    assert Catalogue({"market": (HoldPlaced,)}, {}).disagreements() == [
        "market publishes wallet.hold_placed.v1, which is another domain's name"
    ]


def test_the_platforms_domains_understand_each_other() -> None:
    assert discover().disagreements() == []


def test_the_exported_schemas_are_current() -> None:
    catalogue = discover()
    stale = stale_files(catalogue.published, catalogue.consumed, ROOT / "schema" / "events")
    assert stale == [], "run `python -m subgraphs.shared.messaging schemas` and review the difference"
