"""The settings: environment variables `NEWSLETTER_…` and a `.env` file, read once into one frozen value.

`VARIABLES` is the one table of them: reading, refusing and docs/settings.md follow it. What boto3 reads for itself
(region, credentials, `AWS_ENDPOINT_URL`) stays boto3's.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsletter.errors import FixConfiguration
from subscribers.address import normalised
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from subscribers.networks import Network

PREFIX = "NEWSLETTER_"
TRANSPORTS = ("outbox", "smtp", "ses")
ENGINES = ("auto", "threads", "procrastinate")
SMTP_SECURITY = ("starttls", "tls", "none")
SES_METHODS = ("auto", "bulk", "raw")

_SHORTEST_SECRET = 32
_NOWHERE = "https://newsletter.example.org"
"""Good for looking at mails in files; nothing is ever there (RFC 2606)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation can set. Field `x` is the variable `NEWSLETTER_X`."""

    database_url: str
    transport: str
    outbox_dir: Path
    public_url: str
    secret_key: tuple[str, ...] = field(repr=False)
    """The current secret, then previous ones whose links still work; empty: a file beside the database holds one."""
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    ses_configuration_set: str
    ses_method: str
    ses_events_queue_url: str
    sns_topics: tuple[str, ...]
    """ARNs; empty: nothing is taken in that SNS posts."""
    sns_test_endpoint: str
    uncertain_wait: float
    soft_bounces: int
    reputation_guard: bool
    bounce_limit: float
    complaint_limit: float
    """Of all mails, as a percentage, like the one before."""
    first_wave: float
    first_wave_wait: float
    admins: tuple[str, ...]
    call_timeout: float
    claim_seconds: float
    chunk_size: int
    concurrency: int
    rate: float | None
    warmup: tuple[date, tuple[int, ...]] | None
    """The first day, and the most recipients of each day from there on."""
    price_per_thousand: float
    engine: str
    listen: bool
    catch_up_hours: float
    feedback_days: int
    trusted_proxies: tuple[Network, ...]
    """Whose X-Forwarded-For is believed."""

    @property
    def has_public_url(self) -> bool:
        """Whether `public_url` was set: else it is an example, and links lead nowhere."""
        return self.public_url != _NOWHERE

    def refuse_to_reach_people(self) -> None:
        """Keep mails from people whose links would lead nowhere. Raises FixConfiguration."""
        if self.transport != "outbox" and not self.has_public_url:
            raise FixConfiguration(
                f"{PREFIX}PUBLIC_URL is not set: with {PREFIX}TRANSPORT={self.transport} mail reaches people, and its "
                f"links, to unsubscribe for one, would lead nowhere. Set it to the address of this installation."
            )


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting, as people meet it."""

    name: str
    """Without the prefix."""
    default: str
    read: Callable[[str], Any]
    form: str
    """What a value looks like, for refusals and docs."""
    meaning: str
    secret: bool = False


def read_settings(environment: Mapping[str, str] | None = None, *, dotenv: Path | None = Path(".env")) -> Settings:
    """Read `environment` (the process's own by default) over the file `dotenv`; an empty value counts as left out.

    Raises FixConfiguration, which names the variable, its value (never a secret) and the form expected.
    """
    given = {**_from_file(dotenv), **(os.environ if environment is None else environment)}
    values = {name.removeprefix(PREFIX): value for name, value in given.items() if name.startswith(PREFIX)}
    _warn_of_unknown(values.keys() - {variable.name for variable in VARIABLES})
    settings = Settings(**{variable.name.lower(): _read(variable, values) for variable in VARIABLES})
    _refuse_contradictions(settings)
    _warn_of_haste(settings)
    return settings


def secrets_of(settings: Settings, database_file: Path | None) -> tuple[str, ...]:
    """Return the secrets that links are signed with, the current one first.

    Without `NEWSLETTER_SECRET_KEY`, the embedded form keeps one of its own beside `database_file`, made at the first
    call and readable by its owner alone. Raises FixConfiguration where there is neither.
    """
    if settings.secret_key:
        return settings.secret_key
    if database_file is None:
        raise FixConfiguration(
            f"{PREFIX}SECRET_KEY is not set: every machine has to sign links with the same one. Make one with "
            f"`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` and keep it secret."
        )
    path = database_file.with_name(database_file.name + ".key")
    _make_once(path)
    return (path.read_text(encoding="ascii").strip(),)


