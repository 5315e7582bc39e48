"""How large a mail may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.rendering.edition import Edition

LARGEST = 95_000
"""Bytes of HTML. Gmail shows the first 102 KB of a mail, measured as 99 to 105 (hteumeuleu/email-bugs, issue 41); what
is cut off is the foot, where the link to unsubscribe is."""
_SLOT = 150
"""Bytes: room for one filled slot; a signed link is the longest."""


def html_size(edition: Edition) -> int:
    """Return how many bytes of HTML, decoded, the mail with all items has at most."""
    parts = [part for fragment in edition.html for part in fragment.parts]
    return sum(len(part.encode()) if isinstance(part, str) else _SLOT for part in parts)


def size_warning(size: int) -> str | None:
    """Return what to tell the editors when Gmail may cut a mail with `size` bytes of HTML; None: it is small enough."""
    if size <= LARGEST:
        return None
    return (
        f"The mail has {size / 1000:.0f} kB of HTML: Gmail shows about 100 kB and hides the rest, the link to "
        "unsubscribe with it. Shorten the issue, or divide it in two."
    )
