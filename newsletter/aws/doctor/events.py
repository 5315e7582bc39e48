"""The way of events, as it is set: configuration set, destination, topic, subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.aws.doctor.findings import Finding, fail, guarded, ok, warn
from newsletter.aws.policies import PUBLISH, SES, lets, lets_everybody
from newsletter.aws.steps.configuration_set import configuration_set, destinations, topic_of
from newsletter.aws.steps.topic import confirmed, subscriptions
from newsletter.aws.wanted import NEEDED_EVENTS, SUPPRESSED_REASONS, VITAL_EVENTS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from newsletter.aws.service import Aws

    Findings = Generator[Finding, None, None]

_SETUP = "`newsletter aws setup` makes it, and names the setting."
_AWS_KEY = "alias/aws/sns"
"""The key that SNS has of its own; its policy does not let SES publish."""


def topics(aws: Aws, name: str) -> Generator[Finding, None, Sequence[str]]:
    """Look at the configuration set `name`; return the ARNs of the topics that it publishes to."""
    if not name:
        yield fail(
            "configuration set", "NEWSLETTER_SES_CONFIGURATION_SET is not set: SES reports nothing of mails", _SETUP
        )
        return ()
    found = configuration_set(aws, name)
    if found is None:
        yield fail("configuration set", f"there is no configuration set {name} in {aws.region}", _SETUP)
        return ()
    yield from _options(name, found)
    there = destinations(aws, name)
    yield from _event_types(there)
    arns = sorted({topic_of(each) for each in there if each["Enabled"] and topic_of(each)})
    for arn in arns:
        yield from guarded("topic", _topic(aws, arn, aws.place.arn("ses", f"configuration-set/{name}")))
    return arns


def subscription(aws: Aws, arns: Sequence[str], queue_arn: str | None) -> Findings:
    """Say whether the queue (None: there is none that is known), or a web address, gets what is published."""
    endpoints = {endpoint: arn for topic in arns for endpoint, arn in confirmed(subscriptions(aws, topic))}
    web = [endpoint for endpoint in endpoints if endpoint.startswith("http")]
    if queue_arn in endpoints:
        yield _filtered(aws, endpoints[queue_arn], queue_arn)
    elif queue_arn is None and web:
        yield ok("subscription", f"events are posted to {', '.join(web)}")
    else:
        what = f"the queue {queue_arn.rpartition(':')[2]} is not" if queue_arn else "no queue, and no web address, is"
        yield fail("subscription", f"{what} subscribed to the topic of events", "`newsletter aws setup` subscribes it.")


def _options(name: str, found: Mapping[str, Any]) -> Findings:
    if not (found.get("SendingOptions") or {}).get("SendingEnabled", True):
        yield fail(
            "configuration set",
            f"sending with {name} is paused",
            "When you know why: `aws sesv2 put-configuration-set-sending-options --configuration-set-name "
            f"{name} --sending-enabled`.",
        )
    elif not (found.get("ReputationOptions") or {}).get("ReputationMetricsEnabled"):
        yield warn("configuration set", f"{name} keeps no rates of bounces and complaints of its own", _SETUP)
    else:
        yield ok("configuration set", f"{name} is there")
    reasons = (found.get("SuppressionOptions") or {}).get("SuppressedReasons")
    if reasons is not None and set(reasons) < set(SUPPRESSED_REASONS):
        yield warn("suppression", f"{name} sends to suppressed addresses: it says {reasons or 'none'}", _SETUP)


def _event_types(there: Sequence[Mapping[str, Any]]) -> Findings:
    published = {event for each in there if each["Enabled"] and topic_of(each) for event in each["MatchingEventTypes"]}
    elsewhere = {
        event for each in there if each["Enabled"] and not topic_of(each) for event in each["MatchingEventTypes"]
    }
    missing = [event for event in NEEDED_EVENTS if event not in published]
    if not missing:
        yield ok("event types", f"all that are needed are published: {', '.join(NEEDED_EVENTS)}")
        return
    said = f"not published to a topic: {', '.join(missing)}"
    if elsewhere.intersection(missing):
        said += " (some are published elsewhere; EventBridge may lose events)"
    make = fail if VITAL_EVENTS.intersection(missing) else warn
    yield make("event types", said, "`newsletter aws setup` adds them.")


def _topic(aws: Aws, arn: str, configuration_set_arn: str) -> Findings:
    name = arn.rpartition(":")[2]
    attributes = aws.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    policy = attributes.get("Policy")
    if not lets(policy, SES, PUBLISH, source_account=aws.place.account, source_arn=configuration_set_arn):
        yield fail(
            "topic", f"the policy of {name} does not let SES publish", "`newsletter aws setup` mends the policy."
        )
    elif attributes.get("KmsMasterKeyId", "").endswith(_AWS_KEY):
        yield fail(
            "topic",
            f"{name} is encrypted with {_AWS_KEY}, which SES cannot use",
            "Take the encryption off, or use a key of your own whose policy lets ses.amazonaws.com use it.",
        )
    elif lets_everybody(policy, PUBLISH):
        yield warn("topic", f"anybody may publish to {name}: events can be forged", "`newsletter aws setup` mends it.")
    else:
        yield ok("topic", f"{name} takes events from SES")


def _filtered(aws: Aws, arn: str, queue_arn: str) -> Finding:
    attributes = aws.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
    if attributes.get("FilterPolicy"):
        return fail(
            "subscription",
            "a filter keeps events from the queue",
            "Take the filter policy off the subscription: every event is needed.",
        )
    raw = attributes.get("RawMessageDelivery", "false").lower() == "true"
    name = queue_arn.rpartition(":")[2]
    return ok("subscription", f"{name} gets what is published{'' if raw else ', in the envelope of SNS'}")
