"""Speaks to a running simulator: what it accepted, what is to go wrong, and the time. Standard library only."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TIMEOUT = 30.0
_LOOKED_EVERY = 0.01


class SimulatorClient:
    """Each method is one call of the control API; see docs/simulator.md for what goes in and comes out."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make any AWS client of a process speak to this simulator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "simulator",
            "AWS_SECRET_ACCESS_KEY": "simulator",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def status(self) -> dict[str, Any]:
        """Return counts, account, queues and options."""
        return self._call("GET", "status")

    def counts(self) -> Counter[str]:
        """Return how many mails were accepted for each recipient."""
        return Counter(self._call("GET", "recipients")["recipients"])

    def twice(self) -> dict[str, int]:
        """Return recipients with more than one accepted mail (the first thousand), and how many mails each."""
        found: dict[str, int] = self._call("GET", "recipients/twice")["recipients"]
        return found

    def mails(self, *, recipient: str | None = None, tag: tuple[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield accepted mails, oldest first: id, time, recipients, tags, and what became of each."""
        chosen = {} if tag is None else {"tag": ":".join(tag)}
        if recipient is not None:
            chosen["recipient"] = recipient
        after: int | None = 0
        while after is not None:
            page = self._call("GET", f"mails?{urlencode({**chosen, 'after': after})}")
            yield from page["mails"]
            after = page["next"]

    def mail(self, message_id: str) -> dict[str, Any]:
        """Return one mail as its reader would get it: subject, text, html, headers, beside what `mails` says."""
        return self._call("GET", f"mails/{quote(message_id)}")

    def message(self, message_id: str) -> bytes:
        """Return one mail as bytes (RFC 5322)."""
        return self._fetch("GET", f"mails/{quote(message_id)}.eml")

    def add_fault(self, kind: str, **said: Any) -> int:  # noqa: ANN401 - the fields of a fault
        """Order a fault; return its number."""
        number: int = self._call("POST", "faults", {"kind": kind, **said})["fault"]
        return number

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults in force with the calls each has seen."""
        found: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Take all faults back."""
        self._call("DELETE", "faults")

    def set_account(self, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - switches of the account
        """Set sending_enabled, enforcement (HEALTHY, PROBATION, SHUTDOWN), production_access; count as `sent`."""
        return self._call("PATCH", "account", said)

    def set_options(self, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of Options
        """Change options while it runs."""
        return self._call("PATCH", "options", said)

    def set_fates(self, fates: dict[str, dict[str, Any]]) -> None:
        """Say what becomes of mails to an address, or to `@domain`."""
        self._call("PUT", "fates", fates)

    def set_identity(self, name: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - status, topics
        """Set status, mail_from_status or notification_topics of an identity."""
        return self._call("PATCH", f"identities/{quote(name)}", said)

    def set_event_bus(self, queue: str) -> None:
        """Bring what is published to EventBridge to a queue."""
        self._call("PUT", "event-bus", {"queue": queue})

    def publish_event(self, configuration_set: str, event: dict[str, Any]) -> None:
        """Publish an event of one's own making to the destinations of a configuration set."""
        self._call("POST", "events", {"configuration_set": configuration_set, "event": event})

    def certificate(self, url: str | None = None) -> dict[str, str]:
        """Return URL and PEM of the SNS certificate; with `url`, have messages name that URL from now on."""
        said: dict[str, str] = self._call("PUT", "certificate", {} if url is None else {"url": url})
        return said

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._call("POST", "clock", {"advance": seconds})

    def flush(self) -> int:
        """Tell every event that is still to come, now; return how many."""
        told: int = self._call("POST", "flush")["told"]
        return told

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], seconds: float = _TIMEOUT) -> dict[str, Any]:
        """Return the first status of which `condition` is true; raise TimeoutError after `seconds`."""
        until = time.monotonic() + seconds
        while not condition(status := self.status()):
            if time.monotonic() > until:
                raise TimeoutError(f"The simulator did not come to what was waited for; it says {status}.")
            time.sleep(_LOOKED_EVERY)
        return status

    def _call(self, method: str, path: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._fetch(method, path, said))
        return answer

    def _fetch(self, method: str, path: str, said: dict[str, Any] | None = None) -> bytes:
        body = None if said is None else json.dumps(said).encode()
        request = Request(f"{self.url}/_simulator/{path}", data=body, method=method)  # noqa: S310 - our own address
        try:
            with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - as above
                read: bytes = response.read()
                return read
        except HTTPError as error:
            with error:
                raise Refused(f"The simulator refuses {method} {path}: {error.read().decode()}") from error
