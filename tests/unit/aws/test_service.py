"""What AWS says, and what keeps from asking it, as refusals that say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newsletter.aws.refusals import AwsRefused, NoCredentials, NotAllowed, NotReached, NotThere
from newsletter.aws.service import Aws

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.simulator.client import SimulatorClient


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", NotAllowed),
        (403, "AccessDeniedException", NotAllowed),
        (403, "AuthorizationError", NotAllowed),
        (403, "ExpiredToken", NoCredentials),
        (403, "InvalidClientTokenId", NoCredentials),
        (403, "UnrecognizedClientException", NoCredentials),
        (403, "RequestExpired", NoCredentials),
        (404, "NotFoundException", NotThere),
        (400, "BadRequestException", AwsRefused),
        (500, "InternalFailure", AwsRefused),
    ],
)
def test_what_aws_says_is_a_refusal_by_what_to_do(
    aws: Aws, simulator: SimulatorClient, status: int, code: str, kind: type[AwsRefused]
) -> None:
    simulator.add_fault("answer", operations=["GetAccount"], http_status=status, code=code, message="So it is")
    with pytest.raises(AwsRefused) as refused:
        aws.ask("sesv2", "get_account")
    assert type(refused.value) is kind
    assert "So it is" in refused.value.said
    assert refused.value.do
    assert str(refused.value) == f"{refused.value.said} {refused.value.do}"


@pytest.mark.parametrize(
    ("service", "operation", "said"),
    [
        ("sesv2", "get_email_identity", {"EmailIdentity": "x.example"}),
        ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns:us-east-1:1:x"}),
        ("sqs", "get_queue_url", {"QueueName": "x"}),
    ],
)
def test_a_missing_permission_is_named_as_policies_name_it(
    aws: Aws, simulator: SimulatorClient, service: str, operation: str, said: dict[str, str]
) -> None:
    permission = f"{service.removesuffix('v2')}:{operation.title().replace('_', '')}"
    simulator.add_fault("answer", operations=["*"], http_status=403, code="AccessDenied", message="no")
    with pytest.raises(NotAllowed, match=f"may not do {permission} "):
        aws.ask(service, operation, **said)


@pytest.mark.parametrize(
    ("service", "operation", "said"),
    [
        ("sesv2", "get_email_identity", {"EmailIdentity": "x.example"}),
        ("sesv2", "get_configuration_set", {"ConfigurationSetName": "x"}),
        ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns:us-east-1:1:x"}),
        ("sqs", "get_queue_url", {"QueueName": "x"}),
        ("sqs", "get_queue_attributes", {"QueueUrl": "x"}),
    ],
)
def test_what_does_not_exist_is_told_from_what_went_wrong(
    aws: Aws, service: str, operation: str, said: dict[str, str]
) -> None:
    with pytest.raises(NotThere, match="newsletter aws setup"):
        aws.ask(service, operation, **said)


def test_a_question_that_makes_no_sense_is_refused_before_it_is_asked(aws: Aws) -> None:
    with pytest.raises(AwsRefused, match="cannot be asked this"):
        aws.ask("sesv2", "get_email_identity", EmailIdentity=7)


def test_a_passing_failure_is_tried_once_more(aws: Aws, simulator: SimulatorClient) -> None:
    simulator.add_fault("unavailable", operations=["GetAccount"], next=1)
    assert aws.ask("sesv2", "get_account")["SendingEnabled"] is True


def test_nobody_answers(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.region
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(NotReached, match="AWS_ENDPOINT_URL"):
        Aws(timeout=1).ask("sts", "get_caller_identity")


def test_without_a_region_nothing_is_asked(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.place.arn("sqs", "x") == "arn:aws:sqs:us-east-1:123456789012:x"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(NoCredentials, match="AWS_DEFAULT_REGION=eu-west-1"):
        Aws()


def test_a_profile_that_is_not_there_is_named(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert aws.region
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(NoCredentials, match="nobody"):
        Aws().ask("sts", "get_caller_identity")


def test_without_credentials_nothing_is_asked(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.region
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoCredentials, match="AWS_ACCESS_KEY_ID"):
        Aws().ask("sts", "get_caller_identity")
