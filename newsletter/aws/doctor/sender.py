"""A sender's domain: known to SES, signed, published in the DNS, aligned, and good enough for the large providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from newsletter.aws.doctor import dmarc, zone
from newsletter.aws.doctor.findings import Finding, fail, guarded, ok, warn
from newsletter.aws.records import dkim_records, dmarc_record, mail_from_records
from newsletter.aws.steps.identity import identity, mail_from_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from newsletter.aws.doctor.installation import Sender
    from newsletter.aws.published import Dns
    from newsletter.aws.service import Aws

_SES = "amazonses.com"
"""The MAIL FROM domain of who has none of their own; SPF passes for it, and is not aligned."""


@dataclass(slots=True)
class Standing:
    """What receivers will find in a mail of this sender."""

    known: bool = False
    dkim: str = ""
    """The domain that signs, where a receiver can verify it."""
    spf: str = ""
    """The domain that SPF passes for."""
    dmarc: dmarc.Dmarc | None = None
    aligned: list[str] = field(default_factory=list)
    """Which of DKIM and SPF speak for the From domain."""


def examine(sender: Sender, aws: Aws | None, dns: Dns) -> Generator[Finding, None, Standing]:
    """Look at one domain, as far as that can be seen (`aws` None: not at SES), and return how it stands."""
    standing, about = Standing(), sender.domain
    if aws is not None:
        known = yield from guarded("identity", _identity(sender, aws), about)
        if known is not None:
            standing.known, (name, there) = True, known
            signing = guarded("DKIM", _dkim(sender, name, there, dns), about)
            standing.dkim = (yield from signing) or ""
            bouncing = guarded("MAIL FROM", _mail_from(sender, there, dns, aws.region), about)
            standing.spf = (yield from bouncing) or ""
    ask = cache(lambda name: tuple(dns.texts(name)))
    standing.dmarc = yield from guarded("DMARC", _dmarc(sender, ask), about)
    if standing.known and standing.dmarc is not None:
        yield from guarded("alignment", _alignment(sender, standing, ask), about)
    return standing


def _identity(sender: Sender, aws: Aws) -> Generator[Finding, None, tuple[str, Mapping[str, Any]] | None]:
    """Find what SES sends by: the domain, one above it, or the addresses alone. Return its name and attributes."""
    labels = sender.domain.split(".")
    above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    for name in (*above, *sender.addresses):
        there = identity(aws, name)
        if there is None:
            continue
        status = there.get("VerificationStatus", "NOT_STARTED")
        if status == "SUCCESS" or there.get("VerifiedForSendingStatus"):
            yield ok("identity", f"SES sends as {name}", sender.domain)
        else:
            yield fail(
                "identity",
                f"SES has not verified {name} yet ({status})",
                "Put its records into the DNS: `newsletter aws setup --plan` prints them; it takes up to 72 hours.",
                sender.domain,
            )
        return name, there
    yield fail(
        "identity",
        f"SES does not know {sender.domain}",
        f"`newsletter aws setup --domain {sender.domain}`",
        sender.domain,
    )
    return None


def _dkim(sender: Sender, name: str, there: Mapping[str, Any], dns: Dns) -> Generator[Finding, None, str]:
    """Return the domain that mails are signed by, where SES signs and the DNS agrees."""
    dkim, about = there.get("DkimAttributes") or {}, sender.domain
    if "@" in name:
        yield fail(
            "DKIM",
            f"only the address {name} is verified: nothing is signed by {about}",
            f"Verify the domain: `newsletter aws setup --domain {about}`.",
            about,
        )
        return ""
    if not dkim.get("SigningEnabled"):
        yield fail("DKIM", f"signing by {name} is switched off", "`newsletter aws setup` switches it on.", about)
        return ""
    published = yield from zone.look("DKIM", dkim_records(name, there), dns, about)
    if dkim.get("Status") == "SUCCESS":
        if published:
            yield ok("DKIM", f"SES signs as {name}, and the DNS has the keys", about)
        return name if published else ""
    yield fail(
        "DKIM",
        f"SES does not sign as {name} yet ({dkim.get('Status', 'NOT_STARTED')})",
        "Wait: SES looks again every few hours." if published else "Put the records above into the DNS.",
        about,
    )
    return ""


def _mail_from(sender: Sender, there: Mapping[str, Any], dns: Dns, region: str) -> Generator[Finding, None, str]:
    """Return the domain that SPF passes for."""
    name, about = mail_from_of(there), sender.domain
    if not name:
        yield warn(
            "MAIL FROM",
            f"bounces go to {_SES}: SPF passes, but not for {about}",
            "`newsletter aws setup` sets a MAIL FROM domain of its own.",
            about,
        )
        return _SES
    published = yield from zone.look("MAIL FROM", mail_from_records(name, region), dns, about)
    status = there["MailFromAttributes"].get("MailFromDomainStatus", "PENDING")
    if status == "SUCCESS":
        if published:
            yield ok("MAIL FROM", f"bounces go to {name}, and SPF passes for it", about)
        return name if published else ""
    yield fail(
        "MAIL FROM",
        f"SES does not use {name} yet ({status})",
        "Wait: SES looks again every few hours." if published else "Put the records above into the DNS.",
        about,
    )
    return _SES


def _dmarc(sender: Sender, ask: dmarc.Ask) -> Generator[Finding, None, dmarc.Dmarc | None]:
    """Return the record that is in force."""
    about = sender.domain
    suggested = dmarc_record(about)
    several = dmarc.records(ask(suggested.name))
    if len(several) > 1:
        yield fail("DMARC", f"{suggested.name} has {len(several)} records: receivers go by none", "Keep one.", about)
        return None
    found = dmarc.in_force(about, dmarc.walk(about, ask))
    if found is None:
        yield fail(
            "DMARC", "no policy is published", f"Put into the DNS: {suggested.name} TXT {suggested.value}", about
        )
        return None
    if not found.policy:
        yield fail("DMARC", f"the record of {found.domain} has no policy that exists", "Write p=none into it.", about)
        return None
    yield ok("DMARC", f"{found.domain} publishes p={found.policy}", about)
    return found


def _alignment(sender: Sender, standing: Standing, ask: dmarc.Ask) -> Generator[Finding, None, None]:
    """Say which of DKIM and SPF speak for the From domain of the lists."""
    assert standing.dmarc is not None  # noqa: S101 - asked for by whoever calls
    about, record = sender.domain, standing.dmarc
    if standing.dkim and dmarc.aligned(about, standing.dkim, ask, strict=record.strict_dkim):
        standing.aligned.append(f"DKIM ({standing.dkim})")
    if standing.spf and dmarc.aligned(about, standing.spf, ask, strict=record.strict_spf):
        standing.aligned.append(f"SPF ({standing.spf})")
    lists = f" of {', '.join(sender.lists)}" if sender.lists else ""
    if standing.aligned:
        yield ok("alignment", f"{' and '.join(standing.aligned)} speak for the From domain{lists}", about)
        return
    yield fail(
        "alignment",
        f"neither DKIM nor SPF speaks for the From domain{lists}: DMARC fails",
        "Mend DKIM and MAIL FROM above; a strict record (adkim=s, aspf=s) wants the very same domain.",
        about,
    )
