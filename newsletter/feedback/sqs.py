"""Amazon SQS: events are fetched by long polling, and deleted when what they say is committed.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html. Region and
credentials are settings of the SDK; a queue's own URL names its region. What is asked for thousands of times goes a
shorter way (`newsletter.sdk`), and the SDK's own if that fails: it tries again, and says what is wrong.
"""

from __future__ import annotations

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.errors import FixConfiguration, RetryLater
from newsletter.feedback.stream import Backlog, Message
from newsletter.sdk import Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_log = logging.getLogger(__name__)

_BATCH = 10
"""The most that SQS gives, hides or deletes in one call."""
_AT_MOST = 1_000
"""Messages for one transaction: what it costs, however few they are, is shared by so many."""
_THREADS = 8
_HIDDEN_SECONDS = 60
_LONGEST_POLL = 20
_DELETE_TRIES = 3
_REGION = re.compile(r"https://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com(?:\.cn)?/")
_WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_MENDED_BY_TIME = frozenset({"RequestThrottled", "ThrottlingException", "OverLimit", "RequestExpired"})
_SERVER_ERRORS = 500


class SqsStream:
    """The events in one queue."""

    hidden_seconds = float(_HIDDEN_SECONDS)

    def __init__(self, url: str) -> None:
        """Open no connection yet. Raises FixConfiguration when the SDK lacks a region."""
        self.name = url
        self._client, self._requests = _client(url)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqs")
        self._dead_letters: str | None = None

    def receive(self, seconds: int) -> Sequence[Message]:
        """Return up to 1,000 messages; the first ones are waited for, by a poll that asks all of the queue.

        More are asked for, by several calls at once, as long as these come back half full: each asks a part of the
        queue only.
        """
        found = self._receive(seconds)
        came, asked = len(found), 1
        while 2 * came >= asked * _BATCH and len(found) < _AT_MOST:
            asked = min(_THREADS, (_AT_MOST - len(found)) // _BATCH or 1)
            more = list(chain.from_iterable(self._burst(asked)))
            came, found = len(more), [*found, *more]
        return found

    def hide(self, messages: Sequence[Message], seconds: int) -> None:
        """Set when they show again; those that cannot be hidden any longer come again."""
        self._for_each_batch(
            lambda entries: self._asked_often("change_message_visibility_batch", QueueUrl=self.name, Entries=entries),
            messages,
            VisibilityTimeout=seconds,
        )

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete; the entries that SQS refuses inside a successful answer are tried again."""
        self._for_each_batch(self._delete, messages)

    def backlog(self) -> Backlog:
        """Ask the queue, and the one that its dead letters go to."""
        said = self._attributes(self.name, *_WAITING, "RedrivePolicy")
        return Backlog(sum(int(said[name]) for name in _WAITING), self._lost(said.get("RedrivePolicy", "")))

    def close(self) -> None:
        """Give threads and connections back."""
        self._threads.shutdown()
        self._requests.close()

    def _receive(self, seconds: int) -> list[Message]:
        answer = self._asked_often(
            "receive_message",
            QueueUrl=self.name,
            MaxNumberOfMessages=_BATCH,
            WaitTimeSeconds=seconds,
            VisibilityTimeout=_HIDDEN_SECONDS,
        )
        return [Message(each["Body"], each["ReceiptHandle"]) for each in answer.get("Messages", [])]

    def _burst(self, calls: int) -> Iterator[list[Message]]:
        """Yield what several short polls bring; what was received by then counts, should one of them fail."""
        for each in [self._threads.submit(self._receive, 0) for _ in range(calls)]:
            try:
                yield each.result()
            except (RetryLater, FixConfiguration) as error:
                _log.warning("A call for more events failed: %s", error)

    def _delete(self, entries: list[dict[str, Any]]) -> None:
        for _ in range(_DELETE_TRIES):
            answer = self._asked_often("delete_message_batch", QueueUrl=self.name, Entries=entries)
            refused = {each["Id"] for each in answer.get("Failed", [])}
            entries = [each for each in entries if each["Id"] in refused]
            if not entries:
                return
        _log.warning("%s messages could not be deleted; they will come again.", len(entries))

    def _for_each_batch(
        self, act: Callable[[list[dict[str, Any]]], object], messages: Sequence[Message], **more: object
    ) -> None:
        entries = [{"Id": str(n), "ReceiptHandle": each.receipt, **more} for n, each in enumerate(messages)]
        batches = [entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH)]
        for _ in self._threads.map(act, batches):
            pass

    def _lost(self, redrive_policy: str) -> str:
        if not redrive_policy:
            return ""
        *_, account, name = json.loads(redrive_policy)["deadLetterTargetArn"].split(":")
        try:
            if self._dead_letters is None:
                found = self._asked("get_queue_url", QueueName=name, QueueOwnerAWSAccountId=account)
                self._dead_letters = found["QueueUrl"]
            waiting = self._attributes(self._dead_letters, _WAITING[0])[_WAITING[0]]
        except FixConfiguration as error:
            return f"the dead-letter queue {name} cannot be looked into: {error}"
        return f"{waiting} messages lie in the dead-letter queue {name}" if int(waiting) else ""

    def _attributes(self, url: str, *names: str) -> dict[str, str]:
        said = self._asked("get_queue_attributes", QueueUrl=url, AttributeNames=list(names))
        attributes: dict[str, str] = said["Attributes"]
        return attributes

    def _asked_often(self, operation: str, **said: object) -> Mapping[str, Any]:
        """Call SQS the short way. Asking again does no harm: what was received meanwhile comes again."""
        if self._requests.knows(operation):
            try:
                return self._requests.repeat(operation, json.dumps(said).encode())
            except (boto.BotoCoreError, boto.ClientError, OSError, TypeError, ValueError) as error:
                _log.debug("SQS is asked once more by the SDK: %s", error)
        return self._asked(operation, **said)

    def _asked(self, operation: str, **said: object) -> Mapping[str, Any]:
        """Call SQS. Raises RetryLater and FixConfiguration."""
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(**said)
        except boto.ClientError as error:
            raise _meaning(error, self.name) from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.ParamValidationError) as error:
            raise FixConfiguration(f"The queue {self.name} cannot be read as things stand: {error}") from error
        except (boto.BotoCoreError, OSError) as error:
            raise RetryLater(f"SQS cannot be reached: {error}") from error
        return answer


def _client(url: str) -> tuple[Any, Requests]:
    config = Config(
        # asking again for what was lost on the way harms nobody: it stays hidden for a while, and comes again
        retries={"total_max_attempts": 3, "mode": "standard"},
        connect_timeout=10,
        read_timeout=_LONGEST_POLL + 10,
        max_pool_connections=_THREADS + 1,
        tcp_keepalive=True,
    )
    named = _REGION.match(url)
    region = next(filter(None, named.groups()), None) if named else None
    session = botocore.session.get_session()
    try:
        client = boto3.session.Session(region_name=region, botocore_session=session).client("sqs", config=config)
    except boto.BotoCoreError as error:
        raise FixConfiguration(
            f"NEWSLETTER_SES_EVENTS_QUEUE_URL cannot be used: {error} AWS_DEFAULT_REGION names the region."
        ) from error
    return client, Requests(client, session.get_config_variable("ca_bundle"))


def _meaning(error: boto.ClientError, queue: str) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", "")).rpartition(".")[2]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= _SERVER_ERRORS or code in _MENDED_BY_TIME:
        return RetryLater(f"SQS: {error}")
    return FixConfiguration(
        f"The queue {queue} cannot be read: {error}. See NEWSLETTER_SES_EVENTS_QUEUE_URL, the region, and that "
        f"sqs:ReceiveMessage, DeleteMessage, ChangeMessageVisibility and GetQueueAttributes are allowed."
    )
