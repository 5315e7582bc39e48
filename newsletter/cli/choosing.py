"""Options that several commands share, and what they mean when left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from subscribers.errors import NotFound, Refused
from subscribers.preferences import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subscribers.lists import ListStore
    from subscribers.publication import Publication

list_option = click.option(
    "--list", "list_slug", metavar="SLUG", help="The list; may be left out where there is only one."
)

campaign_argument = click.argument("campaign", metavar="[CAMPAIGN]", default="latest")


def reason_given(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Return the reason of an option that takes one; "" where it was left out. A blank one is none, and refused."""
    if value is not None and not value.strip():
        raise click.BadParameter("say why: the reason goes into the log of consents.", ctx, param)
    return (value or "").strip()


class Separated(click.ParamType[tuple[str, ...]]):
    """Words separated by commas, as in `--languages fr,en`."""

    name = "WORD,WORD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002 - click's signature
        """Return the words, each once."""
        words = value if isinstance(value, tuple) else str(value).split(",")
        return tuple(dict.fromkeys(word for word in (str(part).strip() for part in words) if word))


class Assigned(click.ParamType[tuple[str, str]]):
    """Something that is said to be something else, as in `--map 'Courriel=email'`."""

    def __init__(self, left: str, right: str) -> None:
        self.name = f"{left}={right}"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return both; the last equals sign counts, since a column may be called anything."""
        if isinstance(value, tuple):
            return value
        left, equals, right = str(value).rpartition("=")
        if not equals or not left.strip() or not right.strip():
            self.fail(f"{str(value)!r} is not of the form {self.name}.", param, ctx)
        return left.strip(), right.strip()


def vocabulary_of(publication: Publication) -> Vocabulary:
    """Return what people can choose of a list, and the languages that they may read."""
    from newsletter.rendering.catalogs import all_languages, catalog_languages  # noqa: PLC0415 - babel, 50 ms
    from newsletter.rendering.language_words import language_words  # noqa: PLC0415 - likewise

    return Vocabulary.of(publication, catalog_languages(), all_languages(), language_words)


def languages_without_labels(codes: Sequence[str]) -> str:
    """Return a word about languages that a list is written in without labels, or "". Raises Refused for no language."""
    from newsletter.rendering.catalogs import all_languages, catalog_languages  # noqa: PLC0415 - likewise

    labelled = ", ".join(catalog_languages())
    parts = {code: code.strip().lower().replace("_", "-").partition("-")[0] for code in codes}
    for code, language in parts.items():
        if language not in all_languages():
            raise Refused(
                f"There is no language “{code}”. Labels and pages exist in {labelled}; a list may also be written in "
                f"any other language, by its code, such as es or pt-br."
            )
    foreign = ", ".join(code for code, language in parts.items() if language not in catalog_languages())
    return foreign and f"There are no labels in {foreign}: what is written in it gets those of another ({labelled})."


def chosen_list(lists: ListStore, slug: str | None) -> Publication:
    """Return the list called `slug`, or the only one there is. Raises NotFound, and Refused where it has to be said."""
    if slug is not None:
        return lists.get(slug)
    there_are = lists.all()
    if not there_are:
        raise NotFound("There is no list yet: create one with `newsletter list create`.")
    if len(there_are) > 1:
        names = ", ".join(each.slug for each in there_are)
        raise Refused(f"There are several lists ({names}): name the one that is meant.")
    return there_are[0]
