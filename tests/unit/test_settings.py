"""The environment is read once; what is wrong with it is said by name."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from newsletter.errors import FixConfiguration
from newsletter.settings import PREFIX, VARIABLES, read_settings, secrets_of

SECRET = "s" * 32


def test_an_empty_environment_gives_the_embedded_form() -> None:
    settings = read_settings({}, dotenv=None)
    assert settings.database_url == "sqlite:///var/newsletter.sqlite"
    assert settings.transport == "outbox"
    assert settings.secret_key == ()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("NEWSLETTER_TRANSPORT=smtp\nNEWSLETTER_SMTP_HOST=mail.example.org\n")
    settings = read_settings({"NEWSLETTER_TRANSPORT": "ses"}, dotenv=file)
    assert (settings.transport, settings.smtp_host) == ("ses", "mail.example.org")


def test_an_empty_value_counts_as_left_out() -> None:
    assert read_settings({"NEWSLETTER_TRANSPORT": ""}, dotenv=None).transport == "outbox"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSPORT", "pigeon"),
        ("DATABASE_URL", "mysql://host/db"),
        ("PUBLIC_URL", "newsletter.example.org"),
        ("PUBLIC_URL", "https://example.org/?a=b"),
        ("PUBLIC_URL", "https://exämple.org"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "many"),
        ("SMTP_SECURITY", "ssl"),
        ("CALL_TIMEOUT", "nan"),
        ("CLAIM_SECONDS", "0"),
        ("CHUNK_SIZE", "1.5"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", f"{SECRET} short"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_form(name: str, value: str) -> None:
    with pytest.raises(FixConfiguration) as refusal:
        read_settings({PREFIX + name: value}, dotenv=None)
    message = str(refusal.value)
    assert PREFIX + name in message
    (variable,) = [each for each in VARIABLES if each.name == name]
    assert variable.form in message
    assert variable.secret != (value in message)


def test_a_misspelt_setting_is_pointed_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read_settings({"NEWSLETTER_OUTBOXDIR": "x", "NEWSLETTER_SOMETHING_ELSE": "y"}, dotenv=None)
    (record,) = caplog.records
    assert "NEWSLETTER_OUTBOX_DIR" in record.getMessage()


def test_secrets_are_not_in_the_representation() -> None:
    settings = read_settings({"NEWSLETTER_SECRET_KEY": SECRET, "NEWSLETTER_SMTP_PASSWORD": "hunter2"}, dotenv=None)
    assert SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_keys_rotate_newest_first() -> None:
    settings = read_settings({"NEWSLETTER_SECRET_KEY": f"{'n' * 32} {SECRET}"}, dotenv=None)
    assert secrets_of(settings, None) == ("n" * 32, SECRET)


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    settings = read_settings({}, dotenv=None)
    file = tmp_path / "newsletter.sqlite"
    first = secrets_of(settings, file)
    assert secrets_of(settings, file) == first
    assert len(first[0]) >= 32
    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_a_file_a_secret_has_to_be_set() -> None:
    with pytest.raises(FixConfiguration, match="NEWSLETTER_SECRET_KEY"):
        secrets_of(read_settings({}, dotenv=None), None)
