"""The query protocol's form: arguments in, XML out.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

_ENTRY = re.compile(r"(?P<map>\w+)\.entry\.(?P<number>\d+)\.(?P<part>key|value)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CONTENT_TYPE = "text/xml"


class Entries(dict[str, str]):
    """A map, which XML shows as entries of key and value."""


def arguments(encoded: str) -> dict[str, str]:
    """Return the arguments of a query, maps left as they are written."""
    return dict(parse_qsl(encoded, keep_blank_values=True))


def map_of(given: dict[str, str], name: str) -> dict[str, str]:
    """Return the map that `Name.entry.1.key`, `Name.entry.1.value`, … write out."""
    parts: dict[str, dict[str, str]] = {}
    for key, value in given.items():
        found = _ENTRY.fullmatch(key)
        if found and found["map"] == name:
            parts.setdefault(found["number"], {})[found["part"]] = value
    return {entry["key"]: entry.get("value", "") for entry in parts.values()}


def response(action: str, namespace: str, result: dict[str, Any] | None) -> bytes:
    """Return the answer to an action."""
    inner = "" if result is None else element(f"{action}Result", result)
    metadata = element("ResponseMetadata", {"RequestId": "00000000-0000-0000-0000-000000000000"})
    return f'<{action}Response xmlns="{namespace}">{inner}{metadata}</{action}Response>'.encode()


def error(code: str, message: str, namespace: str, *, senders: bool) -> bytes:
    """Return a refusal."""
    said = element("Error", {"Type": "Sender" if senders else "Receiver", "Code": code, "Message": message})
    request_id = element("RequestId", "00000000-0000-0000-0000-000000000000")
    return f'<ErrorResponse xmlns="{namespace}">{said}{request_id}</ErrorResponse>'.encode()


def element(name: str, content: Any) -> str:  # noqa: ANN401 - a string, a dictionary, a list, entries
    """Return an element with what is in it."""
    return f"<{name}>{_inner(content)}</{name}>"


def _inner(content: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(content, Entries):
        return "".join(element("entry", {"key": key, "value": value}) for key, value in content.items())
    if isinstance(content, dict):
        return "".join(element(name, value) for name, value in content.items())
    if isinstance(content, list):
        return "".join(element("member", value) for value in content)
    return escape(_NOT_IN_XML.sub("", str(content)))
