"""`newsletter subscribers join` and `choose`: what people do on the pages, for those who ask by other ways."""

from __future__ import annotations

from typing import Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.people import post
from newsletter.bootstrap.privacy import erasures
from newsletter.cli.choosing import Separated, chosen_list, list_option, vocabulary_of
from newsletter.cli.output import json_option, print_json, say, tell
from subscribers import joining, service
from subscribers.lists import ListStore
from subscribers.origin import Origin
from subscribers.preferences import Digest

_SOURCE = "command line"


@click.command()
@click.argument("email")
@list_option
@click.option("--name", default="", help="How to greet them, if they are new.")
@click.option("--language", "languages", type=Separated(), default=(), help="Languages they read, best first.")
@click.option("--topics", type=Separated(), default=(), help="Topics they chose; none: all.")
@json_option
def join(*, email: str, list_slug: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Ask one person by mail whether they want a list.

    As the page does: they are on it when they press the button in the mail. What is printed does not say whether the
    address is known; one that is on the list or suppressed, or was asked enough of late, gets no mail.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        joining.request(
            session,
            publication,
            email,
            vocabulary=vocabulary_of(publication),
            origin=Origin(_SOURCE),
            post=post(newsletter),
            now=newsletter.now(),
            erased=erasures(newsletter),
            **given,
        )
    if as_json:
        print_json({"list": publication.slug, "email": email, "requested": True})
    else:
        say(f"{email} was asked for the list {publication.slug}, if that was to be done.")
        tell("The mail leaves when a worker runs: `newsletter serve`, or `newsletter worker`.")


@click.command()
@click.argument("email")
@list_option
@click.option("--language", "languages", type=Separated(), help="Languages they read, best first; '' for the list's.")
@click.option("--topics", type=Separated(), help="Topics they want; '' for all.")
@click.option("--exclude", "excluded", type=Separated(), help="Topics they do not want; '' for none.")
@click.option("--timezone", metavar="ZONE", help="Theirs on all lists, such as Europe/Paris; '' for each list's.")
@click.option("--digest", type=click.Choice([each.value for each in Digest]), help="Every issue, or one mail a month.")
@json_option
def choose(*, email: str, list_slug: str | None, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 - click's
    """Change what one person chose of a list: what is not named stays as it is."""
    if all(value is None for value in chosen.values()):
        raise click.UsageError("Say what they choose, for example --topics.")
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        changed = service.choose(
            session,
            subscription,
            vocabulary=vocabulary_of(publication),
            source=_SOURCE,
            now=newsletter.now(),
            **chosen,
        )
    if as_json:
        print_json({"list": publication.slug, "email": email, "changed": changed})
    else:
        say(f"{email}: {'changed' if changed else 'nothing is different'} on the list {publication.slug}.")
