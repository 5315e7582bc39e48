"""A call as requests of SendBulkEmail: the variant once, as an inline template, and an entry for each recipient. Pure.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html. What is the same in every request of a
variant is written once; a request is that, the entries, and an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from json import JSONEncoder
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

from newsletter.delivery.ses_headers import UNSUBSCRIBE, UnfitForBulk, headers_of, unfolded
from newsletter.delivery.ses_settings import DELIVERY_TAG, tag_value
from newsletter.delivery.ses_template import as_template, places, template_values
from newsletter.personalization.headers import to_header
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

_ENTRY = (
    '{"Destination":{"ToAddresses":[%s]},'
    f'"ReplacementTags":[{{"Name":"{DELIVERY_TAG}","Value":%s}}],'
    '"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":%s}},'
    f'"ReplacementHeaders":[{{"Name":"{UNSUBSCRIBE}","Value":%s}}]}}'
)
"""An entry with places for texts in JSON: to fill them in takes a third of the time of encoding it as a whole."""

encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON in the fewest bytes."""


@dataclass(frozen=True, slots=True)
class BulkMail:
    """A variant, ready for requests."""

    prepared: Prepared
    beginning: bytes
    """A request up to its entries."""
    places: tuple[str, ...]
    """The values that the template asks for."""
    data: str
    """The object that holds them, with places for texts in JSON."""

    def entry(self, addressed: Addressed) -> bytes:
        """Return the entry of one recipient. Raises `InvalidAddress` when no mail can be addressed to them."""
        recipient = addressed.recipient
        to = unfolded(to_header(usable_name(recipient.name), recipient.email))
        values = template_values(self.prepared, recipient)
        data = self.data % tuple([quoted(values[name]) for name in self.places])
        unsubscribe = f"<{values['unsubscribe_url']}>"
        texts = to, tag_value(addressed.delivery_id), data, unsubscribe
        return (_ENTRY % tuple(map(quoted, texts))).encode()

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
    headers = headers_of(prepared)
    subject = as_template([plain_line(prepared.subject)])
    text, html = as_template(prepared.text), as_template(prepared.html, html=True)
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
    data = ",".join(f'"{name}":%s' for name in asked_for)
    return BulkMail(prepared, beginning, asked_for, f"{{{data}}}")
