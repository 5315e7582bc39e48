"""What was asked: a request as the handlers of pages see it, read within limits of size and of time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from subscribers.networks import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from subscribers.networks import Network, Source

LARGEST = 64 * 1024
"""Bytes of a form: all topics of a list and their explanations are a tenth of it."""
_FIELDS = 1_000
_SECONDS = 10.0
"""That a form may take to arrive."""
_AFTER_LINKS = ".,;:!?*'\"()<>[]{}“”„«»‘’…"
"""What mail programs take into a link that it was followed by; no token, and no name of a list, ends so."""
_URLENCODED = "application/x-www-form-urlencoded"


class Unreadable(Exception):  # noqa: N818 - what it is
    """A body that is too large, or did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, read."""

    method: str
    path: Mapping[str, str]
    """The parts of the path that differ."""
    address: str
    """The path itself, for forms that are posted to where they were shown."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By their names in small letters."""
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: Source | None = None
    """None: behind a proxy that does not say."""

    def one(self, name: str) -> str:
        """Return what was written into a field, "" where there is none."""
        return (self.form.get(name) or ("",))[0].strip()

    def many(self, name: str) -> Sequence[str]:
        """Return what was chosen of a field, in the order of the page."""
        return [each for each in self.form.get(name, ()) if each]


async def read(request: Request, trusted: Sequence[Network]) -> Asked:
    """Read a request to its end. Raises Unreadable.

    A form in another encoding than the one of our pages has no fields: what mail programs post says all by its path.
    """
    body = await _body(request) if request.method == "POST" else b""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Asked(
        method=request.method,
        path={name: str(value).rstrip(_AFTER_LINKS) for name, value in request.path_params.items()},
        address=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        form=_fields(body) if kind == _URLENCODED else {},
        source=source_of(
            request.client.host if request.client else "", request.headers.getlist("x-forwarded-for"), trusted
        ),
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST:
                    raise Unreadable("The form is too large.")
    except (TimeoutError, ClientDisconnect) as error:
        raise Unreadable("The form did not arrive.") from error
    return bytes(body)


def _fields(body: bytes) -> Mapping[str, Sequence[str]]:
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="replace")
    except ValueError as error:
        raise Unreadable("The form is not UTF-8, or has too many fields.") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\0", ""))  # PostgreSQL keeps no NUL
    return fields
