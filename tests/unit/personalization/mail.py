"""Reading a mail back with the standard library, as any mail program would."""

from __future__ import annotations

import email
import email.policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def body(raw: bytes, subtype: str) -> str:
    part = parsed(raw).get_body((subtype,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")
