"""`newsletter subscribers`: who receives a list, and what they chose."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.privacy import erasures
from newsletter.cli.choosing import Separated, chosen_list, list_option, reason_given, vocabulary_of
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.subscribers_choices import choose, join
from newsletter.cli.subscribers_export import export
from newsletter.cli.subscribers_import import import_
from newsletter.cli.subscribers_person import erase, export_person
from newsletter.errors import NotFound
from subscribers import service
from subscribers.address import normalised
from subscribers.lists import ListStore
from subscribers.repository import Member, memberships, reasons_for_leaving, status_counts, words_of_leaving
from subscribers.suppression import find_suppression
from subscribers.timezones import UTC as UTC_NAME
from subscribers.timezones import zone

_SOURCE = "command line"
_WORDS = 50
"""Reasons in people's own words that are shown."""


@click.group(cls=OrderedGroup)
def subscribers() -> None:
    """Who receives a list, in which language, which topics."""


subscribers.add_command(import_)
subscribers.add_command(export)


@subscribers.command()
@click.argument("email")
@list_option
@click.option("--name", default="", help="How to greet them.")
@click.option("--language", "languages", type=Separated(), default=(), help="Languages they read, best first.")
@click.option("--topics", type=Separated(), default=(), help="Topics they chose; none: all.")
@click.option("--exclude", "excluded", type=Separated(), default=(), help="Topics they do not want.")
@click.option("--timezone", default="", metavar="ZONE", help="Theirs on all lists, such as Europe/Paris.")
@click.option("--source", default=_SOURCE, show_default=True, help="Where their consent is from, for the log.")
@click.option("--returning", is_flag=True, help="They had left, and asked to come back.")
@click.option(
    "--override-erased", metavar="REASON", callback=reason_given,
    help="They had everything erased, and asked to come back; the reason goes into the log.",
)  # fmt: skip
@json_option
def add(*, email: str, list_slug: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Put one person on a list, or change what they chose.

    Active at once: you answer for their consent.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        given |= {"vocabulary": vocabulary_of(publication), "erased": erasures(newsletter)}
        fate = service.add(session, publication, email, now=newsletter.now(), **given)
        suppressed = find_suppression(session, email)
    if as_json:
        print_json({"list": publication.slug, "email": email, "fate": fate.value})
    else:
        say(f"{email}: {fate.value} on the list {publication.slug}.")
    if suppressed is not None:
        tell(f"The address is suppressed ({suppressed.reason}): no mail goes there before `suppression remove`.")


subscribers.add_command(join)
subscribers.add_command(choose)


@subscribers.command()
@click.argument("email")
@json_option
def show(*, email: str, as_json: bool) -> None:
    """Show what one person has of every list."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = memberships(session, normalised(email))
        now = newsletter.now()
    if not found:
        raise NotFound(f"Nobody with the address {email} is on any list: look at its spelling.")
    if as_json:
        print_json({"email": found[0].email, "name": found[0].name, "lists": [_document(each, now) for each in found]})
        return
    say(f"{found[0].name} <{found[0].email}>" if found[0].name else found[0].email, "")
    rows = [
        (
            each.list,
            _standing(each, now),
            each.languages or "the list's",
            _topics(each),
            f"{each.since:%Y-%m-%d}",
        )
        for each in found
    ]
    say(*table(("list", "status", "languages", "topics", "since"), rows))


@subscribers.command()
@click.argument("email")
@list_option
@json_option
def unsubscribe(*, email: str, list_slug: str | None, as_json: bool) -> None:
    """Take one person off a list.

    Mail to them that has not left yet does not leave.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        left = service.unsubscribe(session, subscription, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "unsubscribed": left})
    else:
        word = "has left" if left else "had left"
        say(f"{email} {word} the list {publication.slug}{'.' if left else ' before.'}")


@subscribers.command()
@click.argument("email")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="The day mail begins again (UTC).",
)
@list_option
@json_option
def pause(*, email: str, until: datetime, list_slug: str | None, as_json: bool) -> None:
    """Send one person nothing until a day."""
    end = until.replace(tzinfo=UTC)
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        new = service.pause(session, subscription, until=end, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "paused_until": end.isoformat(), "changed": new})
    else:
        say(f"{email} gets nothing of the list {publication.slug} before {end:%Y-%m-%d}.")


@subscribers.command()
@click.argument("email")
@list_option
@json_option
def resume(*, email: str, list_slug: str | None, as_json: bool) -> None:
    """End the pause of one person."""
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        ended = service.resume(session, subscription, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "resumed": ended})
    else:
        say(f"{email} gets the list {publication.slug} again." if ended else f"{email} was not paused.")


@subscribers.command()
@list_option
@json_option
def stats(*, list_slug: str | None, as_json: bool) -> None:
    """Count the people on a list by status, and why those left who say so."""
    with opened() as newsletter, newsletter.database.read() as session:
        publication = chosen_list(ListStore(session), list_slug)
        counts = {status.value: people for status, people in status_counts(session, publication.id).items()}
        reasons = reasons_for_leaving(session, publication.id)
        words = words_of_leaving(session, publication.id, _WORDS)
    if as_json:
        said = [{"reason": reason, "words": text} for reason, text in words]
        print_json({"list": publication.slug, "subscribers": counts, "reasons": reasons, "words": said})
        return
    say(*table(("status", "people"), [*counts.items(), ("all", sum(counts.values()))]))
    if reasons:
        say("", *table(("left because", "people"), reasons.items()))
    if words:
        say("", "In their own words, the newest first:", *(f"  {reason}: {text}" for reason, text in words))


subscribers.add_command(export_person)
subscribers.add_command(erase)


def _standing(member: Member, now: datetime) -> str:
    if member.suppressed:
        return f"suppressed ({member.suppressed})"
    if member.paused_until and member.paused_until > now:
        until = member.paused_until.astimezone(zone(member.timezone or UTC_NAME))
        return f"paused until {until:%Y-%m-%d %H:%M} {member.timezone or UTC_NAME}"
    return member.status.value


def _topics(member: Member) -> str:
    return (member.topics or "all") + (f" but {member.excluded}" if member.excluded else "")


def _document(member: Member, now: datetime) -> dict[str, Any]:
    return {
        "list": member.list,
        "status": member.status.value,
        "standing": _standing(member, now).partition(" ")[0],
        "languages": member.languages.split(),
        "topics": member.topics.split(),
        "excluded": member.excluded.split(),
        "digest": member.digest,
        "timezone": member.timezone,
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
        "suppressed": member.suppressed,
        "since": member.since.isoformat(),
    }
