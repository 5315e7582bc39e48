"""The one table of settings: reading, refusing and docs/settings.md follow it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.settings.forms import (
    SHORTEST_SECRET,
    addresses,
    between,
    database_url,
    if_given,
    loopback,
    networks,
    one_of,
    public_url,
    queue_url,
    secret_key,
    switch,
    topics,
    warmup,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "NEWSLETTER_"
TRANSPORTS = ("outbox", "smtp", "ses")
ENGINES = ("auto", "threads", "procrastinate")
SMTP_SECURITY = ("starttls", "tls", "none")
SES_METHODS = ("auto", "bulk", "raw")
NOWHERE = "https://newsletter.example.org"
"""Good for looking at mails in files; nothing is ever there (RFC 2606)."""


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


VARIABLES = (
    Variable(
        "DATABASE_URL", "sqlite:///var/newsletter.sqlite", database_url,
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
        "Where everything is kept: SQLite for one machine, PostgreSQL 15 or newer for more. "
        "A relative PATH counts from the folder that commands are run in.", secret=True,
    ),
    Variable(
        "TRANSPORT", "outbox", one_of(*TRANSPORTS), f"one of {', '.join(TRANSPORTS)}",
        "How mail leaves: into files (no network), through an SMTP server, or through Amazon SES.",
    ),
    Variable("OUTBOX_DIR", "var/outbox", Path, "a folder", "Where the outbox transport writes its .eml files."),
    Variable(
        "PUBLIC_URL", NOWHERE, public_url, "an http or https address in plain ASCII",
        "The address that subscribers reach this installation at; links in mails begin with it. "
        "Has to be set before mail may leave.",
    ),
    Variable(
        "SECRET_KEY", "", secret_key,
        f"one or more secrets of {SHORTEST_SECRET} characters or more, separated by spaces",
        "Signs the links in mails. To change it, put the new one in front and keep the old one behind it. "
        "Left out under SQLite, one is made and kept beside the database.", secret=True,
    ),
    Variable("SMTP_HOST", "localhost", str, "a host name", "The server that the smtp transport hands mail to."),
    Variable("SMTP_PORT", "587", between(1, 65535), "a number from 1 to 65535", "Its port."),
    Variable(
        "SMTP_SECURITY", "starttls", one_of(*SMTP_SECURITY), f"one of {', '.join(SMTP_SECURITY)}",
        "How the connection is protected: upgraded (port 587), from the start (port 465), or not at all.",
    ),
    Variable("SMTP_USER", "", str, "a name", "The name to log in with; left out: no login."),
    Variable("SMTP_PASSWORD", "", str, "a password", "The password to log in with.", secret=True),
    Variable(
        "SES_CONFIGURATION_SET", "", str, "the name of a configuration set",
        "The SES configuration set that mails are sent with; its event destination reports what becomes of them.",
    ),
    Variable(
        "SES_METHOD", "auto", one_of(*SES_METHODS), f"one of {', '.join(SES_METHODS)}",
        "How mails are handed to SES: up to 50 readers of one variant in a bulk request (bulk), each mail whole in a "
        "request of its own (raw), or in bulk wherever that costs less (auto). What arrives is the same.",
    ),
    Variable(
        "SES_EVENTS_QUEUE_URL", "", queue_url, "the URL of an SQS queue",
        "The queue that the events of the configuration set arrive in; `newsletter feedback consume` takes them in. "
        "Left out: nothing is known of what becomes of mails.",
    ),
    Variable(
        "SNS_TOPICS", "", topics, "one or more ARNs of SNS topics, separated by spaces",
        "The topics whose messages are taken in when SNS posts them to `/feedback/sns` of the web part. "
        "Left out: there is no such address.",
    ),
    Variable(
        "SNS_TEST_ENDPOINT", "", loopback, "http://127.0.0.1, with a port",
        "For tests alone: a simulator on this machine that is believed instead of SNS.",
    ),
    Variable(
        "UNCERTAIN_WAIT", "7200", between(0, 86_400, float), "seconds, from 0 to 86400",
        "After how long the silence of a healthy queue of events proves that a mail in doubt was not accepted; then it "
        "is sent. Only where SNS fills the queue: EventBridge may lose events, so its silence proves nothing.",
    ),
    Variable(
        "SOFT_BOUNCES", "5", between(1, 100), "a number from 1 to 100",
        "How many mails in a row a mailbox may not take, for a passing cause, before its address counts as bounced for "
        "good.",
    ),
    Variable(
        "REPUTATION_GUARD", "on", switch, "on or off",
        "Whether what comes back is watched while campaigns send through SES: one that bounces or is called spam too "
        "often is paused, and large ones begin with a first wave.",
    ),
    Variable(
        "BOUNCE_LIMIT", "4", between(0.1, 50, float), "per cent, from 0.1 to 50",
        "The share of mails that may bounce for good. SES reviews accounts from 5 % on.",
    ),
    Variable(
        "COMPLAINT_LIMIT", "0.08", between(0.001, 50, float), "per cent, from 0.001 to 50",
        "The share of mails that readers may call spam. SES reviews accounts from 0.1 % on.",
    ),
    Variable(
        "FIRST_WAVE", "10", between(0, 50, float), "per cent, from 0 to 50",
        "The share of a campaign's people who get it before the rest, but 500 at least; campaigns of which that would "
        "be more than half have no first wave. 0: none has.",
    ),
    Variable(
        "FIRST_WAVE_WAIT", "900", between(1, 86_400, float), "seconds, from 1 to 86400",
        "How long what comes back of a first wave is waited for, once it was sent, before the rest follows.",
    ),
    Variable(
        "ADMINS", "", addresses, "addresses, separated by spaces",
        "Who is written to when a campaign is stopped by an alarm. Left out: nobody; `campaign status` shows it.",
    ),
    Variable(
        "CALL_TIMEOUT", "30", between(1, 600, float), "seconds, from 1 to 600",
        "How long one call to SES or to the SMTP server may take before its outcome counts as unknown.",
    ),
    Variable(
        "CLAIM_SECONDS", "120", between(1, 3600, float), "seconds, from 1 to 3600",
        "After how long without a sign of life a worker's claim passes to another one (PostgreSQL); "
        "longer than `NEWSLETTER_CALL_TIMEOUT`.",
    ),
    Variable(
        "CHUNK_SIZE", "500", between(1, 10_000), "a number from 1 to 10000",
        "How many recipients a worker claims at once.",
    ),
    Variable(
        "CONCURRENCY", "4", between(1, 64), "a number from 1 to 64",
        "How many calls a sending process has under way side by side, each for a chunk of its own.",
    ),
    Variable(
        "RATE", "", if_given(between(0.01, 100_000, float)), "recipients a second, from 0.01 to 100000",
        "The most recipients in any second, of all workers together. Left out: as many as the SES account allows; "
        "with another transport, any number.",
    ),
    Variable(
        "WARMUP", "", if_given(warmup),
        "a first day and the most recipients of each day, rising, as in 2026-12-01: 200 500 1000",
        "Lets a new domain or IP address become known: campaigns wait for the next day (UTC) when a day's number is "
        "reached. Afterwards there is no limit.",
    ),
    Variable(
        "PRICE_PER_THOUSAND", "0.10", between(0, 1000, float), "US dollars, from 0 to 1000",
        "What SES takes for a thousand recipients; for `campaign estimate` alone.",
    ),
    Variable(
        "ENGINE", "auto", one_of(*ENGINES), f"one of {', '.join(ENGINES)}",
        "What brings work to workers: threads of the process, which ask the ledger themselves, or the queue "
        "Procrastinate (PostgreSQL). auto: threads under SQLite, the queue under PostgreSQL.",
    ),
    Variable(
        "LISTEN", "on", switch, "on or off",
        "Whether workers are told of new work by PostgreSQL's LISTEN. Off behind a connection pooler in transaction "
        "mode, which does not pass it on: then they look every second.",
    ),
    Variable(
        "CATCH_UP_HOURS", "6", between(0, 168, float), "hours, from 0 to 168",
        "How late what is scheduled may begin without asking, when nothing ran at its time; what is later waits for a "
        "person. A slot of a list can say otherwise.",
    ),
    Variable(
        "FEEDBACK_DAYS", "180", between(30, 3650, int), "days, from 30 to 3650",
        "How long events are kept as SES wrote them, and messages that could not be read. What follows from them "
        "(suppressions, the ledger, counts) stays.",
    ),
    Variable(
        "TRUSTED_PROXIES", "127.0.0.0/8 ::1/128", networks, "IP addresses or networks, separated by spaces, or none",
        "The proxies before the web part: what they write into X-Forwarded-For says who asks, so that limits are "
        "counted for each visitor.",
    ),
)  # fmt: skip
