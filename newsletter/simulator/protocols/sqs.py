"""SQS: its JSON protocol.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
"""

from __future__ import annotations

import asyncio
import json
from hashlib import blake2b, md5
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import ServiceError, not_simulated
from newsletter.simulator.protocols.wire import Reply
from newsletter.simulator.queue import DEFAULTS, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.protocols.wire import Request
    from newsletter.simulator.queue import Message, Queue
    from newsletter.simulator.service import Service

TARGET = "AmazonSQS."
"""What the header X-Amz-Target begins with."""
_CONTENT_TYPE = "application/x-amz-json-1.0"
_MOST_IN_BATCH = 10
_LARGEST_BATCH = 1_048_576
_LONGEST_WAIT = 20
_OLD_CODES = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    **{
        code: f"AWS.SimpleQueueService.{code}"
        for code in ("BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId",
                     "MessageNotInflight", "TooManyEntriesInBatchRequest")
    },
}  # fmt: skip
"""Codes of the query protocol, which clients of today still show: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html."""
_Asked = dict[str, Any]


async def answer(service: Service, request: Request) -> Reply:
    """Carry out a request and return the answer, also where that is a refusal; receiving may wait for messages."""
    operation = request.headers.get("X-Amz-Target", "").removeprefix(TARGET)
    try:
        asked = request.json()
        if operation == "ReceiveMessage":
            said = await _receive(service, asked)
        elif operation in OPERATIONS:
            said = OPERATIONS[operation](service, asked, request.now)
        else:
            raise not_simulated(operation)
        return Reply(HTTPStatus.OK, json.dumps(said).encode(), _CONTENT_TYPE)
    except ServiceError as error:
        return refusal(error)
    except (KeyError, TypeError, ValueError) as error:
        return refusal(refused("InvalidParameterValue", f"The request is not what {operation} takes: {error!r}."))


def refusal(error: ServiceError) -> Reply:
    """Return an error in the form of SQS."""
    body = json.dumps({"__type": f"com.amazonaws.sqs#{error.code}", "message": error.message}).encode()
    whose = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    headers = {"x-amzn-query-error": f"{_OLD_CODES.get(error.code, error.code)};{whose}"}
    return Reply(error.status, body, _CONTENT_TYPE, headers)


async def _receive(service: Service, asked: _Asked) -> _Asked:
    state = service.state
    queue = state.queues.get(asked["QueueUrl"])
    most = int(asked.get("MaxNumberOfMessages") or 1)
    wait = asked.get("WaitTimeSeconds")
    wait = queue.seconds("ReceiveMessageWaitTimeSeconds") if wait is None else int(wait)
    if not 1 <= most <= _MOST_IN_BATCH or not 0 <= wait <= _LONGEST_WAIT:
        raise refused("InvalidParameterValue", "MaxNumberOfMessages is 1 to 10, WaitTimeSeconds 0 to 20.")
    visibility = asked.get("VisibilityTimeout")
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while not (received := queue.receive(most, state.clock(), visibility)) and loop.time() < until:
        shown = queue.next_visible()
        left = until - loop.time()
        await _arrival(queue, left if shown is None else min(left, max(0.01, shown - state.clock())))
    return {"Messages": [_shown(message, queue, asked) for message in received]} if received else {}


async def _arrival(queue: Queue, seconds: float) -> None:
    """Wait until a message comes, or for `seconds`."""
    arrived = asyncio.Event()
    queue.waiting.add(arrived.set)
    try:
        async with asyncio.timeout(seconds):
            await arrived.wait()
    except TimeoutError:
        pass
    finally:
        queue.waiting.discard(arrived.set)


def _shown(message: Message, queue: Queue, asked: _Asked) -> _Asked:
    body = message.body if isinstance(message.body, str) else message.body.render()
    wanted = {*asked.get("AttributeNames", ()), *asked.get("MessageSystemAttributeNames", ())}
    system = {
        "ApproximateFirstReceiveTimestamp": str(int(message.first_received * 1000)),
        "ApproximateReceiveCount": str(message.received),
        "SenderId": "AIDASIMULATOR",
        "SentTimestamp": str(int(message.sent * 1000)),
    }
    shown = {
        "MessageId": _message_id(queue, message.number),
        "ReceiptHandle": message.handle,
        "MD5OfBody": _md5(body),
        "Body": body,
        "Attributes": {name: value for name, value in system.items() if name in wanted or "All" in wanted},
        "MessageAttributes": _wanted(message.attributes, asked.get("MessageAttributeNames", ())),
    }
    return {name: value for name, value in shown.items() if value}


def _wanted(attributes: _Asked, names: list[str]) -> _Asked:
    prefixes = tuple(name.removesuffix("*") for name in names if name.endswith("*"))
    everything = bool({"All", ".*"} & set(names))
    return {n: v for n, v in attributes.items() if everything or n in names or (prefixes and n.startswith(prefixes))}


