"""A request as it came, an answer as it goes, and where a request belongs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.simulator.errors import ServiceError
    from newsletter.simulator.faults import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, read whole. `headers` are looked up without regard to case."""

    method: str
    path: str
    """Undecoded."""
    query: str
    headers: Mapping[str, str]
    body: bytes
    now: float
    verdict: Verdict | None = None
    """What is to go wrong in it."""

    def json(self) -> dict[str, Any]:
        """Return the body, which is a JSON object; an empty one is {}."""
        try:
            said = json.loads(self.body) if self.body else {}
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}.") from error
        if not isinstance(said, dict):
            raise bad_request("The body is not a JSON object.")
        return said


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


def page(
    items: Sequence[Any],
    token: str | None,
    size: int,
    most: int,
    refused: Callable[[str], ServiceError] = bad_request,
) -> tuple[Sequence[Any], str | None]:
    """Return the items that `token` asks for (from the first without one) and the token of the next ones.

    Raises what `refused` makes of a token that is none.
    """
    try:
        start = int(token or 0)
    except ValueError as error:
        raise refused(f"NextToken {token!r} is invalid.") from error
    end = start + max(1, min(size, most))
    return items[start:end], str(end) if end < len(items) else None
