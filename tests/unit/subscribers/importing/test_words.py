"""Single cells: statuses, times, tags, doubtful addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.importing.doubts import Doubts, Policies, Policy
from subscribers.importing.says import Says, strongest, understood
from subscribers.importing.tags import Tags
from subscribers.importing.times import instant, past
from subscribers.publication import Topic
from tests.factories.people import NOW

TOPICS = (Topic("ct", labels={"fr": "Scanner", "en": "CT"}), Topic("ai", labels={"fr": "Intelligence artificielle"}))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("Subscribed", Says.ACTIVE), ("Abonnée", Says.ACTIVE), ("désabonné", Says.UNSUBSCRIBED),
        ("OPT-OUT", Says.UNSUBSCRIBED), ("hard_bounce", Says.BOUNCED), ("Marked as spam", Says.COMPLAINED),
        ("unbestätigt", Says.PENDING),
        ("blocklisted", Says.BLOCKED), ("  ", None), ("", None),
    ],
)  # fmt: skip
def test_statuses_have_many_words(cell: str, says: Says | None) -> None:
    assert understood(cell, {}) is says


def test_a_tools_own_words_go_first() -> None:
    assert understood("true", {"true": Says.UNSUBSCRIBED}) is Says.UNSUBSCRIBED
    with pytest.raises(Refused, match="is no status that is known: write active, pending, unsubscribed"):
        understood("true", {})


def test_bad_news_weighs_more() -> None:
    assert strongest(Says.ACTIVE, None, Says.UNSUBSCRIBED) is Says.UNSUBSCRIBED
    assert strongest(Says.BOUNCED, Says.COMPLAINED, Says.UNSUBSCRIBED) is Says.COMPLAINED
    assert strongest(None, None) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01 09:30", datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
        ("2024-03-01T09:30:00.5+02:00", datetime(2024, 3, 1, 7, 30, 0, 500_000, tzinfo=UTC)),
        ("2024-03-01T09:30:00Z", datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
        ("2024-03-01 09:30:00 UTC", datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
        ("2024-03-01 09:30:00.123456789 +0530 IST", datetime(2024, 3, 1, 4, 0, tzinfo=UTC)),
        ("1709285400", datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
        ("1709285400000", datetime(2024, 3, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_times_have_some_forms(cell: str, expected: datetime) -> None:
    assert instant(cell) == expected


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - made aware
def test_a_time_written_as_iso_is_read_as_it_was(at: datetime) -> None:
    if at.utcoffset() is not None and at.utcoffset().seconds % 60 == 0:  # type: ignore[union-attr]  # it has one: see before
        assert instant(at.isoformat()) == at.astimezone(UTC)


@pytest.mark.parametrize("cell", ["01/03/2024", "yesterday", "2024-13-01", "99999", "0001-01-01T00:00:00+14:00"])
def test_what_could_be_two_times_is_not_guessed_at(cell: str) -> None:
    with pytest.raises(Refused, match="is no time like 2024-03-01"):
        instant(cell)


def test_nobody_agrees_in_the_future_or_before_there_were_newsletters() -> None:
    assert past(NOW, NOW) == NOW
    for at in (NOW + timedelta(days=2), datetime(1980, 1, 1, tzinfo=UTC)):
        with pytest.raises(Refused, match="cannot be"):
            past(at, NOW)


@pytest.mark.parametrize(
    "cell", ['"CT","VIP"', "ct; VIP", '["Scanner", "VIP"]', "VIP|ct", " CT ,VIP,", '"VIP", "scanner"']
)
def test_tags_are_separated_as_tools_like_it(cell: str) -> None:
    tags = Tags(TOPICS)
    assert list(tags.topics(cell)) == ["ct"]
    assert tags.unknown == {"VIP": 1}


def test_a_tag_may_be_a_label_with_spaces_or_what_somebody_says() -> None:
    tags = Tags(TOPICS, {"VIP": "ai"})
    assert list(tags.topics("intelligence artificielle")) == ["ai"]
    assert list(tags.topics("vip, other")) == ["ai"]
    assert tags.unknown == {"other": 1}
    with pytest.raises(Refused, match=r"There is no topic “mri” for the tag “x”\. Known topics: ct, ai"):
        Tags(TOPICS, {"x": "mri"})


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("ann@example.org", []),
        ("info@example.org", ["role"]),
        ("no-reply+x@example.org", ["role"]),
        ("information.desk@example.org", []),
        ("a@mailinator.com", ["disposable"]),
        ("a@sub.mailinator.com", ["disposable"]),
        ("a@gamil.com", ["typo"]),
        ("a@gmial.com", ["disposable", "typo"]),
        ("a@gmai.com", ["typo"]),
        ("a@hotmaill.fr", ["typo"]),
        ("a@yaho.fr", ["typo"]),
        ("a@gmail.con", ["typo"]),
        ("a@gmail.com", []),
        ("a@ymail.com", []),
        ("a@mail.com", []),
        ("a@email.com", []),
        ("a@gmx.de", []),
        ("a@free.fr", []),
        ("contact@gnail.com", ["role", "typo"]),
    ],
)
def test_what_gives_pause(address: str, kinds: list[str]) -> None:
    assert [doubt.kind for doubt in Doubts(Policies()).about(address)] == kinds


def test_a_slip_is_told_with_what_was_meant() -> None:
    (doubt,) = Doubts(Policies()).about("ann@gamil.com")
    assert doubt.reason == "gamil.com looks like a slip of gmail.com"


def test_what_is_accepted_is_not_looked_for() -> None:
    policies = Policies(role=Policy.ACCEPT, disposable=Policy.ACCEPT, typo=Policy.ACCEPT)
    for address in ("info@gamil.com", "a@mailinator.com"):
        assert list(Doubts(policies).about(address)) == []
