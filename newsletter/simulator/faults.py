"""Faults by order: what goes wrong, in which calls. Pure and seeded.

A fault applies to calls that it counts itself, from 1: to some by number, to the next few, or to each with a
probability. What may have been accepted all the same is the point of it: a time-out, a dropped connection or a 5xx can
come after the mails were taken, before it, or after some of them were.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from newsletter.errors import FixConfiguration
from newsletter.simulator import errors
from newsletter.simulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.simulator.chance import Chance

EntryFault = tuple[str, str]
"""Status and error of an entry that is refused by order."""

STATUSES = {
    "MESSAGE_REJECTED": "The message was rejected.",
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": "The sender's email address or domain is not verified.",
    "CONFIGURATION_SET_NOT_FOUND": "The configuration set does not exist.",
    "TEMPLATE_NOT_FOUND": "The template does not exist.",
    "ACCOUNT_SUSPENDED": "The account has been shut down.",
    "ACCOUNT_THROTTLED": "Maximum sending rate exceeded.",
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": "Daily message quota exceeded.",
    "INVALID_SENDING_POOL_NAME": "The dedicated IP pool does not exist.",
    "ACCOUNT_SENDING_PAUSED": "Email sending is disabled for the account.",
    "CONFIGURATION_SET_SENDING_PAUSED": "Email sending is disabled for the configuration set.",
    "INVALID_PARAMETER": "A parameter is invalid.",
    "TRANSIENT_FAILURE": "Temporary failure. Please try again later.",
    "FAILED": "Unknown error occurred. Please try again later",
}
"""The statuses of SendBulkEmail other than SUCCESS; the text of FAILED was seen on the wire."""

_ANSWERS = {
    "throttle": errors.throttled,
    "quota": errors.quota_exceeded,
    "paused": errors.paused,
    "suspended": errors.suspended,
    "error": errors.internal_failure,
    "unavailable": errors.unavailable,
}
_SILENT = frozenset({"timeout", "drop"})
KINDS = (*_ANSWERS, *sorted(_SILENT), "slow", "entries", "answer")
_MAY_BE_ACCEPTED = frozenset({"error", "unavailable", "answer", *_SILENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, as it is ordered."""

    kind: str
    """One of `KINDS`: `timeout` is silence for `seconds`, `drop` a connection closed without an answer, `slow` an
    answer `seconds` late, `entries` refuses a `share` of the entries of bulk calls with `status`, `answer` says
    `http_status`, `code` and `message`; the others say what SES says in that case."""
    operations: tuple[str, ...] = ("SendEmail", "SendBulkEmail")
    """Of any of the services; `*` for all."""
    calls: tuple[int, ...] = ()
    next: int = 0
    probability: float = 0.0
    accepted: float | None = None
    """Share of the mails taken all the same: 1 for `timeout` and `drop`, 0 for an error, unless given."""
    seconds: float = 60.0
    status: str = "TRANSIENT_FAILURE"
    share: float = 1.0
    http_status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    code: str = "InternalFailure"
    message: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FixConfiguration(f"A fault is one of {', '.join(KINDS)}; not {self.kind!r}.")
        if self.status not in STATUSES:
            raise FixConfiguration(f"A status is one of {', '.join(STATUSES)}; not {self.status!r}.")
        if bool(self.calls) + bool(self.next) + bool(self.probability) > 1:
            raise FixConfiguration("A fault says calls, next or probability; only one of them.")
        if not all(0 <= share <= 1 for share in (self.probability, self.share, self.accepted or 0)):
            raise FixConfiguration("probability, share and accepted are between 0 and 1.")
        if self.accepted and self.kind not in _MAY_BE_ACCEPTED:
            raise FixConfiguration(f"{self.kind} cannot be answered to mails that were accepted.")

    @property
    def taken(self) -> float:
        """The share of the mails that are accepted all the same."""
        if self.accepted is None:
            return 1.0 if self.kind in _SILENT or self.kind in {"slow", "entries"} else 0.0
        return self.accepted

    @property
    def answer(self) -> ServiceError | None:
        """What is said instead of the true answer, if anything is."""
        if self.kind == "answer":
            return ServiceError(self.http_status, self.code, self.message)
        make = _ANSWERS.get(self.kind)
        return None if make is None else make()

    def applies_to(self, call: int, draw: float) -> bool:
        """Say whether it happens at the `call`-th of the calls that it counts; without any of the three, always."""
        if self.calls:
            return call in self.calls
        if self.next:
            return call <= self.next
        return draw < self.probability if self.probability else True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to go wrong in one call."""

    fault: Fault
    number: int
    """Of the fault; with `call`, what its chances are drawn from."""
    call: int

    def refused(self, index: int, chance: Chance) -> EntryFault | None:
        """Return the status by which the entry at `index` is not accepted, if it is not."""
        fault = self.fault
        if fault.kind == "entries":
            share, status = fault.share, fault.status
        else:
            share, status = 1 - fault.taken, "TRANSIENT_FAILURE"
        hit = share >= 1 or (share > 0 and chance.draws("entry", f"{self.number}/{self.call}/{index}")[0] < share)
        return (status, fault.message or STATUSES[status]) if hit else None


@dataclass(slots=True)
class Faults:
    """The faults in force, by number, and how many calls each has counted."""

    _orders: dict[int, tuple[Fault, int]] = field(default_factory=dict)
    _last: int = 0

    def add(self, fault: Fault) -> int:
        """Put a fault in force; return its number."""
        self._last += 1
        self._orders[self._last] = (fault, 0)
        return self._last

    def remove(self, number: int) -> None:
        """Take a fault back; one that is gone is no error."""
        self._orders.pop(number, None)

    def clear(self) -> None:
        """Take all back."""
        self._orders.clear()

    def listed(self) -> list[tuple[int, Fault, int]]:
        """Return number, fault and the calls it has counted."""
        return [(number, fault, seen) for number, (fault, seen) in self._orders.items()]

    def decide(self, operation: str, chance: Chance) -> Verdict | None:
        """Return what is to go wrong in a call of `operation` that arrives now; the fault ordered first wins."""
        verdict = None
        for number, (fault, seen) in self._orders.items():
            if operation in fault.operations or "*" in fault.operations:
                self._orders[number] = (fault, seen + 1)
                draw = chance.draws("fault", f"{number}/{seen + 1}")[0]
                if verdict is None and fault.applies_to(seen + 1, draw):
                    verdict = Verdict(fault, number, seen + 1)
        return verdict


def read(described: dict[str, Any]) -> Fault:
    """Return the fault that JSON describes; raise `FixConfiguration` for what it does not know."""
    known = {field.name for field in fields(Fault)}
    if unknown := set(described) - known:
        raise FixConfiguration(f"A fault says {', '.join(sorted(known))}; not {', '.join(sorted(unknown))}.")
    said = dict(described)
    for name in {"operations", "calls"} & said.keys():
        said[name] = tuple(said[name])
    return Fault(**said)


def parse(text: str) -> Fault:
    """Return the fault of a command-line option: `drop:probability=0.01,operations=SendEmail+GetAccount`."""
    kind, _, rest = text.partition(":")
    said: dict[str, Any] = {"kind": kind}
    for part in filter(None, rest.split(",")):
        name, _, value = part.partition("=")
        said[name.strip()] = _value(name.strip(), value.strip())
    return read(said)


def _value(name: str, value: str) -> object:
    try:
        if name == "calls":
            return [int(number) for number in value.split("+")]
        if name in {"next", "http_status"}:
            return int(value)
        if name in {"probability", "accepted", "seconds", "share"}:
            return float(value)
    except ValueError as error:
        raise FixConfiguration(f"{name}={value} is not a number.") from error
    return value.split("+") if name == "operations" else value


def some_refused(verdict: Verdict | None, indexes: Iterable[int], chance: Chance) -> dict[int, EntryFault]:
    """Return which of the entries are refused by order, and how."""
    if verdict is None:
        return {}
    return {index: refused for index in indexes if (refused := verdict.refused(index, chance))}
