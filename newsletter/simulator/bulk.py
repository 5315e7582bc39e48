"""SendBulkEmail: a status for each of up to 50 entries, the accepted ones in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.simulator import admission, requests
from newsletter.simulator.accepted import Entry, Shared
from newsletter.simulator.errors import ServiceError, quota_exceeded, throttled
from newsletter.simulator.requests import InvalidEntry
from newsletter.simulator.templates import compiled, data_of, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.simulator.accepted import Call
    from newsletter.simulator.admission import Sender
    from newsletter.simulator.faults import EntryFault
    from newsletter.simulator.state import State
    from newsletter.simulator.templates import Compiled

_QUOTA_ENTRY = "ACCOUNT_DAILY_QUOTA_EXCEEDED"


def send_bulk_email(
    state: State, request: dict[str, Any], size: int, now: float, faults: Mapping[int, EntryFault]
) -> tuple[dict[str, Any], Call | None]:
    """Accept the entries that can be accepted; return a status for each and the accepted ones, or raise `ServiceError`.

    `faults` are entries, by their position, that are refused by order of a test. `size` is the request's, in bytes.
    """
    entries = requests.check_bulk(request, size)
    state.record.check_room(len(entries))
    sender = admission.sender_of(state, request, "")
    template = (request.get("DefaultContent") or {}).get("Template") or {}
    content = admission.content_of(state, template)
    default = data_of(template.get("TemplateData"))
    shared = Shared(
        operation="SendBulkEmail",
        kind="template",
        source=sender.source,
        reply_to=tuple(request.get("ReplyToAddresses") or ()),
        configuration_set=sender.configuration_set,
        tags=admission.tags_of(request.get("DefaultEmailTags")),
        content=state.record.content(content),
        data=template.get("TemplateData") or "",
        headers=requests.headers(template.get("Headers")),
        attachments=tuple(template.get("Attachments") or ()),
    )
    bulk = _Bulk(state, compiled(content), default, sender, now)
    read = [faults.get(index) or bulk.read(entry) for index, entry in enumerate(entries)]
    return bulk.accept(shared, read)


class _Bulk:
    """One bulk call under way."""

    def __init__(self, state: State, content: Compiled, default: dict[str, Any], sender: Sender, now: float) -> None:
        self._state = state
        self._content = content
        self._default = default
        self._sender = sender
        self._now = now

    def read(self, entry: dict[str, Any]) -> Entry | EntryFault:
        """Return an entry ready to be accepted, or its status and error. Limits of the model refuse the whole call."""
        replacement = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        data = replacement.get("ReplacementTemplateData") or ""
        own_headers = requests.headers(entry.get("ReplacementHeaders"))
        values = merged(self._default, data_of(data, "ReplacementTemplateData"))
        try:
            who = requests.addressees(entry.get("Destination"))
            tags = requests.tags(entry.get("ReplacementTags"))
            admission.check_sandbox(self._state, who.recipients)
        except InvalidEntry as error:
            return "INVALID_PARAMETER", str(error)
        except ServiceError as error:
            return "MESSAGE_REJECTED", error.message
        fates = admission.fates_of(self._state, self._sender, who.recipients, self._content, values)
        return Entry(to=who.to, cc=who.cc, bcc=who.bcc, tags=tags, data=data, headers=own_headers,
                     recipients=who.recipients, fates=fates)  # fmt: skip

    def accept(self, shared: Shared, read: list[Entry | EntryFault]) -> tuple[dict[str, Any], Call | None]:
        """Admit, record and answer."""
        read = self._within_quota(self._within_rate(read))
        accepted = [entry for entry in read if isinstance(entry, Entry)]
        call = self._state.record.accept(shared, accepted, self._now) if accepted else None
        ids = iter(call.mails if call else ())
        results = [
            {"Status": "SUCCESS", "MessageId": next(ids).id}
            if isinstance(entry, Entry)
            else {"Status": entry[0], "Error": entry[1]}
            for entry in read
        ]
        return {"BulkEmailEntryResults": results}, call

    def _within_rate(self, read: list[Entry | EntryFault]) -> list[Entry | EntryFault]:
        """Return what the rate lets pass: all, or nothing (an error for the call, or a status for each entry)."""
        asked = sum(len(entry.recipients) for entry in read if isinstance(entry, Entry))
        try:
            self._state.account.admit(asked, self._now)
        except ServiceError as error:
            if not self._state.options.throttle_entries or error.message != throttled().message:
                raise
            return [("ACCOUNT_THROTTLED", error.message) if isinstance(entry, Entry) else entry for entry in read]
        return read

    def _within_quota(self, read: list[Entry | EntryFault]) -> list[Entry | EntryFault]:
        """Count what passes to the day's quota; entries beyond it are refused one by one."""
        account, now = self._state.account, self._now
        room, counted = account.remaining(now), 0
        for index, entry in enumerate(read):
            if not isinstance(entry, Entry):
                continue
            if counted >= room:
                read[index] = (_QUOTA_ENTRY, quota_exceeded().message)
            else:
                counted += admission.counted(entry.recipients)
        account.day.add(counted, now)
        return read
