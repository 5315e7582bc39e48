"""What `newsletter aws` says to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.aws.records import plain, zone_file
from newsletter.cli.output import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsletter.aws.doctor.findings import Finding
    from newsletter.aws.provisioning import Leftover, Report

_STATE_WIDTH = len("different")
_LEVEL_WIDTH = len("warn")
_LONGEST_VALUE = 60


def step(report: Report) -> Iterator[str]:
    """Yield what a step came to, and why anything of it changes."""
    yield f"{report.state:{_STATE_WIDTH}}  {report.title}"
    margin = " " * (_STATE_WIDTH + 2)
    for change in report.changes:
        if change.there is None and not change.what:
            yield f"{margin}{change.why} ({change.wanted})"
        else:
            there = shortened(change.there or "nothing", _LONGEST_VALUE)
            wanted = shortened(change.wanted, _LONGEST_VALUE)
            yield f"{margin}{change.what or 'it'} is {there}, should be {wanted}: {change.why}"


def leftover(left: Leftover) -> Iterator[str]:
    """Yield the DNS records and the settings, to be copied."""
    yield "DNS records, for the forms of a provider:"
    yield ""
    for record, line in zip(left.records, plain(left.records), strict=True):
        yield f"# {record.why}"
        yield line
    for domain in left.waiting_for_tokens:
        yield f"# DKIM: three CNAME records of {domain}, known when its identity is made"
    yield ""
    yield "The same for a zone file:"
    yield ""
    yield from zone_file(left.records)
    yield ""
    yield "Settings, for the environment (boto3 reads the region there alone) or the .env file:"
    yield ""
    for name, value in left.settings.items():
        yield f"{name}={value}" if value is not None else f"# {name}: known when it is made"
    yield "# NEWSLETTER_PUBLIC_URL: the https address of this installation, if it is not set yet"
    yield ""
    yield "Then: `newsletter aws doctor`."


def finding(found: Finding) -> Iterator[str]:
    """Yield what was found, and what to do."""
    about = f" {found.about}" if found.about else ""
    yield f"{found.level:{_LEVEL_WIDTH}}  {found.check}{about}: {found.said}"
    if found.do:
        yield f"{' ' * _LEVEL_WIDTH}  → {found.do}"


def counted(counts: Mapping[str, int]) -> str:
    """Return how many findings there are of each level."""
    return ", ".join(f"{count} {level}" for level, count in counts.items())
