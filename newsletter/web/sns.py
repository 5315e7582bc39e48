"""Where SNS posts what SES says of mails: so much, so long, and an answer that says what SNS is to do."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse

from newsletter.errors import RetryLater
from newsletter.feedback.sns import LARGEST, Malformed, Untrusted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from newsletter.feedback.webhook import Webhook

_log = logging.getLogger(__name__)

PATH = "/feedback/sns"
_SECONDS = 10.0
"""That a body may take to arrive; SNS itself gives up after 15."""


class _TooLarge(Exception):  # noqa: N818 - what it is
    pass


def sns_endpoint(webhook: Webhook) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers a POST: 200 taken, 400 and 403 never again, 503 and 500 later."""

    async def post(request: Request) -> Response:
        try:
            async with asyncio.timeout(_SECONDS):
                body = await _body(request)
        except _TooLarge:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The message is too large.")
        except (TimeoutError, ClientDisconnect):
            return _answer(HTTPStatus.REQUEST_TIMEOUT, "The message did not arrive.")
        return await run_in_threadpool(_take, webhook, body, dict(request.headers))

    return post


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise _TooLarge
    return bytes(body)


def _take(webhook: Webhook, body: bytes, headers: dict[str, str]) -> Response:
    try:
        return _answer(HTTPStatus.OK, webhook.take(body, headers))
    except Malformed as error:
        return _answer(HTTPStatus.BAD_REQUEST, f"No message of SNS: {error}.")
    except Untrusted as error:
        _log.warning("A message posted as if by SNS was refused: %s.", error)
        return _answer(HTTPStatus.FORBIDDEN, f"Refused: {error}.")
    except RetryLater as error:
        _log.warning("SNS is asked to try again: %s", error)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "Try again later.")


def _answer(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status, {"Cache-Control": "no-store"})
