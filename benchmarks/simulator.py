"""How much the simulated SES carries, on one core: so that it is never what is measured instead of the sender.

    python -m benchmarks.simulator

A client that only writes prepared requests to a socket and reads the answers talks to the simulator, which runs as a
process of its own; what counts is that process's CPU time. Bulk requests carry 50 recipients and an inline edition of
60 KB, each recipient their own values, tag and three headers.
"""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import machine
from tests.factories.ses import SENDER, bulk, entry, raw
from tests.fixtures.simulator import client, feedback_queue, simulator_process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.simulator.client import SimulatorClient

CALLS = 150
ROUNDS = 4
KINDS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT")
_HTML = "<p>Hello {{name}}</p>" + '<p style="margin:0;color:#333">An invented study of invented things.</p>\n' * 860


def main() -> None:
    """Print the figures as rows of a table."""
    print(machine())
    print("bulk recipients per CPU-second, memory per recipient:")
    for name, arguments, listening in (
        ("no events", (), False),
        ("Send and Delivery into a queue", (), True),
        (
            "the same, with bounces, complaints, shuffled",
            ("--hard-bounces=0.03", "--complaints=0.002", "--jitter=1"),
            True,
        ),
    ):
        print(f"  {name}: {_bulk(arguments, listening=listening)}")
    print(f"raw mails of 60 KB per CPU-second: {_raw()}")
    print(f"events received per CPU-second, raw delivery: {_received(raw_delivery=True)}")
    print(f"events received per CPU-second, in signed envelopes: {_received(raw_delivery=False)}")


def _bulk(arguments: Sequence[str], *, listening: bool) -> str:
    with simulator_process("--rate", "1000000", *arguments) as simulator:
        if listening:
            feedback_queue(simulator, kinds=KINDS)
        else:
            client("sesv2", simulator).create_configuration_set(ConfigurationSetName="events")
        before = _resident(simulator)
        least = min(
            _cpu(simulator, [_post("outbound-bulk-emails", _bulk_request(turn * CALLS + n)) for n in range(CALLS)])
            for turn in range(ROUNDS)
        )
        kilobytes = (_resident(simulator) - before) / (CALLS * ROUNDS * 50)
    return f"{CALLS * 50 / least:,.0f}, {kilobytes:.2f} kB"


def _bulk_request(number: int) -> dict[str, Any]:
    content = {"TemplateContent": {"Subject": "This week", "Text": "Hello {{name}}", "Html": _HTML}}
    headers = {
        "List-Unsubscribe": f"<https://review.example/unsubscribe/{'t' * 100}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<weekly.review.example>",
    }
    people = [
        entry(
            f"r{number}x{n}@list.example",
            {"name": f"Reader {n}", "link": "https://review.example/" + "t" * 100},
            tag=f"c1-{number}-{n}",
            headers=headers,
        )
        for n in range(50)
    ]
    return bulk(*people, content=content, ConfigurationSetName="events")


def _raw() -> str:
    message = f"From: {SENDER}\r\nSubject: This week\r\n\r\n".encode() + b"An invented study.\r\n" * 3000
    request = raw("reader@list.example", message=b"") | {
        "Content": {"Raw": {"Data": b64encode(message).decode("ascii")}}
    }
    with simulator_process("--rate", "1000000") as simulator:
        least = min(_cpu(simulator, [_post("outbound-emails", request)] * CALLS) for _ in range(ROUNDS))
    return f"{CALLS / least:,.0f}"


def _received(*, raw_delivery: bool) -> str:
    with simulator_process("--rate", "1000000") as simulator:
        queue = feedback_queue(simulator, kinds=KINDS, raw=raw_delivery)
        _cpu(simulator, [_post("outbound-bulk-emails", _bulk_request(number)) for number in range(60)])
        simulator.flush()
        body = json.dumps({"QueueUrl": queue, "MaxNumberOfMessages": 10}).encode()
        receive = _request("/", body, "X-Amz-Target: AmazonSQS.ReceiveMessage\r\n")
        least = min(_cpu(simulator, [receive] * CALLS) for _ in range(ROUNDS))
    return f"{CALLS * 10 / least:,.0f}"


def _cpu(simulator: SimulatorClient, requests: Sequence[bytes]) -> float:
    """Return the CPU seconds that the simulator takes for the requests."""
    host, _, port = simulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        answers = connection.makefile("rb")
        before = _status(simulator, "cpu_seconds")
        for request in requests:
            connection.sendall(request)
            _read(answers.readline, answers.read)
        return _status(simulator, "cpu_seconds") - before


def _read(line: Callable[[], bytes], read: Callable[[int], bytes]) -> None:
    status, length = line(), 0
    while (header := line().lower()) != b"\r\n":
        if header.startswith(b"content-length:"):
            length = int(header.partition(b":")[2])
    body = read(length)
    assert b" 200 " in status, (status, body)


def _post(path: str, request: dict[str, Any]) -> bytes:
    return _request(f"/v2/email/{path}", json.dumps(request).encode())


def _request(path: str, body: bytes, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _resident(simulator: SimulatorClient) -> float:
    """Return the kilobytes that the simulator occupies (Linux)."""
    status = Path(f"/proc/{_status(simulator, 'pid'):.0f}/status").read_text(encoding="ascii")
    return next(float(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def _status(simulator: SimulatorClient, name: str) -> float:
    value: float = simulator.status()[name]
    return value


if __name__ == "__main__":
    main()
