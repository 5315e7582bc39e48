"""What takes in the events of SES."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration
from newsletter.feedback.consuming import Consumer
from newsletter.feedback.listening import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.feedback.stream import Stream
    from newsletter.settings import Settings

_PATIENCE = 900.0


@contextmanager
def consumer(newsletter: Newsletter, wait: Callable[[float], bool]) -> Iterator[Consumer]:
    """Yield what takes in the queue of the settings. Raises FixConfiguration where there is none."""
    with _stream(newsletter.settings) as stream:
        if stream is None:
            raise FixConfiguration(
                "NEWSLETTER_SES_EVENTS_QUEUE_URL is not set: there is no queue of events to read. Join the "
                "configuration set to an SNS topic and the topic to an SQS queue, and set it to the queue's URL."
            )
        yield Consumer(
            database=newsletter.database,
            stream=stream,
            clock=newsletter.clock,
            wait=wait,
            soft_bounces=newsletter.settings.soft_bounces,
            patience=_PATIENCE,
        )


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
                wait=wait,
            )
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
