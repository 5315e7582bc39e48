"""The HTTP server on loopback: reads requests, lets faults happen, hands the rest to the protocols."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from newsletter.simulator.errors import ServiceError
from newsletter.simulator.protocols import control, ses, sns, sqs
from newsletter.simulator.protocols.wire import Reply, Request
from newsletter.simulator.webhooks import Webhooks

if TYPE_CHECKING:
    from newsletter.simulator.faults import Verdict
    from newsletter.simulator.service import Service
    from newsletter.simulator.topic import Notice, Subscription

_LARGEST_REQUEST = 64 * 1024 * 1024
"""More than the Base64 of the largest message that SES takes."""
_CLOSING_SECONDS = 0.2
_log = logging.getLogger(__name__)


class Server:
    """One simulator, listening."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._webhooks = Webhooks(service.state)
        self._runner: web.AppRunner | None = None
        self._pump: asyncio.Task[None] | None = None
        service.state.topics.deliver = self._deliver
        service.webhook_counts = self._webhook_counts

    async def start(self, host: str, port: int) -> str:
        """Listen, and return the address; port 0 takes a free one."""
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=_CLOSING_SECONDS, handle_signals=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound_host, bound_port = self._runner.addresses[0][:2]
        state = self._service.state
        state.url = state.topics.url = f"http://{f'[{bound_host}]' if ':' in bound_host else bound_host}:{bound_port}"
        self._pump = asyncio.create_task(self._tell_what_is_due())
        return state.url

    async def stop(self) -> None:
        """Stop listening; requests under way have a fifth of a second."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        await self._webhooks.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, asked: web.Request) -> web.StreamResponse:
        state = self._service.state
        request = Request(
            method=asked.method,
            path=asked.rel_url.raw_path,
            query=asked.rel_url.raw_query_string,
            headers=asked.headers,
            body=await asked.read(),
            now=state.clock(),
        )
        protocol, operation = _recognised(request)
        verdict = state.faults.decide(operation, state.chance) if operation else None
        reply = await (self._faulty(request, protocol, verdict) if verdict else self._carried_out(request, protocol))
        if reply is None:
            if asked.transport is not None:
                asked.transport.abort()
            return web.Response()
        return web.Response(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type, **reply.headers}
        )

    async def _carried_out(self, request: Request, protocol: str) -> Reply:
        if protocol in _SIGNED and "Authorization" not in request.headers:
            return _REFUSALS[protocol](_unsigned())
        if protocol == "ses":
            return ses.answer(self._service, request)
        if protocol == "sqs":
            return await sqs.answer(self._service, request)
        if protocol == "control":
            return control.answer(self._service, request)
        if protocol == "certificate":
            return self._certificate(request)
        return sns.answer(self._service, request)

    async def _faulty(self, request: Request, protocol: str, verdict: Verdict) -> Reply | None:
        """Let a fault happen; return what is answered, None for a connection that is closed without an answer."""
        fault, reply = verdict.fault, None
        if fault.taken > 0:
            reply = await self._carried_out(replace(request, verdict=verdict), protocol)
        if fault.kind in {"slow", "timeout"}:
            await asyncio.sleep(fault.seconds)
        if fault.answer is not None:
            return _REFUSALS[protocol](fault.answer)
        return None if fault.kind in {"timeout", "drop"} else reply

    def _certificate(self, request: Request) -> Reply:
        certificate = self._service.state.topics.certificate(request.path.removeprefix("/"))
        if certificate is None:
            return Reply(HTTPStatus.NOT_FOUND, b"", "text/plain")
        return Reply(HTTPStatus.OK, certificate, "application/x-pem-file")

    def _deliver(self, subscription: Subscription, notice: Notice) -> None:
        if subscription.protocol != "sqs":
            self._webhooks.post(subscription, notice)
            return
        queue = self._service.state.queues.by_arn(subscription.endpoint)
        if queue is not None:
            queue.send(notice.body if subscription.is_raw else notice, notice.time)

    def _webhook_counts(self) -> dict[str, int]:
        return {"waiting": self._webhooks.waiting, **self._webhooks.counts}

    async def _tell_what_is_due(self) -> None:
        """Go through the agenda as time passes, in slices, so that requests are answered in between."""
        agenda, clock = self._service.state.agenda, self._service.state.clock
        earlier = asyncio.Event()
        agenda.on_earlier = self._service.on_advance = earlier.set
        while True:
            earlier.clear()
            try:
                more = agenda.run(clock())
            except Exception:  # noqa: BLE001 - a defect of ours must not silence all events to come
                _log.exception("An event could not be told")
                continue
            if more:
                await asyncio.sleep(0)
                continue
            due = agenda.next_due
            try:
                async with asyncio.timeout(None if due is None else max(0.0, due - clock())):
                    await earlier.wait()
            except TimeoutError:
                continue


_SIGNED = frozenset({"ses", "sqs"})
_REFUSALS = {
    "ses": ses.refusal,
    "sqs": sqs.refusal,
    "query": sns.refusal,
    "control": control.refusal,
    "certificate": control.refusal,
}


def _recognised(request: Request) -> tuple[str, str]:
    """Return the protocol of a request and the operation that faults know it by, if it has one."""
    if request.path.startswith(control.PREFIX):
        return "control", ""
    if request.path.startswith(ses.PREFIX):
        found = ses.operation_of(request.method, request.path)
        return "ses", found[0] if found else ""
    target = request.headers.get("X-Amz-Target", "")
    if target.startswith(sqs.TARGET):
        return "sqs", target.removeprefix(sqs.TARGET)
    if request.path.endswith(".pem"):
        return "certificate", ""
    return "query", sns.arguments_of(request).get("Action", "")


def _unsigned() -> ServiceError:
    return ServiceError(HTTPStatus.FORBIDDEN, "MissingAuthenticationTokenException", "Missing Authentication Token")
