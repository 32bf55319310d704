"""The second factor in the graph."""

import strawberry


@strawberry.type(description="What the authenticator app needs. Shown once; counts after confirmTotp.")
class TotpEnrolment:
    secret: str = strawberry.field(description="To type in by hand: base32.")
    uri: str = strawberry.field(
        description="The same as a link that opens the app: otpauth://totp/…, to be encoded as a QR code."
    )
    qr_svg: str = strawberry.field(description="The same as a QR code, an SVG image.")


@strawberry.type(description="Codes that each let their holder in once without the app. Shown once: keep them.")
class RecoveryCodes:
    codes: list[str] = strawberry.field(description="Each is good for one sign-in.")
