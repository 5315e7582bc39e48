"""What takes in the events of SES."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.bootstrap.privacy import erasures
from newsletter.errors import FixConfiguration
from newsletter.feedback.consuming import Consumer
from newsletter.feedback.listening import Listener
from newsletter.feedback.replaying.replay import Replay
from newsletter.feedback.retention import Purged, purge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.feedback.stream import Stream
    from newsletter.feedback.webhook import Webhook
    from newsletter.settings import Settings

_PATIENCE = 900.0


@contextmanager
def consumer(newsletter: Newsletter, wait: Callable[[float], bool]) -> Iterator[Consumer]:
    """Yield what takes in the queue of the settings. Raises FixConfiguration where there is none."""
    with _stream(newsletter.settings) as stream:
        if stream is None:
            raise FixConfiguration(
                "NEWSLETTER_SES_EVENTS_QUEUE_URL is not set: there is no queue of events to read. `newsletter aws "
                "setup` makes it, and what fills it, and prints its URL; docs/feedback.md says how to do it by hand."
            )
        yield Consumer(
            database=newsletter.database,
            stream=stream,
            clock=newsletter.clock,
            wait=wait,
            soft_bounces=newsletter.settings.soft_bounces,
            erased=erasures(newsletter),
            patience=_PATIENCE,
        )


def replay(newsletter: Newsletter, wait: Callable[[float], bool]) -> Replay:
    """Return what reads stored events again; `wait` returns whether to stop."""
    soft_bounces = newsletter.settings.soft_bounces
    return Replay(database=newsletter.database, clock=newsletter.clock, soft_bounces=soft_bounces, wait=wait)


def purge_feedback(newsletter: Newsletter, wait: Callable[[float], bool] = lambda _: False) -> Purged:
    """Forget the events that are older than the settings say; `wait` returns whether to stop. Once a day is enough."""
    before = newsletter.now() - timedelta(days=newsletter.settings.feedback_days)
    return purge(newsletter.database, before, wait=wait)


@contextmanager
def listener(newsletter: Newsletter, wait: Callable[[float], bool] | None = None) -> Iterator[Listener | None]:
    """Yield what a sender, or a process of the background, listens by; None where the settings name no queue."""
    with _stream(newsletter.settings) as stream:
        yield (
            None
            if stream is None
            else Listener(
                database=newsletter.database,
                stream=stream,
                clock=newsletter.clock,
                uncertain_wait=timedelta(seconds=newsletter.settings.uncertain_wait),
                soft_bounces=newsletter.settings.soft_bounces,
                erased=erasures(newsletter),
                wait=wait,
            )
        )


def webhook(newsletter: Newsletter) -> Webhook | None:
    """Return what takes in what SNS posts; None where the settings name no topic."""
    settings = newsletter.settings
    if not settings.sns_topics:
        return None
    from newsletter.feedback.certificates import Certificates  # noqa: PLC0415 - together with what follows
    from newsletter.feedback.fetching import fetch  # noqa: PLC0415 - likewise
    from newsletter.feedback.sns import Trust  # noqa: PLC0415 - likewise
    from newsletter.feedback.webhook import Webhook  # noqa: PLC0415 - cryptography is not small

    return Webhook(
        database=newsletter.database,
        clock=newsletter.clock,
        trust=Trust(topics=settings.sns_topics, test_endpoint=settings.sns_test_endpoint),
        certificates=Certificates(fetch),
        visit=fetch,
        soft_bounces=settings.soft_bounces,
        erased=erasures(newsletter),
    )


@contextmanager
def _stream(settings: Settings) -> Iterator[Stream | None]:
    if not settings.ses_events_queue_url:
        yield None
        return
    from newsletter.feedback.sqs import SqsStream  # noqa: PLC0415 - boto3 takes a third of a second

    stream = SqsStream(settings.ses_events_queue_url)
    try:
        yield stream
    finally:
        stream.close()
