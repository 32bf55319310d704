"""What people type about themselves, and the one form it is kept in."""

from datetime import date

import pytest

from subgraphs.accounts.domain import personal_data
from subgraphs.accounts.models.vocabulary import Profile
from subgraphs.shared.refusal import InvalidInput

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text", ["+5565999990001", "(65) 99999-0001", "65999990001", "+55 65 99999-0001", "65 9.9999.0001"]
)
def test_a_mobile_is_kept_in_e164(text: str) -> None:
    assert personal_data.read_phone(text) == "+5565999990001"


@pytest.mark.parametrize(
    "text",
    ["+5565899990001", "+556599990001", "+5520999990001", "+14155550100", "99999-0001", "", "+55659999900011", "abc"],
)
def test_what_is_no_brazilian_mobile_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_phone(text)
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    "text", ["Sérgio Almeida", "Ana d'Ávila", "João-Paulo Jr.", "Li", "José\N{COMBINING ACUTE ACCENT}"]
)
def test_names_may_have_accents_and_marks(text: str) -> None:
    assert personal_data.read_name(f"  {text} ") == personal_data.read_name(text)


@pytest.mark.parametrize("text", ["X", "", "x" * 121, "Visite http://x.com", "Ana <b>", "Ana\N{NULL}", "Ana@x", "R2D2"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_name(text)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("full", "short"),
    [("Sérgio Almeida", "Sérgio A."), ("Ana Maria da Silva", "Ana S."), ("Administração", "Administração")],
)
def test_others_see_a_short_name(full: str, short: str) -> None:
    assert personal_data.short_name(full) == short


@pytest.mark.parametrize(
    ("text", "email"), [("Ana@Example.COM", "Ana@example.com"), (" ana@example.com ", "ana@example.com")]
)
def test_an_email_keeps_its_local_part_as_written(text: str, email: str) -> None:
    assert personal_data.read_email(text) == email


def test_emails_are_compared_without_case() -> None:
    assert personal_data.email_key("Ana@Example.com") == personal_data.email_key(" ana@example.com")


@pytest.mark.parametrize(
    "text", ["ana", "ana@", "@example.com", "ana@example", "a b@example.com", "a" * 255 + "@example.com"]
)
def test_what_is_no_email_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_email(text)
    assert (refused.value.field, refused.value.reason) == ("email", "is not an e-mail address")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Aa#4567", "must have at least 8 characters"),
        ("aa#45678", "must have an upper-case letter"),
        ("Aa#bcdefg", "must have a digit"),
        ("Aa345678", "must have a special character"),
        ("Aa345678 ", "must have a special character"),
        ("Aa#45678\n", "must not have control characters"),
        ("Aa#4" + "5" * 125, "must have at most 128 characters"),
        ("Ana@Example.com1", "must not be the e-mail"),
    ],
)
def test_a_password_that_breaks_a_rule_names_it(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_new_password(text, characters_max=128, email="ana@example.com1")
    assert (refused.value.field, refused.value.reason) == ("password", reason)


@pytest.mark.parametrize("text", ["Aa#45678", "Ábcdef1!", "Aa#4" + "5" * 124, "Semente#2026", "Aa 4567€"])
def test_a_good_password_is_taken_as_it_is(text: str) -> None:
    assert personal_data.read_new_password(text, characters_max=128) == text


def test_one_is_adult_on_the_eighteenth_birthday() -> None:
    assert personal_data.read_birth_date(date(2008, 11, 23), today=TODAY) == date(2008, 11, 23)
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_birth_date(date(2008, 11, 24), today=TODAY)
    assert refused.value.reason == "must be at least 18 years ago"
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_birth_date(date(1905, 1, 1), today=TODAY)
    assert refused.value.reason == "must not be more than 120 years ago"


def test_profiles_are_one_or_both_each_once() -> None:
    both = (Profile.FARMER, Profile.INVESTOR)
    assert personal_data.read_profiles([Profile.INVESTOR, Profile.FARMER, Profile.FARMER]) == both
    with pytest.raises(InvalidInput) as refused:
        personal_data.read_profiles([])
    assert refused.value.field == "profiles"
