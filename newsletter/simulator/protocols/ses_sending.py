"""Operations of SES: sending and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.simulator import bulk, sending
from newsletter.simulator.errors import bad_request, internal_failure
from newsletter.simulator.faults import some_refused
from newsletter.simulator.handlebars import AttributeMissing, InvalidTemplate
from newsletter.simulator.protocols.wire import page
from newsletter.simulator.templates import compiled, data_of

if TYPE_CHECKING:
    from newsletter.simulator.protocols.asked import Asked
    from newsletter.simulator.service import Service

_TEMPLATES_A_PAGE = 100


def send_email(service: Service, asked: Asked) -> dict[str, Any]:
    """Send one mail."""
    if (
        asked.verdict
        and asked.verdict.fault.kind != "entries"
        and some_refused(asked.verdict, [0], service.state.chance)
    ):
        raise internal_failure()  # never seen: the fault says something else, or nothing
    answer, call = sending.send_email(service.state, asked.body, asked.now)
    service.publisher.follow(call)
    return answer


def send_bulk_email(service: Service, asked: Asked) -> dict[str, Any]:
    """Send up to 50 mails."""
    indexes = range(len(asked.body.get("BulkEmailEntries") or ()))
    faults = some_refused(asked.verdict, indexes, service.state.chance)
    answer, call = bulk.send_bulk_email(service.state, asked.body, size=asked.size, now=asked.now, faults=faults)
    if call is not None:
        service.publisher.follow(call)
    return answer


def create_template(service: Service, asked: Asked) -> dict[str, Any]:
    """Store a template."""
    service.state.templates.create(asked.required("TemplateName"), asked.required("TemplateContent"), asked.now)
    return {}


def get_template(service: Service, asked: Asked) -> dict[str, Any]:
    """Show a template."""
    name = asked.path["TemplateName"]
    content = service.state.templates.get(name)
    parts = {"Subject": content.subject, "Text": content.text, "Html": content.html}
    return {"TemplateName": name, "TemplateContent": {part: text for part, text in parts.items() if text}, "Tags": []}


def update_template(service: Service, asked: Asked) -> dict[str, Any]:
    """Replace a template."""
    service.state.templates.update(asked.path["TemplateName"], asked.required("TemplateContent"))
    return {}


def delete_template(service: Service, asked: Asked) -> dict[str, Any]:
    """Remove a template."""
    service.state.templates.delete(asked.path["TemplateName"])
    return {}


def list_templates(service: Service, asked: Asked) -> dict[str, Any]:
    """List templates, a page at a time."""
    size = int(asked.one("PageSize") or _TEMPLATES_A_PAGE)
    found, token = page(service.state.templates.listed(), asked.one("NextToken"), size, _TEMPLATES_A_PAGE)
    listed = [{"TemplateName": name, "CreatedTimestamp": created} for name, created in found]
    return {"TemplatesMetadata": listed, **({"NextToken": token} if token else {})}


def test_render_template(service: Service, asked: Asked) -> dict[str, Any]:
    """Render a template; what is missing is told at once."""
    content = service.state.templates.get(asked.path["TemplateName"])
    try:
        subject, text, html = compiled(content).render(data_of(asked.required("TemplateData")))
    except (AttributeMissing, InvalidTemplate) as error:
        raise bad_request(str(error)) from error
    parts = [f"Content-Type: text/{kind}; charset=UTF-8\r\n\r\n{body}\r\n" for kind, body in
             (("plain", text), ("html", html)) if body]  # fmt: skip
    boundary = "----=_Part_1"
    body = "".join(f"--{boundary}\r\n{part}" for part in parts)
    head = f'Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"'
    return {"RenderedTemplate": f"{head}\r\n\r\n{body}--{boundary}--\r\n"}
