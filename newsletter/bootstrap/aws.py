"""What is said to AWS: with the settings and the lists of an installation."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from newsletter.aws.doctor.installation import Installation, Sender
from newsletter.aws.wanted import domain
from newsletter.bootstrap.privacy import is_erased
from newsletter.feedback.told import told_of
from subscribers.lifecycle import Status
from subscribers.lists import ListStore
from subscribers.repository import status_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from newsletter.aws.doctor.examining import Instruments
    from newsletter.aws.service import Aws
    from newsletter.aws.suppression import Sync
    from newsletter.bootstrap.installation import Newsletter
    from newsletter.feedback.events import Kind


@contextmanager
def account() -> Iterator[Aws]:
    """Yield what speaks to AWS, by boto3's own settings. Raises NoCredentials without a region."""
    from newsletter.aws.service import Aws  # noqa: PLC0415 - boto3 takes a third of a second

    aws = Aws()
    try:
        yield aws
    finally:
        aws.close()


@contextmanager
def suppression_sync(
    newsletter: Newsletter, wait: Callable[[float], bool], *, rate: float, moved: Callable[[int], None]
) -> Iterator[Sync]:
    """Yield what brings our suppression list and the account's together. Raises NoCredentials without a region."""
    from newsletter.aws.suppression import Sync  # noqa: PLC0415 - likewise

    with account() as there:
        yield Sync(
            database=newsletter.database,
            account=there,
            clock=newsletter.clock,
            wait=wait,
            rate=rate,
            is_erased=partial(is_erased, newsletter),
            moved=moved,
        )


@contextmanager
def instruments(newsletter: Newsletter, nameserver: str | None) -> Iterator[Instruments]:
    """Yield what the doctor looks with. `nameserver`: asked instead of the system's. Raises Refused."""
    from contextlib import ExitStack  # noqa: PLC0415 - together with what follows

    from newsletter.aws.doctor.examining import Instruments  # noqa: PLC0415 - likewise
    from newsletter.aws.published import SystemDns  # noqa: PLC0415 - likewise
    from newsletter.aws.reaching import reach  # noqa: PLC0415 - likewise

    def taken_in(message_ids: Collection[str]) -> Mapping[str, Collection[Kind]]:
        with newsletter.database.read() as session:
            return told_of(session, message_ids)

    with ExitStack() as stack:
        yield Instruments(
            connect=lambda: stack.enter_context(account()),
            dns=SystemDns(nameserver),
            reach=reach,
            clock=newsletter.clock,
            taken_in=taken_in,
        )


def senders(newsletter: Newsletter) -> tuple[Sender, ...]:
    """Return the domains that lists are sent from, with the lists of each."""
    with newsletter.database.read() as session:
        lists = ListStore(session).all()
    domains = sorted({each.sender_email.rpartition("@")[2] for each in lists})
    return tuple(
        Sender(
            domain=name,
            addresses=tuple(sorted({each.sender_email for each in lists if each.sender_email.endswith(f"@{name}")})),
            lists=tuple(each.slug for each in lists if each.sender_email.endswith(f"@{name}")),
        )
        for name in domains
    )


def installation(newsletter: Newsletter, domains: Sequence[str] = ()) -> Installation:
    """Return what is to be examined; `domains`: these alone. Raises Refused for what is no domain."""
    known = {each.domain: each for each in senders(newsletter)}
    chosen = [known.get(name) or Sender(domain=name) for name in map(domain, domains)] or list(known.values())
    with newsletter.database.read() as session:
        audiences = [status_counts(session, each.id).get(Status.ACTIVE, 0) for each in ListStore(session).all()]
    settings = newsletter.settings
    return Installation(
        transport=settings.transport,
        configuration_set=settings.ses_configuration_set,
        queue_url=settings.ses_events_queue_url,
        public_url=settings.public_url,
        senders=tuple(chosen),
        topics=settings.sns_topics,
        largest_audience=max(audiences, default=0),
    )
