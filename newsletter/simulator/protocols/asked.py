"""What one operation of SES is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import bad_request
from newsletter.simulator.service import Service

if TYPE_CHECKING:
    from newsletter.simulator.faults import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The body, the size of it in bytes, what the path names, the query, and what is to go wrong."""

    body: dict[str, Any]
    size: int
    path: dict[str, str]
    query: dict[str, list[str]]
    now: float
    verdict: Verdict | None = None

    def required(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return a member of the body; raise BadRequestException without it."""
        value = self.body.get(name)
        if value in (None, ""):
            raise bad_request(f"1 validation error detected: Value at '{name}' must not be null.")
        return value

    def one(self, name: str) -> str | None:
        """Return a value of the query, or of the body where the operation moved there."""
        return next(iter(self.query.get(name, ())), None) or self.body.get(name)


Handler = Callable[[Service, Asked], dict[str, Any]]
"""Carries out an operation and returns its answer, or raises `ServiceError`."""
