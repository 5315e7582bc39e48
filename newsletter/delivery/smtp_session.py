"""One connection to an SMTP server, and what each of its answers means for the mail at hand.

Answers: RFC 5321, 4.2; their enhanced codes: RFC 3463; login: RFC 4954. A 4xx to RCPT is about the recipient; 421 and
454, and 4.3.x and 4.7.x after DATA, are about the server: it is busy, or we are too fast.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import MaybeSent, RetryLater, StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable

_LEADING_DOT = re.compile(rb"(?m)^\.")
_SERVER_BUSY = frozenset({421, 454})
_LOGIN_WANTED = frozenset({530, 534, 535, 538})
_ABOUT_THE_SERVER = ("4.3.", "4.7.")
_SHORTEST_WAIT = 1.0
"""Seconds: a mail that was begun is given at least this for each answer."""


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """How the server is reached."""

    host: str
    port: int
    security: str = "starttls"
    """`starttls`, `tls` or `none`."""
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    """Seconds that a call may take; in the second half of them no mail is begun."""
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """Makes what certificates are checked against."""

    @property
    def where(self) -> str:
        """The server, for messages."""
        return f"{self.host}:{self.port}"


def connect(settings: SmtpSettings, own_name: str | None) -> smtplib.SMTP:
    """Return a connection: greeted (as `own_name`), protected, logged in. Raises RetryLater and StopCampaign."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _reach(settings, own_name)
        if settings.security == "starttls":
            connection.starttls(context=settings.trust())
        connection.ehlo_or_helo_if_needed()
        if settings.user:
            connection.login(settings.user, settings.password)
    except (OSError, smtplib.SMTPException) as error:
        if connection is not None:
            connection.close()
        raise _refusal(settings.where, error) from error
    return connection


def leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; that nobody is there any more does not matter."""
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()


class Mailing:
    """Hands mails over a connection, and knows until when."""

    def __init__(self, connection: smtplib.SMTP, deadline: float, timer: Callable[[], float]) -> None:
        self._connection = connection
        self._deadline = deadline
        self._timer = timer

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Send one mail and return its outcome.

        Raises RetryLater and StopCampaign, which are not about this mail: it was not accepted, and the next one would
        meet the same. Raises MaybeSent when the connection was lost before the answer to the final dot.
        """
        code, text = self._ask(f"MAIL FROM:<{sender}>")
        if not _is_good(code):
            _raise_refused(code, text, f"the sender {sender}")
        for command in (f"RCPT TO:<{recipient}>", "DATA"):
            code, text = self._ask(command)
            if not _is_good(code):
                return self._given_up(code, text)
        return self._content(message)

    def _content(self, message: bytes) -> Outcome:
        body = _LEADING_DOT.sub(b"..", message)
        self._send(body if body.endswith(b"\r\n") else body + b"\r\n")
        try:
            self._connection.send(b".\r\n")
            code, text = self._answer()
        except (OSError, smtplib.SMTPException) as error:
            raise MaybeSent(
                f"the connection was lost when the mail was complete, before the answer: {error}"
            ) from error
        if _is_good(code):
            return Outcome(Verdict.ACCEPTED, message_id=text[:255])
        if code in _SERVER_BUSY or text.startswith(_ABOUT_THE_SERVER):
            raise RetryLater(_said(code, text))
        if code // 100 in {4, 5}:
            return Outcome(_verdict(code), reason=_said(code, text))
        raise MaybeSent(f"the mail was answered with something that is no answer: {_said(code, text)}")

    def _given_up(self, code: int, text: str) -> Outcome:
        """Take the mail back after a refusal of its recipient, so that the next one can begin."""
        if code in _SERVER_BUSY:
            raise RetryLater(_said(code, text))
        if code in _LOGIN_WANTED:
            _raise_refused(code, text, "us")
        outcome = Outcome(_verdict(code), reason=_said(code, text))
        self._ask("RSET")
        return outcome

    def _ask(self, command: str) -> tuple[int, str]:
        self._send(f"{command}\r\n".encode("ascii"))
        try:
            return self._answer()
        except (OSError, smtplib.SMTPException) as error:
            raise RetryLater(f"the connection was lost before the mail was complete: {error}") from error

    def _send(self, data: bytes) -> None:
        try:
            self._connection.send(data)
        except (OSError, smtplib.SMTPException) as error:
            raise RetryLater(f"the connection was lost before the mail was complete: {error}") from error

    def _answer(self) -> tuple[int, str]:
        if self._connection.sock is not None:
            self._connection.sock.settimeout(max(_SHORTEST_WAIT, self._deadline - self._timer()))
        code, text = self._connection.getreply()
        return code, text.decode("utf-8", "replace").replace("\n", " ")


def _reach(settings: SmtpSettings, own_name: str | None) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, own_name, timeout=settings.timeout, context=settings.trust()
        )
    return smtplib.SMTP(settings.host, settings.port, own_name, timeout=settings.timeout)


def _refusal(where: str, error: OSError | smtplib.SMTPException) -> RetryLater | StopCampaign:
    """Say what a failure to connect means: nothing was sent in any case."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        if error.smtp_code // 100 != 5:  # noqa: PLR2004 - for good
            return RetryLater(f"{where} is busy: {_said(error.smtp_code, text)}")
        mend = "see NEWSLETTER_SMTP_USER and NEWSLETTER_SMTP_PASSWORD"
        return StopCampaign(f"The mail server {where} refuses us ({_said(error.smtp_code, text)}): {mend}.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        mend = "see NEWSLETTER_SMTP_SECURITY, NEWSLETTER_SMTP_PORT and NEWSLETTER_SMTP_USER"
        return StopCampaign(f"The mail server {where} cannot do what is asked of it ({error}): {mend}.")
    if isinstance(error, ssl.SSLCertVerificationError):
        mend = "see NEWSLETTER_SMTP_HOST; the server's certificate has to be for that name, by an authority we know"
        return StopCampaign(f"The mail server {where} cannot be trusted ({error.verify_message}): {mend}.")
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return StopCampaign(f"There is no mail server {where} ({error.strerror}): see NEWSLETTER_SMTP_HOST.")
    return RetryLater(f"the mail server {where} cannot be reached: {error}")


def _raise_refused(code: int, text: str, whom: str) -> None:
    """Raise for a refusal that every other mail would meet."""
    if code // 100 == 5:  # noqa: PLR2004 - for good
        raise StopCampaign(f"The mail server refuses {whom}: {_said(code, text)}")
    raise RetryLater(_said(code, text))


def _is_good(code: int) -> bool:
    return code // 100 in {2, 3}


def _verdict(code: int) -> Verdict:
    return Verdict.REJECTED if code // 100 == 5 else Verdict.RETRY  # noqa: PLR2004 - for good


def _said(code: int, text: str) -> str:
    return f"{code} {text}".strip()
