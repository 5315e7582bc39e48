"""SNS messages brought to web addresses: with retries, a time-out, and a dead-letter queue for what never arrives.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from newsletter.simulator.state import State
    from newsletter.simulator.topic import Notice, Subscription

_AT_ONCE = 8
"""Deliveries to one address at the same time."""
_MOST_WAITING = 100_000


class Webhooks:
    """Delivers to web addresses while the event loop runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting: dict[str, asyncio.Queue[tuple[Subscription, Notice, int]]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self.counts: Counter[str] = Counter()
        """Messages `delivered`, `retried`, `failed` for good, `dropped` because too many waited."""

    def post(self, subscription: Subscription, notice: Notice, attempt: int = 0) -> None:
        """Have a message delivered; call it in the event loop's thread."""
        waiting = self._waiting.get(subscription.endpoint)
        if waiting is None:
            waiting = self._waiting[subscription.endpoint] = asyncio.Queue(_MOST_WAITING)
            self._workers += [asyncio.create_task(self._work(waiting)) for _ in range(_AT_ONCE)]
        try:
            waiting.put_nowait((subscription, notice, attempt))
        except asyncio.QueueFull:
            self.counts["dropped"] += 1

    @property
    def waiting(self) -> int:
        """How many messages wait to be delivered."""
        return sum(queue.qsize() for queue in self._waiting.values())

    async def close(self) -> None:
        """Stop delivering; what waits is lost."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _work(self, waiting: asyncio.Queue[tuple[Subscription, Notice, int]]) -> None:
        while True:
            subscription, notice, attempt = await waiting.get()
            status = await self._delivered(subscription, notice)
            if status < HTTPStatus.BAD_REQUEST:
                self.counts["delivered"] += 1
            elif status < HTTPStatus.INTERNAL_SERVER_ERROR or attempt >= self._state.options.webhook_retries:
                self._give_up(subscription, notice)
            else:
                self.counts["retried"] += 1
                due = self._state.clock() + self._state.options.webhook_retry_seconds
                self._state.agenda.add(due, partial(self._again, subscription, notice, attempt + 1))

    def _again(self, subscription: Subscription, notice: Notice, attempt: int, _now: float) -> None:
        self.post(subscription, notice, attempt)

    async def _delivered(self, subscription: Subscription, notice: Notice) -> int:
        """Return the status of the answer; 599 where there was none."""
        is_raw = subscription.is_raw and notice.kind == "Notification"
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": notice.kind,
            "x-amz-sns-message-id": notice.id,
            "x-amz-sns-topic-arn": notice.topic.arn,
        }
        if notice.kind == "Notification":
            headers["x-amz-sns-subscription-arn"] = subscription.arn
        if is_raw:
            headers["x-amz-sns-rawdelivery"] = "true"
        body = (notice.text() if is_raw else notice.render()).encode()
        timeout = aiohttp.ClientTimeout(total=self._state.options.webhook_timeout)
        try:
            async with self._connected().post(
                subscription.endpoint, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 599

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _give_up(self, subscription: Subscription, notice: Notice) -> None:
        self.counts["failed"] += 1
        queue = self._state.queues.by_arn(subscription.dead_letter_arn)
        if queue is not None:
            queue.send(notice, self._state.clock())
