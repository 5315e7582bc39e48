"""`/confirm/<token>`: what a mail asks. Looking at it does nothing, for scanners of mail look at everything."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from newsletter.web.pages import errors
from newsletter.web.pages.addresses import masked
from newsletter.web.pages.frame import bdi, fill, mailbox
from newsletter.web.pages.guard import is_from_elsewhere
from subscribers.confirmations import Kind, State
from subscribers.errors import AlreadyExists, AlreadyUsed, Expired, Refused
from subscribers.origin import Origin

if TYPE_CHECKING:
    from markupsafe import Markup
    from starlette.responses import Response

    from newsletter.bootstrap.pages import Question
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame
    from newsletter.web.pages.site import Site

_SOURCE = "page"


class _Words(NamedTuple):
    title: str
    question: Markup
    button: str


def confirm(site: Site, asked: Asked) -> Response:
    """Show the button, or do what it says."""
    question = site.pages.question(asked.path["token"])
    frame = site.frame(asked, question.reader.publication, question.reader.languages)
    if asked.method != "POST":
        match question.look.state:
            case State.OPEN:
                words = _words(frame, question)
                return frame.show("confirm.html", **words._asdict())
            case State.USED:
                return _done(site, frame, question)
            case _:
                return errors.expired(frame)
    if is_from_elsewhere(asked):
        return errors.elsewhere(frame)
    return _press(site, frame, question, asked)


def _press(site: Site, frame: Frame, question: Question, asked: Asked) -> Response:
    _ = frame.catalog.gettext
    words = _words(frame, question)
    said = Origin(_SOURCE, wording=f"{words.question.striptags()} {words.button}", language=frame.language)
    try:
        site.pages.confirm(asked.path["token"], said=said, source=asked.source)
    except (Expired, AlreadyUsed):
        return errors.expired(frame)
    except AlreadyExists:
        return _cannot(
            frame,
            _("That address is already subscribed, with choices of its own. Unsubscribe your old address instead."),
        )
    except Refused as refusal:
        if type(refusal) is not Refused:
            raise
        return _cannot(frame, _("We send no mail to this address: it did not arrive there, or is not wanted there."))
    return _done(site, frame, question)


def _words(frame: Frame, question: Question) -> _Words:
    _, kind = frame.catalog.gettext, question.look.kind
    parts = {"list": bdi(question.reader.publication.name), "address": mailbox(masked(question.address))}
    if kind == Kind.ADDRESS:
        title, text, button = (
            _("Your new address"),
            _("Should your mails be sent to {address} from now on?"),
            _("Yes, this is my address"),
        )
    elif kind == Kind.REPERMISSION:
        title, text, button = (
            _("Do you still want it?"),
            _("Would you like to keep receiving {list} at {address}?"),
            _("Yes, keep it coming"),
        )
    else:
        title, text, button = (
            _("One more step"),
            _("Do you want to receive {list} at {address}?"),
            _("Yes, subscribe me"),
        )
    return _Words(title, fill(text, **parts), button)


def _done(site: Site, frame: Frame, question: Question) -> Response:
    _, look, publication = frame.catalog.gettext, question.look, question.reader.publication
    parts = {"list": bdi(publication.name), "address": mailbox(masked(question.address))}
    if look.kind == Kind.ADDRESS:
        title, text = _("Your address has been changed"), _("Your mails will be sent to {address} from now on.")
    else:
        title, text = _("You are subscribed"), _("{list} will be sent to {address}.")
    token = site.pages.preferences_token(look.list_id, look.subscriber_id)
    return frame.show(
        "message.html",
        title=title,
        paragraphs=[
            fill(text, **parts),
            _("You can choose languages and topics, and take a break, whenever you "
"like: here, or by the link in every mail."),
        ],
        links=[(_("Choose languages and topics"), f"{frame.root}/preferences/{token}?lang={frame.language}")],
    )  # fmt: skip


def _cannot(frame: Frame, why: str) -> Response:
    return frame.show(
        "message.html",
        status=HTTPStatus.CONFLICT,
        title=frame.catalog.gettext("This cannot be done"),
        paragraphs=[why],
        links=[],
    )
