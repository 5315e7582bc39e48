"""Stored templates, the content of one mail, and what comes of content and data.

https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from newsletter.simulator.errors import already_exists, bad_request, limit_exceeded, not_found
from newsletter.simulator.handlebars import AttributeMissing, InvalidTemplate, Template

_MOST = 20_000
_LARGEST_STORED = 500 * 1024
_LARGEST_DATA = 262_144
_KEPT_PARSED = 256
EICAR = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
"""Taken for a virus, as by SES: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html."""


@dataclass(frozen=True, slots=True)
class Content:
    """Subject, text and HTML, before anything is filled in. `name` is that of a stored template, or nothing."""

    subject: str
    text: str
    html: str
    name: str = ""
    stored: bool = False

    @classmethod
    def read(cls, described: dict[str, Any], *, name: str = "", stored: bool = False) -> Content:
        """Return the content of a `TemplateContent`; raise if it has no subject and body or cannot be parsed."""
        content = cls(
            described.get("Subject") or "", described.get("Text") or "", described.get("Html") or "", name, stored
        )
        if not content.subject:
            raise bad_request("The template has no subject.")
        if not content.text and not content.html:
            raise bad_request("The template has neither a text nor an HTML part.")
        compiled(content)
        return content


@dataclass(frozen=True, slots=True)
class Compiled:
    """The parts of a content, ready to be filled in."""

    subject: Template
    text: Template
    html: Template
    infected: bool

    def check(self, data: dict[str, Any]) -> str:
        """Return what the Rendering Failure event would say of `data`, or nothing."""
        try:
            for part in (self.subject, self.text, self.html):
                part.check(data)
        except (AttributeMissing, InvalidTemplate) as failure:
            return str(failure)
        return ""

    def render(self, data: dict[str, Any]) -> tuple[str, str, str]:
        """Return subject, text and HTML with `data` filled in."""
        return self.subject.render(data), self.text.render(data), self.html.render(data)


@lru_cache(maxsize=_KEPT_PARSED)
def compiled(content: Content) -> Compiled:
    """Return the parsed parts; raise BadRequestException for what SES cannot read.

    Inline content is held to what SES promises for it: simple substitution only.
    """
    infected = any(EICAR in text for text in (content.subject, content.text, content.html))
    return Compiled(
        _parsed("subject", content.subject, content),
        _parsed("text", content.text, content),
        _parsed("HTML", content.html, content),
        infected,
    )


def _parsed(part: str, text: str, content: Content) -> Template:
    try:
        template = Template(text)
    except InvalidTemplate as error:
        raise bad_request(f"The {part} part of the template is invalid: {error}.") from error
    if not content.stored and not template.is_simple:
        raise bad_request(f"The {part} part of the template is invalid: inline content has simple values only.")
    return template


def data_of(text: str | None, what: str = "TemplateData") -> dict[str, Any]:
    """Return template data given as JSON text; raise BadRequestException if it is not an object or is too long."""
    if not text:
        return {}
    if len(text) > _LARGEST_DATA:
        raise bad_request(f"{what} must have length less than or equal to {_LARGEST_DATA}.")
    try:
        data = json.loads(text)
    except ValueError as error:
        raise bad_request(f"{what} is not valid JSON: {error}.") from error
    if not isinstance(data, dict):
        raise bad_request(f"{what} must be a JSON object.")
    return data


def merged(default: dict[str, Any], replacement: dict[str, Any]) -> dict[str, Any]:
    """Return `default` with `replacement` laid over it: objects are merged, anything else is replaced whole."""
    if not default:
        return replacement
    both = default | replacement
    for key in default.keys() & replacement.keys():
        if isinstance(default[key], dict) and isinstance(replacement[key], dict):
            both[key] = merged(default[key], replacement[key])
    return both


@dataclass(slots=True)
class Templates:
    """The stored ones, with the time at which each was created."""

    _known: dict[str, tuple[Content, float]] = field(default_factory=dict)

    def create(self, name: str, described: dict[str, Any], now: float) -> None:
        """Add a template."""
        if name in self._known:
            raise already_exists(f"Template {name} already exists.")
        if len(self._known) >= _MOST:
            raise limit_exceeded(f"An account has at most {_MOST} templates.")
        self._known[name] = (self._checked(name, described), now)

    def update(self, name: str, described: dict[str, Any]) -> None:
        """Replace a template's content."""
        created = self._entry(name)[1]
        self._known[name] = (self._checked(name, described), created)

    def get(self, name: str) -> Content:
        """Return the content or raise NotFoundException."""
        return self._entry(name)[0]

    def delete(self, name: str) -> None:
        """Remove the template; one that does not exist is no error."""
        self._known.pop(name, None)

    def listed(self) -> list[tuple[str, float]]:
        """Return names and times of creation."""
        return [(name, created) for name, (_, created) in sorted(self._known.items())]

    def _entry(self, name: str) -> tuple[Content, float]:
        if name not in self._known:
            raise not_found(f"Template {name} does not exist.")
        return self._known[name]

    def _checked(self, name: str, described: dict[str, Any]) -> Content:
        content = Content.read(described, name=name, stored=True)
        if len(content.text.encode()) + len(content.html.encode()) > _LARGEST_STORED:
            raise bad_request(f"Template {name} is larger than 500 KB.")
        return content
