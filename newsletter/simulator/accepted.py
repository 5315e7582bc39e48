"""What SES has taken: a call, and the mails in it. Kept in memory by the million, so each holds little."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsletter.simulator.outcomes import Fate

Pairs = tuple[tuple[str, str], ...]
"""Headers or tags: names and values, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the mails of one call have in common."""

    operation: str
    kind: str
    """`template`, `simple` or `raw`."""
    source: str
    """The From header as it was given."""
    reply_to: tuple[str, ...] = ()
    configuration_set: str = ""
    tags: Pairs = ()
    content: str = ""
    """Key of the content in the record; nothing for a raw mail."""
    raw: str = ""
    """A raw mail in Base64, as it came."""
    data: str = ""
    headers: Pairs = ()
    attachments: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True, kw_only=True)
class Entry:
    """One mail of a call: one message id, one or more recipients. Not frozen only because that costs a microsecond."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    tags: Pairs = ()
    data: str = ""
    headers: Pairs = ()
    recipients: tuple[str, ...]
    """The bare addresses of all three."""
    fates: tuple[Fate, ...]
    """One for each of `recipients`."""


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One accepted request, as memory keeps it; the rest is read back from the record when somebody asks."""

    number: int
    time: float
    prefix: str
    """Of the message ids; the mail's index completes it."""
    operation: str
    source: str
    configuration_set: str
    tags: Pairs
    kind: str
    offset: int
    size: int
    mails: tuple[Mail, ...] = field(default=())


class Mail:
    """One accepted mail."""

    __slots__ = ("call", "fates", "index", "recipients", "tags")

    def __init__(
        self, call: Call, index: int, recipients: tuple[str, ...], tags: Pairs, fates: tuple[Fate, ...]
    ) -> None:
        self.call = call
        self.index = index
        self.recipients = recipients
        self.tags = tags
        self.fates = fates

    @property
    def id(self) -> str:
        """The message id that the sender was given, in the form of SES's."""
        return f"{self.call.prefix}{self.index:012x}-000000"

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags of the call with the mail's own laid over them."""
        return dict(self.call.tags) | dict(self.tags)
