"""The template: YAML that loads, in which every name leads somewhere, and which says what setting up would make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from newsletter.aws.cloudformation import template
from newsletter.aws.place import Place
from newsletter.aws.steps import queues
from newsletter.aws.steps.topic import Topic
from newsletter.aws.wanted import names, sender_domains
from tests.unit.aws.conftest import DOMAIN, WANTED

PLACE = Place(partition="aws", account="123456789012", region="eu-west-1")
PSEUDO = {"AWS::AccountId": PLACE.account, "AWS::Region": PLACE.region, "AWS::Partition": PLACE.partition}
SEVERAL = replace(WANTED, domains=sender_domains(["example.org", "example-org.example", "bücher.example"]))
EVENT_TYPES = {
    "send", "reject", "bounce", "complaint", "delivery", "open", "click", "renderingFailure", "deliveryDelay",
    "subscription",
}  # fmt: skip
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ses-configurationseteventdestination-eventdestination.html"""


@pytest.fixture(params=[WANTED, SEVERAL], ids=["one domain", "several"])
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(template(request.param))
    return loaded


def test_everything_that_is_needed_is_a_resource(document: dict[str, Any]) -> None:
    kinds = [each["Type"] for each in document["Resources"].values()]
    assert {kind: kinds.count(kind) for kind in kinds if kind != "AWS::SES::EmailIdentity"} == {
        "AWS::SQS::Queue": 2,
        "AWS::SQS::QueuePolicy": 1,
        "AWS::SNS::Topic": 1,
        "AWS::SNS::TopicPolicy": 1,
        "AWS::SNS::Subscription": 1,
        "AWS::SES::ConfigurationSet": 1,
        "AWS::SES::ConfigurationSetEventDestination": 1,
        "AWS::IAM::ManagedPolicy": 2,
    }
    assert document["AWSTemplateFormatVersion"] == "2010-09-09"
    assert len(document["Description"].encode()) <= 1024
    assert "put-account-suppression-attributes" in document["Description"]


def test_every_name_leads_somewhere(document: dict[str, Any]) -> None:
    resources = document["Resources"]
    known = {*resources, *PSEUDO}
    assert set(_named(document)) <= known
    assert all(after in resources for each in resources.values() for after in each.get("DependsOn", ()))
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", name) for name in [*resources, *document["Outputs"]])


def test_nothing_is_an_anchor_or_a_tag() -> None:
    text = template(SEVERAL)
    assert not re.search(r"(^|\s)[&*!][A-Za-z0-9]", text, re.MULTILINE)


def test_domains_get_an_identity_and_records_of_their_own() -> None:
    document = yaml.safe_load(template(SEVERAL))
    identities = [each for each in document["Resources"].values() if each["Type"] == "AWS::SES::EmailIdentity"]
    assert [each["Properties"]["EmailIdentity"] for each in identities] == [each.name for each in SEVERAL.domains]
    assert identities[0]["Properties"]["MailFromAttributes"]["MailFromDomain"] == "bounce.example.org"
    records = [_resolved(each["Value"], document) for each in document["Outputs"].values()]
    assert "bounce.example.org MX 10 feedback-smtp.eu-west-1.amazonses.com" in records
    assert len([record for record in records if "CNAME" in str(record)]) == 9


@pytest.mark.parametrize(
    ("changes", "there", "value"),
    [
        ({"track_opens": True}, ("EventDestination", "EventDestination", "MatchingEventTypes"), "open"),
        ({"track_clicks": True}, ("EventDestination", "EventDestination", "MatchingEventTypes"), "click"),
        ({"raw_delivery": False}, ("EventsSubscription", "RawMessageDelivery"), False),
        ({"require_tls": False}, ("ConfigurationSet", "DeliveryOptions", "TlsPolicy"), "OPTIONAL"),
        ({"names": names("weekly")}, ("EventsQueue", "QueueName"), "weekly-events"),
        ({"domains": sender_domains([DOMAIN], f"b.{DOMAIN}")},
         ("IdentityNewsZ2eExampleZ2eOrg", "MailFromAttributes", "MailFromDomain"), f"b.{DOMAIN}"),
    ],
)  # fmt: skip
def test_options_are_taken(changes: dict[str, Any], there: tuple[str, ...], value: object) -> None:
    found = yaml.safe_load(template(replace(WANTED, **changes)))["Resources"]
    found = found[there[0]]["Properties"]
    for name in there[1:]:
        found = found[name]
    assert value in found if isinstance(found, list) else found == value


