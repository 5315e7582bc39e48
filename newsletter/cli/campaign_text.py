"""Where a campaign stands, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.cli.output import table

if TYPE_CHECKING:
    from newsletter.delivery.campaigns import Progress


def described(found: Progress) -> list[str]:
    """Return lines: what it is, its books, how long it still takes."""
    info, books = found.campaign, found.books
    rows: list[tuple[str, object, str]] = [
        ("planned", books.planned, ""),
        ("sent", books.sent, ""),
        ("skipped", sum(books.skipped.values()), ", ".join(f"{reason}: {n}" for reason, n in books.skipped.items())),
        ("failed", books.failed, ""),
        ("uncertain", books.uncertain, ""),
    ]
    if books.pending:
        rows.append(("pending", books.pending, ""))
    state = f"{books.state} ({books.state_reason})" if books.state_reason else books.state
    lines = [
        f"Campaign {info.id}: issue {info.issue} (revision {info.revision}) to the list {info.list}: {state}.",
        "",
        *table(("people", "", ""), rows),
    ]
    if found.eta_seconds is not None:
        lines += ["", f"{found.rate:.0f} a second, about {duration(found.eta_seconds)} to go."]
    return lines


def duration(seconds: float) -> str:
    """Return a length of time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
