"""The same as a CloudFormation template, for those who may not run `newsletter aws setup` themselves.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SES.html. The suppression list of the account
has no resource type there; the description says what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from newsletter.aws.policies import looking_policy, queue_policy, sending_policy, topic_policy
from newsletter.aws.records import SPF, dmarc_record
from newsletter.aws.steps.queues import FOURTEEN_DAYS, LONG_POLL, redrive_policy
from newsletter.aws.steps.topic import SIGNATURE_VERSION
from newsletter.aws.wanted import SUPPRESSED_REASONS

if TYPE_CHECKING:
    from newsletter.aws.place import Names
    from newsletter.aws.wanted import SenderDomain, Wanted

_TOKENS = (1, 2, 3)
_DESCRIPTION = (
    "Amazon SES for the newsletter: configuration set, events into a queue, sender domains, policies. Afterwards: the "
    "DNS records of the outputs; the settings of the outputs; and once for the account, which has no resource type: "
    "aws sesv2 put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT"
)
_Json = dict[str, Any]


def template(wanted: Wanted) -> str:
    """Return the template as YAML. Needs no account, no region and no network: those are the stack's own."""
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": _DESCRIPTION,
        "Resources": {
            **_queues(wanted.names),
            **_topic(wanted),
            **_configuration_set(wanted),
            **{name: each for domain in wanted.domains for name, each in _identity(domain).items()},
            **_policies(wanted),
        },
        "Outputs": {
            "ConfigurationSet": _output("NEWSLETTER_SES_CONFIGURATION_SET", _ref("ConfigurationSet")),
            "EventsQueueUrl": _output("NEWSLETTER_SES_EVENTS_QUEUE_URL", _ref("EventsQueue")),
            **{name: each for domain in wanted.domains for name, each in _dns(domain).items()},
        },
    }
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def _queues(names: Names) -> _Json:
    return {
        "DeadLetters": _resource("AWS::SQS::Queue", QueueName=names.dead_letters, MessageRetentionPeriod=FOURTEEN_DAYS),
        "EventsQueue": _resource(
            "AWS::SQS::Queue",
            QueueName=names.queue,
            MessageRetentionPeriod=FOURTEEN_DAYS,
            ReceiveMessageWaitTimeSeconds=LONG_POLL,
            RedrivePolicy=redrive_policy(_arn("DeadLetters")),
        ),
        "EventsQueuePolicy": _resource(
            "AWS::SQS::QueuePolicy",
            Queues=[_ref("EventsQueue")],
            PolicyDocument=queue_policy(_arn("EventsQueue"), topic=_ref("EventsTopic")),
        ),
    }


def _topic(wanted: Wanted) -> _Json:
    policy = topic_policy(
        _ref("EventsTopic"),
        account=_ref("AWS::AccountId"),
        configuration_set=_ses_arn(f"configuration-set/{wanted.names.configuration_set}"),
    )
    return {
        "EventsTopic": _resource("AWS::SNS::Topic", TopicName=wanted.names.topic, SignatureVersion=SIGNATURE_VERSION),
        "EventsTopicPolicy": _resource("AWS::SNS::TopicPolicy", Topics=[_ref("EventsTopic")], PolicyDocument=policy),
        "EventsSubscription": _resource(
            "AWS::SNS::Subscription",
            "EventsQueuePolicy",
            "EventDestination",
            TopicArn=_ref("EventsTopic"),
            Protocol="sqs",
            Endpoint=_arn("EventsQueue"),
            RawMessageDelivery=wanted.raw_delivery,
        ),
    }


def _configuration_set(wanted: Wanted) -> _Json:
    return {
        "ConfigurationSet": _resource(
            "AWS::SES::ConfigurationSet",
            Name=wanted.names.configuration_set,
            ReputationOptions={"ReputationMetricsEnabled": True},
            SuppressionOptions={"SuppressedReasons": list(SUPPRESSED_REASONS)},
            DeliveryOptions={"TlsPolicy": "REQUIRE" if wanted.require_tls else "OPTIONAL"},
        ),
        "EventDestination": _resource(
            "AWS::SES::ConfigurationSetEventDestination",
            "EventsTopicPolicy",
            ConfigurationSetName=_ref("ConfigurationSet"),
            EventDestination={
                "Name": wanted.names.destination,
                "Enabled": True,
                "MatchingEventTypes": [_camel(event) for event in wanted.events],
                "SnsDestination": {"TopicARN": _ref("EventsTopic")},
            },
        ),
    }


