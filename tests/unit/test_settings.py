"""The environment is read once; what is wrong with it is said by name."""

from __future__ import annotations

import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from newsletter.errors import FixConfiguration
from newsletter.settings import Settings, read_settings
from newsletter.settings.secret import secrets_of
from newsletter.settings.variables import PREFIX, VARIABLES, Variable

CHECKOUT = Path(__file__).resolve().parents[2]
SECRET = "s" * 32


def test_an_empty_environment_gives_the_embedded_form() -> None:
    settings = read_settings({}, dotenv=None)
    assert settings.database_url == "sqlite:///var/newsletter.sqlite"
    assert settings.transport == "outbox"
    assert settings.secret_key == ()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("NEWSLETTER_SMTP_PORT=2525\nNEWSLETTER_SMTP_HOST=mail.example.org\n")
    settings = read_settings({"NEWSLETTER_SMTP_PORT": "465"}, dotenv=file)
    assert (settings.smtp_port, settings.smtp_host) == (465, "mail.example.org")


def test_an_empty_value_counts_as_left_out() -> None:
    assert read_settings({"NEWSLETTER_TRANSPORT": ""}, dotenv=None).transport == "outbox"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSPORT", "pigeon"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "sqlite:newsletter.sqlite"),
        ("DATABASE_URL", "postgresql+asyncpg://host/db"),
        ("PUBLIC_URL", "newsletter.example.org"),
        ("PUBLIC_URL", "https://example.org/?a=b"),
        ("PUBLIC_URL", "https://exämple.org"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "many"),
        ("SMTP_SECURITY", "ssl"),
        ("SES_EVENTS_QUEUE_URL", "events"),
        ("SES_EVENTS_QUEUE_URL", "arn:aws:sqs:us-east-1:123456789012:events"),
        ("UNCERTAIN_WAIT", "-1"),
        ("UNCERTAIN_WAIT", "2h"),
        ("CALL_TIMEOUT", "nan"),
        ("CLAIM_SECONDS", "0"),
        ("CHUNK_SIZE", "1.5"),
        ("RATE", "0"),
        ("RATE", "fast"),
        ("WARMUP", "2026-12-01"),
        ("WARMUP", "2026-12-01:"),
        ("WARMUP", "2026-13-01: 200 500"),
        ("WARMUP", "tomorrow: 200 500"),
        ("WARMUP", "2026-12-01: 200, 500"),
        ("WARMUP", "2026-12-01: 0 200"),
        ("WARMUP", "2026-12-01: 200 50 1000"),
        ("PRICE_PER_THOUSAND", "-1"),
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


def test_rate_and_warm_up_are_left_out_or_read() -> None:
    settings = read_settings({}, dotenv=None)
    assert (settings.rate, settings.warmup, settings.price_per_thousand) == (None, None, 0.1)
    given = {"NEWSLETTER_RATE": "7.5", "NEWSLETTER_WARMUP": " 2026-12-01:  200 500 500"}
    settings = read_settings(given, dotenv=None)
    assert (settings.rate, settings.warmup) == (7.5, (date(2026, 12, 1), (200, 500, 500)))


def test_a_claim_outlives_a_call() -> None:
    with pytest.raises(FixConfiguration, match=r"CLAIM_SECONDS \(30\) has to be longer than NEWSLETTER_CALL_TIMEOUT"):
        read_settings({"NEWSLETTER_CLAIM_SECONDS": "30", "NEWSLETTER_CALL_TIMEOUT": "30"}, dotenv=None)


@pytest.mark.parametrize("transport", ["smtp", "ses"])
def test_no_mail_leaves_with_links_that_lead_nowhere(transport: str) -> None:
    with pytest.raises(FixConfiguration, match="NEWSLETTER_PUBLIC_URL is not set"):
        read_settings({"NEWSLETTER_TRANSPORT": transport}, dotenv=None).refuse_to_reach_people()


def test_what_is_no_setting_is_pointed_out_once_without_its_value(caplog: pytest.LogCaptureFixture) -> None:
    environment = {"NEWSLETTER_OUTBOXDIR": "hunter2", "NEWSLETTER_QQQ": "hunter2", "NEWSLETTER_DATABASE": "hunter2"}
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            read_settings(environment, dotenv=None)
    assert [record.getMessage() for record in caplog.records] == [
        "NEWSLETTER_DATABASE is not a setting and does nothing. Did you mean NEWSLETTER_DATABASE_URL?",
        "NEWSLETTER_OUTBOXDIR is not a setting and does nothing. Did you mean NEWSLETTER_OUTBOX_DIR?",
        "NEWSLETTER_QQQ is not a setting and does nothing. docs/settings.md has all there are.",
    ]


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


def test_processes_that_need_a_secret_together_get_the_same_one(tmp_path: Path) -> None:
    settings = read_settings({}, dotenv=None)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secrets_of(settings, tmp_path / "newsletter.sqlite"), range(16)))
    assert len(found) == 1


def test_every_setting_is_a_field_and_is_documented_as_it_is_read() -> None:
    assert [variable.name.lower() for variable in VARIABLES] == [field.name for field in fields(Settings)]
    page = (CHECKOUT / "docs" / "settings.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith(f"| `{PREFIX}")]
    assert rows == [_row(variable) for variable in VARIABLES]


def _row(variable: Variable) -> str:
    """Return what docs/settings.md says of a setting; to renew the page, copy it from where this test fails."""
    default = f"`{variable.default}`" if variable.default else ""
    return f"| `{PREFIX}{variable.name}` | {default} | {variable.form} | {variable.meaning} |"
