"""What the large mailbox providers ask of who sends thousands of mails a day. Pure.

Gmail: https://support.google.com/mail/answer/81126. Yahoo: https://senders.yahooinc.com/best-practices/. Microsoft, for
more than 5,000 mails a day: 550 5.7.515 is what others get since May 2025. What SES does for everybody (TLS, reverse
names of its servers, the form of messages) is not asked here; the rate of complaints is feedback's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.aws.doctor.sender import Standing


def examine(about: str, standing: Standing, *, one_click: bool) -> Iterator[Finding]:
    """Say of each provider whether its requirements are met."""
    authentication = {
        "DKIM": bool(standing.dkim),
        "SPF": bool(standing.spf),
        "a DMARC policy": standing.dmarc is not None,
        "a From domain that one of them speaks for": bool(standing.aligned),
    }
    yield _finding("Gmail and Yahoo", {**authentication, "unsubscribing with one click": one_click}, about)
    yield _finding("Microsoft", authentication, about)


def _finding(check: str, asked: dict[str, bool], about: str) -> Finding:
    lacking = [what for what, is_there in asked.items() if not is_there]
    if not lacking:
        return ok(check, f"what they ask of bulk senders is there: {', '.join(asked)}", about)
    return fail(
        check,
        f"lacking of what they ask of bulk senders: {', '.join(lacking)}",
        "Mend what failed above: mail is refused or goes to spam.",
        about,
    )
