"""What setting up is asked for, checked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.aws.place import Names
from newsletter.errors import Refused
from subscribers.address import normalised
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Iterable

NEEDED_EVENTS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE", "DELIVERY_DELAY")
"""What the feedback room lives on, in the words of the API."""
VITAL_EVENTS = frozenset({"SEND", "BOUNCE", "COMPLAINT"})
"""Without these, mails in doubt cannot be settled, and people who bounced or complained are written to again."""
SUPPRESSED_REASONS = ("BOUNCE", "COMPLAINT")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,51}")
"""The shortest of the limits, a configuration set's 64 characters, less what is appended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDomain:
    """A domain that lists are sent from."""

    name: str
    mail_from: str | None = None
    """The domain that bounces go to; None: the one that is set already, or `bounce.` before the name."""

    @property
    def default_mail_from(self) -> str:
        """The custom MAIL FROM domain where nobody chose another."""
        return f"bounce.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be there in the end."""

    names: Names
    domains: tuple[SenderDomain, ...]
    track_opens: bool = False
    track_clicks: bool = False
    raw_delivery: bool = True
    require_tls: bool = True

    @property
    def events(self) -> tuple[str, ...]:
        """The kinds of events that are published."""
        return (*NEEDED_EVENTS, *(["OPEN"] if self.track_opens else []), *(["CLICK"] if self.track_clicks else []))


def names(prefix: str) -> Names:
    """Return the names that begin with `prefix`. Raises Refused."""
    if not _PREFIX.fullmatch(prefix):
        raise Refused(
            f"“{prefix}” cannot begin the names of queues and topics: use letters, digits, “-” and “_”, at most 52."
        )
    return Names(prefix)


def sender_domains(given: Iterable[str], mail_from: str | None = None) -> tuple[SenderDomain, ...]:
    """Return the domains with one spelling each. Raises Refused for what is none, and for a wrong `mail_from`."""
    domains = tuple(dict.fromkeys(domain(each) for each in given))
    if not domains:
        raise Refused(
            "No list has a sender yet: create one with `newsletter list create`, or name the domain with --domain."
        )
    if mail_from is None:
        return tuple(SenderDomain(name=each) for each in domains)
    if len(domains) > 1:
        raise Refused(f"--mail-from goes with one domain; there are {', '.join(domains)}: name one with --domain.")
    below, (above,) = domain(mail_from), domains
    if not below.endswith(f".{above}"):
        raise Refused(f"--mail-from {below} has to lie under {above}, as in bounce.{above}: SES takes nothing else.")
    return (SenderDomain(name=above, mail_from=below),)


def domain(text: str) -> str:
    """Return the one spelling of a domain, in ASCII. Raises Refused."""
    try:
        return normalised(f"a@{text.strip().rstrip('.')}").partition("@")[2]
    except InvalidAddress as error:
        raise Refused(f"“{text}” is no domain: write it as in news.example.org. ({error})") from error
