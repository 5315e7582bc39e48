"""One request to Amazon SES through boto3, and what a failure of it means: the only module that speaks to the SDK.

boto3 finds region, credentials and endpoint, signs, and keeps connections. What it is not asked for is the body: a
bulk request has the same edition in it call after call, and is put together from bytes (`ses_bulk`); the SDK would
walk through fifty entries, twice. So bodies are held to the service's model by our tests, not at run time. Retries of
the SDK are off: it repeats after a read time-out, when the mail may have been accepted.

The first request of each operation goes the SDK's whole way. The others are like it but for body and signature, and
only these are made: by the SDK's own signer, over its own connections, so that credentials are renewed and failures are
named as they are there. What they do without, finding the endpoint and walking through the model anew for each request,
takes as long as all that is left.
"""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions as boto
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.parsers import create_parser

from newsletter.delivery.ses_answers import Answer, outcome_of
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import RetryLater, StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsletter.delivery.ses_answers import Judged

_LONGEST_CONNECT = 10.0
_SUCCESSES = range(200, 300)
_OF_ONE_REQUEST = ("amz-sdk-invocation-id", "amz-sdk-request")
"""Headers by which the SDK numbers requests for its own retries."""
_NOT_REACHED = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
"""Raised before a byte of the request was sent."""
_PASSING = (boto.HTTPClientError, boto.ConnectionError, boto.CredentialRetrievalError, boto.MetadataRetrievalError)
"""Before the request left, these are about where credentials come from."""


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


class SesClient:
    """Sends requests; one for all threads."""

    def __init__(self, *, timeout: float, connections: int) -> None:
        """Open no connection yet. Raises StopCampaign when the SDK lacks a region."""
        self._under_way = _UnderWay()
        self._client = _sdk(timeout, connections)
        self._patterns: dict[str, _Pattern] = {}
        self._errors = create_parser(self._client.meta.service_model.resolved_protocol)
        events = self._client.meta.events
        events.register("before-call.sesv2", self._put_body)
        events.register("before-sign.sesv2", self._learn)
        events.register("before-send.sesv2", self._depart)

    def ask(self, operation: str, body: bytes, still_ours: Callable[[], bool]) -> Mapping[str, Any] | Judged:
        """Send a request, with `body` in the JSON of the service's model; return its answer, or what a failure means.

        `operation` is named as in Python, e.g. `send_email`. `still_ours` is asked when the request is signed, before
        its first byte leaves. A verdict of REJECTED is about the request: nobody was accepted.
        """
        request = self._under_way
        request.body, request.still_ours, request.departed = body, still_ours, False
        pattern = self._patterns.get(self._client.meta.method_to_api_mapping[operation])
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)() if pattern is None else self._like(pattern)
        except Exception as error:  # noqa: BLE001 - whatever it was, mails may be gone
            return _after_departure(error) if request.departed else _before_departure(error)
        return answer

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def _like(self, pattern: _Pattern) -> Mapping[str, Any]:
        """Send a request like the first one. Raises what the SDK raises."""
        request = AWSRequest(pattern.method, pattern.url, dict(pattern.headers), self._under_way.body)
        request.context.update(pattern.context)
        self._client._request_signer.sign(pattern.name, request)  # noqa: SLF001 - there is no public way to either
        prepared = request.prepare()
        self._depart()
        said = self._client._endpoint.http_session.send(prepared)  # noqa: SLF001 - likewise
        if said.status_code not in _SUCCESSES:
            failure = {"status_code": said.status_code, "headers": said.headers, "body": said.content, "context": {}}
            raise boto.ClientError(self._errors.parse(failure, None), pattern.name)
        answer = json.loads(said.content)
        if not isinstance(answer, dict):
            raise TypeError("Amazon SES answered with something else than an object")
        return answer

    def _learn(self, request: AWSRequest, operation_name: str, **_: object) -> None:
        """Keep what the next requests of an operation will be like."""
        if operation_name not in self._patterns:
            headers = {name: value for name, value in request.headers.items() if name not in _OF_ONE_REQUEST}
            context = dict(request.context)
            self._patterns[operation_name] = _Pattern(operation_name, request.method, request.url, headers, context)

    def _put_body(self, params: dict[str, Any], **_: object) -> None:
        params["body"] = self._under_way.body

    def _depart(self, **_: object) -> None:
        """Let the signed request go, or not. What is raised here, the SDK lets through."""
        if not self._under_way.still_ours():
            raise RetryLater("The work was no longer this worker's when the request was about to leave: not sent.")
        self._under_way.departed = True


class _UnderWay(threading.local):
    """The request of this thread."""

    body: bytes
    still_ours: Callable[[], bool]
    departed: bool
    """Whether bytes of it may have left."""


def _sdk(timeout: float, connections: int) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},  # "adaptive" would also wait, after `before-send`
        connect_timeout=min(_LONGEST_CONNECT, timeout),
        read_timeout=timeout,
        max_pool_connections=connections,
        tcp_keepalive=True,
        parameter_validation=False,
    )
    try:
        return boto3.session.Session().client("sesv2", config=config)
    except boto.BotoCoreError as error:
        raise StopCampaign(f"Amazon SES cannot be used: {error} AWS_DEFAULT_REGION names the region.") from error


def _before_departure(error: Exception) -> Judged:
    """Return what a failure means when nothing was sent: it is about credentials, or the SDK's settings."""
    lasting = isinstance(error, boto.BotoCoreError) and not isinstance(error, _PASSING)
    if isinstance(error, boto.ClientError):  # said by the service that lends credentials
        meaning = _meaning(error)
        lasting = not isinstance(meaning, Outcome) or meaning.verdict is Verdict.REJECTED
    if lasting:
        return StopCampaign(f"Amazon SES cannot be used as things stand: {error}")
    return Outcome(Verdict.UNTRIED, reason=str(error) or repr(error))


def _after_departure(error: Exception) -> Judged:
    """Return what a failure means once the request was let go."""
    if isinstance(error, boto.ClientError):
        return _meaning(error)
    if isinstance(error, _NOT_REACHED):
        return Outcome(Verdict.UNTRIED, reason=str(error))
    if isinstance(error, boto.SSLError) and _is_untrusted(error):
        return StopCampaign(f"Amazon SES's certificate cannot be trusted: {error}")
    return Outcome(Verdict.UNCERTAIN, reason=str(error) or repr(error))


def _meaning(error: boto.ClientError) -> Judged:
    said = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    try:
        return outcome_of(Answer(status, str(said.get("Code", "")), str(said.get("Message", ""))))
    except StopCampaign as stop:
        return stop


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__context__
    return False
