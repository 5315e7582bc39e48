"""SendEmail: from a request to an accepted mail in the record, or to the refusal SES would give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsletter.simulator import admission, requests
from newsletter.simulator.accepted import Entry, Shared
from newsletter.simulator.errors import bad_request, not_simulated
from newsletter.simulator.requests import InvalidEntry
from newsletter.simulator.templates import EICAR, Content, compiled, data_of

if TYPE_CHECKING:
    from newsletter.simulator.accepted import Call
    from newsletter.simulator.admission import Sender
    from newsletter.simulator.outcomes import Fate
    from newsletter.simulator.requests import Addressees
    from newsletter.simulator.state import State


def send_email(state: State, request: dict[str, Any], now: float) -> tuple[dict[str, Any], Call]:
    """Accept one mail (raw, simple or templated); return the answer and what was accepted, or raise `ServiceError`."""
    if request.get("ListManagementOptions"):
        raise not_simulated("ListManagementOptions")
    given = request.get("Content") or {}
    kinds = [kind for kind in ("Raw", "Simple", "Template") if given.get(kind)]
    if len(kinds) != 1:
        raise bad_request("Content has exactly one of Raw, Simple and Template.")
    try:
        shared, entry = _READERS[kinds[0]](state, request, given[kinds[0]])
    except InvalidEntry as error:
        raise bad_request(str(error)) from error
    state.record.check_room(1)
    admission.check_sandbox(state, entry.recipients)
    state.account.admit(len(entry.recipients), now)
    state.account.day.add(admission.counted(entry.recipients), now)
    call = state.record.accept(shared, [entry], now)
    return {"MessageId": call.mails[0].id}, call


def _raw(state: State, request: dict[str, Any], given: dict[str, Any]) -> tuple[Shared, Entry]:
    mail = requests.raw_mail(given)
    sender = admission.sender_of(state, request, mail.sender, mail.configuration_set)
    destination = request.get("Destination")
    if destination:
        who = requests.addressees(destination)
    else:
        recipients = requests.bare_addresses(mail.addressees)
        who = requests.Addressees(recipients, (), (), recipients)
    shared = Shared(
        operation="SendEmail",
        kind="raw",
        source=sender.source,
        configuration_set=sender.configuration_set,
        tags=admission.tags_of(request.get("EmailTags")) or mail.tags,
        raw=given["Data"],
    )
    infected = EICAR.encode() in mail.data
    return shared, _entry(who, admission.fates_of(state, sender, who.recipients, infected=infected))


def _simple(state: State, request: dict[str, Any], given: dict[str, Any]) -> tuple[Shared, Entry]:
    sender = admission.sender_of(state, request, "")
    who = requests.addressees(request.get("Destination"))
    body = given.get("Body") or {}
    content = Content(_data(given.get("Subject")), _data(body.get("Text")), _data(body.get("Html")))
    shared = _shared(state, request, given, kind="simple", sender=sender, content=content)
    infected = any(EICAR in part for part in (content.subject, content.text, content.html))
    return shared, _entry(who, admission.fates_of(state, sender, who.recipients, infected=infected))


def _templated(state: State, request: dict[str, Any], given: dict[str, Any]) -> tuple[Shared, Entry]:
    sender = admission.sender_of(state, request, "")
    who = requests.addressees(request.get("Destination"))
    content = admission.content_of(state, given)
    data = data_of(given.get("TemplateData"))
    shared = _shared(state, request, given, kind="template", sender=sender, content=content)
    shared = replace(shared, data=given.get("TemplateData") or "")
    return shared, _entry(who, admission.fates_of(state, sender, who.recipients, compiled(content), data))


_READERS = {"Raw": _raw, "Simple": _simple, "Template": _templated}


def _shared(
    state: State, request: dict[str, Any], given: dict[str, Any], *, kind: str, sender: Sender, content: Content
) -> Shared:
    return Shared(
        operation="SendEmail",
        kind=kind,
        source=sender.source,
        reply_to=tuple(request.get("ReplyToAddresses") or ()),
        configuration_set=sender.configuration_set,
        tags=admission.tags_of(request.get("EmailTags")),
        content=state.record.content(content),
        headers=requests.headers(given.get("Headers")),
        attachments=tuple(given.get("Attachments") or ()),
    )


def _data(part: dict[str, str] | None) -> str:
    return (part or {}).get("Data") or ""


def _entry(who: Addressees, fates: tuple[Fate, ...]) -> Entry:
    return Entry(to=who.to, cc=who.cc, bcc=who.bcc, recipients=who.recipients, fates=fates)
