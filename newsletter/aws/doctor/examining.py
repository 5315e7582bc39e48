"""All that is looked at, in the order in which one thing builds on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.aws.doctor import account, events, one_click, probes, providers, queue, sender, webhook
from newsletter.aws.doctor.findings import Finding, fail, guarded, ok, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from newsletter.aws.doctor.installation import Installation
    from newsletter.aws.doctor.one_click import Reach
    from newsletter.aws.doctor.probes import TakenIn
    from newsletter.aws.published import Dns
    from newsletter.aws.service import Aws
    from subscribers.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What is looked with."""

    connect: Callable[[], Aws]
    """Raises NoCredentials."""
    dns: Dns
    reach: Reach
    clock: Clock
    taken_in: TakenIn


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrder:
    """Probes that somebody asked for."""

    label: str
    seconds: int


def examine(installation: Installation, instruments: Instruments, order: ProbeOrder | None = None) -> Iterator[Finding]:
    """Yield a finding for each thing that was looked at; nothing that goes wrong in looking ends it.

    `order`: send real mails to the mailbox simulator of SES as well.
    """
    yield _transport(installation.transport)
    aws = yield from guarded("credentials", _connected(instruments))
    if aws is not None:
        yield from _at_aws(installation, instruments, aws)
    clicking = yield from guarded("one-click", one_click.examine(installation.public_url, instruments.reach))
    looked = webhook.examine(installation.public_url, installation.topics, instruments.reach, aws)
    yield from guarded("webhook", looked)
    if not installation.senders:
        yield warn("identity", "there is no list yet", "Create one with `newsletter list create`, or name a --domain.")
    for each in installation.senders:
        standing = yield from sender.examine(each, aws, instruments.dns)
        if standing.known:
            yield from providers.examine(each.domain, standing, one_click=bool(clicking))
    if order is not None and aws is not None:
        yield from guarded("event path", _probed(installation, instruments, aws, order))


def _transport(transport: str) -> Finding:
    if transport == "ses":
        return ok("transport", "mail leaves through Amazon SES")
    return warn(
        "transport",
        f"NEWSLETTER_TRANSPORT is {transport}: mail does not leave through Amazon SES",
        "Set NEWSLETTER_TRANSPORT=ses when everything below is well.",
    )


def _connected(instruments: Instruments) -> Generator[Finding, None, Aws]:
    aws = instruments.connect()
    yield from account.credentials(aws)
    return aws


def _at_aws(installation: Installation, instruments: Instruments, aws: Aws) -> Iterator[Finding]:
    yield from guarded("clock", account.clock(aws, instruments.clock))
    yield from guarded("account", account.account(aws, installation.largest_audience))
    topics = (yield from guarded("configuration set", events.topics(aws, installation.configuration_set))) or ()
    arn = yield from guarded("queue", queue.examine(aws, installation.queue_url, topics))
    yield from guarded("subscription", events.subscription(aws, topics, arn))


def _probed(
    installation: Installation, instruments: Instruments, aws: Aws, order: ProbeOrder
) -> Generator[Finding, None, None]:
    addresses = [
        address for each in installation.senders for address in each.addresses or (f"newsletter@{each.domain}",)
    ]
    if not (addresses and installation.configuration_set and installation.queue_url):
        yield fail(
            "event path",
            "no probe was sent: a sender, NEWSLETTER_SES_CONFIGURATION_SET or NEWSLETTER_SES_EVENTS_QUEUE_URL lacks",
            "`newsletter aws setup` names the settings.",
        )
        return
    probing = probes.Probing(
        sender=addresses[0],
        configuration_set=installation.configuration_set,
        queue_url=installation.queue_url,
        label=order.label,
        seconds=order.seconds,
        taken_in=instruments.taken_in,
    )
    yield from probes.examine(aws, probing)
