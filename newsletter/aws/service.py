"""The only place of this room that speaks to AWS: one account in one region, asked by the name of an operation.

Region, credentials, profile and `AWS_ENDPOINT_URL` are settings of the SDK. Nothing asked here sends mail to readers,
and everything may be asked twice, so the SDK may try again once.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.aws.place import Place
from newsletter.aws.refusals import AwsRefused, NoCredentials, NotAllowed, NotReached, NotThere, Throttled, TokenInvalid

_SET_REGION = "Set it as boto3 does: `export AWS_DEFAULT_REGION=eu-west-1`, or `region` in ~/.aws/config."
_SET_CREDENTIALS = (
    "Give some as boto3 takes them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of the "
    "machine."
)
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "NotAuthorized"})
_NOT_THERE = frozenset(
    {"NotFound", "NotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}
)
_NO_CREDENTIALS = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
        "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "OptInRequired", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
_TOO_MUCH = (Throttled, "Too much was asked for: run the same command again in a while.")
_NOT_MADE = (NotThere, "Make it with `newsletter aws setup`.")
_SIMPLE: dict[str, tuple[type[AwsRefused], str]] = {
    **dict.fromkeys(_NOT_THERE, _NOT_MADE),
    "Throttling": _TOO_MUCH,
    "ThrottlingException": _TOO_MUCH,
    "TooManyRequestsException": _TOO_MUCH,
    "InvalidNextTokenException": (TokenInvalid, "Begin the list anew: run the same command again."),
}
_WRONG_CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_UNSIGNED = (
    boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError, boto.TokenRetrievalError,
    boto.SSOError, boto.ProfileNotFound,
)  # fmt: skip


class Aws:
    """What the steps and the doctor ask."""

    def __init__(self, *, timeout: float = 10.0) -> None:
        """Open no connection yet. Raises NoCredentials without a region."""
        try:
            self._session = boto3.session.Session()
            region = self._session.region_name
        except boto.BotoCoreError as error:
            raise NoCredentials(f"{error}.", _SET_CREDENTIALS) from error
        if not region:
            raise NoCredentials("No AWS region is set.", _SET_REGION)
        self.region: str = region
        self._config = Config(
            retries={"total_max_attempts": 2, "mode": "standard"}, connect_timeout=timeout, read_timeout=3 * timeout
        )
        self._clients: dict[str, Any] = {}

    @cached_property
    def place(self) -> Place:
        """Where everything is: account and region. Asks AWS once."""
        said = self.ask("sts", "get_caller_identity")
        return Place(partition=said["Arn"].split(":")[1], account=said["Account"], region=self.region)

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        """Call an operation, named as boto3 does, and return its answer.

        Raises NotThere, NotAllowed, NotReached, NoCredentials, and AwsRefused for whatever else AWS says.
        """
        try:
            client = self._client(service)
            answer: dict[str, Any] = getattr(client, operation)(**said)
        except boto.ClientError as error:
            raise _refusal(error, _permission(client, service, operation)) from error
        except _UNSIGNED as error:
            raise NoCredentials(f"{error}.", _SET_CREDENTIALS) from error
        except boto.ParamValidationError as error:
            raise AwsRefused(f"{operation} of {service} cannot be asked this: {error}.", "See docs/aws.md.") from error
        except (boto.BotoCoreError, OSError) as error:
            raise NotReached(f"{error}.", "See that this machine reaches AWS, and AWS_ENDPOINT_URL if set.") from error
        return answer

    def close(self) -> None:
        """Give the connections back."""
        for client in self._clients.values():
            client.close()

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=self._config)
        return self._clients[service]


def _permission(client: Any, service: str, operation: str) -> str:  # noqa: ANN401 - as above
    """Return what IAM calls the permission for an operation."""
    return f"{service.removesuffix('v2')}:{client.meta.method_to_api_mapping[operation]}"


def _refusal(error: boto.ClientError, permission: str) -> AwsRefused:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    if code in _NOT_ALLOWED:
        return NotAllowed(
            f"The credentials may not do {permission} ({message or code}).", "Allow it: docs/aws.md has the policies."
        )
    if code in _SIMPLE:
        kind, do = _SIMPLE[code]
        return kind(f"AWS refuses {permission} ({message or code}).", do)
    if code in _WRONG_CLOCK or "signature expired" in message.lower():
        return NoCredentials(f"AWS takes no request from this clock ({message}).", "Set this machine's clock (NTP).")
    if code in _NO_CREDENTIALS:
        return NoCredentials(f"AWS does not take the credentials ({code}: {message}).", _SET_CREDENTIALS)
    return AwsRefused(f"AWS refuses {permission} ({code}: {message}).", "Mend that and run the same command again.")
