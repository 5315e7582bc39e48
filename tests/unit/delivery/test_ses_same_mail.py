"""In bulk and raw, a reader gets the same mail: read back from the simulated SES as any mail program would."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.delivery.transport import Verdict
from newsletter.personalization.message import preview_html, preview_text
from newsletter.personalization.prepare import prepare
from newsletter.rendering.edition import compile_edition
from subscribers.publication import Policies
from tests.factories import editions
from tests.factories.calls import addressed, call, prepared
from tests.factories.issues import small_issue

if TYPE_CHECKING:
    from newsletter.personalization.message import Prepared
    from newsletter.simulator.client import SimulatorClient

SET_BY_SES = {"Message-ID", "Date", "Feedback-ID", "MIME-Version", "Content-Type"}
"""Its own whatever we send; that of feedback the simulator leaves as it is in raw mails."""

READERS = [
    addressed(1, name=""),
    addressed(2, name="Jean Dupont"),
    addressed(3, name='Ann "Nan" O\'Neil, & Co'),
    addressed(4, name="زينب العلي"),
    addressed(5, name="Zoë 🦉 Ōe"),
    addressed(6, "o'neil+news@xn--bcher-kva.example", name="a=?utf-8?q?b?= c"),
    addressed(7, name="<b>Bobby</b>"),
    addressed(8, "{{email}}@example.org", name="{{greeting}}"),
    addressed(9, name="Une personne au nom assez long pour deux lignes\u00a0: Église-Ōé"),
]
MARKUP = "<p>{{greeting}} {{{email}}} \\{{view_url}} }} {{#if x}}y{{/if}} &amp; &lt;b&gt; 🦉 \u200f{"


def _compiled(content: str, language: str, **policies: str) -> Prepared:
    envelope = editions.envelope(
        reply_to="desk@news.example.org",
        languages=("fr", "ar"),
        policies=Policies(**policies),  # type: ignore[arg-type]  # by name, as it takes them
    )
    edition = compile_edition(small_issue(content), envelope.publication, content_language=content, language=language)
    return prepare(edition, range(len(edition.items)), envelope)


VARIANTS = {
    "French": lambda: _compiled("fr", "fr"),
    "Arabic": lambda: _compiled("ar", "ar"),
    "an address to leave by": lambda: _compiled("fr", "fr", unsubscribe_email="out%20{{+}}@news.example.org"),
    "French, read in Arabic": lambda: _compiled("fr", "ar"),
    "braces": lambda: prepared(html=MARKUP, text=MARKUP, subject="{{greeting}} {\\{{x}} «\u00a0é\u00a0» }}"),
    "braces beside places": lambda: prepared(greeting="{", greeting_named="\\{{name}}"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_sent_in_bulk_arrives_as_what_is_sent_raw(variant: str, aws_environment: SimulatorClient) -> None:
    mail = VARIANTS[variant]()
    raw, bulk = (_sent(mail, method, aws_environment) for method in (Method.RAW, Method.BULK))

    for reader, one, other in zip(READERS, raw, bulk, strict=True):
        assert one.to() == other.told_to
        assert reader.recipient.email in other.told_to
        assert one.kept() == other.kept()
        assert one.html == other.html == preview_html(mail, reader.recipient)
        assert one.text == other.text == preview_text(mail, reader.recipient)
        assert one.subject == other.subject
        assert one.headers() == other.headers()


class _Arrived:
    """One mail, as the control API tells it and as a mail program reads its bytes."""

    def __init__(self, told: dict[str, Any], written: bytes) -> None:
        self.subject, self.html, self.text = told["subject"], told["html"], told["text"]
        self.recipients = told["recipients"]
        (self.told_to,) = told["to"]
        self._written = written
        message = message_from_bytes(written, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.message = message

    def kept(self) -> list[Any]:
        """Return envelope, subject and both parts as they are read from the bytes."""
        parts = [
            (part.get_content_type(), part.get_content().replace("\r\n", "\n"))
            for part in self.message.walk()
            if not part.is_multipart()
        ]
        assert parts == [("text/plain", self.text), ("text/html", self.html)]
        assert str(self.message["Subject"]) == self.subject
        return [self.recipients, *parts]

    def to(self) -> str:
        """Return To as it is in the bytes, on one line: the standard library reads long names with spaces in them."""
        value: str = message_from_bytes(self._written, policy=policy.compat32)["To"]
        return value.replace("\r\n", "").strip()

    def headers(self) -> dict[str, str]:
        """Return the headers that are ours, decoded; there is one of each."""
        named = [name for name in self.message if name not in SET_BY_SES]
        assert len(named) == len(set(named))
        assert {"From", "To", "Subject", "List-Id", "List-Unsubscribe", "Precedence"} <= set(named)
        return {name: str(self.message[name]) for name in named if name != "To"}


def _sent(mail: Prepared, method: Method, simulator: SimulatorClient) -> list[_Arrived]:
    transport = Ses(SesSettings(method=method))
    outcomes = [transport.send(call(reader, of=mail))[0] for reader in READERS]
    transport.close()
    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * len(READERS)
    ids = [str(outcome.message_id) for outcome in outcomes]
    return [_Arrived(simulator.mail(each), simulator.message(each)) for each in ids]
