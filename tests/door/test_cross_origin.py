"""Which origins a setting lets in, and which settings are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from trevo.door.cross_origin import CorsRules, Origin, check_origins, is_allowed, pattern_of

ORIGIN = TypeAdapter(Origin)
PREVIEWS = "https://*.preview.example.org"


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.org",
        "http://app.example.org:8080",
        "http://localhost",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
        "chrome-extension://abcdefghijklmnop",
        PREVIEWS,
        "https://app-*.example.org",
        "https://*-team.preview.example.org:8443",
        "http://localhost:*",
        "https://127.0.0.1:*",
        "http://[::1]:*",
        "*",
    ],
)
def test_these_are_origins(text: str) -> None:
    assert ORIGIN.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "app.example.org",
        "//app.example.org",
        "https://app.example.org/",
        "https://app.example.org/path",
        "https://App.example.org",
        "https://app.example.org:443",
        "http://app.example.org:80",
        "https://app.example.org:",
        "https://user@app.example.org",
        "https://app.example.org\n",
        " https://app.example.org",
        "https://*",
        "https://*.org",
        "https://*.org:8080",
        "https://app.*.org",
        "https://*.*.example.org",
        "https://**.example.org",
        "https://*example.org",
        "*://app.example.org",
        "https://app.example.org:*",
        "http://localhost.evil.org:*",
        "http*://localhost:3000",
        "^https://.*$",
    ],
)
def test_these_are_none(text: str) -> None:
    with pytest.raises(ValidationError, match="no origin"):
        ORIGIN.validate_python(text)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://pr-12.preview.example.org", True),
        ("https://a.preview.example.org", True),
        ("https://preview.example.org", False),
        ("https://.preview.example.org", False),
        ("https://a.b.preview.example.org", False),
        ("https://evil.org/.preview.example.org", False),
        ("https://evil.org?.preview.example.org", False),
        ("https://evil.org#.preview.example.org", False),
        ("https://evil@a.preview.example.org", False),
        ("https://a.preview.example.org.evil.org", False),
        ("https://a.previewXexample.org", False),
        ("https://a.preview.example.org:8080", False),
        ("http://a.preview.example.org", False),
        ("https://A.preview.example.org", False),
        ("https://a.preview.example.org\n", False),
        ("https://x\n.preview.example.org", False),
        ("null", False),
        ("", False),
        ("*", False),
        ("http://localhost", True),
        ("http://localhost:1", True),
        ("http://localhost:65535", True),
        ("http://localhost:", False),
        ("http://localhost:80a", False),
        ("http://localhost.evil.org:80", False),
        ("https://localhost:80", False),
        ("https://app.example.org", True),
        ("https://app.example.org.evil.org", False),
        ("https://appXexample.org", False),
        (PREVIEWS, False),
        ("http://localhost:*", False),
    ],
)
def test_what_a_setting_lets_in(origin: str, *, allowed: bool) -> None:
    assert is_allowed(origin, ("https://app.example.org", PREVIEWS, "http://localhost:*")) is allowed


@given(label=st.text(max_size=12))
def test_a_star_stands_for_letters_digits_and_hyphens_alone(label: str) -> None:
    meant = label != "" and all(letter in "abcdefghijklmnopqrstuvwxyz0123456789-" for letter in label)
    assert is_allowed(f"https://{label}.preview.example.org", (PREVIEWS,)) is meant


def test_a_star_alone_is_everybody_and_nothing_nobody() -> None:
    assert is_allowed("https://anybody.example", ("*",))
    assert not is_allowed("https://anybody.example", ())
    assert pattern_of(("https://app.example.org", "*")) is None


def test_everybody_is_not_let_in_with_credentials_nor_named_beside_others() -> None:
    check_origins(("*",), CorsRules())
    check_origins((PREVIEWS,), CorsRules(credentials=True))
    with pytest.raises(ValueError, match="origins must be named"):
        check_origins(("*",), CorsRules(credentials=True))
    with pytest.raises(ValueError, match="name no others"):
        check_origins(("*", "https://app.example.org"), CorsRules())


@pytest.mark.parametrize(
    "given", [{"headers": ["*"]}, {"headers": ["two words"]}, {"exposed_headers": [""]}, {"methods": ["*"]},
              {"methods": []}, {"methods": ["CONNECT"]}, {"max_age_seconds": -1}, {"origins": []}],
)  # fmt: skip
def test_rules_name_what_they_allow(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CorsRules.model_validate(given)
