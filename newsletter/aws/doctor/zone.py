"""Whether the DNS has the records that it should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail
from newsletter.aws.records import SPF_INCLUDES

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from newsletter.aws.published import Dns
    from newsletter.aws.records import Record


def look(check: str, records: Sequence[Record], dns: Dns, about: str) -> Generator[Finding, None, bool]:
    """Say what the DNS lacks of `records`; return whether it lacks nothing."""
    complete = True
    for record in records:
        wrong = _LOOKERS[record.type](record, dns)
        if wrong:
            complete = False
            yield fail(f"{check} in DNS", wrong, f"It has to be: {record.name} {record.type} {record.value}", about)
    return complete


def _alias(record: Record, dns: Dns) -> str:
    return _differs(record, dns.aliases(record.name), [record.value.lower()])


def _exchange(record: Record, dns: Dns) -> str:
    """SES wants exactly one."""
    return _differs(record, dns.exchanges(record.name), [record.value.partition(" ")[2].lower()])


def _policy(record: Record, dns: Dns) -> str:
    """Exactly one SPF record, which may name other senders as well (RFC 7208, 4.5)."""
    found = [text for text in dns.texts(record.name) if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) == 1 and SPF_INCLUDES in found[0].lower().split():
        return ""
    return _differs(record, found, [])


def _differs(record: Record, found: Sequence[str], wanted: Sequence[str]) -> str:
    if list(found) == list(wanted) and wanted:
        return ""
    if not found:
        return f"{record.name} has no {record.type} record for this"
    return f"{record.name} {record.type} says {', '.join(found)}"


_LOOKERS = {"CNAME": _alias, "MX": _exchange, "TXT": _policy}
