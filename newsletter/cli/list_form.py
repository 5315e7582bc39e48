"""`newsletter list form`: the form for a page of one's own."""

from __future__ import annotations

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import chosen_list
from newsletter.cli.output import json_option, print_json, say, tell
from subscribers.lists import ListStore


@click.command("form")
@click.argument("slug", required=False)
@click.option("--language", help="What it is in; left out: the list's first language.")
@json_option
def form(*, slug: str | None, language: str | None, as_json: bool) -> None:
    """Print a form for a page of your own, by which its readers subscribe.

    Plain HTML without scripts or styles: the page it stands on gives it its looks. Who sends it is told to look into
    their mail; nobody is subscribed before the button there.
    """
    from newsletter.bootstrap.embedding import embedded_form  # noqa: PLC0415 - babel, 50 ms

    with opened() as newsletter:
        with newsletter.database.read() as session:
            publication = chosen_list(ListStore(session), slug)
        html = embedded_form(newsletter, publication, language)
        if not newsletter.settings.has_public_url:
            tell("NEWSLETTER_PUBLIC_URL is not set: this form leads nowhere.")
    if as_json:
        print_json({"list": publication.slug, "html": html})
    else:
        say(html.rstrip("\n"))
