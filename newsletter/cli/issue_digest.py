"""`newsletter issue digest`: a month's issues in one, for those who read once a month."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.campaign_text import no_longer_approved
from newsletter.cli.choosing import Separated, chosen_list
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.delivery.digests import month_of_list
from newsletter.issues.digest import compose, month_of
from newsletter.issues.storage import IssueStore
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from newsletter.issues.model import Period


class MonthParam(click.ParamType["Period"]):
    """A month, as in 2026-11."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Return the days of the month."""
        try:
            return month_of(dt.datetime.strptime(str(value), "%Y-%m").replace(tzinfo=dt.UTC).date())
        except ValueError:
            self.fail(f"“{value}” is no month: write it as 2026-11.", param, ctx)


@click.command()
@click.argument("list_slug", metavar="[LIST]", required=False)
@click.option(
    "--month",
    type=MonthParam(),
    required=True,
    help="Of the issues that are dated in it.",
)
@click.option(
    "--language",
    "languages",
    type=Separated(),
    default=(),
    help="In these alone; left out: every language that all of the issues have.",
)
@json_option
def digest(*, list_slug: str | None, month: Period, languages: tuple[str, ...], as_json: bool) -> None:
    """Bring the issues of a month that were sent together into one draft.

    It is an issue like any other, called 2026-11 as an issue is called 2026-11-27: look at it, finalize it, send or
    schedule it. It goes to those who chose one mail a month, where the list offers that. Composed again, it takes in
    what was sent or mended since; where nothing was, nothing changes.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        found = month_of_list(session, publication, month)
        composed = compose(found.sent, month, languages)
        kept = IssueStore(session).keep_digest(composed, month, publication, newsletter.now())
        tell(*no_longer_approved(session, kept.stored.id))
    stored, dates = kept.stored, [issue.date.isoformat() for issue in found.sent]
    tell(*(f"{each[0].upper()}{each[1:]}." for each in found.left_out))
    tell(*(f"Warning: {warning}" for warning in kept.warnings))
    if not publication.policies.digest_offered:
        tell(
            f"The list {publication.slug} does not offer a digest: nobody can choose it, and it goes to nobody, before "
            f"`newsletter list edit {publication.slug} --digest`."
        )
    if as_json:
        about = {"month": stored.slug, "issues": dates, "repeated": composed.repeated, "changed": kept.changed}
        print_json(kept.as_json() | about | {"left_out": list(found.left_out)})
        return
    issues = "issue" if len(dates) == 1 else "issues"
    once = f", {composed.repeated} items that stood in several of them once" if composed.repeated else ""
    say(
        f"Digest {stored.slug}, revision {stored.revision}, {stored.state}, in {', '.join(stored.issue.documents)}"
        f"{'.' if kept.changed else ': nothing new.'}",
        f"{len(stored.issue.origins)} items of {len(dates)} {issues}: {', '.join(dates)}{once}.",
    )
    tell("", f"Next: `newsletter preview {stored.slug}`, `newsletter issue finalize {stored.slug}`.")
