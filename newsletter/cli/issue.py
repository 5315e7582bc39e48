"""`newsletter issue`: the editors' text, read, looked over, given topics, frozen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.campaign_text import no_longer_approved
from newsletter.cli.choosing import Separated, chosen_list, list_option
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.issue_digest import digest
from newsletter.cli.issue_text import described, month_of
from newsletter.cli.output import json_option, print_json, say, shortened, table, tell
from newsletter.errors import NotFound, Refused
from newsletter.issues import codec, queries
from newsletter.issues.document import Parsed, parse_document
from newsletter.issues.lifecycle import State
from newsletter.issues.model import OpinionLeader
from newsletter.issues.proof import Severity, proof
from newsletter.issues.storage import IssueStore
from newsletter.issues.topics import Choice
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from newsletter.issues.model import Document
    from newsletter.issues.queries import StoredIssue
    from subscribers.publication import Publication

_TITLE = 60
"""Columns that a title gets in a table."""


class _Topics(click.ParamType[tuple[int, tuple[str, ...]]]):
    """`POSITION=slug,slug`."""

    name = "POSITION=TOPIC,TOPIC"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, tuple[str, ...]]:
        """Return the position and the topics; nothing after the equals sign is no topic."""
        position, sign, topics = str(value).partition("=")
        if not sign or not position.strip().isdecimal():
            self.fail(f"{value!r} is not like 3=ct,mri: an item's position, and its topics.", param, ctx)
        return int(position), Separated().convert(topics, param, ctx)


@click.group(cls=OrderedGroup)
def issue() -> None:
    """Read, check and finalize the editors' text.

    ISSUE is an issue's date, as in 2026-05-22, or a digest's month, as in 2026-05; LIST/2026-05-22 where several lists
    have one.
    """


@issue.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@list_option
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The issue's date, where the text does not say.",
)
@click.option("--language", help="The language of the text, where neither it nor the file's name says.")
@json_option
def add(
    *, files: tuple[Path, ...], list_slug: str | None, day: datetime | None, language: str | None, as_json: bool
) -> None:
    """Read the text of an issue from one FILE per language.

    All of them or none: what cannot be placed is refused with its line. The languages have to line up, item by item.
    A file that was added before and was corrected replaces what is there; a finalized issue gets a new revision.
    """
    if language and len(files) > 1:
        raise click.UsageError("--language is for one FILE; name several like 2026-05-22.fr.txt, 2026-05-22.en.txt.")
    texts = _read(files, language, day.date() if day else None)
    with opened() as newsletter, newsletter.database.write() as session:
        lists = ListStore(session)
        publication = chosen_list(lists, list_slug) if list_slug or lists.all() else None
        added = IssueStore(session).add(texts, publication, newsletter.now())
        tell(*no_longer_approved(session, added.stored.id))
    if as_json:
        print_json(added.as_json())
        return
    found = added.stored
    tell(*(f"Warning: {warning}" for warning in added.warnings))
    say(f"{_named(found)}, in {', '.join(found.issue.documents)}{'.' if added.changed else ': nothing new.'}", "")
    say(*table(("part", "items"), codec.counts(_first(found)).items()))
    if publication is None:
        tell("It belongs to no list yet: create one with `newsletter list create`.")
    tell("", f"Next: `newsletter issue topics {found.slug}`, `newsletter preview {found.slug}`.")


@issue.command()
@click.argument("reference", metavar="ISSUE")
@list_option
@click.option("--language", help="Which of its languages; left out: the first.")
@json_option
def show(*, reference: str, list_slug: str | None, language: str | None, as_json: bool) -> None:
    """Show what was read of an issue, field by field."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = queries.get(session, reference, list_slug)
    documents = found.issue.documents
    if language is not None and language not in documents:
        raise NotFound(f"Issue {found.slug} is not there in “{language}”, but in {', '.join(documents)}.")
    document = documents[language] if language else _first(found)
    if as_json:
        print_json(codec.shown(found.slug, document) | {"digest": month_of(found.digest_month)})
    else:
        say(_named(found), *described(document))


@issue.command()
@click.argument("reference", metavar="ISSUE")
@list_option
@json_option
def check(*, reference: str, list_slug: str | None, as_json: bool) -> int | None:
    """Look an issue over as a careful reader would.

    Warnings are for you to judge; the exit code is 1 where it cannot be finalized.
    """
    with opened() as newsletter, newsletter.database.read() as session:
        found = queries.get(session, reference, list_slug)
        concerns = proof(found.issue, _publication(session, found))
    errors = any(concern.severity is Severity.ERROR for concern in concerns)
    if as_json:
        fields = ("severity", "code", "message", "language", "position")
        print_json(
            _document(found) | {"concerns": [{field: getattr(each, field) for field in fields} for each in concerns]}
        )
    elif concerns:
        say(f"{_named(found)}: {len(concerns)} to look at.", "", *(f"{each.severity}: {each}" for each in concerns))
    else:
        say(f"{_named(found)}: nothing to remark.")
    return Exit.REFUSED if errors else None


