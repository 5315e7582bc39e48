"""Requests as bytes, above all in bulk: what the service's model and its limits ask for, whoever the readers are."""

from __future__ import annotations

import json
from base64 import b64decode
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.ses_bulk import LARGEST_REQUEST, MOST_ENTRIES, BulkMail, bulk_mail
from newsletter.delivery.ses_headers import UnfitForBulk
from newsletter.delivery.ses_raw import raw_request
from newsletter.delivery.ses_settings import SesSettings, tag_value
from newsletter.delivery.transport import DELIVERY_TAG
from newsletter.errors import FixConfiguration
from subscribers.errors import InvalidAddress
from tests.factories import editions
from tests.factories.calls import LABEL, UNADDRESSABLE, addressed, prepared

if TYPE_CHECKING:
    from random import Random

    from botocore.model import OperationModel

    from newsletter.personalization.message import Prepared

LARGEST_DATA = 262_144
"""Characters of the values of one recipient."""


def test_a_request_is_what_the_service_s_model_describes() -> None:
    mail = bulk_mail(prepared(envelope=editions.envelope(reply_to="desk@news.example.org")), "weekly")
    request = _request(mail, 1, 2)

    assert _validated("SendBulkEmail", request) == ""
    assert request["FromEmailAddress"].endswith("<lettre@news.example.org>")
    assert request["ReplyToAddresses"] == ["desk@news.example.org"]
    assert request["ConfigurationSetName"] == "weekly"
    template = request["DefaultContent"]["Template"]
    assert template["TemplateContent"].keys() == {"Subject", "Text", "Html"}
    assert json.loads(template["TemplateData"]) == {}
    first, second = request["BulkEmailEntries"]
    assert first["Destination"] == {"ToAddresses": ["=?utf-8?b?Wm/DqyAx?= <reader1@example.org>"]}
    assert second["ReplacementTags"] == [{"Name": DELIVERY_TAG, "Value": f"{LABEL}.2"}]
    (header,) = first["ReplacementHeaders"]
    assert header["Name"] == "List-Unsubscribe"
    assert header["Value"] == f"<https://news.example.org/unsubscribe/{_data(first)['unsubscribe']}>"
    assert _data(first)["greeting_html"] == "Bonjour Zoë 1,"


@pytest.mark.parametrize("configuration_set", ["", "weekly"])
def test_a_raw_request_is_what_the_service_s_model_describes(configuration_set: str) -> None:
    request = json.loads(raw_request(b"From: a\r\n\r\n\xff", addressed(1), configuration_set))
    assert b64decode(request["Content"]["Raw"]["Data"]) == b"From: a\r\n\r\n\xff"
    assert request["Destination"] == {"ToAddresses": ["reader1@example.org"]}
    assert request["EmailTags"] == [{"Name": DELIVERY_TAG, "Value": f"{LABEL}.1"}]
    assert request.get("ConfigurationSetName", "") == configuration_set
    assert _validated("SendEmail", request) == ""


def test_without_a_configuration_set_or_an_address_to_reply_to_neither_is_named() -> None:
    request = _request(bulk_mail(prepared(), ""), 1)
    assert request.keys() == {"FromEmailAddress", "DefaultContent", "BulkEmailEntries"}


def test_only_the_values_that_the_template_asks_for_are_handed_over() -> None:
    (entry,) = _request(bulk_mail(prepared(html="{{"), ""), 1)["BulkEmailEntries"]
    assert _data(entry).keys() == {
        "brace_open", "email", "email_html", "greeting", "greeting_html", "preferences", "unsubscribe", "view",
    }  # fmt: skip


@given(name=st.text(max_size=70), local=st.from_regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", fullmatch=True))
def test_any_reader_s_entry_is_json_that_says_what_was_meant_and_is_short(name: str, local: str) -> None:
    mail = bulk_mail(_variant(), "")
    email = f"{local}@{'long-domain.' * 18}example"
    entry = mail.entry(addressed(1, email, name))

    read = json.loads(entry)
    assert _data(read)["email"] == email
    assert read["Destination"]["ToAddresses"][0].isascii()
    assert len(read["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]) <= LARGEST_DATA
    assert len(entry) < 5_000, "a variant that leaves the room it has to may have no room for a reader"


def test_who_cannot_be_addressed_has_no_entry() -> None:
    with pytest.raises(InvalidAddress, match="SMTPUTF8"):
        bulk_mail(prepared(), "").entry(addressed(1, UNADDRESSABLE))


@given(st.integers(0, 3 * MOST_ENTRIES), st.integers(20_000, 400_000), st.randoms(use_true_random=False))
def test_requests_hold_everybody_once_in_order_and_never_more_than_ses_reads(
    count: int, room: int, dice: Random
) -> None:
    mail = BulkMail(_variant(), b"x" * (LARGEST_REQUEST - room), (), "")
    entries = [f"{number}".encode().ljust(dice.randint(200, 18_000)) for number in range(count)]
    parts = [entries[part] for part in mail.cut(entries)]

    assert [entry for part in parts for entry in part] == entries
    for part in parts:
        assert 1 <= len(part) <= MOST_ENTRIES
        assert len(mail.request(part)) <= LARGEST_REQUEST
    for part, following in pairwise(parts):
        fuller = [*part, following[0]]
        assert len(fuller) > MOST_ENTRIES or len(mail.request(fuller)) > LARGEST_REQUEST, "there was room for one more"


def test_a_template_that_leaves_no_room_is_unfit() -> None:
    with pytest.raises(UnfitForBulk, match=r"1,0\d\d,\d{3} bytes of template leave no room for recipients"):
        bulk_mail(prepared(html="é" * 500_000), "")


def test_text_in_any_script_counts_in_its_own_bytes() -> None:
    assert bulk_mail(prepared(html="م" * 450_000), "").beginning.count("م".encode()) == 450_000


@pytest.mark.parametrize("delivery_id", ["", "a b", "é.1", "x" * 256, "a:1", "a\n"])
def test_a_tag_that_ses_would_refuse_is_refused_before(delivery_id: str) -> None:
    with pytest.raises(ValueError, match="a tag is up to 255"):
        tag_value(delivery_id)


@pytest.mark.parametrize("name", ["two words", "x" * 65, "é", "weekly\n"])
def test_a_configuration_set_that_cannot_exist_is_refused_before_anything_is_sent(name: str) -> None:
    with pytest.raises(FixConfiguration, match="NEWSLETTER_SES_CONFIGURATION_SET"):
        SesSettings(configuration_set=name)


@cache
def _variant() -> Prepared:
    return prepared(html="{{")


def _request(mail: BulkMail, *numbers: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(mail.request([mail.entry(addressed(number)) for number in numbers]))
    return read


def _data(entry: dict[str, Any]) -> dict[str, str]:
    data: dict[str, str] = json.loads(
        entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
    )
    return data


def _validated(operation: str, request: dict[str, Any]) -> str:
    """Return what the SDK would find wrong with a request, had it been asked."""
    from botocore.validate import ParamValidator

    report: str = ParamValidator().validate(request, _operation(operation).input_shape).generate_report()
    return report


@cache
def _operation(name: str) -> OperationModel:
    import botocore.session

    return botocore.session.get_session().get_service_model("sesv2").operation_model(name)
