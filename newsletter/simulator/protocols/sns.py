"""SNS and the one call of STS that setting up needs: the query protocol.

https://docs.aws.amazon.com/sns/latest/api/API_Operations.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import ServiceError
from newsletter.simulator.protocols import xml
from newsletter.simulator.protocols.wire import Reply, page
from newsletter.simulator.topics import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.protocols.wire import Request
    from newsletter.simulator.service import Service
    from newsletter.simulator.topic import Subscription

_SNS = "http://sns.amazonaws.com/doc/2010-03-31/"
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_LARGEST = 262_144
_A_PAGE = 100
_Given = dict[str, str]


def arguments_of(request: Request) -> _Given:
    """Return the arguments of a request: from the body of a POST, from the address of a GET."""
    return xml.arguments(request.body.decode(errors="replace") if request.method == "POST" else request.query)


def answer(service: Service, request: Request) -> Reply:
    """Carry out a request and return the answer, also where that is a refusal."""
    given = arguments_of(request)
    action = given.get("Action", "")
    namespace = _STS if action == "GetCallerIdentity" else _SNS
    try:
        if action not in ACTIONS:
            raise refused("InvalidAction", f"{action} is not simulated; see docs/simulator.md.")
        result = ACTIONS[action](service, given, request.now)
    except ServiceError as error:
        return refusal(error)
    except KeyError as error:
        return refusal(refused("InvalidParameter", f"Invalid parameter: {error.args[0]}"))
    return Reply(HTTPStatus.OK, xml.response(action, namespace, result), xml.CONTENT_TYPE)


def refusal(error: ServiceError) -> Reply:
    """Return an error in the form of SNS."""
    senders = error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Reply(error.status, xml.error(error.code, error.message, _SNS, senders=senders), xml.CONTENT_TYPE)


def _create(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    return {"TopicArn": service.state.topics.create(given["Name"], xml.map_of(given, "Attributes")).arn}


def _delete(service: Service, given: _Given, _now: float) -> None:
    service.state.topics.delete(given["TopicArn"])


def _list(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    found, token = page(service.state.topics.listed(), given.get("NextToken"), _A_PAGE, _A_PAGE)
    return {"Topics": [{"TopicArn": topic.arn} for topic in found], **({"NextToken": token} if token else {})}


def _attributes(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    topic = service.state.topics.get(given["TopicArn"])
    confirmed = sum(subscription.confirmed for subscription in topic.subscriptions)
    known = {
        "TopicArn": topic.arn,
        "Owner": service.state.options.account_id,
        "DisplayName": "",
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsPending": str(len(topic.subscriptions) - confirmed),
        "SubscriptionsDeleted": "0",
    }
    return {"Attributes": xml.Entries(known | topic.attributes)}


def _set_attribute(service: Service, given: _Given, _now: float) -> None:
    topic = service.state.topics.get(given["TopicArn"])
    topic.attributes[given["AttributeName"]] = given.get("AttributeValue", "")


def _subscribe(service: Service, given: _Given, now: float) -> dict[str, Any]:
    topics = service.state.topics
    subscription = topics.subscribe(
        topics.get(given["TopicArn"]),
        protocol=given["Protocol"],
        endpoint=given["Endpoint"],
        attributes=xml.map_of(given, "Attributes"),
        now=now,
    )
    shown = subscription.confirmed or given.get("ReturnSubscriptionArn") == "true"
    return {"SubscriptionArn": subscription.arn if shown else "pending confirmation"}


def _confirm(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    return {"SubscriptionArn": service.state.topics.confirm(given["TopicArn"], given["Token"]).arn}


def _unsubscribe(service: Service, given: _Given, now: float) -> None:
    service.state.topics.unsubscribe(given["SubscriptionArn"], now)


def _subscriptions(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    topics = [service.state.topics.get(given["TopicArn"])] if "TopicArn" in given else service.state.topics.listed()
    every = [subscription for topic in topics for subscription in topic.subscriptions]
    found, token = page(every, given.get("NextToken"), _A_PAGE, _A_PAGE)
    listed = [
        {
            "TopicArn": subscription.topic.arn,
            "Protocol": subscription.protocol,
            "SubscriptionArn": subscription.arn if subscription.confirmed else "PendingConfirmation",
            "Owner": service.state.options.account_id,
            "Endpoint": subscription.endpoint,
        }
        for subscription in found
    ]
    return {"Subscriptions": listed, **({"NextToken": token} if token else {})}


def _subscription_attributes(service: Service, given: _Given, _now: float) -> dict[str, Any]:
    subscription = service.state.topics.subscription(given["SubscriptionArn"])
    known = {
        "SubscriptionArn": subscription.arn,
        "TopicArn": subscription.topic.arn,
        "Owner": service.state.options.account_id,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "PendingConfirmation": _said(subscription),
        "RawMessageDelivery": "false",
    }
    return {"Attributes": xml.Entries(known | subscription.attributes)}


def _said(subscription: Subscription) -> str:
    return "false" if subscription.confirmed else "true"


def _set_subscription_attribute(service: Service, given: _Given, _now: float) -> None:
    topics = service.state.topics
    subscription = topics.subscription(given["SubscriptionArn"])
    topics.set_attribute(subscription, given["AttributeName"], given.get("AttributeValue", ""))


def _publish(service: Service, given: _Given, now: float) -> dict[str, Any]:
    message = given["Message"]
    if not message or len(message.encode()) > _LARGEST:
        raise refused("InvalidParameter", "Invalid parameter: Message is empty or too long")
    topics = service.state.topics
    return {"MessageId": topics.publish(topics.get(given["TopicArn"]), message, now, given.get("Subject", "")).id}


def _caller(service: Service, _given: _Given, _now: float) -> dict[str, Any]:
    account = service.state.options.account_id
    return {"UserId": "AIDASIMULATOR", "Account": account, "Arn": f"arn:aws:iam::{account}:user/simulator"}


ACTIONS: dict[str, Callable[[Service, _Given, float], dict[str, Any] | None]] = {
    "CreateTopic": _create,
    "DeleteTopic": _delete,
    "ListTopics": _list,
    "GetTopicAttributes": _attributes,
    "SetTopicAttributes": _set_attribute,
    "Subscribe": _subscribe,
    "ConfirmSubscription": _confirm,
    "Unsubscribe": _unsubscribe,
    "ListSubscriptions": _subscriptions,
    "ListSubscriptionsByTopic": _subscriptions,
    "GetSubscriptionAttributes": _subscription_attributes,
    "SetSubscriptionAttributes": _set_subscription_attribute,
    "Publish": _publish,
    "GetCallerIdentity": _caller,
}
