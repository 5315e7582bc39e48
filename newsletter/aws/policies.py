"""Who may do what: the policies that are made, and what a policy that is there comes to. Pure.

https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html (SES to SNS),
https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html (SNS to SQS).
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Name = str | dict[str, Any]
    """An ARN or an account, or in a CloudFormation template what becomes one."""

SES, SNS = "ses.amazonaws.com", "sns.amazonaws.com"
PUBLISH, SEND_MESSAGE = "sns:Publish", "sqs:SendMessage"
_VERSION = "2012-10-17"
_EVERYBODY = "*"
_COMPARED = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


def topic_policy(topic: Name, *, account: Name, configuration_set: Name) -> dict[str, Any]:
    """Return the policy by which SES alone publishes to `topic`, for this account and this configuration set alone."""
    return _document(
        {
            "Sid": "SesPublishes",
            "Effect": "Allow",
            "Principal": {"Service": SES},
            "Action": PUBLISH,
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": configuration_set}},
        }
    )


def queue_policy(queue: Name, *, topic: Name) -> dict[str, Any]:
    """Return the policy by which `topic` alone sends to `queue`."""
    return _document(
        {
            "Sid": "TopicSends",
            "Effect": "Allow",
            "Principal": {"Service": SNS},
            "Action": SEND_MESSAGE,
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
    )


def sending_policy(
    *, identities: Sequence[Name], configuration_set: Name, templates: Name, queue: Name, dead_letters: Name
) -> dict[str, Any]:
    """Return what the process that sends and takes feedback in may do, and no more.

    Version 2 of the API is checked by the names of version 1 as well: raw mails need SendRawEmail, bulk
    SendBulkTemplatedEmail. Bulk knows no condition on the sender, so that the identities are what limits it
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html).
    """
    return _document(
        {
            "Sid": "SendFromTheseDomains",
            "Effect": "Allow",
            "Action": ["ses:SendEmail", "ses:SendRawEmail", "ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"],
            "Resource": [*identities, configuration_set, templates],
        },
        {
            "Sid": "KnowRateAndQuota",
            "Effect": "Allow",
            "Action": "ses:GetAccount",
            "Resource": "*",
        },
        {
            "Sid": "SyncTheSuppressionList",
            "Effect": "Allow",
            "Action": [
                "ses:ListSuppressedDestinations",
                "ses:PutSuppressedDestination",
                "ses:DeleteSuppressedDestination",
            ],
            "Resource": "*",
        },
        {
            "Sid": "TakeFeedbackIn",
            "Effect": "Allow",
            "Action": [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
            ],
            "Resource": queue,
        },
        {
            "Sid": "SeeDeadLetters",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            "Resource": dead_letters,
        },
    )


def looking_policy(*, topic: Name) -> dict[str, Any]:
    """Return what `newsletter aws doctor` needs beside the sending policy: to look, and nothing else."""
    return _document(
        {
            "Sid": "LookAtSes",
            "Effect": "Allow",
            "Action": [
                "ses:GetEmailIdentity",
                "ses:GetConfigurationSet",
                "ses:GetConfigurationSetEventDestinations",
            ],
            "Resource": "*",
        },
        {
            "Sid": "LookAtTheTopic",
            "Effect": "Allow",
            "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"],
            "Resource": [topic, _below(topic)],
        },
    )


def same_policy(text: str | None, wanted: Mapping[str, Any]) -> bool:
    """Say whether a policy as AWS shows it means what is wanted: order, case of actions and names do not matter."""
    return text is not None and _meaning(_statements(text)) == _meaning(_as_list(wanted["Statement"]))


def lets(text: str | None, service: str, action: str, **facts: str) -> bool:
    """Say whether `service` may do `action` by this policy, under the conditions that `facts` meet.

    `facts`: `source_account`, `source_arn`, …: what AWS knows of the request. A condition that they do not answer
    counts as not met.
    """
    statements = [each for each in _statements(text) if _concerns(each, service, action) and _met(each, facts)]
    return bool(statements) and all(each.get("Effect") == "Allow" for each in statements)


def lets_everybody(text: str | None, action: str) -> bool:
    """Say whether this policy lets anybody at all do `action`, without a condition."""
    return any(
        each.get("Effect") == "Allow" and _EVERYBODY in _principals(each) and not each.get("Condition")
        for each in _statements(text)
        if _concerns(each, _EVERYBODY, action)
    )


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": _VERSION, "Statement": list(statements)}


def _below(arn: Name) -> Name:
    """Return the ARN of everything below a topic: its subscriptions."""
    return {"Fn::Sub": ["${Topic}:*", {"Topic": arn}]} if isinstance(arn, dict) else f"{arn}:*"


def _statements(text: str | None) -> list[Mapping[str, Any]]:
    """Return the statements of a policy; none where there is none that can be read."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return []
    found = _as_list(document.get("Statement")) if isinstance(document, dict) else []
    return [each for each in found if isinstance(each, dict)]


def _concerns(statement: Mapping[str, Any], service: str, action: str) -> bool:
    principals = _principals(statement)
    actions = [str(each).lower() for each in _as_list(statement.get("Action"))]
    return (service in principals or _EVERYBODY in principals) and any(
        fnmatchcase(action.lower(), each) for each in actions
    )


def _principals(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        return [str(each) for kind in principal.values() for each in _as_list(kind)]
    return [str(each) for each in _as_list(principal)]


def _met(statement: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    """Say whether every condition is met by the facts."""
    known = {f"aws:{name.replace('_', '')}": value for name, value in facts.items()}
    return all(
        operator in _COMPARED and any(fnmatchcase(known.get(key.lower(), ""), str(each)) for each in _as_list(values))
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    )


def _meaning(statements: Iterable[Mapping[str, Any]]) -> frozenset[Any]:
    return frozenset(
        (
            each.get("Effect"),
            frozenset(_principals(each)),
            frozenset(str(action).lower() for action in _as_list(each.get("Action"))),
            frozenset(map(str, _as_list(each.get("Resource")))),
            frozenset(
                (operator, key.lower(), frozenset(map(str, _as_list(values))))
                for operator, keys in (each.get("Condition") or {}).items()
                for key, values in keys.items()
            ),
        )
        for each in statements
    )


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
