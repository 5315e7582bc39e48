"""SES API v2: REST with JSON (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Operations.html).

The table says which operations exist. Two of them moved in 2026 (the lists of identities and of configuration sets,
from GET to POST with paths of their own); both ways are answered.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from newsletter.simulator.errors import ServiceError, bad_request, not_simulated
from newsletter.simulator.protocols import ses_account, ses_configuration, ses_identities, ses_sending
from newsletter.simulator.protocols.asked import Asked
from newsletter.simulator.protocols.wire import Reply

if TYPE_CHECKING:
    from newsletter.simulator.protocols.asked import Handler
    from newsletter.simulator.protocols.wire import Request
    from newsletter.simulator.service import Service

PREFIX = "/v2/email/"
_CONTENT_TYPE = "application/x-amz-json-1.1"

ROUTES: list[tuple[str, str, str, Handler]] = [
    ("POST", "outbound-emails", "SendEmail", ses_sending.send_email),
    ("POST", "outbound-bulk-emails", "SendBulkEmail", ses_sending.send_bulk_email),
    ("POST", "templates", "CreateEmailTemplate", ses_sending.create_template),
    ("GET", "templates", "ListEmailTemplates", ses_sending.list_templates),
    ("GET", "templates/{TemplateName}", "GetEmailTemplate", ses_sending.get_template),
    ("PUT", "templates/{TemplateName}", "UpdateEmailTemplate", ses_sending.update_template),
    ("DELETE", "templates/{TemplateName}", "DeleteEmailTemplate", ses_sending.delete_template),
    ("POST", "templates/{TemplateName}/render", "TestRenderEmailTemplate", ses_sending.test_render_template),
    ("GET", "account", "GetAccount", ses_account.get_account),
    ("PUT", "account/sending", "PutAccountSendingAttributes", ses_account.put_sending),
    ("PUT", "account/suppression", "PutAccountSuppressionAttributes", ses_account.put_suppression_attributes),
    ("POST", "account/details", "PutAccountDetails", ses_account.put_details),
    ("PUT", "suppression/addresses", "PutSuppressedDestination", ses_account.put_suppressed),
    ("GET", "suppression/addresses", "ListSuppressedDestinations", ses_account.list_suppressed),
    ("GET", "suppression/addresses/{EmailAddress}", "GetSuppressedDestination", ses_account.get_suppressed),
    ("DELETE", "suppression/addresses/{EmailAddress}", "DeleteSuppressedDestination", ses_account.delete_suppressed),
    ("POST", "identities", "CreateEmailIdentity", ses_identities.create),
    ("GET", "identities", "ListEmailIdentities", ses_identities.listed),
    ("POST", "list-identities", "ListEmailIdentities", ses_identities.listed),
    ("GET", "identities/{EmailIdentity}", "GetEmailIdentity", ses_identities.get),
    ("DELETE", "identities/{EmailIdentity}", "DeleteEmailIdentity", ses_identities.delete),
    ("PUT", "identities/{EmailIdentity}/dkim", "PutEmailIdentityDkimAttributes", ses_identities.put_dkim),
    ("PUT", "identities/{EmailIdentity}/mail-from", "PutEmailIdentityMailFromAttributes", ses_identities.put_mail_from),
    ("PUT", "identities/{EmailIdentity}/feedback", "PutEmailIdentityFeedbackAttributes", ses_identities.put_feedback),
    ("PUT", "identities/{EmailIdentity}/configuration-set", "PutEmailIdentityConfigurationSetAttributes",
     ses_identities.put_configuration_set),
    ("POST", "configuration-sets", "CreateConfigurationSet", ses_configuration.create),
    ("GET", "configuration-sets", "ListConfigurationSets", ses_configuration.listed),
    ("POST", "list-configuration-sets", "ListConfigurationSets", ses_configuration.listed),
    ("GET", "configuration-sets/{ConfigurationSetName}", "GetConfigurationSet", ses_configuration.get),
    ("DELETE", "configuration-sets/{ConfigurationSetName}", "DeleteConfigurationSet", ses_configuration.delete),
    ("POST", "configuration-sets/{ConfigurationSetName}/event-destinations", "CreateConfigurationSetEventDestination",
     ses_configuration.create_destination),
    ("GET", "configuration-sets/{ConfigurationSetName}/event-destinations", "GetConfigurationSetEventDestinations",
     ses_configuration.get_destinations),
    ("PUT", "configuration-sets/{ConfigurationSetName}/event-destinations/{EventDestinationName}",
     "UpdateConfigurationSetEventDestination", ses_configuration.update_destination),
    ("DELETE", "configuration-sets/{ConfigurationSetName}/event-destinations/{EventDestinationName}",
     "DeleteConfigurationSetEventDestination", ses_configuration.delete_destination),
    *[("PUT", f"configuration-sets/{{ConfigurationSetName}}/{path}", operation, ses_configuration.putter(group))
      for path, (operation, group) in ses_configuration.OPTION_GROUPS.items()],
]  # fmt: skip

_FIXED = {(method, path): (operation, handler) for method, path, operation, handler in ROUTES if "{" not in path}
_VARIABLE = [
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), operation, handler)
    for method, path, operation, handler in ROUTES
    if "{" in path
]


def operation_of(method: str, path: str) -> tuple[str, Handler, dict[str, str]] | None:
    """Return the operation of a request with its handler and what its path names; None where there is none."""
    path = path.removeprefix(PREFIX).rstrip("/")
    if (method, path) in _FIXED:
        return *_FIXED[method, path], {}
    for verb, pattern, operation, handler in _VARIABLE:
        if verb == method and (found := pattern.fullmatch(path)):
            return operation, handler, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


def answer(service: Service, request: Request) -> Reply:
    """Carry out a request and return the answer, also where that is a refusal."""
    try:
        found = operation_of(request.method, request.path)
        if found is None:
            raise not_simulated(f"{request.method} {request.path}")
        _, handler, path = found
        asked = Asked(
            body=request.json(),
            size=len(request.body),
            path=path,
            query=parse_qs(request.query),
            now=request.now,
            verdict=request.verdict,
        )
        return Reply(HTTPStatus.OK, json.dumps(handler(service, asked)).encode(), _CONTENT_TYPE)
    except ServiceError as error:
        return refusal(error)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return refusal(bad_request(f"The request does not have the form that the operation takes: {error!r}."))


def refusal(error: ServiceError) -> Reply:
    """Return an error in the form of SES v2: the code in a header, the message in the body."""
    body = json.dumps({"message": error.message}).encode()
    return Reply(error.status, body, _CONTENT_TYPE, {"x-amzn-ErrorType": error.code})