def test_the_event_types_are_those_of_cloudformation() -> None:
    everything = replace(WANTED, track_opens=True, track_clicks=True)
    resources = yaml.safe_load(template(everything))["Resources"]
    types = resources["EventDestination"]["Properties"]["EventDestination"]["MatchingEventTypes"]
    assert set(types) == EVENT_TYPES - {"subscription"}


def test_the_template_makes_what_setting_up_makes() -> None:
    document = yaml.safe_load(template(WANTED))
    made = {name: _resolved(each["Properties"], document) for name, each in document["Resources"].items()}
    queue = {each.name: each for each in queues.events(WANTED.names, PLACE).attributes}
    policies = [json.dumps(made[name]["PolicyDocument"]) for name in ("EventsQueuePolicy", "EventsTopicPolicy")]
    topic = {each.name: each for each in Topic(WANTED.names, PLACE)._attributes()}  # noqa: SLF001 - what is compared
    assert queue["Policy"].same(policies[0])
    assert topic["Policy"].same(policies[1])
    assert queue["RedrivePolicy"].same(json.dumps(made["EventsQueue"]["RedrivePolicy"]))
    for name in ("MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds"):
        assert queue[name].wanted == str(made["EventsQueue"][name])
    assert made["EventsTopic"]["SignatureVersion"] == topic["SignatureVersion"].wanted


def test_the_sending_process_may_send_from_the_domains_alone() -> None:
    document = yaml.safe_load(template(SEVERAL))
    policy = _resolved(document["Resources"]["SendingPolicy"]["Properties"]["PolicyDocument"], document)
    resources = policy["Statement"][0]["Resource"]
    prefix = f"arn:aws:ses:eu-west-1:{PLACE.account}:"
    assert resources == [
        *(f"{prefix}identity/{start}{each.name}" for each in SEVERAL.domains for start in ("", "*@")),
        f"{prefix}configuration-set/newsletter",
        f"{prefix}template/*",
    ]


def _named(node: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    """Yield every name that Ref, GetAtt and Sub speak of."""
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "Ref":
            yield value
        elif key == "Fn::GetAtt":
            yield value[0]
        elif key == "Fn::Sub":
            text, given = value if isinstance(value, list) else (value, {})
            yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", text) if name not in given)
            yield from _named(list(given.values()))
        else:
            yield from _named(value)


def _resolved(node: Any, document: dict[str, Any]) -> Any:  # noqa: ANN401 - YAML
    """Return what a stack would put in the place of names, as far as the test needs it."""
    if isinstance(node, list):
        return [_resolved(each, document) for each in node]
    if not isinstance(node, dict):
        return node
    if "Ref" in node:
        return _thing(node["Ref"], document)
    if "Fn::GetAtt" in node:
        return _thing(node["Fn::GetAtt"][0], document)
    if "Fn::Sub" in node:
        text, given = node["Fn::Sub"] if isinstance(node["Fn::Sub"], list) else (node["Fn::Sub"], {})
        known = PSEUDO | _resolved(given, document)
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(known.get(found[1], found[1])), text)
    return {key: _resolved(value, document) for key, value in node.items()}


def _thing(name: str, document: dict[str, Any]) -> str:
    if name in PSEUDO:
        return PSEUDO[name]
    resource = document["Resources"][name]
    own = resource["Properties"]
    if resource["Type"] == "AWS::SQS::Queue":
        return PLACE.arn("sqs", own["QueueName"])
    if resource["Type"] == "AWS::SNS::Topic":
        return PLACE.arn("sns", own["TopicName"])
    return str(own.get("Name", name))
