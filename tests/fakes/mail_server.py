"""A real SMTP server (aiosmtpd) on loopback that keeps what it accepts and goes wrong where it is told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from subscribers.clock import utc_now
from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session

DROP = "drop"
"""Instead of an answer: the connection ends."""
SILENCE = "silence"
"""Instead of an answer: nothing, for longer than anybody waits."""


class Accepted(NamedTuple):
    """A mail that the server took responsibility for."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Behaviour:
    """What the server does; an answer by the recipient's address, or by `*`."""

    sender: dict[str, str] = field(default_factory=dict)
    recipient: dict[str, str] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)
    """The answer to the final dot. DROP and SILENCE come after the mail was accepted."""
    accepted: list[Accepted] = field(default_factory=list)
    connections: int = 0
    protected: list[bool] = field(default_factory=list)
    """Of each mail, whether it came over TLS."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.sender.get("*", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return await _given(answer, server)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipient.get(address, self.recipient.get("*", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return await _given(answer, server)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's names
        (recipient,) = envelope.rcpt_tos
        answer = self.content.get(recipient, self.content.get("*", f"250 queued as {len(self.accepted) + 1}"))
        if answer.startswith("250") or answer in {DROP, SILENCE}:
            content = envelope.content
            assert isinstance(content, bytes)
            self.accepted.append(Accepted(envelope.mail_from or "", recipient, content))
            assert server.transport is not None
            self.protected.append(server.transport.get_extra_info("ssl_object") is not None)
        return await _given(answer, server)


class MailServer:
    """Listens on a free port of loopback, in a thread, as long as the context lasts."""

    def __init__(
        self, behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, security: str = "none", password: str = ""
    ) -> None:
        """`security`: `none`, `starttls` or `tls`, the last two with `tls`. `password`: nobody sends without it."""
        self._behaviour = behaviour
        self._tls = tls
        self._security = security
        self._password = password
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(PATIENCE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _start(self) -> asyncio.Server:
        tls = self._tls if self._security == "tls" else None
        return await self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=tls)

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _protocol(self) -> SMTP:
        self._behaviour.connections += 1
        starttls = self._security == "starttls"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a login without TLS, which is what some tests are about
            return SMTP(
                self._behaviour,
                hostname="mail.test",
                loop=self._loop,
                enable_SMTPUTF8=False,
                tls_context=self._tls if starttls else None,
                require_starttls=starttls,
                auth_required=bool(self._password),
                auth_require_tls=starttls,
                authenticator=self._allowed if self._password else None,
            )

    def _allowed(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, login: object) -> AuthResult:
        assert isinstance(login, LoginPassword)
        return AuthResult(success=login.password.decode() == self._password, handled=False)


class Certificates(NamedTuple):
    """A certificate for 127.0.0.1 and `localhost`, signed by nobody but itself."""

    server: ssl.SSLContext
    trusting: Callable[[], ssl.SSLContext]
    """Makes what a client checks with that was told to trust it."""


def certificates(folder: Path) -> Certificates:
    """Make a certificate; its files go into `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(utc_now() - dt.timedelta(days=1))
        .not_valid_after(utc_now() + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return Certificates(server, lambda: ssl.create_default_context(cafile=str(file)))


async def _given(answer: str, server: SMTP) -> str:
    if answer == SILENCE:
        await asyncio.Event().wait()
    if answer == DROP:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
    return answer
