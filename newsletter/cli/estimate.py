"""`newsletter campaign estimate`: what a campaign would come to, before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.pacing import outlook, rules
from newsletter.bootstrap.sending import mails
from newsletter.cli.campaign_text import duration
from newsletter.cli.choosing import chosen_list, list_option
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.delivery.account import UNLIMITED
from newsletter.delivery.estimate import forecast
from newsletter.delivery.headcount import begun, headcount
from newsletter.issues import queries
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.account import AccountState
    from newsletter.delivery.estimate import Forecast
    from newsletter.delivery.headcount import Headcount
    from newsletter.issues.queries import StoredIssue
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Everything that can be said before the first mail leaves."""

    issue: StoredIssue
    publication: Publication
    people: Headcount
    forecast: Forecast
    account: AccountState | None
    price: float | None
    """US dollars for a thousand recipients; None: nobody asks for any."""

    @property
    def cost(self) -> float | None:
        """In US dollars."""
        return None if self.price is None else round(self.people.recipients * self.price / 1000, 2)


@click.command()
@click.argument("issue")
@list_option
@json_option
def estimate(*, issue: str, list_slug: str | None, as_json: bool) -> None:
    """Say what sending an ISSUE would come to, and write nothing.

    To how many, in which languages, how long it takes, whether the account's quota lets it through, and what it costs.
    """
    with opened() as newsletter:
        found = _estimated(newsletter, issue, list_slug)
    if as_json:
        print_json(_document(found))
    else:
        say(*_described(found))


def _estimated(newsletter: Newsletter, reference: str, list_slug: str | None) -> Estimate:
    settings, now = newsletter.settings, newsletter.now()
    with newsletter.database.read() as session:
        issue = queries.get(session, reference, list_slug)
        lists = ListStore(session)
        publication = chosen_list(lists, list_slug) if issue.list_id is None else lists.by_id(issue.list_id)
        campaign = begun(session, publication.id, issue.id)
        choose = mails(newsletter, issue.issue, publication).choose
        people = headcount(session, publication.id, issue.id, choose, now=now)
    if campaign is not None:
        tell("Campaign {} of this issue is {}: this is what it comes to from its start.".format(*campaign))
    gauge, trouble = outlook(newsletter)
    if trouble:
        tell(f"How much the account may send is not known for certain: {trouble}")
    with_ses = settings.transport == "ses"
    account = gauge.account if with_ses else None
    for warning in account.warnings() if account else ():
        tell(warning)
    if account and account.refusal():
        tell(account.refusal())
    return Estimate(
        issue=issue,
        publication=publication,
        people=people,
        forecast=forecast(people.recipients, gauge, rules(settings), now=now),
        account=account,
        price=settings.price_per_thousand if with_ses else None,
    )


def _document(found: Estimate) -> dict[str, Any]:
    """Return the documented form."""
    account, ahead = found.account, found.forecast
    return {
        "issue": found.issue.slug,
        "revision": found.issue.revision,
        "state": found.issue.state.value,
        "list": found.publication.slug,
        "recipients": found.people.recipients,
        "skipped": dict(found.people.skipped),
        "variants": len(found.people.variants),
        "languages": dict(found.people.by_language()),
        "rate": None if ahead.rate is None else round(ahead.rate, 2),
        "seconds": None if ahead.seconds is None else round(ahead.seconds),
        "room": ahead.room,
        "suffices": ahead.complete and len(ahead.days) <= 1,
        "days": [{"date": share.day.isoformat(), "mails": share.mails} for share in ahead.days],
        "complete": ahead.complete,
        "cost_usd": found.cost,
        "account": account
        and {
            "sandbox": not account.production,
            "max_rate": account.max_rate,
            "quota": None if account.quota == UNLIMITED else account.quota,
            "sent_24h": account.sent,
            "sending_enabled": account.sending_enabled,
            "enforcement": account.enforcement,
        },
    }


def _described(found: Estimate) -> list[str]:
    """Return the same as a person reads it."""
    people, ahead = found.people, found.forecast
    state = "" if found.issue.state.value == "finalized" else f", a {found.issue.state.value}"
    rows = [(language, count) for language, count in people.by_language().items()]
    lines = [
        f"Issue {found.issue.slug} (revision {found.issue.revision}{state}) to the list {found.publication.slug}.",
        "",
        f"{people.recipients:,} mails in {len(people.variants):,} variants:",
        "",
        *table(("language", "mails"), rows),
    ]
    if people.skipped:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in people.skipped.items())
        lines += ["", f"Nothing for {sum(people.skipped.values()):,} people ({reasons})."]
    if ahead.rate is not None and ahead.seconds is not None:
        lines += ["", f"At {ahead.rate:.1f} a second it takes {duration(ahead.seconds)}."]
    lines += _quota_described(found)
    if found.cost is not None:
        lines += ["", f"It costs {found.cost:,.2f} US dollars, at {found.price:.2f} for a thousand."]
    return lines


def _quota_described(found: Estimate) -> list[str]:
    ahead = found.forecast
    lines = []
    if ahead.room is not None:
        enough = "which is enough" if ahead.room >= found.people.recipients else "which is not enough for one day"
        lines = ["", f"The quota of 24 hours has room for {ahead.room:,} more, {enough}."]
    if len(ahead.days) > 1 or not ahead.complete:
        rows = [(share.day.isoformat(), share.mails) for share in ahead.days]
        lines += ["", "By day (UTC), as rate, quota and warm-up allow:", "", *table(("day", "mails"), rows)]
    if not ahead.complete:
        lines += ["", "So not everybody gets it: ask for a higher quota in the SES console."]
    return lines
