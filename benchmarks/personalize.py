"""Messages per second of one core, and how near that is to merely copying the finished bytes.

    python -m benchmarks.personalize [--issue FILE] [--recipients 4000]

Everything a real mail has is made: three signed links, greeting and To with names as people have them, headers, both
bodies. Recipients stand in variant order, as in a campaign's plan. Times are CPU times, the least of some rounds.
"""

from __future__ import annotations

import argparse
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, TypeVar

from benchmarks.issues import DEFAULT, compiled, publication
from benchmarks.measuring import machine, resident, seconds
from benchmarks.readers import MONDAY, Mail, envelope, mails, with_topics
from newsletter.personalization.headers import to_header
from newsletter.personalization.message import preview_html, preview_text, wire_values
from newsletter.personalization.names import usable_name
from newsletter.personalization.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.rendering.edition import Edition

Thing = TypeVar("Thing")
_KEPT = 400
"""Finished messages that are kept to be copied: more than a processor's cache holds."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issue", type=Path, default=DEFAULT, help="a file in the editors' layout")
    parser.add_argument("--recipients", type=int, default=4000)
    arguments = parser.parse_args()
    edition = with_topics(compiled(arguments.issue))
    print(machine())
    before = resident()
    letters = mails(edition, arguments.recipients, envelope(publication(edition.language)))
    _print_audience(letters, resident() - before)
    _print_preparing(edition)
    _print_writing(letters)


def _print_audience(letters: Sequence[Mail], megabytes: float) -> None:
    variants = {id(letter.prepared) for letter in letters}
    size = fmean(len(letter.write()) for letter in letters)
    print(f"{len(letters)} recipients, {len(variants)} variants, {size:,.0f} bytes a message on average")
    print(f"memory of the prepared variants and the recipients: {megabytes:.1f} MB")


def _print_preparing(edition: Edition) -> None:
    """Once per variant: the fragments were encoded by the first one."""
    by = envelope(publication(edition.language))
    taken = seconds({"prepare": lambda: prepare(edition, range(len(edition.items)), by)})
    print(f"preparing one more variant: {taken['prepare'] * 1e3:.2f} ms\n")


def _print_writing(letters: Sequence[Mail]) -> None:
    finished = [letter.write() for letter in letters[:: max(1, len(letters) // _KEPT)]]
    middle = sorted(finished, key=len)[len(finished) // 2]
    took = seconds(
        {
            "whole": partial(_all, letters, Mail.write),
            "values": partial(_all, letters, _values),
            "tokens": partial(_all, letters, _tokens),
            "names": partial(_all, letters, _names),
            "copy": partial(_all, finished * (len(letters) // len(finished)), bytearray),
            "cached": partial(_all, [middle] * len(letters), bytearray),
        },
        rounds=25,
    )
    each = {name: taken / len(letters) * 1e6 for name, taken in took.items()}
    whole, values, tokens, names, copy, cached = each.values()
    rows = {
        "writing a message": whole,
        "  three signed links": tokens,
        "  the name looked at, To": names,
        "  greeting, address, other headers": values - tokens - names,
        "  joining the pieces": whole - values,
        "copying a finished message": copy,
        "copying one and the same message": cached,
    }
    for label, microseconds in rows.items():
        print(f"{label:36}{microseconds:7.2f} µs {microseconds / whole:6.0%}")
    print(f"\n{1e6 / whole:,.0f} messages a second and core; {whole / copy:.1f} times the time of copying them")
    print(f"({whole / cached:.1f} times copying what is in the processor's cache already)")
    few = letters[:: len(letters) // 20]
    standard = seconds({"": partial(_all, few, _standard_library)}, rounds=3)[""] / len(few)
    print(f"{1 / standard:,.0f} a second with the standard library's EmailMessage, from rendered bodies")


def _all(things: Sequence[Thing], work: Callable[[Thing], object]) -> None:
    for thing in things:
        work(thing)


def _standard_library(letter: Mail) -> bytes:
    """Write the message in the usual way."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "letter@news.example.org"
    message["To"] = letter.recipient.email
    message["Subject"] = letter.prepared.subject
    message.set_content(preview_text(letter.prepared, letter.recipient), cte="quoted-printable")
    message.add_alternative(preview_html(letter.prepared, letter.recipient), subtype="html", cte="quoted-printable")
    return bytes(message)


def _values(letter: Mail) -> object:
    return wire_values(letter.prepared, letter.recipient, letter.delivery_id, MONDAY)


def _names(letter: Mail) -> object:
    return to_header(usable_name(letter.recipient.name), letter.recipient.email)


def _tokens(letter: Mail) -> None:
    links, subscriber_id = letter.prepared.envelope.links, letter.recipient.subscriber_id
    links.view_token(subscriber_id)
    links.preferences_token(subscriber_id)
    links.unsubscribe_token(subscriber_id)


if __name__ == "__main__":
    main()
