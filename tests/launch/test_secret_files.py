"""Secrets from files."""

from pathlib import Path

import pytest

from launch.secret_files import SecretFileUnreadable, read_secret_files


def test_a_secret_is_read_from_the_file_that_its_setting_names(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://a:b@c/d\n")
    (tmp_path / "secret").write_text("two words")
    environment = {
        "WALLET_DATABASE_URL_FILE": str(tmp_path / "url"),
        "WALLET_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
        "SSL_CERT_FILE": "/etc/ssl/cert.pem",
        "GRAPHIQL_FILE": "/nowhere",
    }
    read_secret_files(environment)
    assert environment["WALLET_DATABASE_URL"] == "postgresql://a:b@c/d"
    assert environment["WALLET_WEBHOOK_SECRET"] == "two words"
    assert {"SSL_CERT", "GRAPHIQL"} & set(environment) == set()


@pytest.mark.parametrize(
    ("content", "given", "problem"),
    [
        (None, {}, "RABBITMQ_URL_FILE names .*, which cannot be read: "),
        ("", {}, "is empty or too long to be a secret"),
        ("x" * 70_000, {}, "is empty or too long to be a secret"),
        ("amqp://here", {"RABBITMQ_URL": "amqp://there"}, "Set RABBITMQ_URL or RABBITMQ_URL_FILE, not both."),
    ],
)
def test_a_secret_that_cannot_be_read_says_which_setting(
    tmp_path: Path, content: str | None, given: dict[str, str], problem: str
) -> None:
    path = tmp_path / "rabbitmq_url"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SecretFileUnreadable, match=problem):
        read_secret_files({"RABBITMQ_URL_FILE": str(path), **given})