def _identity(domain: SenderDomain) -> _Json:
    return {
        _named("Identity", domain): _resource(
            "AWS::SES::EmailIdentity",
            EmailIdentity=domain.name,
            DkimAttributes={"SigningEnabled": True},
            DkimSigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"},
            MailFromAttributes={
                "MailFromDomain": domain.mail_from or domain.default_mail_from,
                "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
            },
        )
    }


def _policies(wanted: Wanted) -> _Json:
    sending = sending_policy(
        identities=[
            _ses_arn(f"identity/{each}") for domain in wanted.domains for each in (domain.name, f"*@{domain.name}")
        ],
        configuration_set=_ses_arn(f"configuration-set/{wanted.names.configuration_set}"),
        templates=_ses_arn("template/*"),
        queue=_arn("EventsQueue"),
        dead_letters=_arn("DeadLetters"),
    )
    return {
        "SendingPolicy": _resource(
            "AWS::IAM::ManagedPolicy",
            Description="What the newsletter's sending process may do",
            PolicyDocument=sending,
        ),
        "DoctorPolicy": _resource(
            "AWS::IAM::ManagedPolicy",
            Description="What newsletter aws doctor needs beside the sending policy",
            PolicyDocument=looking_policy(topic=_ref("EventsTopic")),
        ),
    }


def _dns(domain: SenderDomain) -> _Json:
    """Return the DNS records of a domain as outputs, each `name type value`."""
    identity = _named("Identity", domain)
    mail_from = domain.mail_from or domain.default_mail_from
    dmarc = dmarc_record(domain.name)
    dkim = {
        _named(f"Dkim{number}", domain): _output(
            "DNS",
            {"Fn::Sub": f"${{{identity}.DkimDNSTokenName{number}}} CNAME ${{{identity}.DkimDNSTokenValue{number}}}"},
        )
        for number in _TOKENS
    }
    mx = {"Fn::Sub": f"{mail_from} MX 10 feedback-smtp.${{AWS::Region}}.amazonses.com"}
    return dkim | {
        _named("MailFromMx", domain): _output("DNS; the only MX of this name", mx),
        _named("MailFromSpf", domain): _output("DNS", f"{mail_from} TXT {SPF}"),
        _named("Dmarc", domain): _output("DNS; a suggestion, keep what is there", f"{dmarc.name} TXT {dmarc.value}"),
    }


def _resource(kind: str, *after: str, **properties: Any) -> _Json:  # noqa: ANN401 - each of its own type
    return {"Type": kind, **({"DependsOn": list(after)} if after else {}), "Properties": properties}


def _output(description: str, value: Any) -> _Json:  # noqa: ANN401 - text or what becomes it
    return {"Description": description, "Value": value}


def _ref(name: str) -> _Json:
    return {"Ref": name}


def _arn(name: str) -> _Json:
    return {"Fn::GetAtt": [name, "Arn"]}


def _ses_arn(resource: str) -> _Json:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}


def _named(what: str, domain: SenderDomain) -> str:
    """Return a logical id, letters and digits only, that no other domain has: `example.org` is `ExampleZ2eOrg`."""
    escaped = "".join(c if c.isalnum() else f" z{ord(c):x} " for c in domain.name)
    return what + "".join(word[0].upper() + word[1:] for word in escaped.split())


def _camel(event: str) -> str:
    """Return an event type in the words of CloudFormation: `RENDERING_FAILURE` is `renderingFailure`."""
    first, *rest = event.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


class _Plain(yaml.SafeDumper):
    """Writes everything out: CloudFormation reads no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True
