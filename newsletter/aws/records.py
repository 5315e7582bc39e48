"""The DNS records that a sender's domain needs: what setting up prints is what the doctor looks for. Pure.

https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html, …/mail-from.html, RFC 9989 (DMARC).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_HOSTED_ZONE = "dkim.amazonses.com"
_PRIORITY = 10
SPF = "v=spf1 include:amazonses.com ~all"
SPF_INCLUDES = "include:amazonses.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record, without the dot at the end of names."""

    name: str
    type: str
    value: str
    why: str

    def as_json(self) -> dict[str, str]:
        """Return it for scripts."""
        return {"name": self.name, "type": self.type, "value": self.value, "why": self.why}


def dkim_records(domain: str, identity: Mapping[str, Any]) -> list[Record]:
    """Return the CNAMEs by which SES signs for `domain`; none where somebody brings keys of their own."""
    dkim = identity.get("DkimAttributes") or {}
    if dkim.get("SigningAttributesOrigin", "AWS_SES") == "EXTERNAL":
        return []
    zone = dkim.get("SigningHostedZone") or _HOSTED_ZONE
    return [
        Record(
            name=f"{token}._domainkey.{domain}",
            type="CNAME",
            value=f"{token}.{zone}",
            why="DKIM: SES signs for the domain",
        )
        for token in dkim.get("Tokens") or ()
    ]


def mail_from_records(mail_from: str, region: str) -> list[Record]:
    """Return the records of a custom MAIL FROM domain."""
    return [
        Record(
            name=mail_from,
            type="MX",
            value=f"{_PRIORITY} feedback-smtp.{region}.amazonses.com",
            why="MAIL FROM: bounces go to SES; this has to be the only MX here",
        ),
        Record(name=mail_from, type="TXT", value=SPF, why="SPF: SES may send for the MAIL FROM domain"),
    ]


def dmarc_record(domain: str) -> Record:
    """Return a DMARC record to begin with, where the domain, or the one above it, has none yet."""
    return Record(
        name=f"_dmarc.{domain}",
        type="TXT",
        value=f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}",
        why="DMARC: a suggestion; keep what is there already, and name a mailbox that somebody reads",
    )


def plain(records: Iterable[Record]) -> list[str]:
    """Return the records as `name type value`, as the forms of DNS providers ask for them."""
    return [f"{each.name} {each.type} {each.value}" for each in records]


def zone_file(records: Sequence[Record]) -> list[str]:
    """Return the records as lines of a zone file (RFC 1035, 5.1)."""
    width = max((len(each.name) for each in records), default=0) + 1
    return [f"{each.name + '.':{width}} IN {each.type:5} {_in_zone(each)}" for each in records]


def _in_zone(record: Record) -> str:
    if record.type == "TXT":
        return f'"{record.value}"'
    return f"{record.value}."
