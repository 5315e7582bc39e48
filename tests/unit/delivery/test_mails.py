"""The mails of one issue: chosen, compiled once, encoded once; and the ones that are only a test."""

from __future__ import annotations

from email import message_from_bytes, policy
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.mails import Mails
from newsletter.delivery.outbox import Outbox
from newsletter.delivery.pace import Unpaced
from newsletter.delivery.plan import Preference, Variant
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.delivery.trial import send_trial
from newsletter.errors import Hold, MaybeSent, Refused
from tests.factories import editions
from tests.factories.issues import sample_issue
from tests.factories.people import NOW
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from newsletter.delivery.pace import Pace
    from newsletter.delivery.transport import Call, Transport
    from newsletter.personalization.message import Prepared
    from newsletter.rendering.edition import Edition


class Press:
    """Compiles, and keeps count."""

    def __init__(self) -> None:
        self.compiled: list[tuple[str, str]] = []

    def __call__(self, content_language: str, language: str) -> Edition:
        self.compiled.append((content_language, language))
        return editions.edition(content_language=content_language, language=language)


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def mails(press: Press) -> Mails:
    return Mails(sample_issue(), editions.envelope(), catalogs=("ar", "de", "en", "fr"), compile_edition=press)


@pytest.mark.parametrize(
    ("languages", "reader", "content"),
    [("", "fr", "fr"), ("en fr", "en", "en"), ("de", "de", "fr"), ("ar en", "ar", "en"), ("xx", "fr", "fr")],
)
def test_languages_fall_back_for_the_labels_and_for_the_content_each_on_its_own(
    mails: Mails, languages: str, reader: str, content: str
) -> None:
    variant = mails.choose(Preference(languages, ""))
    assert variant is not None
    assert (variant.language, variant.content_language) == (reader, content)


def test_choices_that_come_to_the_same_are_one_variant(mails: Mails) -> None:
    assert mails.choose(Preference("fr", "")) == mails.choose(Preference("fr en", ""))
    assert mails.choose(Preference("fr", "ct")) != mails.choose(Preference("fr", "mri"))


def test_an_edition_is_compiled_once_for_all_its_variants(mails: Mails, press: Press) -> None:
    for items in ((0, 1), (0, 2), (0, 1)):
        mails.prepared(Variant("fr", "fr", items))
    mails.prepared(Variant("fr", "en", (0,)))
    assert press.compiled == [("fr", "fr"), ("en", "fr")]


def test_a_variant_is_prepared_once_while_it_is_asked_for_again_and_again(mails: Mails) -> None:
    variant = Variant("fr", "fr", (0, 1))
    first = mails.prepared(variant)
    for items in range(5):
        mails.prepared(Variant("fr", "fr", (items,)))
        assert mails.prepared(variant) is first


def test_what_is_kept_does_not_grow_with_the_number_of_variants(mails: Mails) -> None:
    first = mails.prepared(Variant("fr", "fr", (0,)))
    for items in combinations(range(6), 3):
        mails.prepared(Variant("fr", "fr", items))
    again = mails.prepared(Variant("fr", "fr", (0,)))
    assert again == first
    assert again is not first


class Slow(Unpaced):
    """Lets two recipients go at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def largest_call(self) -> int:
        return 2

    def reserve(self, recipients: int) -> float:
        self.asked.append(recipients)
        return 0.5


class UsedUp(Unpaced):
    """Lets nobody go any more."""

    def reserve(self, recipients: int) -> float:
        raise Hold(f"no room for {recipients} in the quota.", NOW)


def tried(
    transport: Transport, prepared: Prepared, addresses: Sequence[str], name: str = "", pace: Pace | None = None
) -> list[Outcome]:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    return send_trial(transport, prepared, addresses, name=name, token="k3", now=NOW, pace=pace or Unpaced(), wait=wait)


@pytest.mark.parametrize(("language", "mark"), [("fr", "[Test] "), ("ar", "[اختبار] ")])
def test_a_test_mail_says_in_its_subject_that_it_is_one(mails: Mails, tmp_path: Path, language: str, mark: str) -> None:
    prepared = mails.trial(Variant(language, "fr", (0, 1, 2)))
    outcomes = tried(Outbox(tmp_path), prepared, ["editor@example.org", "proof@example.org"], name="Zoë")
    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert [outcome.message_id for outcome in outcomes] == [
        "test-k3/1_editor@example.org.eml",
        "test-k3/2_proof@example.org.eml",
    ]
    content = (tmp_path / "test-k3" / "1_editor@example.org.eml").read_bytes()
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"] == mark + editions.edition().subject
    assert mails.prepared(Variant(language, "fr", (0, 1, 2))).subject == editions.edition().subject


def test_the_links_of_a_test_mail_are_nobodys(mails: Mails) -> None:
    transport = CountingTransport()
    tried(transport, mails.trial(Variant("fr", "fr", (0,))), ["a@example.org"])
    (sent,) = transport.calls
    assert [addressed.recipient.subscriber_id for addressed in sent.recipients] == [0]


def test_more_addresses_than_a_call_takes_are_several_calls(mails: Mails) -> None:
    transport = CountingTransport(max_recipients=2)
    addresses = [f"editor{number}@example.org" for number in range(5)]
    prepared = mails.trial(Variant("fr", "fr", (0,)))
    assert len(tried(transport, prepared, addresses)) == 5
    assert [len(sent.recipients) for sent in transport.calls] == [2, 2, 1]


def test_a_test_that_may_have_been_sent_says_so_for_each_address(mails: Mails) -> None:
    class Unsure(CountingTransport):
        def send(self, call: Call) -> Sequence[Outcome]:
            raise MaybeSent(f"no answer for {len(call.recipients)}")

    prepared = mails.trial(Variant("fr", "fr", (0,)))
    outcomes = tried(Unsure(), prepared, ["a@example.org", "b@example.org"])
    assert outcomes == [Outcome(Verdict.UNCERTAIN, reason="no answer for 2")] * 2


def test_tests_go_at_the_pace_of_their_own_lane(mails: Mails) -> None:
    transport, pace = CountingTransport(), Slow()
    addresses = [f"editor{number}@example.org" for number in range(5)]
    assert len(tried(transport, mails.trial(Variant("fr", "fr", (0,))), addresses, pace=pace)) == 5
    assert pace.asked == [2, 2, 1]


def test_without_room_in_the_quota_a_test_is_refused(mails: Mails) -> None:
    transport = CountingTransport()
    with pytest.raises(Refused, match=r"no room for 1 in the quota\. 0 test mails were sent"):
        tried(transport, mails.trial(Variant("fr", "fr", (0,))), ["a@example.org"], pace=UsedUp())
    assert not transport.calls
