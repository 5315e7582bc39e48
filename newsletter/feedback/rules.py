"""What an event means for the address it names, and what is counted of it. Pure; the tables below are the rules.

docs/feedback.md says why each is so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from newsletter.feedback.events import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.feedback.events import Event

_DETAIL_LENGTH = 64
_WORDS_LENGTH = 500


class Meaning(StrEnum):
    """What an event is taken for."""

    SENT = "sent"
    DELIVERED = "delivered"
    HARD = "hard bounce"
    """The address takes no mail, for good."""
    SOFT = "soft bounce"
    """It took none this time."""
    REFUSED = "refused"
    """The mail was not taken for what it is (content, size, policy): nothing against the address."""
    LISTED = "listed"
    """SES did not try: the address is on the account's own suppression list, for a bounce or a complaint before."""
    WITHHELD = "withheld"
    """SES did not try: it takes the address for a bad one, by its global list or by its look."""
    LEFT = "unsubscribed"
    """SES did not try: the person has left by SES's own unsubscribe page."""
    COMPLAINT = "complaint"
    NOT_SPAM = "not spam"
    """The person took a complaint back."""
    REMARK = "remark"
    """A complaint that is none: a provider tells of a failed authentication."""
    DELAYED = "delayed"
    REJECTED = "rejected"
    UNRENDERED = "unrendered"
    OPENED = "opened"
    OPENED_BY_MACHINE = "opened by machine"
    CLICKED = "clicked"
    CLICKED_BY_MACHINE = "clicked by machine"
    NOTED = "noted"
    """Kept, and nothing follows."""


IMPERSONAL = frozenset({Meaning.OPENED, Meaning.OPENED_BY_MACHINE, Meaning.CLICKED, Meaning.CLICKED_BY_MACHINE})
"""Counted for everybody together: whose they were is not kept."""

_MEANINGS = {
    Kind.SEND: Meaning.SENT,
    Kind.DELIVERY: Meaning.DELIVERED,
    Kind.DELAY: Meaning.DELAYED,
    Kind.REJECT: Meaning.REJECTED,
    Kind.RENDERING_FAILURE: Meaning.UNRENDERED,
    Kind.SUBSCRIPTION: Meaning.NOTED,
    Kind.VALIDATION: Meaning.NOTED,
    Kind.OTHER: Meaning.NOTED,
}
_BOUNCES = {
    "Permanent/General": Meaning.HARD,
    "Permanent/NoEmail": Meaning.HARD,
    # a bounce of ours or the account's owner put it there, and it stays until they take it off
    "Permanent/OnAccountSuppressionList": Meaning.LISTED,
    "Permanent/OnTenantSuppressionList": Meaning.LISTED,
    # somebody else's bounce, which SES forgets after two weeks
    "Permanent/Suppressed": Meaning.WITHHELD,
    # a guess before anything was tried
    "Permanent/EmailValidationSuppressed": Meaning.WITHHELD,
    "Permanent/UnsubscribedRecipient": Meaning.LEFT,
    "Transient/MessageTooLarge": Meaning.REFUSED,
    "Transient/ContentRejected": Meaning.REFUSED,
    "Transient/AttachmentRejected": Meaning.REFUSED,
}
"""Any other kind of bounce, also one that SES adds later, is a soft one."""
_NOT_ABOUT_THE_ADDRESS = ("5.7.", "4.7.", "5.6.", "4.6.", "5.3.4", "4.3.4", "5.2.3", "4.2.3")
"""Policy, content, size (RFC 3463): SES calls some of these permanent, too."""
_COMPLAINTS = {"not-spam": Meaning.NOT_SPAM, "auth-failure": Meaning.REMARK}


def meaning_of(event: Event) -> Meaning:
    """Return what an event is taken for."""
    match event.kind:
        case Kind.BOUNCE:
            return _of_bounce(event)
        case Kind.COMPLAINT:
            return _of_complaint(event)
        case Kind.OPEN:
            return Meaning.OPENED_BY_MACHINE if _automated(event.about) else Meaning.OPENED
        case Kind.CLICK:
            return Meaning.CLICKED_BY_MACHINE if _automated(event.about) else Meaning.CLICKED
        case kind:
            return _MEANINGS[kind]


def detail_of(event: Event) -> str:
    """Return SES's own words for what happened, as they are counted: one of a few."""
    about = event.about
    match event.kind:
        case Kind.BOUNCE:
            words = _bounce_type(about)
        case Kind.COMPLAINT:
            words = _word(about, "complaintSubType") or _word(about, "complaintFeedbackType")
        case Kind.DELAY:
            words = _word(about, "delayType")
        case Kind.OTHER:
            words = event.name
        case _:
            words = ""
    return words[:_DETAIL_LENGTH]


def words_of(event: Event) -> str:
    """Return what was said, for whoever asks later why an address is suppressed."""
    said = _word(event.said, "diagnosticCode") or _word(event.said, "status")
    detail = detail_of(event) or event.name
    return (f"{detail}: {said}" if said else detail)[:_WORDS_LENGTH]


def failure_of(event: Event) -> str:
    """Return why a mail that was accepted was not sent after all."""
    said = _word(event.about, "errorMessage") or _word(event.about, "reason")
    return f"{event.name}: {said}" if said else event.name


def _of_bounce(event: Event) -> Meaning:
    meaning = _BOUNCES.get(_bounce_type(event.about), Meaning.SOFT)
    status = _word(event.said, "status")
    if meaning in {Meaning.HARD, Meaning.SOFT} and status.startswith(_NOT_ABOUT_THE_ADDRESS):
        return Meaning.REFUSED
    return meaning


def _of_complaint(event: Event) -> Meaning:
    if _word(event.about, "complaintSubType").endswith("SuppressionList"):
        return Meaning.LISTED
    return _COMPLAINTS.get(_word(event.about, "complaintFeedbackType"), Meaning.COMPLAINT)


def _bounce_type(about: Mapping[str, Any]) -> str:
    return f"{_word(about, 'bounceType') or '–'}/{_word(about, 'bounceSubType') or '–'}"


def _automated(about: Mapping[str, Any]) -> bool:
    """Whether SES says that no person did it; the name of the field is not documented."""
    said = [value for name, value in about.items() if "automated" in name.lower() or name.lower() == "isbot"]
    return any(value is True or _text(value).lower() == "true" for value in said)


def _word(said: Mapping[str, Any], name: str) -> str:
    return _text(said.get(name))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
