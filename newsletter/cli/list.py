"""`newsletter list`: what one can subscribe to."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import Separated, chosen_list, languages_without_labels
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.list_file import schedule_table, take_slots
from newsletter.cli.list_form import form
from newsletter.cli.list_schedule import schedule
from newsletter.cli.list_topics import topics, topics_document
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.errors import Refused
from newsletter.scheduling.timetable import slots_of
from subscribers.lists import ListStore
from subscribers.publication import Draft, NothingLeft, Policies
from subscribers.publication_files import read_list_file, read_topics
from subscribers.publication_toml import written
from subscribers.repository import monthly_readers

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
            click.option(
                "--digest/--no-digest",
                "digest_offered",
                default=None,
                help="Whether readers may choose one mail a month instead of every issue.",
            ),
            click.option(
                "--file",
                "file",
                type=_FILE,
                help="All of this, branding, policies, topics and schedule, in a TOML file.",
            ),
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
    values["policies"] = _policies(values, Policies())
    file = values.pop("file", None)
    options = {"slug": "SLUG", "name": "--name", "sender_name": "--from", "languages": "--languages"}
    missing = [option for field, option in options.items() if not values.get(field)]
    if missing:
        raise click.UsageError(f"A list also needs {', '.join(missing)} (or all of it in --file).")
    note = languages_without_labels(values.get("languages", ()))
    with opened() as newsletter, newsletter.database.write() as session:
        created = ListStore(session).create(Draft(**values), newsletter.now())
        take_slots(session, created, file, newsletter.now())
    _print(created, as_json=as_json, first=f"The list {created.slug} is there.")
    tell(*filter(None, [note]))
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
    note = languages_without_labels(changes.get("languages", ()))
    with opened() as newsletter, newsletter.database.write() as session:
        lists, file = ListStore(session), changes.pop("file", None)
        before = chosen_list(lists, slug or changes.get("slug"))
        changes["policies"] = _policies(changes, before.policies)
        edited = lists.edit(before.slug, **changes)
        take_slots(session, edited, file, newsletter.now())
        withdrawn = before.policies.digest_offered and not edited.policies.digest_offered
        readers = monthly_readers(session, edited.id) if withdrawn else 0
    if readers:
        tell(
            f"{readers} people had chosen one mail a month: from now on they get every issue. Their choice is kept, "
            "and counts again when the list offers the digest again.",
            "",
        )
    _print(edited, as_json=as_json, first=f"The list {edited.slug} is changed.")
    tell(*filter(None, [note]))


@list_.command()
@click.argument("slug", required=False)
@click.option("--toml", "as_toml", is_flag=True, help="As the file that `list create` and `list edit` read.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write that file.")
@json_option
def show(*, slug: str | None, as_toml: bool, output: Path | None, as_json: bool) -> None:
    """Show a list."""
    if as_toml and as_json:
        raise click.UsageError("--toml and --json are two forms: ask for one of them.")
    with opened() as newsletter, newsletter.database.read() as session:
        found = chosen_list(ListStore(session), slug)
        slots = slots_of(session, found.id)
    if as_toml or output is not None:
        content = written(found, schedule_table(slots))
        if output is None:
            say(content.rstrip("\n"))
        else:
            output.write_text(content, encoding="utf-8")
            tell(f"Written: {output}. `newsletter list edit --file {output}` takes it in again.")
        return
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


list_.add_command(topics)
list_.add_command(schedule)
list_.add_command(form)


def _values(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a `Draft` that the options name."""
    given = {name: value for name, value in described.items() if value is not None}
    values: dict[str, Any] = {}
    if "file" in given:
        file = read_list_file(given["file"])
        values = {"file": file, **{field: getattr(file.draft, field) for field in file.named}}
    if "sender" in given:
        values["sender_name"], values["sender_email"] = _sender(given["sender"])
    if "topics_file" in given:
        values["topics"] = read_topics(given["topics_file"])
    if "nothing_left" in given:
        values["nothing_left"] = NothingLeft(given["nothing_left"])
    for clearable in {"reply_to", "timezone"} & given.keys():
        values[clearable] = given[clearable] or None
    as_they_are = ("name", "languages", "postal_address", "digest_offered")
    return values | {name: given[name] for name in as_they_are if name in given}


def _policies(values: dict[str, Any], before: Policies) -> Policies:
    """Return the policies that a file names, else those of before, with what an option says of them."""
    policies: Policies = values.get("policies", before)
    offered = values.pop("digest_offered", None)
    return policies if offered is None else replace(policies, digest_offered=offered)


def _sender(text: str) -> tuple[str, str]:
    name, address = parseaddr(text)
    if not name or "@" not in address or not text.rstrip().endswith(">"):
        raise Refused(f"“{text}” is not a sender: write --from 'Name <address@example.org>'.")
    return name, address


def _document(publication: Publication) -> dict[str, Any]:
    return {
        "list": publication.slug,
        "name": publication.name,
        "from": f"{publication.sender_name} <{publication.sender_email}>",
        "reply_to": publication.reply_to,
        "languages": list(publication.languages),
        "topics": topics_document(publication),
        "nothing_left": publication.nothing_left.value,
        "postal_address": publication.postal_address,
        "timezone": publication.timezone,
        "digest_offered": publication.policies.digest_offered,
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
        "digest_offered": "yes" if publication.policies.digest_offered else "no",
    }
    width = max(map(len, shown))
    say(*(f"{key.replace('_', ' '):{width}}  {value or '–'}" for key, value in shown.items()))
