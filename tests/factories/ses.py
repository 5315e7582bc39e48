"""Requests to SES as boto3 takes them: small, valid, of invented people."""

from __future__ import annotations

import json
from typing import Any

SENDER = "Weekly Review <editor@review.example>"


def inline(
    subject: str = "This week", text: str = "Hello {{name}}", html: str = "<p>Hello {{name}}</p>"
) -> dict[str, Any]:
    """Return the content of a templated mail."""
    return {"TemplateContent": {"Subject": subject, "Text": text, "Html": html}}


def entry(
    address: str, data: dict[str, Any] | None = None, *, tag: str = "", headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return one entry of a bulk request."""
    replacement = json.dumps({"name": address.partition("@")[0]} if data is None else data)
    return {
        "Destination": {"ToAddresses": [address]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": replacement}},
        "ReplacementTags": [{"Name": "delivery", "Value": tag}] if tag else [],
        "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in (headers or {}).items()],
    }


def bulk(*entries: dict[str, Any] | str, content: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    """Return a bulk request; an entry may be given as an address."""
    return {
        "FromEmailAddress": SENDER,
        "DefaultContent": {"Template": inline() if content is None else content},
        "BulkEmailEntries": [entry(each) if isinstance(each, str) else each for each in entries],
        **more,
    }


def simple(*to: str, **more: object) -> dict[str, Any]:
    """Return a SendEmail request with simple content."""
    content = {"Subject": {"Data": "Short news"}, "Body": {"Text": {"Data": "Text"}, "Html": {"Data": "<p>Text</p>"}}}
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": list(to)},
        "Content": {"Simple": content},
        **more,
    }


def raw(*to: str, message: bytes | None = None, **more: object) -> dict[str, Any]:
    """Return a SendEmail request with a raw message."""
    written = message or b"From: editor@review.example\r\nTo: you@reader.example\r\nSubject: Raw\r\n\r\nText\r\n"
    destination = {"Destination": {"ToAddresses": list(to)}} if to else {}
    return {"Content": {"Raw": {"Data": written}}, **destination, **more}