def _make_once(path: Path) -> None:
    """Create the file with a new secret; where two processes try at once, the first one's stands, and whole."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()


def _from_file(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is such a file

    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}


def _read(variable: Variable, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - as many types as settings
    text = values.get(variable.name, "").strip() or variable.default
    try:
        return variable.read(text)
    except ValueError as error:
        shown = "its value" if variable.secret else repr(text)
        raise FixConfiguration(f"{PREFIX}{variable.name}: {shown} is not {variable.form}.") from error


def _refuse_contradictions(settings: Settings) -> None:
    if settings.claim_seconds <= settings.call_timeout:
        raise FixConfiguration(
            f"{PREFIX}CLAIM_SECONDS ({settings.claim_seconds:g}) has to be longer than {PREFIX}CALL_TIMEOUT "
            f"({settings.call_timeout:g}): a claim would run out while its worker still waits for an answer."
        )
    if settings.engine == "procrastinate" and settings.database_url.startswith("sqlite"):
        raise FixConfiguration(
            f"{PREFIX}ENGINE=procrastinate needs PostgreSQL, and {PREFIX}DATABASE_URL names an SQLite file: leave the "
            f"engine out, or name a PostgreSQL."
        )


def _warn_of_haste(settings: Settings) -> None:
    """Say when silence is taken for proof while a worker that was frozen could still make its call."""
    surely_over = settings.claim_seconds + settings.call_timeout
    if settings.ses_events_queue_url and settings.uncertain_wait < surely_over:
        _log.warning(
            "%sUNCERTAIN_WAIT (%g) is shorter than a claim and a call take together (%g): a mail may be sent again "
            "while a worker that was frozen still sends it.", PREFIX, settings.uncertain_wait, surely_over,
        )  # fmt: skip


def _warn_of_unknown(names: Iterable[str]) -> None:
    """Say which variables are no settings, and what may be meant: they would silently do nothing."""
    for name in sorted(names):
        _warn_once(name)


@cache
def _warn_once(name: str) -> None:
    """Warn of a name, whatever its value is, once in this process, however often the settings are read."""
    meant = get_close_matches(name, [variable.name for variable in VARIABLES], n=1)
    way = f"Did you mean {PREFIX}{meant[0]}?" if meant else "docs/settings.md has all there are."
    _log.warning("%s is not a setting and does nothing. %s", PREFIX + name, way)


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return read


def _switch(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(text)
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError(text)
    return text.rstrip("/")


def _addresses(text: str) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(normalised(address) for address in text.replace(",", " ").split()))
    except InvalidAddress as error:
        raise ValueError(text) from error


def _queue_url(text: str) -> str:
    if text and not re.match(r"https?://[!-~]+/[!-~]+$", text):
        raise ValueError(text)
    return text


def _topics(text: str) -> tuple[str, ...]:
    topics = tuple(text.split())
    arn = re.compile(r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
    if not all(map(arn.fullmatch, topics)):
        raise ValueError(text)
    return topics


def _networks(text: str) -> tuple[Network, ...]:
    return () if text == "none" else tuple(map(ip_network, text.replace(",", " ").split()))


def _loopback(text: str) -> str:
    if text and not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", text):
        raise ValueError(text)
    return text


def _database_url(text: str) -> str:
    if not re.match(r"(sqlite(\+pysqlite)?:///|postgresql(\+psycopg)?://).", text):
        raise ValueError(text)
    return text


def _secret_key(text: str) -> tuple[str, ...]:
    keys = tuple(text.split())
    if any(len(key) < _SHORTEST_SECRET for key in keys):
        raise ValueError(text)
    return keys


def _between(low: float, high: float, kind: Callable[[str], Any] = int) -> Callable[[str], Any]:
    def read(text: str) -> Any:  # noqa: ANN401 - int or float
        number = kind(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def _if_given(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def optionally(text: str) -> Any:  # noqa: ANN401 - whatever `read` gives
        return read(text) if text else None

    return optionally


def _warmup(text: str) -> tuple[date, tuple[int, ...]]:
    first_day, colon, numbers = text.partition(":")
    ceilings = tuple(map(int, numbers.split()))
    if not colon or not ceilings or min(ceilings) < 1 or list(ceilings) != sorted(ceilings):
        raise ValueError(text)
    return date.fromisoformat(first_day.strip()), ceilings


VARIABLES = (
    Variable(
        "DATABASE_URL", "sqlite:///var/newsletter.sqlite", _database_url,
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
        "Where everything is kept: SQLite for one machine, PostgreSQL 15 or newer for more. "
        "A relative PATH counts from the folder that commands are run in.", secret=True,
    ),
    Variable(
        "TRANSPORT", "outbox", _one_of(*TRANSPORTS), f"one of {', '.join(TRANSPORTS)}",
        "How mail leaves: into files (no network), through an SMTP server, or through Amazon SES.",
    ),
    Variable("OUTBOX_DIR", "var/outbox", Path, "a folder", "Where the outbox transport writes its .eml files."),
    Variable(
        "PUBLIC_URL", _NOWHERE, _public_url, "an http or https address in plain ASCII",
        "The address that subscribers reach this installation at; links in mails begin with it. "
        "Has to be set before mail may leave.",
    ),
    Variable(
        "SECRET_KEY", "", _secret_key,
        f"one or more secrets of {_SHORTEST_SECRET} characters or more, separated by spaces",
        "Signs the links in mails. To change it, put the new one in front and keep the old one behind it. "
        "Left out under SQLite, one is made and kept beside the database.", secret=True,
    ),
    Variable("SMTP_HOST", "localhost", str, "a host name", "The server that the smtp transport hands mail to."),
    Variable("SMTP_PORT", "587", _between(1, 65535), "a number from 1 to 65535", "Its port."),
    Variable(
        "SMTP_SECURITY", "starttls", _one_of(*SMTP_SECURITY), f"one of {', '.join(SMTP_SECURITY)}",
        "How the connection is protected: upgraded (port 587), from the start (port 465), or not at all.",
    ),
    Variable("SMTP_USER", "", str, "a name", "The name to log in with; left out: no login."),
    Variable("SMTP_PASSWORD", "", str, "a password", "The password to log in with.", secret=True),
    Variable(
        "SES_CONFIGURATION_SET", "", str, "the name of a configuration set",
        "The SES configuration set that mails are sent with; its event destination reports what becomes of them.",
    ),
    Variable(
        "SES_METHOD", "auto", _one_of(*SES_METHODS), f"one of {', '.join(SES_METHODS)}",
        "How mails are handed to SES: up to 50 readers of one variant in a bulk request (bulk), each mail whole in a "
        "request of its own (raw), or in bulk wherever that costs less (auto). What arrives is the same.",
    ),
    Variable(
        "SES_EVENTS_QUEUE_URL", "", _queue_url, "the URL of an SQS queue",
        "The queue that the events of the configuration set arrive in; `newsletter feedback consume` takes them in. "
        "Left out: nothing is known of what becomes of mails.",
    ),
    Variable(
        "SNS_TOPICS", "", _topics, "one or more ARNs of SNS topics, separated by spaces",
        "The topics whose messages are taken in when SNS posts them to `/feedback/sns` of the web part. "
        "Left out: there is no such address.",
    ),
    Variable(
        "SNS_TEST_ENDPOINT", "", _loopback, "http://127.0.0.1, with a port",
        "For tests alone: a simulator on this machine that is believed instead of SNS.",
    ),
    Variable(
        "UNCERTAIN_WAIT", "7200", _between(0, 86_400, float), "seconds, from 0 to 86400",
        "After how long the silence of a healthy queue of events proves that a mail in doubt was not accepted; then it "
        "is sent. Only where SNS fills the queue: EventBridge may lose events, so its silence proves nothing.",
    ),
    Variable(
        "SOFT_BOUNCES", "5", _between(1, 100), "a number from 1 to 100",
        "How many mails in a row a mailbox may not take, for a passing cause, before its address counts as bounced for "
        "good.",
    ),
    Variable(
        "REPUTATION_GUARD", "on", _switch, "on or off",
        "Whether what comes back is watched while campaigns send through SES: one that bounces or is called spam too "
        "often is paused, and large ones begin with a first wave.",
    ),
    Variable(
        "BOUNCE_LIMIT", "4", _between(0.1, 50, float), "per cent, from 0.1 to 50",
        "The share of mails that may bounce for good. SES reviews accounts from 5 % on.",
    ),
    Variable(
        "COMPLAINT_LIMIT", "0.08", _between(0.001, 50, float), "per cent, from 0.001 to 50",
        "The share of mails that readers may call spam. SES reviews accounts from 0.1 % on.",
    ),
    Variable(
        "FIRST_WAVE", "10", _between(0, 50, float), "per cent, from 0 to 50",
        "The share of a campaign's people who get it before the rest, but 500 at least; campaigns of which that would "
        "be more than half have no first wave. 0: none has.",
    ),
    Variable(
        "FIRST_WAVE_WAIT", "900", _between(1, 86_400, float), "seconds, from 1 to 86400",
        "How long what comes back of a first wave is waited for, once it was sent, before the rest follows.",
    ),
    Variable(
        "ADMINS", "", _addresses, "addresses, separated by spaces",
        "Who is written to when a campaign is stopped by an alarm. Left out: nobody; `campaign status` shows it.",
    ),
    Variable(
        "CALL_TIMEOUT", "30", _between(1, 600, float), "seconds, from 1 to 600",
        "How long one call to SES or to the SMTP server may take before its outcome counts as unknown.",
    ),
    Variable(
        "CLAIM_SECONDS", "120", _between(1, 3600, float), "seconds, from 1 to 3600",
        "After how long without a sign of life a worker's claim passes to another one (PostgreSQL); "
        "longer than `NEWSLETTER_CALL_TIMEOUT`.",
    ),
    Variable(
        "CHUNK_SIZE", "500", _between(1, 10_000), "a number from 1 to 10000",
        "How many recipients a worker claims at once.",
    ),
    Variable(
        "CONCURRENCY", "4", _between(1, 64), "a number from 1 to 64",
        "How many calls a sending process has under way side by side, each for a chunk of its own.",
    ),
    Variable(
        "RATE", "", _if_given(_between(0.01, 100_000, float)), "recipients a second, from 0.01 to 100000",
        "The most recipients in any second, of all workers together. Left out: as many as the SES account allows; "
        "with another transport, any number.",
    ),
    Variable(
        "WARMUP", "", _if_given(_warmup),
        "a first day and the most recipients of each day, rising, as in 2026-12-01: 200 500 1000",
        "Lets a new domain or IP address become known: campaigns wait for the next day (UTC) when a day's number is "
        "reached. Afterwards there is no limit.",
    ),
    Variable(
        "PRICE_PER_THOUSAND", "0.10", _between(0, 1000, float), "US dollars, from 0 to 1000",
        "What SES takes for a thousand recipients; for `campaign estimate` alone.",
    ),
    Variable(
        "ENGINE", "auto", _one_of(*ENGINES), f"one of {', '.join(ENGINES)}",
        "What brings work to workers: threads of the process, which ask the ledger themselves, or the queue "
        "Procrastinate (PostgreSQL). auto: threads under SQLite, the queue under PostgreSQL.",
    ),
    Variable(
        "LISTEN", "on", _switch, "on or off",
        "Whether workers are told of new work by PostgreSQL's LISTEN. Off behind a connection pooler in transaction "
        "mode, which does not pass it on: then they look every second.",
    ),
    Variable(
        "CATCH_UP_HOURS", "6", _between(0, 168, float), "hours, from 0 to 168",
        "How late what is scheduled may begin without asking, when nothing ran at its time; what is later waits for a "
        "person. A slot of a list can say otherwise.",
    ),
    Variable(
        "FEEDBACK_DAYS", "180", _between(30, 3650, int), "days, from 30 to 3650",
        "How long events are kept as SES wrote them, and messages that could not be read. What follows from them "
        "(suppressions, the ledger, counts) stays.",
    ),
    Variable(
        "TRUSTED_PROXIES", "127.0.0.0/8 ::1/128", _networks, "IP addresses or networks, separated by spaces, or none",
        "The proxies before the web part: what they write into X-Forwarded-For says who asks, so that limits are "
        "counted for each visitor.",
    ),
)  # fmt: skip