@issue.command()
@click.argument("reference", metavar="ISSUE")
@list_option
@click.option("--set", "topics", multiple=True, type=_Topics(), help="Give an item these topics; none: `3=`.")
@click.option("--must-read", multiple=True, type=int, metavar="POSITION", help="Everybody gets this item.")
@click.option("--not-must-read", multiple=True, type=int, metavar="POSITION", help="Only who chose its topics does.")
@click.option("--suggest", is_flag=True, help="Suggest anew where no editor has spoken: the vocabulary has changed.")
@json_option
def topics(*, reference: str, list_slug: str | None, suggest: bool, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Show or change which topics the items carry.

    They are suggested by the list's keywords when a text is added; what you set stands. An item without topics goes to
    everybody. Options may be repeated.
    """
    choices = _choices(**given)
    with opened() as newsletter, newsletter.database.write() as session:
        store, now = IssueStore(session), newsletter.now()
        found = _on_a_list(session, queries.get(session, reference, list_slug), list_slug, now)
        if choices:
            found = store.choose(reference, choices, now, list_slug)
        if suggest:
            found = store.suggest(reference, now, list_slug)
        tell(*no_longer_approved(session, found.id))
    items = _marked(found)
    if as_json:
        print_json(_document(found) | {"items": items})
        return
    rows = [
        (
            item["position"],
            item["kind"],
            shortened(item["title"], _TITLE),
            ", ".join(item["topics"]) or "everybody",
            " ".join(word for word in ("must-read",) if item["must_read"]),
            "editor" if item["by_editor"] else "suggested",
        )
        for item in items
    ]
    say(_named(found), "", *table(("item", "part", "title", "topics", "", "by"), rows))
    if found.state is State.DRAFT:
        tell("", "Change with --set POSITION=topic,topic and --must-read POSITION.")
        tell(f"Next: `newsletter preview {found.slug}`, `newsletter issue finalize {found.slug}`.")


@issue.command()
@click.argument("reference", metavar="ISSUE")
@list_option
@json_option
def finalize(*, reference: str, list_slug: str | None, as_json: bool) -> None:
    """Freeze an issue: what you saw is what is sent.

    A later change makes a new revision, to be finalized anew.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        now = newsletter.now()
        found = _on_a_list(session, queries.get(session, reference, list_slug), list_slug, now)
        found = IssueStore(session).finalize(reference, now, list_slug)
        tell(*no_longer_approved(session, found.id))
    if as_json:
        print_json(_document(found) | {"content_hash": found.content_hash})
        return
    say(f"{_named(found)}. Nothing changes it any more (SHA-256 {found.content_hash[:12]}…).")
    tell(
        "",
        f"Next: `newsletter test-send {found.slug} --to YOU`, `newsletter campaign send {found.slug}`,",
        f"or `newsletter campaign schedule {found.slug} --at TIME`.",
    )


@issue.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show all issues, the latest first."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = queries.all_issues(session)
    if as_json:
        fields = ("list", "issue", "revision", "state", "languages")
        print_json(
            {
                "issues": [
                    {field: getattr(each, field) for field in fields} | {"digest": month_of(each.digest_month)}
                    for each in found
                ]
            }
        )
    elif not found:
        say("There is no issue yet: `newsletter issue add FILE…` reads one.")
    else:
        rows = [
            (
                each.issue,
                each.list or "–",
                each.revision,
                each.state,
                ", ".join(each.languages),
                "digest of a month" if each.digest_month else "",
            )
            for each in found
        ]
        say(*table(("issue", "list", "revision", "state", "languages", ""), rows))


issue.add_command(digest)


def _read(files: Sequence[Path], language: str | None, day: date | None) -> list[Parsed]:
    """Read every file before anything is refused, so that a person hears of all mistakes at once."""
    texts: list[Parsed] = []
    refusals: list[str] = []
    for file in files:
        try:
            texts.append(parse_document(file.read_bytes(), name=file.name, language=language, date=day))
        except Refused as refusal:
            refusals.append(str(refusal))
    if refusals:
        raise Refused("\n".join(refusals))
    return texts


def _choices(
    topics: Sequence[tuple[int, tuple[str, ...]]], must_read: Sequence[int], not_must_read: Sequence[int]
) -> dict[int, Choice]:
    wanted = dict(topics)
    marks = dict.fromkeys(must_read, True) | dict.fromkeys(not_must_read, False)
    return {position: Choice(wanted.get(position), marks.get(position)) for position in wanted.keys() | marks.keys()}


def _on_a_list(session: Session, found: StoredIssue, list_slug: str | None, now: datetime) -> StoredIssue:
    """Bring an issue that has no list to the one that is meant, if there is one; it then gets its suggestions."""
    lists = ListStore(session)
    if found.list_id is not None or not (list_slug or lists.all()):
        return found
    publication = chosen_list(lists, list_slug)
    tell(f"Issue {found.slug} belongs to the list {publication.slug} from now on.")
    return IssueStore(session).bind(found.slug, publication, now)


def _publication(session: Session, found: StoredIssue) -> Publication | None:
    return ListStore(session).by_id(found.list_id) if found.list_id is not None else None


def _first(found: StoredIssue) -> Document:
    return next(iter(found.issue.documents.values()))


def _named(found: StoredIssue) -> str:
    what = f"Digest of the month {found.slug}," if found.digest_month else f"Issue {found.slug},"
    return f"{what} revision {found.revision}, {found.state}"


def _document(found: StoredIssue) -> dict[str, Any]:
    return {"issue": found.slug, "revision": found.revision, "state": found.state.value}


def _marked(found: StoredIssue) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "kind": kind.value,
            "title": item.name if isinstance(item, OpinionLeader) and not item.title else item.title,
            "topics": list(item.topics),
            "must_read": item.must_read,
            "by_editor": position in found.edited,
        }
        for position, kind, item in _first(found).items()
    ]
