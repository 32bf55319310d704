"""What people scan, paste or type to pay."""

import io
from datetime import date, datetime

import segno
import strawberry

from subgraphs.shared.graphql.cost import IMAGE
from subgraphs.wallet import models
from subgraphs.wallet.domain import boleto


@strawberry.type(description="A Pix charge to be paid: the code to paste, and the same as a picture to scan.")
class PixCode:
    txid: str = strawberry.field(description="The charge's own name at the gateway.")
    br_code: str = strawberry.field(description="BR Code, for Pix copy-and-paste.")
    expires_at: datetime = strawberry.field(description="Until when it can be paid.")

    @strawberry.field(description="The code as an SVG image.", directives=[IMAGE])
    def qr_svg(self) -> str:
        image = io.BytesIO()
        segno.make(self.br_code, error="m", micro=False).save(image, kind="svg", xmldecl=False, scale=4, border=4)
        return image.getvalue().decode()

    @strawberry.field(description="The code as a PNG image in a data URI.")
    def qr_png(self) -> str:
        uri: str = segno.make(self.br_code, error="m", micro=False).png_data_uri(scale=4, border=4)
        return uri


@strawberry.type(description="A boleto to be paid at any bank.")
class BoletoSlip:
    txid: str = strawberry.field(description="The charge's own name at the gateway.")
    line: str = strawberry.field(description="The 47 digits that people type, as printed.")
    barcode: str = strawberry.field(description="The 44 digits of the barcode (ITF).")
    due_on: date = strawberry.field(description="The due date that is printed on it.")
    expires_at: datetime = strawberry.field(description="Until when it can be paid.")


def pix_code_of(charge: models.Charge) -> PixCode | None:
    if charge.br_code is None:
        return None
    return PixCode(txid=charge.txid, br_code=charge.br_code, expires_at=charge.expires_at)


def boleto_slip_of(charge: models.Charge) -> BoletoSlip | None:
    if charge.barcode is None or charge.due_on is None:
        return None
    return BoletoSlip(
        txid=charge.txid,
        line=boleto.format_line(boleto.line_of(charge.barcode)),
        barcode=charge.barcode,
        due_on=charge.due_on,
        expires_at=charge.expires_at,
    )
