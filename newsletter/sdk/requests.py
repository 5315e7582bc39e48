"""Requests to AWS that are like one before: the SDK makes the first of each operation, and what is new in the others.

The first one goes the SDK's whole way. The others differ from it by body and signature, and only these are made: by
the SDK's own signer, so that credentials are renewed as they are there, and over connections of our own. What they do
without (finding the endpoint and walking through the model anew for each request, several layers of HTTP) takes longer
than all that is left. So bodies are held to the service's model by our tests, not at run time. Behind a proxy, or
signed in another way than usual, every request goes the SDK's whole way.
"""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import get_cert_path
from botocore.parsers import create_parser
from botocore.utils import get_environ_proxies

from newsletter.sdk.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsletter.sdk.connections import Said

_SUCCESSES = range(200, 300)
_USUAL = "v4"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""
_OF_ONE_REQUEST = ("amz-sdk-invocation-id", "amz-sdk-request")
"""Headers by which the SDK numbers requests for its own retries."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What all requests of an operation have in common, as the SDK made it for the first one, not yet signed."""

    name: str
    """The operation's, in the service's model."""
    method: str
    url: str
    headers: Mapping[str, str]
    signer: Callable[[], Any]
    """Makes what signs one request, with the credentials of the moment."""
    connections: Connections


class Requests:
    """Learns from the requests that a client of the SDK makes, and makes others like them; one for all threads."""

    def __init__(self, client: Any, ca_bundle: str | None) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        """Listen to `client`, of a service that speaks JSON. `ca_bundle`: the SDK's setting of that name."""
        self._client = client
        self._ca_bundle = ca_bundle
        self._patterns: dict[str, _Pattern] = {}
        self._connections: dict[str, Connections] = {}
        model = client.meta.service_model
        self._errors = create_parser(model.resolved_protocol)
        client.meta.events.register(f"before-sign.{model.service_id.hyphenize()}", self._learn)

    def knows(self, operation: str) -> bool:
        """Return whether the client has made such a request; `operation` is named as in Python, e.g. `send_email`."""
        return self._name(operation) in self._patterns

    def repeat(self, operation: str, body: bytes, depart: Callable[[], None] | None = None) -> Mapping[str, Any]:
        """Send a request with `body`, in the JSON of the service's model; return its answer. It is tried once.

        `depart` is called when the request is signed, before its first byte leaves. Raises what the SDK raises.
        """
        pattern = self._patterns[self._name(operation)]
        request = AWSRequest(pattern.method, pattern.url, dict(pattern.headers), body)
        pattern.signer().add_auth(request)
        if depart is not None:
            depart()
        said = pattern.connections.exchange(pattern.method, pattern.url, body, dict(request.headers.items()))
        if said.status not in _SUCCESSES:
            raise self._failure(said, pattern.name)
        answer = json.loads(said.content)
        if not isinstance(answer, dict):
            raise TypeError(f"{pattern.name} was answered with something else than an object")
        return answer

    def close(self) -> None:
        """Give connections back, the client's own as well."""
        for each in self._connections.values():
            each.close()
        self._client.close()

    def _name(self, operation: str) -> str:
        name: str = self._client.meta.method_to_api_mapping[operation]
        return name

    def _failure(self, said: Said, operation: str) -> ClientError:
        failure = {"status_code": said.status, "headers": said.headers, "body": said.content, "context": {}}
        return ClientError(self._errors.parse(failure, None), operation)

    def _learn(self, request: AWSRequest, operation_name: str, signature_version: str, **signing: Any) -> None:  # noqa: ANN401 - boto3's, untyped
        """Keep what the next requests of an operation will be like; `signing`: by whom and for what they are signed."""
        if operation_name in self._patterns or signature_version != _USUAL or get_environ_proxies(request.url):
            return
        signer, own = signing["request_signer"], request.context.get("signing", {})
        name = own.get("signing_name") or signing["signing_name"]  # the rules for endpoints may ask for another one
        region = own.get("region") or signing["region_name"]
        parts = urlsplit(request.url)
        self._patterns[operation_name] = _Pattern(
            name=operation_name,
            method=request.method,
            url=request.url,
            headers={name: value for name, value in request.headers.items() if name not in _OF_ONE_REQUEST},
            signer=lambda: signer.get_auth_instance(name, region, signature_version),
            connections=self._to(f"{parts.scheme}://{parts.netloc}"),
        )

    def _to(self, host: str) -> Connections:
        if host not in self._connections:
            config = self._client.meta.config
            self._connections[host] = Connections(
                host,
                connect_timeout=config.connect_timeout,
                read_timeout=config.read_timeout,
                most=config.max_pool_connections,
                context=self._trust() if host.startswith("https:") else None,
            )
        return self._connections[host]

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=get_cert_path(self._ca_bundle or True))
