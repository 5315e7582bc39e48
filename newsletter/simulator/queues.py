"""SQS: the account's queues. Pure; the time is handed in.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""

from __future__ import annotations

import re

from newsletter.simulator.queue import DEFAULTS, Queue, refused

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Queues:
    """All queues of the account."""

    def __init__(self, region: str, account_id: str, limit: int) -> None:
        self._arn = f"arn:aws:sqs:{region}:{account_id}:"
        self._limit = limit
        self._queues: dict[str, Queue] = {}

    def create(self, name: str, attributes: dict[str, str], now: float) -> Queue:
        """Add a queue, or return the one that is there with the same attributes."""
        if _NAME.fullmatch(name) is None:
            raise refused("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. "
                          "1 to 80 in length (FIFO queues are not simulated)")  # fmt: skip
        there = self._queues.get(name)
        if there is not None:
            if any(there.attributes.get(key, DEFAULTS.get(key)) != value for key, value in attributes.items()):
                raise refused("QueueNameExists", "A queue already exists with the same name and a different value "
                              "for an attribute")  # fmt: skip
            return there
        queue = Queue(name, self._arn + name, dict(attributes), now, self._limit)
        queue.find = self.by_arn
        self._queues[name] = queue
        return queue

    def get(self, name_or_url: str) -> Queue:
        """Return the queue of a name or of a URL that ends with it; raise QueueDoesNotExist."""
        found = self._queues.get(name_or_url.rpartition("/")[2])
        if found is None:
            raise refused("QueueDoesNotExist", "The specified queue does not exist.")
        return found

    def by_arn(self, arn: str) -> Queue | None:
        """Return the queue of an ARN, if it is one of ours."""
        return self._queues.get(arn.removeprefix(self._arn)) if arn.startswith(self._arn) else None

    def delete(self, name_or_url: str) -> None:
        """Remove a queue with its messages."""
        del self._queues[self.get(name_or_url).name]

    def listed(self) -> list[Queue]:
        """Return all queues, by name."""
        return [self._queues[name] for name in sorted(self._queues)]
