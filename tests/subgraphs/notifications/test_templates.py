"""What notifications look like outside the app, by channel, category and language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notifications.domain.templates import CATEGORIES, Told, plain, render, shortened
from subgraphs.notifications.domain.vocabulary import Category, Channel, Language

FRONTEND = "https://app.test"


def told(language: Language = Language.PORTUGUESE, **changes: object) -> Told:
    values = {
        "category": Category.INSTALLMENT,
        "title": "Parcela a vencer",
        "body": "A parcela 1, de R$ 945,60, vence em 23/12/2026.",
        "path": "/installments/7",
    } | changes
    return Told(language=language, **values)  # type: ignore[arg-type]


def test_an_e_mail_says_what_kind_of_news_it_is_where_it_leads_and_why_it_came() -> None:
    mail = render(told(), Channel.EMAIL, frontend_url=FRONTEND)
    assert (mail.title, mail.link) == ("Sua CPR: Parcela a vencer", "https://app.test/installments/7")
    assert mail.body == (
        "Olá,\n\nA parcela 1, de R$ 945,60, vence em 23/12/2026.\n\nVeja em: https://app.test/installments/7\n\n"
        "Você recebe este e-mail porque você tem uma CPR. O que chega por e-mail, você escolhe em Preferências.\n"
        "Peerseed\n"
    )


def test_the_same_in_english() -> None:
    english = told(Language.ENGLISH, title="Installment due soon", body="Installment 1 is due.")
    mail = render(english, Channel.EMAIL, frontend_url=FRONTEND)
    assert mail.title == "Your CPR: Installment due soon"
    assert mail.body.startswith("Hello,\n\nInstallment 1 is due.\n\nSee: https://app.test/installments/7\n\n")


def test_a_push_message_opens_a_path_of_the_app() -> None:
    push = render(told(), Channel.PUSH, frontend_url=FRONTEND)
    assert (push.title, push.body, push.link) == ("Parcela a vencer", told().body, "/installments/7")


def test_an_sms_is_plain_and_has_no_link() -> None:
    sms = render(told(body="Sua identificação não está concluída…"), Channel.SMS, frontend_url=FRONTEND)
    assert (sms.title, sms.body, sms.link) == ("", "Peerseed: Sua identificacao nao esta concluida...", "")


@pytest.mark.parametrize("language", Language)
def test_every_category_has_words_in_every_language(language: Language) -> None:
    assert CATEGORIES[language].keys() == set(Category)


@given(text=st.text(max_size=400), most=st.integers(10, 200))
def test_what_is_too_long_is_cut_and_what_fits_stays(text: str, most: int) -> None:
    cut = shortened(text, most)
    assert len(cut) <= most
    assert cut == text if len(text) <= most else cut.endswith("...")


@given(text=st.text(max_size=400))
def test_an_sms_is_one_of_160_characters_that_every_telephone_has(text: str) -> None:
    sms = render(told(body=text), Channel.SMS, frontend_url=FRONTEND)
    assert len(sms.body) <= 160
    assert sms.body.isascii()
    assert plain(sms.body) == sms.body


def test_a_text_is_cut_after_a_word() -> None:
    assert shortened("Multa e juros foram pagos primeiro", 20) == "Multa e juros..."
