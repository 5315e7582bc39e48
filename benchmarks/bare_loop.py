"""The least that sending in bulk can cost: a loop without any of our code, as a yardstick for `benchmarks.end_to_end`.

    python -m benchmarks.bare_loop [--recipients 50000] [--size 60000] [--rounds 3]

A prebuilt inline template of `--size` bytes, calls of 50 entries, an intent before each call and 50 outcomes after it
in SQLite (`synchronous=FULL`) by the bare driver, against the simulated SES in a process of its own. Once by boto3's
client, once by a request that the SDK's signer signs and `http.client` sends. No claims, no look at people, no pacing,
no signed links, no addresses checked, nothing that could go wrong is looked at: whoever does these takes longer.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.measuring import machine
from tests.fixtures.simulator import client, simulator_process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.simulator.client import SimulatorClient

    Send = Callable[[Sequence[object]], Any]
    """Sends these entries as one call; returns the answer."""

MOST = 50
"""Recipients of a call."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PATH = "/v2/email/outbound-bulk-emails"
_TABLES = """
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    CREATE TABLE chunks (chunk_no INTEGER PRIMARY KEY, inflight_from INTEGER, inflight_to INTEGER, sent INTEGER);
    CREATE TABLE deliveries (campaign_id INTEGER, subscriber_id INTEGER, state TEXT, at TEXT, message_id TEXT,
                             PRIMARY KEY (campaign_id, subscriber_id)) WITHOUT ROWID;
    INSERT INTO chunks VALUES (0, NULL, NULL, 0);
"""


def main() -> None:
    """Measure both ways in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=50_000)
    parser.add_argument("--size", type=int, default=60_000, help="bytes of the HTML")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(machine())
    with simulator_process("--rate", "1000000") as simulator:
        ways = {
            "by boto3's client": _by_boto3(simulator, arguments.size),
            "signed, and by http.client": _by_hand(simulator, arguments.size),
        }
        for number in range(arguments.rounds):
            for name, send in ways.items():
                with tempfile.TemporaryDirectory() as folder:
                    print(f"{number + 1}. {name}: {_measure(send, Path(folder), arguments.recipients)}", flush=True)


def _measure(send: Send, folder: Path, recipients: int) -> str:
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.executescript(_TABLES)
    wall, cpu = time.perf_counter(), time.process_time()
    for first in range(0, recipients, MOST):
        _call(database, send, range(first, first + MOST))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    database.close()
    return f"{recipients / wall:,.0f} a second, {recipients / cpu:,.0f} a CPU-second"


def _call(database: sqlite3.Connection, send: Send, people: range) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("UPDATE chunks SET inflight_from = ?, inflight_to = ?", (people[0], people[-1]))
    database.execute("COMMIT")
    answer = send([_entry(number) for number in people])
    ids = [result["MessageId"] for result in answer["BulkEmailEntryResults"]]
    rows = [(1, number, "sent", "2026-12-01 08:00:00", said) for number, said in zip(people, ids, strict=True)]
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?)", rows)
    database.execute("UPDATE chunks SET inflight_from = NULL, inflight_to = NULL, sent = sent + ?", (len(rows),))
    database.execute("COMMIT")


def _by_boto3(simulator: SimulatorClient, size: int) -> Send:
    """Send as the SDK is meant to be used."""
    ses: Any = client("sesv2", simulator)
    request = _request(size)
    return lambda entries: ses.send_bulk_email(**request, BulkEmailEntries=entries)


def _by_hand(simulator: SimulatorClient, size: int) -> Send:
    """Encode the template once, have the SDK's signer sign, and send over a connection that stays open."""
    connection = HTTPConnection(urlsplit(simulator.url).netloc)
    signer = SigV4Auth(Credentials("simulator", "simulator"), "ses", "us-east-1")
    beginning = f'{_encode(_request(size))[:-1]},"BulkEmailEntries":'.encode()

    def send(entries: Sequence[object]) -> Any:  # noqa: ANN401 - JSON
        body = b"".join((beginning, _encode(entries).encode(), b"}"))
        request = AWSRequest("POST", simulator.url + _PATH, {"Content-Type": "application/json"}, body)
        signer.add_auth(request)
        connection.request("POST", _PATH, body, dict(request.headers.items()))
        return json.loads(connection.getresponse().read())

    return send


def _request(size: int) -> dict[str, Any]:
    html = f"<p>{{{{greeting}}}}</p>{'x' * size}{{{{token}}}}"
    template = {
        "TemplateContent": {"Subject": "A week", "Text": "{{greeting}} {{token}}", "Html": html},
        "TemplateData": "{}",
        "Headers": [{"Name": "Precedence", "Value": "bulk"}],
    }
    return {"FromEmailAddress": "News <news@example.org>", "DefaultContent": {"Template": template}}


def _entry(number: int) -> object:
    token = f"{number:048}"
    data = f'{{"greeting":"Dear reader {number},","token":"{token}"}}'
    return {
        "Destination": {"ToAddresses": [f"Reader <reader-{number}@example.com>"]},
        "ReplacementTags": [{"Name": "delivery", "Value": f"c1.{number}"}],
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementHeaders": [
            {"Name": "List-Unsubscribe", "Value": f"<https://news.example.org/unsubscribe/{token}>"}
        ],
    }


if __name__ == "__main__":
    main()
