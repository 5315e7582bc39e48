"""Sending with unmodified boto3: what is accepted, what it becomes, and what is refused in which words."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.factories.ses import SENDER, bulk, entry, inline, raw, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from newsletter.simulator.client import SimulatorClient

RAW = b"""From: Weekly <editor@review.example>\r
To: Ada <ada@reader.example>\r
Subject: =?utf-8?q?=C3=89dition?=\r
Date: Thu, 01 Jan 1970 00:00:00 +0000\r
Message-ID: <own@review.example>\r
X-SES-CONFIGURATION-SET: weekly\r
X-SES-MESSAGE-TAGS: delivery=d7, kind=test\r
List-Unsubscribe: <https://review.example/unsubscribe/t>\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary="x"\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
Caf=C3=A9\r
--x\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: base64\r
\r
PHA+Q2Fmw6k8L3A+\r
--x--\r
"""


@pytest.fixture
def ses(simulator: SimulatorClient) -> BaseClient:
    return client("sesv2", simulator)


def test_a_bulk_call_gives_each_entry_its_own_mail(ses: BaseClient, simulator: SimulatorClient) -> None:
    content = inline(subject="{{week}}", text="{{name}}: {{week}}", html="<b>{{name}}</b>")
    content |= {"TemplateData": json.dumps({"week": "May", "name": "reader"})}
    content |= {"Headers": [{"Name": "List-Id", "Value": "<review.example>"}, {"Name": "X-Kind", "Value": "all"}]}
    request = bulk(
        entry("ada@reader.example", {"name": "Ada"}, tag="d1", headers={"x-kind": "own", "X-More": "1"}),
        entry("ben@reader.example", {}, tag="d2"),
        content=content,
        DefaultEmailTags=[{"Name": "campaign", "Value": "c1"}, {"Name": "delivery", "Value": "none"}],
        ReplyToAddresses=["desk@review.example"],
    )
    results = ses.send_bulk_email(**request)["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    first, second = (simulator.mail(result["MessageId"]) for result in results)
    assert (first["subject"], first["text"], first["html"]) == ("May", "Ada: May", "<b>Ada</b>")
    assert second["text"] == "reader: May"
    assert first["tags"] == {"campaign": "c1", "delivery": "d1"}
    headers = dict(first["headers"])
    assert headers["From"] == SENDER
    assert headers["Reply-To"] == "desk@review.example"
    assert (headers["List-Id"], headers["x-kind"], headers["X-More"]) == ("<review.example>", "own", "1")
    assert dict(second["headers"])["X-Kind"] == "all"
    assert headers["Message-ID"] == f"<{first['id']}@email.amazonses.com>"


def test_a_stored_template_may_do_more_than_an_inline_one(ses: BaseClient, simulator: SimulatorClient) -> None:
    parts = {
        "Subject": "{{n}} news",
        "Text": "{{#each items}}- {{this}}\n{{/each}}",
        "Html": "{{#if n}}<p>{{n}}{{/if}}",
    }
    ses.create_email_template(TemplateName="weekly", TemplateContent=parts)
    for content in (
        {"TemplateName": "weekly"},
        {"TemplateArn": "arn:aws:ses:us-east-1:123456789012:template/weekly"},
    ):
        answer = ses.send_bulk_email(**bulk(entry("a@reader.example", {"n": 2, "items": ["x", "y"]}), content=content))
        mail = simulator.mail(answer["BulkEmailEntryResults"][0]["MessageId"])
        assert (mail["subject"], mail["text"], mail["html"]) == ("2 news", "- x\n- y\n", "<p>2")


def test_values_are_put_in_as_they_are(ses: BaseClient, simulator: SimulatorClient) -> None:
    answer = ses.send_bulk_email(**bulk(entry("a@reader.example", {"name": "<b>{{x}} & Co"})))
    mail = simulator.mail(answer["BulkEmailEntryResults"][0]["MessageId"])
    assert mail["html"] == "<p>Hello <b>{{x}} & Co</p>"


def test_nested_defaults_are_merged_key_by_key(ses: BaseClient, simulator: SimulatorClient) -> None:
    content = inline(text="{{reader.name}} {{reader.town}} {{list}}") | {
        "TemplateData": json.dumps({"name": "", "reader": {"name": "you", "town": "here"}, "list": ["a"]})
    }
    answer = ses.send_bulk_email(
        **bulk(entry("a@r.example", {"reader": {"name": "Ada"}, "list": "b"}), content=content)
    )
    mail = simulator.mail(answer["BulkEmailEntryResults"][0]["MessageId"])
    assert mail["text"] == "Ada here b"


def test_what_cannot_be_rendered_is_accepted_all_the_same(ses: BaseClient, simulator: SimulatorClient) -> None:
    results = ses.send_bulk_email(**bulk(entry("a@reader.example", {}), "b@reader.example"))["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    failed = simulator.mail(results[0]["MessageId"])
    assert failed["fates"] == [{"missing": "Attribute 'name' is not present in the rendering data."}]
    assert "html" not in failed


def test_a_simple_mail(ses: BaseClient, simulator: SimulatorClient) -> None:
    request = simple("Ada <ada@reader.example>", EmailTags=[{"Name": "delivery", "Value": "a.b@c-d_e"}])
    request["Content"]["Simple"]["Headers"] = [{"Name": "List-Id", "Value": "<x.example>"}]
    mail = simulator.mail(ses.send_email(**request)["MessageId"])
    assert (mail["subject"], mail["text"], mail["html"]) == ("Short news", "Text", "<p>Text</p>")
    assert mail["recipients"] == ["ada@reader.example"]
    assert mail["tags"] == {"delivery": "a.b@c-d_e"}
    assert simulator.counts() == {"ada@reader.example": 1}


def test_braces_in_a_simple_mail_are_text(ses: BaseClient, simulator: SimulatorClient) -> None:
    request = simple("a@reader.example")
    request["Content"]["Simple"]["Body"]["Text"]["Data"] = "{{#if}} {{"
    assert simulator.mail(ses.send_email(**request)["MessageId"])["text"] == "{{#if}} {{"


def test_a_templated_single_mail(ses: BaseClient, simulator: SimulatorClient) -> None:
    request = simple("a@reader.example") | {"Content": {"Template": inline() | {"TemplateData": '{"name": "Ada"}'}}}
    assert simulator.mail(ses.send_email(**request)["MessageId"])["html"] == "<p>Hello Ada</p>"


def test_a_raw_mail_keeps_its_bytes_but_what_ses_sets(ses: BaseClient, simulator: SimulatorClient) -> None:
    ses.create_configuration_set(ConfigurationSetName="weekly")
    message_id = ses.send_email(Content={"Raw": {"Data": RAW}})["MessageId"]
    mail = simulator.mail(message_id)
    assert (mail["subject"], mail["text"], mail["html"]) == ("Édition", "Café", "<p>Café</p>")
    assert mail["tags"] == {"delivery": "d7", "kind": "test"}
    assert mail["configuration_set"] == "weekly"
    assert mail["recipients"] == ["ada@reader.example"]
    received = message_from_bytes(simulator.message(message_id), policy=policy.default)
    assert received["Message-ID"] == f"<{message_id}@email.amazonses.com>"
    assert not any(name.lower().startswith("x-ses-") for name in received)
    assert received["Date"].datetime.year > 1970
    assert simulator.message(message_id).endswith(RAW.partition(b"\r\n\r\n")[2])


def test_destination_and_tags_of_the_request_win_over_those_in_the_message(
    ses: BaseClient, simulator: SimulatorClient
) -> None:
    ses.create_configuration_set(ConfigurationSetName="weekly")
    request = raw("ben@reader.example", message=RAW, EmailTags=[{"Name": "delivery", "Value": "d8"}])
    mail = simulator.mail(ses.send_email(**request)["MessageId"])
    assert mail["recipients"] == ["ben@reader.example"]
    assert mail["tags"] == {"delivery": "d8"}


def test_the_identity_lends_its_default_configuration_set(ses: BaseClient, simulator: SimulatorClient) -> None:
    ses.create_configuration_set(ConfigurationSetName="default")
    ses.create_email_identity(EmailIdentity="review.example", ConfigurationSetName="default")
    assert simulator.mail(ses.send_email(**simple("a@r.example"))["MessageId"])["configuration_set"] == "default"


def test_fifty_entries_pass_and_one_more_does_not(ses: BaseClient) -> None:
    people = [f"reader{number}@list.example" for number in range(51)]
    assert len(ses.send_bulk_email(**bulk(*people[:50]))["BulkEmailEntryResults"]) == 50
    with pytest.raises(ses.exceptions.BadRequestException, match="Recipient count exceeds 50"):
        ses.send_bulk_email(**bulk(*people))


def header(name: str, value: str) -> dict[str, Any]:
    return bulk(entry("a@reader.example", headers={name: value}))


def fifteen_and_one() -> dict[str, Any]:
    return bulk(entry("a@reader.example", headers={f"X-{number}": "1" for number in range(16)}))


REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no such configuration set": ("bulk", bulk("a@r.example", ConfigurationSetName="none"), "NotFoundException",
                                  "Configuration set none does not exist."),
    "no such template": ("bulk", bulk("a@r.example", content={"TemplateName": "none"}), "NotFoundException",
                         "Template none does not exist."),
    "two contents": ("bulk", bulk("a@r.example", content=inline() | {"TemplateName": "x"}), "BadRequestException",
                     "exactly one of"),
    "no entries": ("bulk", bulk(), "BadRequestException", "must not be empty"),
    "sixteen headers": ("bulk", fifteen_and_one(), "BadRequestException", "less than or equal to 15"),
    "a header beyond ASCII": ("bulk", header("X-A", "é"), "BadRequestException", "printable ASCII"),
    "a header with a line break": ("bulk", header("X-A", "a\nb"), "BadRequestException", "printable ASCII"),
    "a long header": ("bulk", header("X-A", "a" * 995), "BadRequestException", "longer than 996"),
    "a header that SES sets": ("bulk", header("Subject", "a"), "BadRequestException", "SES sets it"),
    "a header name with a colon": ("bulk", header("X:A", "a"), "BadRequestException", "Header name"),
    "too much data": ("bulk", bulk(entry("a@r.example", {"name": "x" * 262_144})), "BadRequestException",
                      "less than or equal to 262144"),
    "data that is no JSON": ("bulk", bulk("a@r.example", content=inline() | {"TemplateData": "{"}),
                             "BadRequestException", "not valid JSON"),
    "more than 1 MB": ("bulk", bulk(*[entry(f"a{n}@r.example", {"name": "x" * 50_000}) for n in range(20)]),
                       "RequestEntityTooLargeException", "at most 1000000"),
    "a block in inline content": ("bulk", bulk("a@r.example", content=inline(html="{{#if name}}x{{/if}}")),
                                  "BadRequestException", "simple values only"),
    "braces that are no tag": ("bulk", bulk("a@r.example", content=inline(html="<style>a {{ b: c }}</style>")),
                               "BadRequestException", "HTML part of the template is invalid"),
    "no subject": ("bulk", bulk("a@r.example", content=inline(subject="")), "BadRequestException", "no subject"),
    "a bad default tag": ("bulk", bulk("a@r.example", DefaultEmailTags=[{"Name": "a b", "Value": "c"}]),
                          "BadRequestException", "Invalid tag name"),
    "no sender": ("bulk", bulk("a@r.example", FromEmailAddress=""), "BadRequestException", "FromEmailAddress"),
    "51 recipients": ("send", simple(*[f"a{n}@r.example" for n in range(51)]), "BadRequestException",
                      "Recipient count exceeds 50."),
    "nobody": ("send", simple(), "BadRequestException", "Empty required destination"),
    "no address": ("send", simple("nobody"), "BadRequestException", "Missing final '@domain'"),
    "a local part beyond ASCII": ("send", simple("josé@r.example"), "BadRequestException", "Illegal address"),
    "a bad tag": ("send", simple("a@r.example", EmailTags=[{"Name": "a", "Value": "b c"}]), "BadRequestException",
                  "Invalid tag value"),
    "a long line": ("send", raw("a@r.example", message=b"From: a@b.example\r\n\r\n" + b"x" * 1100),
                    "BadRequestException", "more than 1000 characters"),
    "two kinds of content": ("send", simple("a@r.example") | {"Content": {"Raw": {"Data": b"x"}, "Template": inline()}},
                             "BadRequestException", "exactly one of Raw"),
    "SES's own contact lists": ("send", simple("a@r.example", ListManagementOptions={"ContactListName": "x"}),
                                "UnknownOperationException", "not simulated"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_whole_call_is_refused(ses: BaseClient, simulator: SimulatorClient, case: str) -> None:
    how, request, code, text = REFUSED[case]
    send = ses.send_bulk_email if how == "bulk" else ses.send_email
    with pytest.raises(ClientError) as refusal:
        send(**request)
    assert refusal.value.response["Error"]["Code"] == code
    assert text in refusal.value.response["Error"]["Message"]
    assert simulator.status()["mails"] == 0


def test_a_bad_entry_is_refused_alone(ses: BaseClient, simulator: SimulatorClient) -> None:
    tagged = entry("c@reader.example") | {"ReplacementTags": [{"Name": "delivery", "Value": "not allowed"}]}
    results = ses.send_bulk_email(**bulk("a@reader.example", "no address", tagged))["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS", "INVALID_PARAMETER", "INVALID_PARAMETER"]
    assert "MessageId" not in results[1]
    assert "Missing final '@domain'" in results[1]["Error"]
    assert "Invalid tag value" in results[2]["Error"]
    assert simulator.counts() == {"a@reader.example": 1}


def test_clients_find_it_through_the_environment(aws_environment: SimulatorClient) -> None:
    answer = boto3.client("sesv2").send_email(**simple("a@reader.example"))
    assert aws_environment.mail(answer["MessageId"])["recipients"] == ["a@reader.example"]
    assert boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"].startswith(aws_environment.url)


def test_a_request_that_is_not_signed_is_refused(simulator: SimulatorClient) -> None:
    session = botocore.session.get_session()
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    unsigned = session.create_client("sesv2", region_name="us-east-1", endpoint_url=simulator.url, config=config)
    with pytest.raises(ClientError, match="Missing Authentication Token"):
        unsigned.get_account()
