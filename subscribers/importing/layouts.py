"""The export files of other tools, known by their headings. Pure.

Each one's headings, and where they are documented: tests/fixtures/exports/README.md. What to do in the tool, step by
step: docs/moving-here.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.fields import Field, plain
from subscribers.importing.says import Says

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one tool writes its people down."""

    tool: str
    marks: Sequence[Collection[str]]
    """Sets of plain headings: a file that has all of one of them is this tool's."""
    columns: Mapping[str, Field | None]
    """What the plain headings hold; None: not what a heading of that name usually does."""
    statuses: Mapping[str, Says] = field(default_factory=dict)
    """What the words in its column of statuses mean, where they are its own."""
    everybody: Mapping[str, Says] = field(default_factory=dict)
    """A plain heading that only a file of such people has."""


_YES_NO = {"true": Says.ACTIVE, "false": Says.UNSUBSCRIBED}

LAYOUTS = (
    Layout(
        tool="mailchimp",
        marks=({"optin time", "leid", "euid"}, {"member rating", "optin time"}),
        columns={
            "email address": Field.EMAIL,
            "confirm time": Field.CONSENTED,
            "optin time": Field.PROOF,  # when they asked, which alone is no consent where it has to be confirmed
            "optin ip": Field.PROOF,
            "confirm ip": Field.PROOF,
            "unsub time": Field.LEFT,
            "clean time": Field.BOUNCED,
            "cc": None,
            "region": None,
        },
        everybody={"unsub time": Says.UNSUBSCRIBED, "clean time": Says.BOUNCED},
    ),
    Layout(
        tool="substack",
        marks=(
            {"email", "active subscription", "expiry"},
            {"email", "email disabled", "prefer digests"},
            {"email", "subscription source free", "start date"},
            {"email", "type", "stripe plan", "start date"},
        ),
        columns={
            "created at": Field.CONSENTED,
            "start date": Field.CONSENTED,
            "subscription source free": Field.PROOF,
            "email disabled": Field.STATUS,
            "receiving emails for": None,
            "cancel date": None,  # of the paid plan
            "tags": Field.TAGS,
        },
        statuses={"true": Says.UNSUBSCRIBED, "false": Says.ACTIVE},  # of “email disabled”
    ),
    Layout(
        tool="ghost",
        marks=({"email", "subscribed to emails", "complimentary plan"}, {"email", "subscribed to emails", "labels"}),
        columns={
            "subscribed to emails": Field.STATUS,
            "created at": Field.CONSENTED,
            "labels": Field.TAGS,
        },
        statuses=_YES_NO,
    ),
    Layout(
        tool="listmonk",
        marks=({"uuid", "email", "attributes", "status"},),
        columns={"created at": Field.CONSENTED},
        statuses={
            "enabled": Says.ACTIVE,
            "disabled": Says.UNSUBSCRIBED,
            "blocklisted": Says.BLOCKED,
        },
    ),
    Layout(
        tool="buttondown",
        marks=(
            {"email address", "creation date", "type"},
            {"email address", "creation date", "metadata"},
            {"email", "creation date", "referrer url"},
        ),
        columns={
            "email address": Field.EMAIL,
            "creation date": Field.CONSENTED,
            "ip address": Field.PROOF,
            "unsubscription date": Field.LEFT,
            "bounce date": None,  # also of one that may pass; the type tells those that do not
            "undeliverability date": Field.BOUNCED,
            "type": Field.STATUS,
            "tags": Field.TAGS,
        },
        statuses={
            **dict.fromkeys(
                ("regular", "premium", "gifted", "trialed", "churned", "churning", "past due", "paused", "upcoming"),
                Says.ACTIVE,
            ),
            "unpaid": Says.PENDING,
            "unactivated": Says.PENDING,
            "undeliverable": Says.BOUNCED,
            "removed": Says.BLOCKED,
        },
    ),
)

SENDY = "sendy"
MAILMAN = "mailman"
TOOLS = (*(layout.tool for layout in LAYOUTS), SENDY, MAILMAN)

_OF_SENDY = re.compile(r"-(active|unconfirmed|unsubscribed|bounced|marked-as-spam|all)\.csv(\.gz)?", re.IGNORECASE)
"""How the name of a file ends that Sendy wrote: it has no headings, and says there whom it holds."""
_SENDY_SAYS = {
    "active": Says.ACTIVE,
    "unconfirmed": Says.PENDING,
    "unsubscribed": Says.UNSUBSCRIBED,
    "bounced": Says.BOUNCED,
    "marked-as-spam": Says.COMPLAINED,
}


def layout_of(headings: Sequence[str]) -> Layout | None:
    """Return the layout of a tool's export with these headings."""
    there = {plain(heading) for heading in headings}
    return next((each for each in LAYOUTS if any(there.issuperset(mark) for mark in each.marks)), None)


def refuse_strangers(name: str, layout: Layout) -> None:
    """Raise Refused for Mailchimp's file of people who never subscribed (they bought something, or were uploaded)."""
    if layout.tool == "mailchimp" and re.match(r"non[-_]?subscribed", name, re.IGNORECASE):
        raise Refused(
            f"{name}: Mailchimp's non-subscribed contacts never agreed to a newsletter. To have them on the list "
            f"without mail until they confirm, say --status pending."
        )


def sendy_headings(name: str, cells: Sequence[str]) -> Sequence[str] | None:
    """Return headings for a file without any whose first row has these `cells`, if it is one of Sendy's."""
    if _OF_SENDY.search(name) and len(cells) > 1 and "@" in cells[1]:
        return ("name", "email", *(f"custom field {number}" for number in range(1, len(cells) - 1)))
    return None


def sendy_says(name: str) -> Says:
    """Return what the name of Sendy's file says of everybody in it. Raises Refused where it says nothing."""
    found = _OF_SENDY.search(name)
    kind = found[1].lower() if found else "all"
    if kind not in _SENDY_SAYS:
        raise Refused(
            f"{name}: Sendy's export of all people does not say who has unsubscribed. Export each tab of the list "
            f"(active, unsubscribed, bounced, marked as spam) and import each file."
        )
    return _SENDY_SAYS[kind]
