"""Options that several commands share, and what they mean when left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from subscribers.errors import NotFound, Refused

if TYPE_CHECKING:
    from subscribers.lists import ListStore
    from subscribers.publication import Publication

list_option = click.option(
    "--list", "list_slug", metavar="SLUG", help="The list; may be left out where there is only one."
)

campaign_argument = click.argument("campaign", metavar="[CAMPAIGN]", default="latest")


class Separated(click.ParamType[tuple[str, ...]]):
    """Words separated by commas, as in `--languages fr,en`."""

    name = "WORD,WORD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002 - click's signature
        """Return the words, each once."""
        words = value if isinstance(value, tuple) else str(value).split(",")
        return tuple(dict.fromkeys(word for word in (str(part).strip() for part in words) if word))


def chosen_list(lists: ListStore, slug: str | None) -> Publication:
    """Return the list called `slug`, or the only one there is. Raises NotFound, and Refused where it has to be said."""
    if slug is not None:
        return lists.get(slug)
    there_are = lists.all()
    if not there_are:
        raise NotFound("There is no list yet: create one with `newsletter list create`.")
    if len(there_are) > 1:
        names = ", ".join(each.slug for each in there_are)
        raise Refused(f"There are several lists ({names}): say which one with --list.")
    return there_are[0]
