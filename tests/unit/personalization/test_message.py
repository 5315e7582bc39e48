"""The bytes that go out, read back: what every mail program, host and unsubscribe button needs of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.personalization.message import preview_html, preview_text, recipient_values, write_message
from newsletter.personalization.prepare import prepare
from newsletter.rendering.edition import RECIPIENT_SLOTS, Fragment, Slot
from subscribers.errors import InvalidAddress
from tests.factories.editions import edition, envelope, publication, recipient
from tests.unit.personalization.mail import body, parsed

if TYPE_CHECKING:
    from newsletter.personalization.message import Prepared

MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
PREPARED = prepare(edition(), range(6), envelope())

texts = st.text(max_size=80)
names = texts | st.sampled_from(["Zoë Lefèvre", "ليلى حدّاد", 'Grace "GG" O\'Malley & Co', "a\r\nBcc: evil@example.com"])
positions = st.frozensets(st.integers(0, 5))


def write(
    prepared: Prepared = PREPARED, date: datetime = MONDAY, delivery_id: str = "c12.s123456", **changes: object
) -> bytes:
    return write_message(prepared, recipient(**changes), delivery_id=delivery_id, date=date)


@given(chosen=positions, name=names, greeting=texts)
def test_what_is_sent_is_what_was_previewed(chosen: frozenset[int], name: str, greeting: str) -> None:
    someone = recipient(name=name)
    prepared = prepare(edition(greeting=greeting.replace("\r", "")), chosen, envelope())
    raw = write_message(prepared, someone, delivery_id="c1.s1", date=MONDAY)
    assert body(raw, "html") == preview_html(prepared, someone)
    assert body(raw, "plain") == preview_text(prepared, someone)


@given(chosen=positions, name=names, subject=texts, list_name=texts, email=st.emails())
def test_any_mail_is_lines_that_any_host_carries(
    chosen: frozenset[int], name: str, subject: str, list_name: str, email: str
) -> None:
    sender = envelope(name=list_name, sender_name=list_name, reply_to="answers@example.org")
    raw = write(prepare(edition(subject=subject), chosen, sender), name=name, email=email)
    assert raw.isascii()
    assert not set(raw.replace(b"\r\n", b"")) & set(b"\r\n\0")
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert all(len(line) <= 76 for line in rest.split(b"\r\n"))
    for line in head.split(b"\r\n"):
        assert line.strip()
        assert len(line) <= 78 or (b"@" in line and len(line) <= 320)


@given(name=texts, list_name=texts, subject=texts, slug=texts, ref=texts)
def test_no_field_can_add_a_header_or_a_body(name: str, list_name: str, subject: str, slug: str, ref: str) -> None:
    plain = parsed(write())
    sender = envelope(name=list_name, sender_name=list_name, slug=slug)
    sender = type(sender)(sender.publication, sender.links, campaign_ref=ref)
    message = parsed(write(prepare(edition(subject=subject), range(6), sender), name=name))
    assert message.keys() == plain.keys()
    assert [part.get_content_type() for part in message.walk()] == [part.get_content_type() for part in plain.walk()]
    assert not message.defects
    assert not [value.defects for value in message.values() if value.defects]


LINE_ENDS = ("\r\n", "\n", "\r", "\0", "\u2028", "\x85", "\x0b")


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_line_end_in_a_name_or_subject_is_a_space_or_nothing(end: str) -> None:
    attack = f"Claire{end}Bcc: victim"
    message = parsed(write(prepare(edition(subject=attack), range(6), envelope(name=attack)), name=attack))
    assert "Bcc" not in message
    assert message["Subject"] in {"Claire Bcc: victim", "ClaireBcc: victim"}
    assert message["To"].addresses[0].addr_spec == "claire@example.org"


@pytest.mark.parametrize(
    "email",
    [
        *(f"claire@example.org{end}Bcc: victim@example.org" for end in LINE_ENDS),
        "claire@example.org>, <victim@example.org",
        "claire@example.org, victim@example.org",
        '"claire"@example.org',
        "claire@example.org ",
        "claire@[127.0.0.1]",
        "claire",
        "",
        "zoë@example.org",
        "claire@münchen.example",
    ],
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(email: str) -> None:
    with pytest.raises(InvalidAddress):
        write(email=email)


@pytest.mark.parametrize("field", ["sender_email", "reply_to"])
def test_a_sender_that_cannot_stand_in_a_header_is_refused(field: str) -> None:
    wrong: dict[str, Any] = {field: "lettre@example.org\r\nBcc: victim@example.org"}
    with pytest.raises(InvalidAddress):
        prepare(edition(), range(6), envelope(**wrong))


@pytest.mark.parametrize("delivery_id", ["", "a b", "a\r\nb", "a>b", "a@b", "a..b", ".a", "a."])
def test_a_delivery_id_that_cannot_stand_in_a_message_id_is_a_mistake(delivery_id: str) -> None:
    with pytest.raises(ValueError, match="delivery id"):
        write(delivery_id=delivery_id)


def test_the_headers_by_example() -> None:
    message = parsed(write(name="Zoë Lefèvre"))
    assert dict(message.items()) == {
        "To": "Zoë Lefèvre <claire@example.org>",
        "Date": "Mon, 16 Mar 2026 09:00:00 +0000",
        "Message-ID": "<c12.s123456@news.example.org>",
        "List-Unsubscribe": message["List-Unsubscribe"],
        "From": "L’imagerie en clair <lettre@news.example.org>",
        "Subject": "La semaine de l’imagerie\u00a0: du 9 au 15 mars 2026",
        "List-Id": "L’imagerie en clair <imagerie.news.example.org>",
        "Feedback-ID": "c12:imagerie:newsletter:news-newsexampl",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }


@given(subscriber_id=st.integers(1, 2**63 - 1))
def test_one_click_leads_to_one_https_address_for_this_subscriber_of_this_list(subscriber_id: int) -> None:
    """RFC 8058, section 3.1."""
    message = parsed(write(subscriber_id=subscriber_id))
    url = message["List-Unsubscribe"].strip()
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert url[0] + url[-1] == "<>"
    assert url.count("<") == url.count("https://") == 1
    base, _, token = url[1:-1].rpartition("/")
    assert base == "https://news.example.org/unsubscribe"
    assert PREPARED.envelope.links.signer.read("unsubscribe", token) == (7, 12, subscriber_id)


def test_without_https_there_is_no_one_click() -> None:
    message = parsed(write(prepare(edition(), range(6), envelope(public_url="http://localhost:8000"))))
    assert "List-Unsubscribe-Post" not in message
    assert message["List-Unsubscribe"].strip().startswith("<http://localhost:8000/unsubscribe/")


def test_each_link_of_the_bodies_is_for_its_purpose() -> None:
    values = recipient_values(PREPARED, recipient())
    signer = PREPARED.envelope.links.signer
    tokens = {
        purpose: values[f"{purpose}_url"].rpartition("/")[2] for purpose in ("view", "preferences", "unsubscribe")
    }
    assert signer.read("view", tokens["view"]) == (12, 123456)
    assert signer.read("preferences", tokens["preferences"]) == (7, 123456)
    assert signer.read("unsubscribe", tokens["unsubscribe"]) == (7, 12, 123456)
    for subtype, purpose in itertools.product(("html", "plain"), tokens):
        assert values[f"{purpose}_url"] in body(write(), subtype)


def test_a_name_is_escaped_for_where_it_stands() -> None:
    name = 'Grace "GG" O\'Malley & Co'
    assert "<p>Bonjour Grace &quot;GG&quot; O&#x27;Malley &amp; Co,</p>" in body(write(name=name), "html")
    assert f"Bonjour {name},\n" in body(write(name=name), "plain")


def test_an_address_is_escaped_for_where_it_stands() -> None:
    raw = write(email="o'hara&co@example.org")
    assert "o&#x27;hara&amp;co@example.org" in body(raw, "html")
    assert body(raw, "plain").endswith("\no'hara&co@example.org\n")


def test_an_international_domain_is_ascii_in_the_header_and_readable_in_the_mail() -> None:
    raw = write(email="claire@xn--mnchen-3ya.example")
    assert parsed(raw)["To"].addresses[0].addr_spec == "claire@xn--mnchen-3ya.example"
    assert "claire@münchen.example" in body(raw, "html")
    assert "claire@münchen.example" in body(raw, "plain")


@pytest.mark.parametrize("name", ["", "Visit evil.com", "12345"])
def test_who_has_no_usable_name_is_greeted_without(name: str) -> None:
    raw = write(name=name)
    assert "<p>Bonjour,</p>" in body(raw, "html")
    assert parsed(raw)["To"] == "claire@example.org"


def test_content_in_another_language_is_said_first() -> None:
    prepared = prepare(edition(content_language="fr", language="de"), range(6), envelope())
    assert parsed(write(prepared))["Content-Language"] == "fr, de"


def test_the_sender_is_who_gets_the_answers_unless_said_otherwise() -> None:
    assert "Reply-To" not in parsed(write())
    assert (
        parsed(write(prepare(edition(), [0], envelope(reply_to="answers@example.org"))))["Reply-To"]
        == "answers@example.org"
    )


def test_the_date_is_the_moment_given() -> None:
    paris = timezone(timedelta(hours=1))
    for moment in (datetime(2026, 3, 16, 10, 0, tzinfo=paris), MONDAY):
        assert parsed(write(date=moment))["Date"] == "Mon, 16 Mar 2026 09:00:00 +0000"
    with pytest.raises(ValueError, match="time zone"):
        write(date=datetime(2026, 3, 16, 10, 0))  # noqa: DTZ001 - the mistake itself


def test_a_long_public_url_goes_to_a_line_of_its_own() -> None:
    url = "https://a-rather-long-name-of-a-host.newsletters.department.example.org/letters"
    message = parsed(write(prepare(edition(), range(6), envelope(public_url=url))))
    assert message["List-Unsubscribe"].strip().startswith(f"<{url}/unsubscribe/")


def test_one_recipient_leaves_nothing_behind_for_the_next() -> None:
    first = write(subscriber_id=1, email="one@example.org", name="One Reader")
    write(subscriber_id=2, email="two@example.org", name="Two Reader")
    assert write(subscriber_id=1, email="one@example.org", name="One Reader") == first
    assert b"two@example.org" not in first


def test_every_slot_of_an_edition_is_filled() -> None:
    assert {part.name for part in (*PREPARED.html, *PREPARED.text) if isinstance(part, Slot)} == set(RECIPIENT_SLOTS)
    with pytest.raises(ValueError, match="nobody fills"):
        prepare(edition(html=(Fragment(frozenset(), (Slot("unheard_of"),)),)), range(6), envelope())


def test_a_slug_that_is_no_label_still_names_the_list() -> None:
    sender = envelope(slug="···")
    assert publication(slug="···").id == 7
    assert parsed(write(prepare(edition(), [0], sender)))["List-Id"].endswith("<7.news.example.org>")
