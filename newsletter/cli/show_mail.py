"""`newsletter campaign show-mail`: the mail that somebody was sent, made again."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.sending import campaign_mails
from newsletter.cli.choosing import campaign_argument
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.delivery import campaigns
from newsletter.delivery.again import mail_again
from subscribers.address import normalised


@click.command("show-mail")
@campaign_argument
@click.option("--to", "email", required=True, metavar="EMAIL", help="Whose mail.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where it goes; left out: standard output.",
)  # fmt: skip
@json_option
def show_mail(*, campaign: str, email: str, output: Path | None, as_json: bool) -> None:
    """Make the mail that somebody was sent again, byte for byte.

    From the frozen issue, the recorded variant, and the list, the name and the address as they were then. Amazon SES
    puts a Message-ID and a Date of its own in the place of ours.
    """
    with opened() as newsletter:
        with newsletter.database.read() as session:
            info = campaigns.find(session, campaign)
        mail = mail_again(newsletter.database, info, normalised(email), lambda: campaign_mails(newsletter, info))
    if output is not None:
        output.write_bytes(mail.content)
    if as_json:
        print_json({**mail.as_json(), "file": str(output) if output else None})
    elif output is not None:
        say(f"{output}: {mail.state}, {mail.at:%Y-%m-%d %H:%M:%S} UTC, {mail.message_id or 'no message id'}")
    else:
        click.echo(mail.content, nl=False)
    if mail.state != "sent":
        tell(f"This mail is {mail.state}{f': {mail.reason}' if mail.reason else ''}.")
