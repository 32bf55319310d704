"""In the graph: texts that people agree to, and what they have said of them."""

from datetime import date, datetime
from typing import Self

import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api.types.vocabulary import ConsentAct, ConsentPurpose, ConsentStatus
from subgraphs.accounts.domain.consents import NEEDED, Stand
from subgraphs.accounts.schemas.commands import AgreedTo
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import TEXT
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.refusal import InvalidInput

PURPOSE = "What the text is for."


@strawberry.type(description="One version of a text that people agree to. Everybody may read it.")
class ConsentText:
    purpose: ConsentPurpose = strawberry.field(description=PURPOSE)
    version: int = strawberry.field(description="1, 2, 3, … of the purpose.")
    valid_from: date = strawberry.field(description="The day in Brasília from which it is in force.")
    earlier_good_until: date = strawberry.field(
        description="The day from which agreement to an earlier version is good no more."
    )
    title: str = strawberry.field(description="In Portuguese.")
    sentences: str = strawberry.field(description="What people agree to, in Portuguese.", directives=[TEXT])
    title_english: str = strawberry.field(description="The same in English.")
    sentences_english: str = strawberry.field(description="The same in English.", directives=[TEXT])
    is_needed_to_sign_up: bool = strawberry.field(
        description="Whether nobody has an account without; such a consent is not withdrawn."
    )
    row: strawberry.Private[models.ConsentText]

    @strawberry.field(
        description="SHA-256, in hexadecimal, of title, sentences, titleEnglish and sentencesEnglish with a line feed "
        "between them, in UTF-8. A consent keeps it.",
        directives=[TEXT],
    )
    def sha256(self) -> str:
        return self.row.sha256

    @classmethod
    def from_model(cls, row: models.ConsentText) -> Self:
        return cls(
            purpose=row.purpose,
            version=row.version,
            valid_from=row.valid_from,
            earlier_good_until=row.earlier_good_until,
            title=row.title,
            sentences=row.sentences,
            title_english=row.title_english,
            sentences_english=row.sentences_english,
            is_needed_to_sign_up=row.purpose in NEEDED,
            row=row,
        )


@strawberry.type(description="Where a person stands with what one text asks.")
class Consent:
    purpose: ConsentPurpose = strawberry.field(description=PURPOSE)
    status: ConsentStatus = strawberry.field(description="Whether they have agreed, and whether that is still good.")
    version: int | None = strawberry.field(description="The version that was last agreed to or taken back.")
    changed_at: datetime | None = strawberry.field(description="When that was; null where nothing was ever said.")
    good_until: date | None = strawberry.field(
        description="The day from which what was agreed to is good no more, because a later version asks anew."
    )
    text: ConsentText = strawberry.field(description="The version in force: `giveConsent` takes it.")

    @classmethod
    def of(cls, stand: Stand) -> Self:
        newest = stand.newest
        return cls(
            purpose=stand.text.purpose,
            status=stand.status,
            version=None if newest is None else newest.version,
            changed_at=None if newest is None else newest.at,
            good_until=stand.good_until,
            text=ConsentText.from_model(stand.text),
        )


@strawberry.type(description="Something that a person once said of a text.")
class ConsentFact:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    purpose: ConsentPurpose = strawberry.field(description=PURPOSE)
    version: int = strawberry.field(description="Of which version of the text.")
    act: ConsentAct = strawberry.field(description="Whether it was given or withdrawn.")
    at: datetime = strawberry.field(description="When.")
    text_sha256: str = strawberry.field(description="`ConsentText.sha256` of what was read.")
    session_id: strawberry.ID | None = strawberry.field(
        description="In which sign-in: an id at `User.signInHistory`. Null of the sign-up's form."
    )

    @classmethod
    def from_model(cls, row: models.Consent) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            purpose=row.purpose,
            version=row.version,
            act=row.act,
            at=row.at,
            text_sha256=row.text_sha256,
            session_id=None if row.session_id is None else strawberry.ID(str(row.session_id)),
        )


@strawberry.type(description="A page of what a person said of texts, the newest first.")
class ConsentFactPage:
    nodes: list[ConsentFact] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.input(description="A text that somebody has read and agrees to.")
class ConsentInput:
    purpose: ConsentPurpose = strawberry.field(description=PURPOSE)
    version: int = strawberry.field(description="The version that was read: `ConsentText.version`.")

    def to_command(self) -> AgreedTo:
        return AgreedTo(self.purpose, self.version)


def read_consents(consents: list[ConsentInput]) -> tuple[AgreedTo, ...]:
    """Of a form. Refuses with InvalidInput."""
    agreed = tuple(consent.to_command() for consent in consents)
    if len({one.purpose for one in agreed}) != len(agreed):
        raise InvalidInput(
            field="consents",
            reason="each purpose is agreed to once",
            reason_pt="Há um aceite repetido.",
        )
    return agreed
