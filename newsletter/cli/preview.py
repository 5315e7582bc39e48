"""`newsletter preview`: one reader's mail, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.cli.whose_mail import meant, whose_mail
from newsletter.personalization.message import Recipient, preview_html, preview_text
from newsletter.rendering.size import size_warning

_NOBODY = 0
"""The subscriber that links of a preview are signed for: following them changes nobody's subscription."""


@click.command()
@click.argument("issue")
@whose_mail
@click.option("--text", is_flag=True, help="The plain-text form; without -o it is printed.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where it goes; left out: ISSUE.LANGUAGE.html here.",
)  # fmt: skip
@json_option
def preview(*, issue: str, text: bool, output: Path | None, as_json: bool, **whose: Any) -> None:  # noqa: ANN401 - click's
    """Write one reader's mail to a file.

    Byte for byte what would be sent, but for its links, which change nobody's subscription.
    """
    with opened() as newsletter:
        mail = meant(newsletter, issue, **whose)
        prepared = mail.mails.prepared(mail.variant)
    recipient = Recipient(subscriber_id=_NOBODY, email=mail.email, name=mail.name)
    content = preview_text(prepared, recipient) if text else preview_html(prepared, recipient)
    if text and output is None and not as_json:
        say(content.rstrip("\n"))
        return
    file = output or Path(f"{mail.issue.slug}.{mail.variant.language}.{'txt' if text else 'html'}")
    file.write_text(content, encoding="utf-8")
    if not text and (warning := size_warning(len(content.encode()))):
        tell(f"Warning: {warning}")
    if as_json:
        print_json(
            {
                "issue": mail.issue.slug,
                "revision": mail.issue.revision,
                "language": mail.variant.language,
                "content_language": mail.variant.content_language,
                "subject": prepared.subject,
                "items": list(mail.variant.items),
                "file": str(file),
            }
        )
    else:
        kilobytes = round(len(content.encode()) / 1000)
        say(f"{file}: {prepared.subject} ({len(mail.variant.items)} items, {kilobytes} kB)")
