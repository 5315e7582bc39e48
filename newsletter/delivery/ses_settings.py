"""What the transport to SES is set up with, and what it writes on each mail; no SDK is needed to know it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import FixConfiguration

_CONFIGURATION_SET = re.compile(r"[A-Za-z0-9_-]{0,64}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,255}")


class Method(StrEnum):
    """How mails are handed over."""

    AUTO = "auto"
    """In bulk, where that costs less."""
    BULK = "bulk"
    """In bulk wherever a bulk request can carry the mail."""
    RAW = "raw"
    """Each mail whole, in a request of its own."""


@dataclass(frozen=True, kw_only=True)
class SesSettings:
    """What SES is asked with, beside the SDK's own settings."""

    configuration_set: str = ""
    method: Method = Method.AUTO
    timeout: float = 30.0
    """Seconds that an answer may take."""
    connections: int = 10
    """How many threads may send at once; and how many raw mails go side by side."""

    def __post_init__(self) -> None:
        """Refuse, with `FixConfiguration`, what SES would refuse with every mail."""
        if not _CONFIGURATION_SET.fullmatch(self.configuration_set):
            raise FixConfiguration(
                f"{self.configuration_set!r} is no name of a configuration set: set NEWSLETTER_SES_CONFIGURATION_SET "
                "to up to 64 letters, digits, - and _, as they stand in the SES console."
            )


def tag_value(delivery_id: str) -> str:
    """Return the id of a delivery as the value of its tag. Raises ValueError for one that SES would refuse."""
    if not _TAG_VALUE.fullmatch(delivery_id):
        raise ValueError(f"a tag is up to 255 letters, digits, _ - . and @, not {delivery_id!r}")
    return delivery_id
