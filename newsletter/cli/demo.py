"""`newsletter demo`: the whole job on the examples, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli import demo_steps as steps
from newsletter.cli.campaign_text import described
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.issues import codec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.issues.queries import StoredIssue

_MAILS_SHOWN = 3


@click.command()
@click.argument("directory", metavar="[FOLDER]", default="var/demo", type=click.Path(file_okay=False, path_type=Path))
@json_option
def demo(*, directory: Path, as_json: bool) -> None:
    """See the whole job on examples: no network, no settings.

    A list, an issue in two languages and a dozen readers; each gets their own mail, as a file in FOLDER (var/demo). A
    second run begins afresh.
    """
    done = _quietly if as_json else _aloud
    if steps.clear(directory):
        tell(f"{directory} held an earlier demo; this one begins afresh.")
    with opened(steps.settings_in(directory)) as newsletter:
        done("database", newsletter.where)
        publication = steps.make_list(newsletter)
        done("list", f"{publication.name}: {', '.join(publication.languages)}, {len(publication.topics)} topics")
        issue = steps.bring_issue(newsletter, publication)
        _tell_issue(issue, done)
        people = steps.bring_people(newsletter, publication, directory)
        done("people", f"{people} imported; then one address bounced, one reader paused")
        previews = list(steps.write_previews(newsletter, publication, issue, directory))
        done("previews", f"{len(previews)} readers' mails, to be looked at in a browser")
        sent = steps.send(newsletter, publication, issue)
        mails = steps.who_got_what(newsletter, publication, sent.campaign.id)
    if as_json:
        print_json(
            {
                "folder": str(directory),
                "database": newsletter.where,
                "issue": issue.slug,
                "campaign": sent.as_json(),
                "mails": mails,
                "previews": [str(each) for each in previews],
            }
        )
        return
    say("", *_who_got_what(mails), "", *described(sent), "", *_where(mails, previews))
    say("", *_next(newsletter.where, issue.slug))


def _quietly(_what: str, _how: str) -> None:
    pass


def _aloud(what: str, how: str) -> None:
    say(f"{what:<11}{how}")


def _tell_issue(issue: StoredIssue, done: Callable[[str, str], None]) -> None:
    document = next(iter(issue.issue.documents.values()))
    items = [item for _, _, item in document.items()]
    parts = ", ".join(f"{number} {kind}" for kind, number in codec.counts(document).items())
    done("issue", f"{issue.slug} in {' and '.join(issue.issue.documents)}: {parts}")
    topics = sum(bool(item.topics) for item in items)
    must_read = sum(item.must_read for item in items)
    done("topics", f"suggested for {topics} of {len(items)} items; {must_read} marked as must-read")
    done("finalized", f"revision {issue.revision}, SHA-256 {issue.content_hash[:12]}…")


def _who_got_what(mails: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        (
            each["name"] or each["email"],
            " ".join(each["languages"]),
            ", ".join(each["topics"]) or "all",
            _languages(each),
            len(each["items"] or ()) or "–",
            each["state"] if each["state"] == "sent" else f"no mail: {each['reason']}",
        )
        for each in mails
    ]
    return table(("reader", "reads", "topics", "mail in", "items", "outcome"), rows)


def _languages(mail: dict[str, Any]) -> str:
    if mail["language"] is None:
        return "–"
    if mail["language"] == mail["content_language"]:
        return str(mail["language"])
    return f"{mail['language']}, text {mail['content_language']}"


def _where(mails: Sequence[dict[str, Any]], previews: Sequence[Path]) -> list[str]:
    files = [each["file"] for each in mails if each["file"]]
    return [
        "Open in a browser:",
        *(f"  {each}" for each in previews),
        f"Open in a mail program ({len(files)} in all):",
        *(f"  {each}" for each in files[:_MAILS_SHOWN]),
    ]


def _next(database: str, issue: str) -> list[str]:
    return [
        "Look around in this demo:",
        f"  export NEWSLETTER_DATABASE_URL={database}",
        f"  newsletter issue show {issue} --language en",
        f"  newsletter issue topics {issue}",
        f"  newsletter preview {issue} --topics mri,ct --language de",
        "Then your own list, step by step: docs/tutorial.md.",
    ]
