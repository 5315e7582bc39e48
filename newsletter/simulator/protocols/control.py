"""The simulator's own API under `/_simulator/`: what was accepted, what is to go wrong, and the time.

JSON in, JSON out. docs/simulator.md describes it; `newsletter.simulator.client` speaks it.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from newsletter.errors import FixConfiguration
from newsletter.simulator import faults, outcomes, received
from newsletter.simulator.clock import iso
from newsletter.simulator.errors import ServiceError, bad_request, not_found, not_simulated
from newsletter.simulator.protocols.wire import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.accepted import Mail
    from newsletter.simulator.protocols.wire import Request
    from newsletter.simulator.service import Service

PREFIX = "/_simulator/"
_JSON = "application/json"
_CALLS_A_PAGE = 200
_TWICE_SHOWN = 1000
_ACCOUNT = {"sending_enabled": bool, "enforcement": str, "production_access": bool}
_IDENTITY = {"status", "mail_from_status", "notification_topics"}
_ENFORCEMENT = frozenset({"HEALTHY", "PROBATION", "SHUTDOWN"})
_Given = dict[str, Any]


def answer(service: Service, request: Request) -> Reply:
    """Carry out a request and return the answer, also where that is a refusal."""
    path = request.path.removeprefix(PREFIX).rstrip("/")
    try:
        if request.method == "GET" and path.startswith("mails/") and path.endswith(".eml"):
            return _as_received(service, unquote(path[len("mails/") : -len(".eml")]))
        for method, pattern, handler in ROUTES:
            if method == request.method and (found := re.fullmatch(pattern, path)):
                given = request.json() | {name: unquote(value) for name, value in found.groupdict().items()}
                query = {name: values[-1] for name, values in parse_qs(request.query).items()}
                said = handler(service, query | given, request.now)
                return Reply(HTTPStatus.OK, json.dumps(said, ensure_ascii=False).encode(), _JSON)
        raise not_simulated(f"{request.method} {request.path}")
    except ServiceError as error:
        return refusal(error)
    except FixConfiguration as error:
        return refusal(bad_request(str(error)))


def refusal(error: ServiceError) -> Reply:
    """Return an error with its code and message."""
    return Reply(error.status, json.dumps({"code": error.code, "message": error.message}).encode(), _JSON)


def _status(service: Service, _given: _Given, now: float) -> _Given:
    state = service.state
    queues = {}
    for queue in state.queues.listed():
        visible, flying, delayed = queue.counts(now)
        queues[queue.name] = {"visible": visible, "in_flight": flying, "delayed": delayed, "dropped": queue.dropped}
    return {
        "url": state.url,
        "pid": os.getpid(),
        "cpu_seconds": time.process_time(),
        "now": iso(now),
        "ahead_seconds": state.clock.ahead,
        "account": state.account.shown(now),
        "calls": len(state.record.calls),
        "mails": state.record.mails_accepted,
        "recipients": state.record.recipients,
        "events_told": dict(service.publisher.told),
        "events_waiting": service.publisher.waiting,
        "queues": queues,
        "webhooks": service.webhook_counts(),
        "suppressed": len(state.suppression),
        "options": asdict(state.options),
    }


def _recipients(service: Service, _given: _Given, _now: float) -> _Given:
    return {"recipients": service.state.record.counts()}


def _twice(service: Service, _given: _Given, _now: float) -> _Given:
    more = {address: n for address, n in service.state.record.counts().items() if n > 1}
    return {"count": len(more), "recipients": dict(list(more.items())[:_TWICE_SHOWN])}


def _mails(service: Service, given: _Given, _now: float) -> _Given:
    """Return a page of mails, by call; `recipient` and `tag` (`name:value`) choose among them."""
    after = int(given.get("after", 0))
    calls = service.state.record.calls[after : after + int(given.get("calls", _CALLS_A_PAGE))]
    found = [mail for call in calls for mail in call.mails]
    if "recipient" in given:
        found, calls = service.state.record.to(given["recipient"]), []
    if "tag" in given:
        name, _, value = given["tag"].partition(":")
        found = [mail for mail in found if mail.all_tags.get(name) == value]
    following = after + len(calls)
    more = bool(calls) and following < len(service.state.record.calls)
    return {"mails": [_summary(mail) for mail in found], "next": following if more else None}


def _mail(service: Service, given: _Given, _now: float) -> _Given:
    mail = _named(service, given["id"])
    call, entry = service.state.record.details(mail)
    said = _summary(mail) | {
        "from": call["source"],
        "reply_to": call["reply_to"],
        "to": entry.get("to", []),
        "cc": entry.get("cc", []),
        "bcc": entry.get("bcc", []),
        "data": entry.get("data") or call["data"],
    }
    if not any(fate.missing for fate in mail.fates):
        seen = received.received(mail, service.state.record, service.state.options.region)
        said |= {"subject": seen.subject, "text": seen.text, "html": seen.html, "headers": seen.headers}
    return said


def _as_received(service: Service, message_id: str) -> Reply:
    mail = _named(service, message_id)
    written = received.as_bytes(mail, service.state.record, service.state.options.region)
    return Reply(HTTPStatus.OK, written, "message/rfc822")


def _named(service: Service, message_id: str) -> Mail:
    mail = service.state.record.find(message_id)
    if mail is None:
        raise not_found(f"No mail has the id {message_id}.")
    return mail


def _summary(mail: Mail) -> _Given:
    return {
        "id": mail.id,
        "time": iso(mail.call.time),
        "operation": mail.call.operation,
        "configuration_set": mail.call.configuration_set,
        "recipients": mail.recipients,
        "tags": mail.all_tags,
        "fates": [fate.as_json() for fate in mail.fates],
    }


def _add_fault(service: Service, given: _Given, _now: float) -> _Given:
    return {"fault": service.state.faults.add(faults.read(given))}


def _list_faults(service: Service, _given: _Given, _now: float) -> _Given:
    return {"faults": [{"fault": number, "calls_seen": seen, **asdict(fault)}
                       for number, fault, seen in service.state.faults.listed()]}  # fmt: skip


def _remove_faults(service: Service, given: _Given, _now: float) -> _Given:
    if "number" in given:
        service.state.faults.remove(int(given["number"]))
    else:
        service.state.faults.clear()
    return {}


def _set_account(service: Service, given: _Given, now: float) -> _Given:
    account = service.state.account
    for name, value in given.items():
        if name == "sent":
            account.day.add(int(value), now)
        elif name not in _ACCOUNT or not isinstance(value, _ACCOUNT[name]):
            raise bad_request(f"An account says sent, {', '.join(_ACCOUNT)}; not {name}={value!r}.")
        elif name == "enforcement" and value not in _ENFORCEMENT:
            raise bad_request(f"enforcement is one of {', '.join(sorted(_ENFORCEMENT))}.")
        else:
            setattr(account, name, value)
    return account.shown(now)


def _set_options(service: Service, given: _Given, _now: float) -> _Given:
    service.set_options(**given)
    return asdict(service.state.options)


def _advance(service: Service, given: _Given, _now: float) -> _Given:
    service.advance(float(given.get("advance", 0)))
    return {"now": iso(service.state.clock())}


def _flush(service: Service, _given: _Given, now: float) -> _Given:
    waiting = service.publisher.waiting
    service.state.agenda.run_all(now)
    return {"told": waiting}


def _set_fates(service: Service, given: _Given, _now: float) -> _Given:
    read = {address.lower(): outcomes.read(fate) for address, fate in given.items()}
    service.state.fates.update(read)
    return {"fates": len(service.state.fates)}


def _clear_fates(service: Service, _given: _Given, _now: float) -> _Given:
    service.state.fates.clear()
    return {}


def _set_identity(service: Service, given: _Given, _now: float) -> _Given:
    identity = service.state.identities.get(given.pop("name"))
    if unknown := set(given) - _IDENTITY:
        raise bad_request(f"An identity says {', '.join(sorted(_IDENTITY))}; not {', '.join(sorted(unknown))}.")
    for name, value in given.items():
        setattr(identity, name, value)
    return identity.shown()


def _set_event_bus(service: Service, given: _Given, _now: float) -> _Given:
    service.state.event_bus = service.state.queues.get(given["queue"]).name if given.get("queue") else ""
    return {"queue": service.state.event_bus}


def _publish(service: Service, given: _Given, now: float) -> _Given:
    service.publisher.publish(given.get("configuration_set", ""), given.get("event", {}), now)
    return {}


def _certificate(service: Service, given: _Given, _now: float) -> _Given:
    topics = service.state.topics
    topics.certificate_url = given.get("url", topics.certificate_url)
    return {"url": topics.signing_url, "pem": topics.signer.certificate.decode("ascii")}


ROUTES: list[tuple[str, str, Callable[[Service, _Given, float], _Given]]] = [
    ("GET", "status", _status),
    ("GET", "recipients", _recipients),
    ("GET", "recipients/twice", _twice),
    ("GET", "mails", _mails),
    ("GET", "mails/(?P<id>[^/]+)", _mail),
    ("GET", "faults", _list_faults),
    ("POST", "faults", _add_fault),
    ("DELETE", "faults", _remove_faults),
    ("DELETE", "faults/(?P<number>[0-9]+)", _remove_faults),
    ("PATCH", "account", _set_account),
    ("PATCH", "options", _set_options),
    ("POST", "clock", _advance),
    ("POST", "flush", _flush),
    ("PUT", "fates", _set_fates),
    ("DELETE", "fates", _clear_fates),
    ("PATCH", "identities/(?P<name>[^/]+)", _set_identity),
    ("PUT", "event-bus", _set_event_bus),
    ("POST", "events", _publish),
    ("GET", "certificate", _certificate),
    ("PUT", "certificate", _certificate),
]
