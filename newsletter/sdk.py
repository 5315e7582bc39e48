"""Requests to AWS that are like one before: the SDK makes the first of each operation, and what is new in the others.

The first one goes the SDK's whole way. The others differ from it by body and signature, and only these are made: by
the SDK's own signer, over its own connections, so that credentials are renewed and failures are named as they are
there. What they do without, finding the endpoint and walking through the model anew for each request, takes longer
than all that is left. So bodies are held to the service's model by our tests, not at run time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SUCCESSES = range(200, 300)
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
    context: Mapping[str, Any]
    """What the signer goes by."""


class Requests:
    """Learns from the requests that a client of the SDK makes, and makes others like them; one for all threads."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        """Listen to `client`, of a service that speaks JSON."""
        self._client = client
        self._patterns: dict[str, _Pattern] = {}
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
        request.context.update(pattern.context)
        self._client._request_signer.sign(pattern.name, request)  # noqa: SLF001 - there is no public way to either
        prepared = request.prepare()
        if depart is not None:
            depart()
        said = self._client._endpoint.http_session.send(prepared)  # noqa: SLF001 - likewise
        if said.status_code not in _SUCCESSES:
            failure = {"status_code": said.status_code, "headers": said.headers, "body": said.content, "context": {}}
            raise ClientError(self._errors.parse(failure, None), pattern.name)
        answer = json.loads(said.content)
        if not isinstance(answer, dict):
            raise TypeError(f"{pattern.name} was answered with something else than an object")
        return answer

    def _name(self, operation: str) -> str:
        name: str = self._client.meta.method_to_api_mapping[operation]
        return name

    def _learn(self, request: AWSRequest, operation_name: str, **_: object) -> None:
        """Keep what the next requests of an operation will be like."""
        if operation_name not in self._patterns:
            headers = {name: value for name, value in request.headers.items() if name not in _OF_ONE_REQUEST}
            context = dict(request.context)
            self._patterns[operation_name] = _Pattern(operation_name, request.method, request.url, headers, context)
