"""`newsletter list topics`: the vocabulary of a list, replaced or revised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import chosen_list
from newsletter.cli.output import json_option, print_json, say, table, tell
from subscribers import revising
from subscribers.lists import ListStore
from subscribers.publication_files import read_topics

if TYPE_CHECKING:
    from newsletter.bootstrap.installation import Newsletter
    from subscribers.publication import Publication, Topic
    from subscribers.revising import Revision

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("slug", required=False)
@click.option("--set", "file", type=_FILE, help="Take the vocabulary from this TOML file from now on.")
@click.option("--rename", nargs=2, metavar="OLD NEW", help="Call a topic otherwise.")
@click.option("--merge", nargs=2, metavar="FROM,FROM INTO", help="Let the topic INTO, which there is, take in others.")
@click.option("--retire", metavar="TOPIC", help="Offer a topic no longer.")
@click.option("--plan", is_flag=True, help="Only say whom that would touch.")
@json_option
def topics(
    *,
    slug: str | None,
    file: Path | None,
    rename: tuple[str, str] | None,
    merge: tuple[str, str] | None,
    retire: str | None,
    plan: bool,
    as_json: bool,
) -> None:
    """Show or change the vocabulary of a list.

    A topic that somebody chose cannot be taken away by --set. Renamed, merged or retired, it takes everybody's choice
    with it, and issues of before still reach its readers; who had chosen nothing but a retired topic keeps it, and gets
    what is for everybody.
    """
    given = [each for each in (file, rename, merge, retire) if each]
    if len(given) > 1 or (plan and not (rename or merge or retire)):
        raise click.UsageError("Name one of --set, --rename, --merge and --retire; --plan goes with the last three.")
    with opened() as newsletter:
        with newsletter.database.write() as session:
            lists = ListStore(session)
            found = chosen_list(lists, slug)
            if file is not None:
                found = lists.edit(found.slug, topics=read_topics(file))
                tell("Drafts keep their topics until `newsletter issue topics ISSUE --suggest`.")
        if rename or merge or retire:
            revision = _revision(found, rename, merge, retire)
            _revise(newsletter, found, revision, plan=plan, as_json=as_json)
            return
    if as_json:
        print_json({"list": found.slug, "topics": topics_document(found)})
    elif not found.topics:
        say(f"The list {found.slug} has no topics: give it some with `newsletter list topics {found.slug} --set FILE`.")
    else:
        rows = [(_name(each), *(each.labels.get(code, "–") for code in found.languages)) for each in found.topics]
        say(*table(("topic", *found.languages), rows))


def _name(topic: Topic) -> str:
    return f"{topic.slug} (retired)" if topic.retired else topic.slug


def topics_document(publication: Publication) -> list[dict[str, Any]]:
    """Return the vocabulary as JSON shows it."""
    return [
        {"slug": each.slug, "labels": dict(each.labels), **({"retired": True} if each.retired else {})}
        for each in publication.topics
    ]


def _revision(
    found: Publication, rename: tuple[str, str] | None, merge: tuple[str, str] | None, retire: str | None
) -> Revision:
    if rename:
        return revising.rename(found, *rename)
    if merge:
        return revising.merge(found, [slug.strip() for slug in merge[0].split(",") if slug.strip()], merge[1])
    return revising.retire(found, retire or "")


def _revise(newsletter: Newsletter, found: Publication, revision: Revision, *, plan: bool, as_json: bool) -> None:
    if plan:
        with newsletter.database.read() as session:
            touched = revising.touched(session, found.id, revision)
    else:
        touched = revising.carry_out(newsletter.database, found, revision, newsletter.now())
    with newsletter.database.read() as session:
        left = revising.left_with_it(session, found.id, revision)
    if as_json:
        document = {"list": found.slug, "revision": revision.said, "planned": plan, "subscribers": list(touched)}
        print_json({**document, "nothing_else": list(left)})
        return
    what = "would be rewritten" if plan else "were rewritten"
    say(f"{found.slug}: {revision.said}. Choices that {what}: {len(touched)}.")
    if left:
        say(f"{len(left)} chose nothing else, keep it, and get what is for everybody.")
