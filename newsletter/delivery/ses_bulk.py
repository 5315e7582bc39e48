"""A call as requests of SendBulkEmail: the variant once, as an inline template, and an entry for each recipient. Pure.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html. What is the same in every request of a
variant is written once; a request is that, the entries, and an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from json import JSONEncoder
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

from newsletter.delivery.ses_headers import UNSUBSCRIBE, UnfitForBulk, headers_of
from newsletter.delivery.ses_settings import tag_value
from newsletter.delivery.ses_template import LITERALS, as_template, own_values, places
from newsletter.delivery.transport import DELIVERY_TAG
from newsletter.personalization.headers import to_mailbox
from newsletter.personalization.links import UNSUBSCRIBE as TOKEN
from newsletter.personalization.names import plain_line, usable_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.delivery.transport import Addressed
    from newsletter.personalization.message import Prepared

MOST_ENTRIES = 50
LARGEST_REQUEST = 1_000_000
"""Bytes: inline templates come in at most 1 MB of JSON, and nobody says which megabyte."""
_ROOM = 20_000
"""Bytes that a template has to leave: for a few entries of the longest names and addresses."""
_END = b"]}"

encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON in the fewest bytes."""


@dataclass(frozen=True, slots=True)
class BulkMail:
    """A variant, ready for requests."""

    prepared: Prepared
    beginning: bytes
    """A request up to its entries."""
    places: tuple[str, ...]
    """Which of a recipient's own values the template asks for."""
    form: str
    """An entry in JSON, with places: filling them in takes a third of the time of encoding it as a whole.

    Values stand in JSON within JSON, so what goes in there is quoted twice."""

    def entry(self, addressed: Addressed) -> bytes:
        """Return the entry of one recipient. Raises `InvalidAddress` when no mail can be addressed to them."""
        recipient = addressed.recipient
        name = usable_name(recipient.name)
        to = quoted(to_mailbox(name, recipient.email))
        values = own_values(self.prepared, recipient, name)
        own = [quoted(quoted(values[place]))[1:-1] for place in self.places]
        return (self.form % (to, tag_value(addressed.delivery_id), *own, values[TOKEN])).encode()

    def request(self, entries: Sequence[bytes]) -> bytes:
        """Return the body of a request."""
        return b"".join((self.beginning, b",".join(entries), _END))

    def cut(self, entries: Sequence[bytes]) -> Iterator[slice]:
        """Yield which entries go into one request each: as many as it may have and has room for, at least one."""
        room = LARGEST_REQUEST - len(self.beginning) - len(_END) + 1  # commas stand between entries only
        start, size = 0, 0
        for index, entry in enumerate(entries):
            size += len(entry) + 1
            if index > start and (index - start == MOST_ENTRIES or size > room):
                yield slice(start, index)
                start, size = index, len(entry) + 1
        if entries:
            yield slice(start, len(entries))


def bulk_mail(prepared: Prepared, configuration_set: str) -> BulkMail:
    """Return the variant as what requests begin with. Raises UnfitForBulk when it cannot be sent so."""
    headers, links = headers_of(prepared), prepared.envelope.links
    subject = as_template([plain_line(prepared.subject)], links)
    text, html = as_template(prepared.text, links), as_template(prepared.html, links, html=True)
    template = {
        "TemplateContent": {"Subject": subject, "Text": text, "Html": html},
        "TemplateData": "{}",
        "Headers": [{"Name": name, "Value": value} for name, value in headers.shared],
    }
    request: dict[str, object] = {"FromEmailAddress": headers.sender, "DefaultContent": {"Template": template}}
    if headers.reply_to:
        request["ReplyToAddresses"] = [headers.reply_to]
    if configuration_set:
        request["ConfigurationSetName"] = configuration_set
    beginning = f'{encode(request)[:-1]},"BulkEmailEntries":['.encode()
    if len(beginning) > LARGEST_REQUEST - _ROOM:
        raise UnfitForBulk(f"{len(beginning):,} bytes of template leave no room for recipients")
    asked_for = places(subject, text, html)
    own = tuple(name for name in asked_for if name not in LITERALS)
    return BulkMail(prepared, beginning, own, _form(_data(asked_for), *headers.unsubscribe))


def _data(asked_for: Sequence[str]) -> str:
    """Return the values that a template asks for, with a place for each that is a recipient's own.

    Every entry holds all of them: nothing hangs on how SES lays them over values that a call has for all.
    """
    values = [f'"{name}":{quoted(LITERALS[name]) if name in LITERALS else "%s"}' for name in asked_for]
    return f"{{{','.join(values)}}}"


def _form(data: str, before: str, behind: str) -> str:
    """Return an entry with places for the address, the tag and the values of `data`, in JSON, and for the token."""
    before, behind = (text.replace("%", "%%") for text in (before, behind))
    return (
        '{"Destination":{"ToAddresses":[%s]},'
        f'"ReplacementTags":[{{"Name":"{DELIVERY_TAG}","Value":"%s"}}],'
        '"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":' + quoted(data) + "}},"
        f'"ReplacementHeaders":[{{"Name":"{UNSUBSCRIBE}","Value":"{before}%s{behind}"}}]}}'
    )
