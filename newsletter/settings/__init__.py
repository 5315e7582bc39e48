"""The settings: environment variables `NEWSLETTER_…` and a `.env` file, read once into one frozen value.

`variables` is the table of them, `forms` reads their texts, `secret` makes the one that nobody has set. What boto3
reads by itself (region, credentials, `AWS_ENDPOINT_URL`) stays boto3's.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.errors import FixConfiguration
from newsletter.settings.variables import NOWHERE, PREFIX, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from newsletter.settings.variables import Variable
    from subscribers.networks import Network

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
        return self.public_url != NOWHERE

    def refuse_to_reach_people(self) -> None:
        """Keep mails from people whose links would lead nowhere. Raises FixConfiguration."""
        if self.transport != "outbox" and not self.has_public_url:
            raise FixConfiguration(
                f"{PREFIX}PUBLIC_URL is not set: with {PREFIX}TRANSPORT={self.transport} mail reaches people, and its "
                f"links, to unsubscribe for one, would lead nowhere. Set it to the address of this installation."
            )


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