def _send(service: Service, asked: _Asked, now: float) -> _Asked:
    return _sent(service.state.queues.get(asked["QueueUrl"]), asked, now)


def _sent(queue: Queue, asked: _Asked, now: float) -> _Asked:
    body = asked["MessageBody"]
    number = queue.send(body, now, asked.get("MessageAttributes"), asked.get("DelaySeconds"))
    return {"MessageId": _message_id(queue, number), "MD5OfMessageBody": _md5(body)}


def _batch(
    service: Service, asked: _Asked, do: Callable[[Queue, _Asked], _Asked], *, largest: int | None = None
) -> _Asked:
    """Do something for each entry of a batch; what fails is told among the answers, with status 200."""
    queue = service.state.queues.get(asked["QueueUrl"])
    entries = asked.get("Entries") or []
    if not entries:
        raise refused("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > _MOST_IN_BATCH:
        raise refused("TooManyEntriesInBatchRequest", f"Maximum number of entries per request are {_MOST_IN_BATCH}.")
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise refused("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    if largest and sum(len(entry["MessageBody"].encode()) for entry in entries) > largest:
        raise refused("BatchRequestTooLong", f"Batch requests cannot be longer than {largest} bytes.")
    done: _Asked = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            done["Successful"].append({"Id": entry["Id"], **do(queue, entry)})
        except ServiceError as error:
            code = _OLD_CODES.get(error.code, error.code)
            done["Failed"].append({"Id": entry["Id"], "SenderFault": True, "Code": code, "Message": error.message})
    return done


def _delete(queue: Queue, asked: _Asked) -> _Asked:
    queue.delete(asked["ReceiptHandle"])
    return {}


def _change_visibility(queue: Queue, asked: _Asked, now: float) -> _Asked:
    queue.change_visibility(asked["ReceiptHandle"], int(asked["VisibilityTimeout"]), now)
    return {}


def _create(service: Service, asked: _Asked, now: float) -> _Asked:
    queue = service.state.queues.create(asked["QueueName"], asked.get("Attributes") or {}, now)
    return {"QueueUrl": _url(service, queue)}


def _delete_queue(service: Service, asked: _Asked, _now: float) -> _Asked:
    service.state.queues.delete(asked["QueueUrl"])
    return {}


def _purge(service: Service, asked: _Asked, _now: float) -> _Asked:
    service.state.queues.get(asked["QueueUrl"]).purge()
    return {}


def _set_attributes(service: Service, asked: _Asked, _now: float) -> _Asked:
    service.state.queues.get(asked["QueueUrl"]).attributes.update(asked["Attributes"])
    return {}


def _attributes(service: Service, asked: _Asked, now: float) -> _Asked:
    queue = service.state.queues.get(asked["QueueUrl"])
    visible, flying, delayed = queue.counts(now)
    known = DEFAULTS | queue.attributes | {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(flying),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "CreatedTimestamp": str(int(queue.created)),
        "LastModifiedTimestamp": str(int(queue.created)),
        "QueueArn": queue.arn,
    }  # fmt: skip
    wanted = asked.get("AttributeNames") or []
    return {"Attributes": {name: value for name, value in known.items() if "All" in wanted or name in wanted}}


def _list(service: Service, asked: _Asked, _now: float) -> _Asked:
    prefix = asked.get("QueueNamePrefix") or ""
    found = [_url(service, queue) for queue in service.state.queues.listed() if queue.name.startswith(prefix)]
    return {"QueueUrls": found} if found else {}


def _url(service: Service, queue: Queue) -> str:
    return f"{service.state.url}/{service.state.options.account_id}/{queue.name}"


def _message_id(queue: Queue, number: int) -> str:
    digest = blake2b(f"{queue.arn}/{number}".encode(), digest_size=16).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))


def _md5(body: str) -> str:
    return md5(body.encode(), usedforsecurity=False).hexdigest()


OPERATIONS: dict[str, Callable[[Service, _Asked, float], _Asked]] = {
    "CreateQueue": _create,
    "DeleteQueue": _delete_queue,
    "GetQueueUrl": lambda s, asked, _: {"QueueUrl": _url(s, s.state.queues.get(asked["QueueName"]))},
    "GetQueueAttributes": _attributes,
    "SetQueueAttributes": _set_attributes,
    "ListQueues": _list,
    "PurgeQueue": _purge,
    "SendMessage": _send,
    "SendMessageBatch": lambda s, asked, now: _batch(s, asked, lambda q, e: _sent(q, e, now), largest=_LARGEST_BATCH),
    "DeleteMessage": lambda s, asked, _: _delete(s.state.queues.get(asked["QueueUrl"]), asked),
    "DeleteMessageBatch": lambda s, asked, _: _batch(s, asked, _delete),
    "ChangeMessageVisibility": lambda s, asked, now: _change_visibility(
        s.state.queues.get(asked["QueueUrl"]), asked, now
    ),
    "ChangeMessageVisibilityBatch": lambda s, asked, now: _batch(s, asked, lambda q, e: _change_visibility(q, e, now)),
}
