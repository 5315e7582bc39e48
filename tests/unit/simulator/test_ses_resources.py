"""Templates, identities, configuration sets, suppression list and account, with unmodified boto3."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from newsletter.errors import Refused
from tests.factories.ses import bulk, entry, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient

    from newsletter.simulator.client import SimulatorClient

PARTS = {"Subject": "Hello {{name}}", "Text": "Hi {{name}}", "Html": "<p>{{name}}"}
MORNING = datetime(2026, 5, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def ses(simulator: SimulatorClient) -> BaseClient:
    return client("sesv2", simulator)


def test_the_life_of_a_template(ses: BaseClient) -> None:
    ses.create_email_template(TemplateName="weekly", TemplateContent=PARTS)
    with pytest.raises(ses.exceptions.AlreadyExistsException, match=r"Template weekly already exists\."):
        ses.create_email_template(TemplateName="weekly", TemplateContent=PARTS)
    assert ses.get_email_template(TemplateName="weekly")["TemplateContent"] == PARTS
    ses.update_email_template(TemplateName="weekly", TemplateContent=PARTS | {"Text": "Bye"})
    assert ses.get_email_template(TemplateName="weekly")["TemplateContent"]["Text"] == "Bye"
    ses.delete_email_template(TemplateName="weekly")
    for missing in (ses.get_email_template, ses.update_email_template):
        with pytest.raises(ses.exceptions.NotFoundException, match=r"Template weekly does not exist\."):
            missing(
                TemplateName="weekly", **({"TemplateContent": PARTS} if missing == ses.update_email_template else {})
            )


def test_templates_are_listed_page_by_page(ses: BaseClient) -> None:
    for number in range(5):
        ses.create_email_template(TemplateName=f"t{number}", TemplateContent=PARTS)
    first = ses.list_email_templates(PageSize=3)
    second = ses.list_email_templates(PageSize=3, NextToken=first["NextToken"])
    assert [t["TemplateName"] for t in (*first["TemplatesMetadata"], *second["TemplatesMetadata"])] == [
        f"t{number}" for number in range(5)
    ]
    assert "NextToken" not in second
    assert first["TemplatesMetadata"][0]["CreatedTimestamp"].tzinfo is not None


def test_a_template_that_cannot_be_read_or_is_too_large_is_refused(ses: BaseClient) -> None:
    with pytest.raises(ses.exceptions.BadRequestException, match="never closed"):
        ses.create_email_template(TemplateName="bad", TemplateContent=PARTS | {"Html": "{{#if a}}"})
    with pytest.raises(ses.exceptions.BadRequestException, match="larger than 500 KB"):
        ses.create_email_template(TemplateName="bad", TemplateContent=PARTS | {"Html": "x" * 512_001})


def test_a_trial_of_a_template_tells_at_once_what_is_missing(ses: BaseClient) -> None:
    ses.create_email_template(TemplateName="weekly", TemplateContent=PARTS)
    rendered = ses.test_render_email_template(TemplateName="weekly", TemplateData='{"name": "Ada"}')["RenderedTemplate"]
    assert "Subject: Hello Ada" in rendered
    assert "<p>Ada" in rendered
    with pytest.raises(ses.exceptions.BadRequestException, match="Attribute 'name' is not present"):
        ses.test_render_email_template(TemplateName="weekly", TemplateData="{}")


def test_the_account_shows_quotas_and_switches(start_simulator: Callable[..., SimulatorClient]) -> None:
    ses = client("sesv2", start_simulator(max_send_rate=14.0, max_24_hour_send=50_000.0))
    ses.send_bulk_email(**bulk("a@r.example", "b@r.example", "success@simulator.amazonses.com"))
    account = ses.get_account()
    assert account["SendQuota"] == {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 2.0}
    assert (account["EnforcementStatus"], account["SendingEnabled"], account["ProductionAccessEnabled"]) == (
        "HEALTHY",
        True,
        True,
    )
    assert account["SuppressionAttributes"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}


def test_sending_can_be_paused_for_account_and_configuration_set(ses: BaseClient, simulator: SimulatorClient) -> None:
    ses.create_configuration_set(ConfigurationSetName="weekly")
    ses.put_configuration_set_sending_options(ConfigurationSetName="weekly", SendingEnabled=False)
    with pytest.raises(ses.exceptions.SendingPausedException, match="configuration set's ability to send"):
        ses.send_email(**simple("a@r.example", ConfigurationSetName="weekly"))
    ses.send_email(**simple("a@r.example"))
    ses.put_account_sending_attributes(SendingEnabled=False)
    with pytest.raises(ses.exceptions.SendingPausedException, match="currently paused"):
        ses.send_bulk_email(**bulk("a@r.example"))
    assert ses.get_account()["SendingEnabled"] is False
    ses.put_account_sending_attributes(SendingEnabled=True)
    simulator.set_account(enforcement="SHUTDOWN")
    with pytest.raises(ses.exceptions.AccountSuspendedException, match="permanently restricted"):
        ses.send_bulk_email(**bulk("a@r.example"))


def test_in_the_sandbox_only_verified_addresses_and_the_mailbox_simulator_are_written_to(
    start_simulator: Callable[..., SimulatorClient],
) -> None:
    ses = client("sesv2", start_simulator(sandbox=True))
    ses.create_email_identity(EmailIdentity="known@reader.example")
    ses.send_email(**simple("known@reader.example"))
    with pytest.raises(ses.exceptions.MessageRejected, match=r"failed the check in region US-EAST-1: b@r\.example"):
        ses.send_email(**simple("b@r.example"))
    request = bulk("known@reader.example", "b@r.example", entry("success+1@simulator.amazonses.com"))
    results = ses.send_bulk_email(**request)["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS", "MESSAGE_REJECTED", "SUCCESS"]


def test_an_identity_must_be_verified_before_it_sends(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(auto_verify=False, strict_identities=True)
    ses = client("sesv2", simulator)
    with pytest.raises(ses.exceptions.MessageRejected, match="Email address is not verified"):
        ses.send_email(**simple("a@r.example"))
    created = ses.create_email_identity(EmailIdentity="review.example")
    assert (created["VerifiedForSendingStatus"], len(created["DkimAttributes"]["Tokens"])) == (False, 3)
    with pytest.raises(ses.exceptions.MessageRejected, match=r"editor@review\.example"):
        ses.send_bulk_email(**bulk("a@r.example"))
    simulator.set_identity("review.example", status="SUCCESS")
    assert ses.get_email_identity(EmailIdentity="review.example")["DkimAttributes"]["Status"] == "SUCCESS"
    ses.send_bulk_email(**bulk("a@r.example"))


def test_a_domain_speaks_for_those_below_it(start_simulator: Callable[..., SimulatorClient]) -> None:
    ses = client("sesv2", start_simulator(strict_identities=True))
    ses.create_email_identity(EmailIdentity="example")
    with pytest.raises(ses.exceptions.MessageRejected):
        ses.send_email(**simple("a@r.example", FromEmailAddress="editor@review.elsewhere"))
    ses.send_email(**simple("a@r.example", FromEmailAddress="editor@news.review.example"))


def test_a_mail_from_domain_without_its_records_refuses_mail_if_told_so(
    ses: BaseClient, simulator: SimulatorClient
) -> None:
    ses.create_email_identity(EmailIdentity="review.example")
    ses.put_email_identity_mail_from_attributes(
        EmailIdentity="review.example", MailFromDomain="mail.review.example", BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    simulator.set_identity("review.example", mail_from_status="FAILED")
    with pytest.raises(ses.exceptions.MailFromDomainNotVerifiedException, match=r"mail\.review\.example"):
        ses.send_email(**simple("a@r.example"))
    shown = ses.get_email_identity(EmailIdentity="review.example")["MailFromAttributes"]
    assert shown["MailFromDomainStatus"] == "FAILED"


def test_the_life_of_an_identity(ses: BaseClient) -> None:
    ses.create_email_identity(EmailIdentity="review.example")
    with pytest.raises(ses.exceptions.AlreadyExistsException):
        ses.create_email_identity(EmailIdentity="Review.example")
    ses.put_email_identity_dkim_attributes(EmailIdentity="review.example", SigningEnabled=False)
    ses.put_email_identity_feedback_attributes(EmailIdentity="review.example", EmailForwardingEnabled=False)
    ses.create_configuration_set(ConfigurationSetName="weekly")
    ses.put_email_identity_configuration_set_attributes(EmailIdentity="review.example", ConfigurationSetName="weekly")
    shown = ses.get_email_identity(EmailIdentity="review.example")
    assert (shown["IdentityType"], shown["FeedbackForwardingStatus"], shown["ConfigurationSetName"]) == (
        "DOMAIN",
        False,
        "weekly",
    )
    assert shown["DkimAttributes"]["SigningEnabled"] is False
    ses.delete_email_identity(EmailIdentity="review.example")
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_email_identity(EmailIdentity="review.example")


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "identities", "EmailIdentities"),
        ("POST", "list-identities", "EmailIdentities"),
        ("GET", "configuration-sets", "ConfigurationSets"),
        ("POST", "list-configuration-sets", "ConfigurationSets"),
    ],
)
def test_lists_are_answered_where_old_and_new_clients_look_for_them(
    ses: BaseClient, simulator: SimulatorClient, method: str, path: str, key: str
) -> None:
    ses.create_email_identity(EmailIdentity="review.example")
    ses.create_configuration_set(ConfigurationSetName="weekly")
    http = HTTPConnection(simulator.url.removeprefix("http://"))
    http.request(method, f"/v2/email/{path}", headers={"Authorization": "AWS4-HMAC-SHA256"})
    assert json.loads(http.getresponse().read())[key]
    http.close()
    assert ses.list_configuration_sets()["ConfigurationSets"] == ["weekly"]
    assert ses.list_email_identities()["EmailIdentities"][0]["IdentityName"] == "review.example"


def test_the_life_of_a_configuration_set(ses: BaseClient) -> None:
    ses.create_configuration_set(
        ConfigurationSetName="weekly", DeliveryOptions={"MaxDeliverySeconds": 3600}, ReputationOptions={}
    )
    with pytest.raises(ses.exceptions.AlreadyExistsException):
        ses.create_configuration_set(ConfigurationSetName="weekly")
    ses.put_configuration_set_suppression_options(ConfigurationSetName="weekly", SuppressedReasons=["BOUNCE"])
    ses.put_configuration_set_tracking_options(ConfigurationSetName="weekly", CustomRedirectDomain="click.example")
    shown = ses.get_configuration_set(ConfigurationSetName="weekly")
    assert shown["DeliveryOptions"] == {"MaxDeliverySeconds": 3600}
    assert shown["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE"]}
    assert shown["TrackingOptions"] == {"CustomRedirectDomain": "click.example"}
    assert shown["SendingOptions"] == {"SendingEnabled": True}
    ses.delete_configuration_set(ConfigurationSetName="weekly")
    with pytest.raises(ses.exceptions.NotFoundException, match=r"Configuration set weekly does not exist\."):
        ses.get_configuration_set(ConfigurationSetName="weekly")


def test_the_life_of_an_event_destination(ses: BaseClient, simulator: SimulatorClient) -> None:
    topic = client("sns", simulator).create_topic(Name="events")["TopicArn"]
    ses.create_configuration_set(ConfigurationSetName="weekly")
    where = {"ConfigurationSetName": "weekly", "EventDestinationName": "feedback"}
    described = {"Enabled": True, "MatchingEventTypes": ["BOUNCE", "SEND"], "SnsDestination": {"TopicArn": topic}}
    ses.create_configuration_set_event_destination(**where, EventDestination=described)
    with pytest.raises(ses.exceptions.AlreadyExistsException):
        ses.create_configuration_set_event_destination(**where, EventDestination=described)
    (shown,) = ses.get_configuration_set_event_destinations(ConfigurationSetName="weekly")["EventDestinations"]
    assert shown == described | {"Name": "feedback"}
    ses.update_configuration_set_event_destination(**where, EventDestination=described | {"Enabled": False})
    (shown,) = ses.get_configuration_set_event_destinations(ConfigurationSetName="weekly")["EventDestinations"]
    assert shown["Enabled"] is False
    ses.delete_configuration_set_event_destination(**where)
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.delete_configuration_set_event_destination(**where)


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ({"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": "arn:aws:sns:us-east-1:1:none"}}, "not found"),
        ({"MatchingEventTypes": [], "EventBridgeDestination": {"EventBusArn": "x"}}, "at least one event type"),
        ({"MatchingEventTypes": ["SEND"]}, "exactly one of"),
    ],
)
def test_an_event_destination_that_cannot_work_is_refused(
    ses: BaseClient, described: dict[str, Any], reason: str
) -> None:
    ses.create_configuration_set(ConfigurationSetName="weekly")
    with pytest.raises(ses.exceptions.BadRequestException, match=reason):
        ses.create_configuration_set_event_destination(
            ConfigurationSetName="weekly", EventDestinationName="feedback", EventDestination=described
        )


def test_the_suppression_list(ses: BaseClient) -> None:
    ses.put_suppressed_destination(EmailAddress="Gone@reader.example", Reason="BOUNCE")
    ses.put_suppressed_destination(EmailAddress="angry@reader.example", Reason="COMPLAINT")
    shown = ses.get_suppressed_destination(EmailAddress="gone@reader.example")["SuppressedDestination"]
    assert (shown["EmailAddress"], shown["Reason"]) == ("Gone@reader.example", "BOUNCE")
    assert shown["LastUpdateTime"].tzinfo is not None
    listed = ses.list_suppressed_destinations(Reasons=["COMPLAINT"])["SuppressedDestinationSummaries"]
    assert [entry["EmailAddress"] for entry in listed] == ["angry@reader.example"]
    ses.delete_suppressed_destination(EmailAddress="gone@reader.example")
    with pytest.raises(ses.exceptions.NotFoundException, match="does not exist on your suppression list"):
        ses.get_suppressed_destination(EmailAddress="gone@reader.example")


def test_suppressed_addresses_are_listed_by_time_and_page_by_page(
    start_simulator: Callable[..., SimulatorClient],
) -> None:
    simulator = start_simulator(clock=lambda: MORNING)
    ses = client("sesv2", simulator)
    for number in range(5):
        ses.put_suppressed_destination(EmailAddress=f"a+{number}@r.example", Reason="BOUNCE")
        simulator.advance(3600)
    first = ses.list_suppressed_destinations(PageSize=3)
    second = ses.list_suppressed_destinations(PageSize=3, NextToken=first["NextToken"])
    assert len(first["SuppressedDestinationSummaries"] + second["SuppressedDestinationSummaries"]) == 5
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        ses.list_suppressed_destinations(NextToken="of another list")
    between = ses.list_suppressed_destinations(
        StartDate=datetime(2026, 5, 22, 7, tzinfo=UTC), EndDate=datetime(2026, 5, 22, 8, tzinfo=UTC)
    )
    assert [entry["EmailAddress"] for entry in between["SuppressedDestinationSummaries"]] == [
        "a+1@r.example",
        "a+2@r.example",
    ]


def test_mail_to_a_suppressed_address_is_accepted_and_goes_nowhere(ses: BaseClient, simulator: SimulatorClient) -> None:
    ses.put_suppressed_destination(EmailAddress="gone@reader.example", Reason="BOUNCE")
    ses.put_suppressed_destination(EmailAddress="angry@reader.example", Reason="COMPLAINT")
    ses.create_configuration_set(ConfigurationSetName="lenient", SuppressionOptions={"SuppressedReasons": []})
    people = ("gone@reader.example", "angry@reader.example")
    ses.send_bulk_email(**bulk(*people))
    ses.send_bulk_email(**bulk(*people, ConfigurationSetName="lenient"))
    assert [mail["fates"][0] for mail in simulator.mails()] == [
        {"bounce": "Permanent/OnAccountSuppressionList"},
        {"complaint": "suppressed"},
        {"delivered": True},
        {"delivered": True},
    ]
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 4


def test_hard_bounces_and_complaints_are_put_onto_the_list(ses: BaseClient, simulator: SimulatorClient) -> None:
    simulator.set_fates(
        {
            "gone@r.example": {"bounce": "Permanent/NoEmail"},
            "full@r.example": {"bounce": "Transient/MailboxFull"},
            "angry@r.example": {"complaint": "abuse"},
        }
    )
    ses.send_bulk_email(**bulk("gone@r.example", "full@r.example", "angry@r.example", "bounce@simulator.amazonses.com"))
    simulator.flush()
    listed = ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    assert {entry["EmailAddress"]: entry["Reason"] for entry in listed} == {
        "gone@r.example": "BOUNCE",
        "angry@r.example": "COMPLAINT",
    }
    assert ses.get_suppressed_destination(EmailAddress="gone@r.example")["SuppressedDestination"]["Attributes"][
        "MessageId"
    ]


def test_what_is_not_simulated_says_so(ses: BaseClient, simulator: SimulatorClient) -> None:
    with pytest.raises(Exception, match="is not simulated; see docs"):
        ses.list_contact_lists()
    with pytest.raises(Refused, match="enforcement is one of"):
        simulator.set_account(enforcement="ANGRY")
