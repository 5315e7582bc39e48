"""Where a campaign stands, as a person or a script reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.bootstrap.guarding import with_warnings
from newsletter.cli.output import print_json, say, table
from newsletter.delivery import campaigns
from newsletter.delivery.appointments import HeldBack, appointment, held_back, why
from newsletter.delivery.lifecycle import UNDER_WAY
from newsletter.delivery.scheduled import waiting_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.campaigns import CampaignInfo, Progress


def progress_of(newsletter: Newsletter, number: int) -> Progress:
    """Return where a campaign stands now."""
    with newsletter.database.read() as session:
        found = campaigns.progress(session, number, now=newsletter.now())
    return with_warnings(newsletter, found)


def show_progress(newsletter: Newsletter, number: int, *, as_json: bool) -> None:
    """Print where a campaign stands now."""
    show(progress_of(newsletter, number), as_json=as_json)


def show(found: Progress, *, as_json: bool) -> None:
    """Print where a campaign stands."""
    if as_json:
        print_json(found.as_json())
    else:
        say(*described(found))


def state_in_short(info: CampaignInfo) -> str:
    """Return the state, for a table."""
    when, held = appointment(info), held_back(info)
    if not info.waits or when is None:
        return info.state
    return f"{info.state} for {when}{f': {held}' if held else ''}"


def no_longer_approved(session: Session, issue_id: int) -> list[str]:
    """Return what is to be said to somebody who edited an issue whose campaign is scheduled."""
    waiting = [info for info in waiting_of(session, issue_id) if held_back(info) is HeldBack.EDITED]
    return [f"Campaign {info.id} was scheduled for {appointment(info)}: {why(info)}." for info in waiting]


def described(found: Progress) -> list[str]:
    """Return lines: what it is, its books, how long it still takes."""
    info, books = found.campaign, found.books
    state = f"{books.state} ({books.state_reason})" if books.state_reason else books.state
    lines = [f"Campaign {info.id}: issue {info.issue} (revision {info.revision}) to the list {info.list}: {state}."]
    if (when := appointment(info)) is not None:
        lines.append(f"Its time: {when} ({when.at:%Y-%m-%d %H:%M} UTC).")
    if info.waits:
        return lines
    rows: list[tuple[str, object, str]] = [
        ("planned", books.planned, ""),
        ("sent", books.sent, ""),
        ("skipped", sum(books.skipped.values()), ", ".join(f"{reason}: {n}" for reason, n in books.skipped.items())),
        ("failed", books.failed, ""),
        ("uncertain", books.uncertain, ""),
    ]
    if books.pending:
        rows.append(("pending", books.pending, ""))
    lines += ["", *table(("people", "", ""), rows)]
    if found.pace.hold is not None:
        lines += ["", f"Waits until {found.pace.hold.until:%Y-%m-%d %H:%M} UTC: {found.pace.hold.reason}"]
    if watched := found.watch.lines(goes_on=books.state in UNDER_WAY):
        lines += ["", *watched]
    lines += [f"Warning: {warning}" for warning in found.warnings]
    if found.eta_seconds is not None:
        lines += ["", f"{found.rate:.0f} a second, about {duration(found.eta_seconds)} to go."]
    return lines


def duration(seconds: float) -> str:
    """Return a length of time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
