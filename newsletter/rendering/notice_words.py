"""What the mails outside campaigns say: the list's own words in the reader's language, and nothing a stranger typed.

A form that sends mail to any address is abused to have one's own text delivered. So no name, no topic and no other
address stands in these mails: whatever is filled in was made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Labels = Callable[[str], str]

CONFIRM_SLOT = "confirm_url"
"""The page with the button that confirms."""
PREFERENCES_SLOT = "preferences_url"
UNSUBSCRIBE_SLOT = "unsubscribe_url"
UNTIL_SLOT = "until"
"""The last whole day on which the link works, as a date in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """The words of one kind in one language; `{list}` and `{until}` are still to be filled in."""

    subject: str
    preheader: str
    title: str
    paragraphs: tuple[str, ...]
    button: str
    button_slot: str
    notes: tuple[str, ...]
    """In smaller letters, under the button."""
    is_subscribed: bool
    """To somebody who has the list: the mail says why they get it, and how to leave."""


def words_of(kind: NoticeKind, labels: Labels) -> NoticeWords:
    """Return what a mail of that kind says; `labels` translates."""
    return _WORDS[kind](labels)


def _confirm(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("Please confirm your subscription to {list}"),
        preheader=labels("One step is missing before the first issue reaches you."),
        title=labels("Is this your subscription?"),
        paragraphs=(
            labels("Somebody, hopefully you, has asked that {list} be sent to this address."),
            labels(
                "Press the button if you want it. It opens a page on which you confirm; only then do we write to you."
            ),
        ),
        button=labels("Confirm my subscription"),
        button_slot=CONFIRM_SLOT,
        notes=(
            _works_until(labels),
            labels("If it was not you, do nothing: without your confirmation you are not subscribed."),
        ),
        is_subscribed=False,
    )


def _welcome(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("Welcome to {list}"),
        preheader=labels("Your subscription is confirmed."),
        title=labels("Welcome!"),
        paragraphs=(
            labels("Your subscription to {list} is confirmed; the next issue comes to you by itself."),
            labels("You can choose which topics you read, in which languages, and take a break whenever you like."),
        ),
        button=labels("Choose topics and languages"),
        button_slot=PREFERENCES_SLOT,
        notes=(
            labels("The same link stands at the foot of every issue, next to the one that ends your subscription."),
        ),
        is_subscribed=True,
    )


def _new_address(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("Please confirm your new address for {list}"),
        preheader=labels("Nothing changes before you confirm."),
        title=labels("Is this your new address?"),
        paragraphs=(
            labels("A subscriber of {list}, hopefully you, wants it to come to this address from now on."),
            labels("Press the button if that is so. It opens a page on which you confirm; until then nothing changes."),
        ),
        button=labels("Confirm my new address"),
        button_slot=CONFIRM_SLOT,
        notes=(
            _works_until(labels),
            labels("If it was not you, do nothing: this address is then not used."),
        ),
        is_subscribed=False,
    )


def _address_changed(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("Your address for {list} was changed"),
        preheader=labels("From now on it comes to your new address."),
        title=labels("Your address was changed"),
        paragraphs=(
            labels(
                "You asked for {list} to be sent to another address, and confirmed it there. This one gets it no more."
            ),
            labels("If it was not you, open your settings with the button and put your address back."),
        ),
        button=labels("Open my settings"),
        button_slot=PREFERENCES_SLOT,
        notes=(labels("If it was you, there is nothing to do."),),
        is_subscribed=False,
    )


def _repermission(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("Would you like to keep receiving {list}?"),
        preheader=labels("A click is enough; without one we stop writing."),
        title=labels("Do you still want to hear from us?"),
        paragraphs=(
            labels(
                "For some time there was no sign that you read {list}. We may be wrong: much reading leaves no trace."
            ),
            labels("If you would like to keep it, tell us with the button."),
        ),
        button=labels("Yes, keep sending it"),
        button_slot=CONFIRM_SLOT,
        notes=(labels("Without an answer by {until}, we send you no more issues."),),
        is_subscribed=True,
    )


def _already(labels: Labels) -> NoticeWords:
    return NoticeWords(
        subject=labels("You are subscribed to {list} already"),
        preheader=labels("There is nothing you have to do."),
        title=labels("You are subscribed already"),
        paragraphs=(
            labels("Somebody, hopefully you, has asked that {list} be sent to this address. You are subscribed to it."),
            labels("The button shows what you get. There you choose topics and languages, or end a break."),
        ),
        button=labels("Open my settings"),
        button_slot=PREFERENCES_SLOT,
        notes=(
            labels("No issue arrives? Look in your spam folder. If you did not ask, do nothing: nothing was changed."),
        ),
        is_subscribed=True,
    )


def _works_until(labels: Labels) -> str:
    return labels("The link works until {until}.")


_WORDS: Mapping[NoticeKind, Callable[[Labels], NoticeWords]] = {
    NoticeKind.CONFIRM: _confirm,
    NoticeKind.WELCOME: _welcome,
    NoticeKind.NEW_ADDRESS: _new_address,
    NoticeKind.ADDRESS_CHANGED: _address_changed,
    NoticeKind.REPERMISSION: _repermission,
    NoticeKind.ALREADY: _already,
}
