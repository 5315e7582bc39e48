"""`newsletter db`: the tables, and whether they fit this program."""

from __future__ import annotations

import click

from newsletter import schema
from newsletter.bootstrap.installation import opened
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say


@click.group(cls=OrderedGroup)
def db() -> None:
    """Create, upgrade and check the database."""


@db.command()
@json_option
def upgrade(*, as_json: bool) -> None:
    """Create the tables, or bring them up to this program.

    In one transaction: all of it or nothing. A database that is up to date stays as it is.
    """
    with opened(ready=False) as newsletter:
        schema.upgrade(newsletter.database)
        found = schema.versions(newsletter.database)
    if as_json:
        print_json({"database": newsletter.where, **found})
    else:
        say(f"The database {newsletter.where} is at revision {found['revision']}.")


@db.command()
@json_option
def check(*, as_json: bool) -> None:
    """Say whether the database can be worked with.

    The exit code is 1 where it cannot.
    """
    with opened(ready=False) as newsletter:
        schema.check(newsletter.database)
        found = schema.versions(newsletter.database)
    if as_json:
        print_json({"database": newsletter.where, **found})
    else:
        say(f"The database {newsletter.where} is ready, at revision {found['revision']}.")
