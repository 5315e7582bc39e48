"""`newsletter list`: what one can subscribe to."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import Separated, chosen_list
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.list_schedule import schedule
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.errors import Refused
from subscribers.lists import ListStore
from subscribers.publication import Draft, NothingLeft
from subscribers.publication_files import read_list, read_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from subscribers.publication import Publication

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _described(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options that describe a list."""
    for option in reversed(
        [
            click.option("--name", help="Its name, as readers see it."),
            click.option("--from", "sender", metavar="'NAME <ADDRESS>'", help="Who sends it."),
            click.option("--reply-to", metavar="ADDRESS", help="Where answers go; '' for the sender."),
            click.option("--languages", type=Separated(), help="Languages it is written in; the first is its default."),
            click.option("--topics", "topics_file", type=_FILE, help="Its vocabulary, a TOML file."),
            click.option("--postal-address", help="Stands at the foot of every mail."),
            click.option(
                "--nothing-left",
                type=click.Choice([each.value for each in NothingLeft]),
                help="What readers get whose topics leave nothing but the summary: the summary, or no mail.",
            ),
            click.option(
                "--timezone", metavar="ZONE", help="The zone its times are meant in, as in Europe/Paris; '' for UTC."
            ),
            click.option("--file", "file", type=_FILE, help="All of this and the branding, in a TOML file."),
        ]
    ):
        command = option(command)
    return command


@click.group("list", cls=OrderedGroup)
def list_() -> None:
    """Publications: name, sender, languages, topics."""


@list_.command()
@click.argument("slug", required=False)
@_described
@json_option
def create(*, slug: str | None, as_json: bool, **described: Any) -> None:  # noqa: ANN401 - click's
    """Create a list, called SLUG by commands and links.

    It needs a name, a sender and languages, by options or by --file; an option goes before the file.
    """
    values = _values(described)
    values["slug"] = slug or values.get("slug")
    options = {"slug": "SLUG", "name": "--name", "sender_name": "--from", "languages": "--languages"}
    missing = [option for field, option in options.items() if not values.get(field)]
    if missing:
        raise click.UsageError(f"A list also needs {', '.join(missing)} (or all of it in --file).")
    with opened() as newsletter, newsletter.database.write() as session:
        created = ListStore(session).create(Draft(**values), newsletter.now())
    _print(created, as_json=as_json, first=f"The list {created.slug} is there.")
    if not as_json:
        if not created.topics:
            tell("", f"Without topics everybody gets everything: `newsletter list topics {created.slug} --set FILE`.")
        tell("", "Next: `newsletter subscribers import FILE`, `newsletter issue add FILE…`.")


@list_.command()
@click.argument("slug", required=False)
@_described
@json_option
def edit(*, slug: str | None, as_json: bool, **described: Any) -> None:  # noqa: ANN401 - click's
    """Change a list: what is not named stays as it is."""
    changes = _values(described)
    if not changes:
        raise click.UsageError("Say what to change, for example --name.")
    with opened() as newsletter, newsletter.database.write() as session:
        lists = ListStore(session)
        edited = lists.edit(chosen_list(lists, slug).slug, **changes)
    _print(edited, as_json=as_json, first=f"The list {edited.slug} is changed.")


@list_.command()
@click.argument("slug", required=False)
@json_option
def show(*, slug: str | None, as_json: bool) -> None:
    """Show a list."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = chosen_list(ListStore(session), slug)
    _print(found, as_json=as_json)


@list_.command("list")
@json_option
def all_(*, as_json: bool) -> None:
    """Show all lists."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = ListStore(session).all()
    if as_json:
        print_json({"lists": [_document(each) for each in found]})
    elif not found:
        say("There is no list yet: create one with `newsletter list create`.")
    else:
        rows = [(each.slug, each.name, ", ".join(each.languages), len(each.topics)) for each in found]
        say(*table(("list", "name", "languages", "topics"), rows))


@list_.command()
@click.argument("slug", required=False)
@click.option("--set", "file", type=_FILE, help="Take the vocabulary from this TOML file from now on.")
@json_option
def topics(*, slug: str | None, file: Path | None, as_json: bool) -> None:
    """Show or replace the vocabulary of a list.

    A topic that somebody chose cannot be taken away.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        lists = ListStore(session)
        found = chosen_list(lists, slug)
        if file is not None:
            found = lists.edit(found.slug, topics=read_topics(file))
            tell("Drafts keep their topics until `newsletter issue topics ISSUE --suggest`.")
    if as_json:
        print_json({"list": found.slug, "topics": _document(found)["topics"]})
    elif not found.topics:
        say(f"The list {found.slug} has no topics: give it some with `newsletter list topics {found.slug} --set FILE`.")
    else:
        rows = [(each.slug, *(each.labels.get(code, "–") for code in found.languages)) for each in found.topics]
        say(*table(("topic", *found.languages), rows))


list_.add_command(schedule)


def _values(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a `Draft` that the options name."""
    given = {name: value for name, value in described.items() if value is not None}
    values: dict[str, Any] = {}
    if "file" in given:
        draft = read_list(given["file"])
        values = {field: getattr(draft, field) for field in draft.__slots__ if field != "topics"}
    if "sender" in given:
        values["sender_name"], values["sender_email"] = _sender(given["sender"])
    if "topics_file" in given:
        values["topics"] = read_topics(given["topics_file"])
    if "nothing_left" in given:
        values["nothing_left"] = NothingLeft(given["nothing_left"])
    for clearable in {"reply_to", "timezone"} & given.keys():
        values[clearable] = given[clearable] or None
    return values | {name: given[name] for name in ("name", "languages", "postal_address") if name in given}


def _sender(text: str) -> tuple[str, str]:
    name, address = parseaddr(text)
    if not name or "@" not in address:
        raise Refused(f"“{text}” is not a sender: write --from 'Name <address@example.org>'.")
    return name, address


def _document(publication: Publication) -> dict[str, Any]:
    return {
        "list": publication.slug,
        "name": publication.name,
        "from": f"{publication.sender_name} <{publication.sender_email}>",
        "reply_to": publication.reply_to,
        "languages": list(publication.languages),
        "topics": [{"slug": each.slug, "labels": dict(each.labels)} for each in publication.topics],
        "nothing_left": publication.nothing_left.value,
        "postal_address": publication.postal_address,
        "timezone": publication.timezone,
    }


def _print(publication: Publication, *, as_json: bool, first: str | None = None) -> None:
    document = _document(publication)
    if as_json:
        print_json(document)
        return
    if first:
        say(first, "")
    shown = document | {
        "languages": ", ".join(publication.languages),
        "topics": ", ".join(each.slug for each in publication.topics) or "none yet",
    }
    width = max(map(len, shown))
    say(*(f"{key.replace('_', ' '):{width}}  {value or '–'}" for key, value in shown.items()))
