"""An SNS on loopback: it signs messages, serves its certificate, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

from newsletter.simulator.signing import Signer
from tests.factories.events import iso
from tests.factories.people import NOW

TOPIC = "arn:aws:sns:eu-west-3:123456789012:newsletter-events"


@dataclass
class Sns:
    """`status` and `body` are what it answers in place of the certificate, and to confirmations."""

    url: str = ""
    signer: Signer = field(default_factory=lambda: Signer(NOW))
    status: int = 200
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def message(self, text: str = "", *, version: str = "2", at: datetime = NOW, **said: str) -> dict[str, str]:
        """Return a signed message; `said` goes over its fields before it is signed."""
        message = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": text,
            "Timestamp": iso(at),
            **said,
        }
        if message["Type"] != "Notification":
            query = {"Action": "ConfirmSubscription", "TopicArn": message["TopicArn"], "Token": "abc"}
            del message["Subject"]
            message = {"Token": "abc", "SubscribeURL": f"{self.url}/?{urlencode(query)}", **message}
        where = f"{self.url}/{self.signer.certificate_name}"
        signature = self.signer.sign(message, version)
        return {"SigningCertURL": where, "SignatureVersion": version, "Signature": signature, **message}

    def body_of(self, message: dict[str, str]) -> bytes:
        """Return what is posted."""
        return json.dumps(message).encode()


@contextlib.contextmanager
def sns_server() -> Iterator[Sns]:
    """Listen on a free port while the context lasts."""
    sns = Sns()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sns.asked.append(self.path)
            body = sns.signer.certificate if sns.body is None else sns.body
            self.send_response(sns.status)
            self.send_header("Location", f"{sns.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever has heard enough hangs up
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sns.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield sns
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
