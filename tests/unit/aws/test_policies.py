"""Policies: ours let in whom they should and nobody else; a policy is known again however it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.aws.policies import (
    PUBLISH,
    SEND_MESSAGE,
    SES,
    SNS,
    lets,
    lets_everybody,
    looking_policy,
    queue_policy,
    same_policy,
    sending_policy,
    topic_policy,
)

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:newsletter-events"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:newsletter-events"
SET = f"arn:aws:ses:eu-west-1:{ACCOUNT}:configuration-set/newsletter"
FOR_TOPIC = topic_policy(TOPIC, account=ACCOUNT, configuration_set=SET)
FOR_QUEUE = queue_policy(QUEUE, topic=TOPIC)
OF_AWS = {
    "Version": "2008-10-17",
    "Id": "__default_policy_ID",
    "Statement": [
        {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:Subscribe"],
            "Resource": TOPIC,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        }
    ],
}
"""What a topic has that nobody gave a policy (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html)."""


@given(st.sampled_from([SES, SNS, "s3.amazonaws.com", "*"]), st.sampled_from([ACCOUNT, "210987654321", ""]),
       st.sampled_from([SET, SET + "2", ""]), st.sampled_from([PUBLISH, "sns:Subscribe"]))  # fmt: skip
def test_to_the_topic_ses_alone_publishes_for_this_account_and_set_alone(
    service: str, account: str, configuration_set: str, action: str
) -> None:
    said = json.dumps(FOR_TOPIC)
    allowed = lets(said, service, action, source_account=account, source_arn=configuration_set)
    assert allowed is ((service, account, configuration_set, action) == (SES, ACCOUNT, SET, PUBLISH))


@given(st.sampled_from([SES, SNS, "*"]), st.sampled_from([TOPIC, TOPIC + "2", ""]))
def test_to_the_queue_the_topic_alone_sends(service: str, topic: str) -> None:
    allowed = lets(json.dumps(FOR_QUEUE), service, SEND_MESSAGE, source_arn=topic)
    assert allowed is ((service, topic) == (SNS, TOPIC))


def test_no_policy_of_ours_lets_everybody() -> None:
    assert not lets_everybody(json.dumps(FOR_TOPIC), PUBLISH)
    assert not lets_everybody(json.dumps(FOR_QUEUE), SEND_MESSAGE)
    assert not lets_everybody(json.dumps(OF_AWS), PUBLISH), "it has a condition"


@pytest.mark.parametrize("text", [None, "", "no JSON", "[]", "{}", '{"Statement": null}', '{"Statement": ["x"]}'])
def test_where_there_is_no_policy_nobody_may_do_anything(text: str | None) -> None:
    assert not lets(text, SES, PUBLISH, source_account=ACCOUNT)
    assert not lets_everybody(text, PUBLISH)
    assert not same_policy(text, FOR_TOPIC)


def test_the_policy_that_a_topic_is_born_with_does_not_let_ses() -> None:
    assert not lets(json.dumps(OF_AWS), SES, PUBLISH, source_account=ACCOUNT, source_arn=SET)


def test_a_denial_wins() -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "sns:*"}
    both = {"Statement": [*FOR_TOPIC["Statement"], denied]}
    assert not lets(json.dumps(both), SES, PUBLISH, source_account=ACCOUNT, source_arn=SET)
    elsewhere = denied | {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}}
    both = {"Statement": [*FOR_TOPIC["Statement"], elsewhere]}
    assert lets(json.dumps(both), SES, PUBLISH, source_account=ACCOUNT, source_arn=SET)


def test_a_condition_that_is_not_understood_is_not_met() -> None:
    strange = {**FOR_TOPIC["Statement"][0], "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}}
    assert not lets(json.dumps({"Statement": strange}), SES, PUBLISH, source_account=ACCOUNT, source_arn=SET)


@pytest.mark.parametrize(
    "changes",
    [
        {"Sid": "Other"},
        {"Action": ["SNS:Publish"]},
        {"Resource": [TOPIC]},
        {"Principal": {"Service": [SES]}},
        {"Condition": {"StringEquals": {"AWS:SourceArn": [SET], "AWS:SourceAccount": ACCOUNT}}},
    ],
)
def test_a_policy_is_known_again_however_it_is_written(changes: dict[str, Any]) -> None:
    written = {"Version": "2008-10-17", "Id": "x", "Statement": {**FOR_TOPIC["Statement"][0], **changes}}
    assert same_policy(json.dumps(written), FOR_TOPIC)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "sns:*"},
        {"Resource": "*"},
        {"Principal": "*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
        {"Condition": {"StringLike": {"aws:SourceArn": SET, "aws:SourceAccount": ACCOUNT}}},
    ],
)
def test_a_policy_that_means_something_else_is_another_one(changes: dict[str, Any]) -> None:
    written = {"Statement": [{**FOR_TOPIC["Statement"][0], **changes}]}
    assert not same_policy(json.dumps(written), FOR_TOPIC)


def test_one_statement_more_is_another_policy() -> None:
    assert not same_policy(json.dumps({"Statement": [*FOR_TOPIC["Statement"], *FOR_QUEUE["Statement"]]}), FOR_TOPIC)


def test_the_sending_process_may_not_change_anything() -> None:
    policy = sending_policy(
        identities=["identity/a"],
        configuration_set=SET,
        templates="template/*",
        queue=QUEUE,
        dead_letters="dead",
    )
    actions = {action for each in policy["Statement"] for action in _listed(each["Action"])}
    assert {"ses:SendRawEmail", "ses:SendEmail", "sqs:ReceiveMessage", "sqs:DeleteMessage"} < actions
    verbs = {action.partition(":")[2] for action in actions}
    assert not [verb for verb in verbs if verb.startswith(("Create", "Update", "Set", "Add", "*"))]
    anywhere = [each["Sid"] for each in policy["Statement"] if each["Resource"] == "*"]
    assert anywhere == ["KnowRateAndQuota", "SyncTheSuppressionList"], "what is the account's knows no resource"


def test_the_doctor_may_only_look() -> None:
    policy = looking_policy(topic=TOPIC)
    actions = [action.partition(":")[2] for each in policy["Statement"] for action in each["Action"]]
    assert all(action.startswith(("Get", "List")) for action in actions)
    assert policy["Statement"][1]["Resource"] == [TOPIC, f"{TOPIC}:*"]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
