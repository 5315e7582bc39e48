"""All that a person can choose, set as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from subscribers.errors import NotFound, Refused
from subscribers.models import Consent
from subscribers.preferences import Digest
from subscribers.publication import Policies

if TYPE_CHECKING:
    from tests.unit.subscribers.conftest import Desk

EMAIL = "nora@example.org"


def test_what_was_set_is_what_is_there_and_the_log_says_what_changed(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL, languages=["fr"])
    until = desk.now + timedelta(days=30)
    wanted = {
        "languages": ["de", "fr"],
        "topics": ["mri"],
        "excluded": ["ct", "reporting"],
        "digest": Digest.MONTHLY,
        "paused_until": until,
        "timezone": "europe/berlin",
    }
    assert desk.wish(subscriber, **wanted)
    found = desk.wishes(subscriber)
    assert (found.languages, found.topics, found.excluded) == (("de", "fr"), ("mri",), ("ct", "reporting"))
    assert (found.digest, found.paused_until, found.timezone) == (Digest.MONTHLY, until, "Europe/Berlin")
    assert not desk.wish(subscriber, **wanted)
    with desk.database.read() as session:
        said = [(line.action, line.detail, line.ip) for line in session.scalars(select(Consent).order_by(Consent.id))]
    assert said[2:] == [
        ("paused", f"until {until.isoformat()}", "192.0.2.0/24"),
        (
            "preferences",
            "languages: fr → de fr; topics: – → mri; excluded: – → ct reporting; digest: weekly → monthly",
            "192.0.2.0/24",
        ),
        ("preferences", "time zone: – → Europe/Berlin", "192.0.2.0/24"),
    ]


def test_nothing_wished_is_the_lists_default_and_everything(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL, languages=["fr"], topics=["mri"])
    desk.wish(subscriber, paused_until=desk.now + timedelta(days=1))
    desk.wish(subscriber)
    found = desk.wishes(subscriber)
    assert (found.languages, found.topics, found.paused_until) == ((), (), None)
    assert desk.log(subscriber)[-1] == "resumed"


@pytest.mark.parametrize(
    ("wished", "message"),
    [
        ({"topics": ["xray"]}, "no topic"),
        ({"excluded": ["xray"]}, "no topic"),
        ({"topics": ["ct", "mri"], "excluded": ["mri"]}, "mri are both chosen and left out"),
        ({"languages": ["klingon"]}, "no language"),
        ({"timezone": "Mars/Base"}, "no time zone"),
        ({"paused_until": 0}, "in the future"),
    ],
)
def test_what_the_list_does_not_offer_is_refused_and_nothing_changes(
    desk: Desk, wished: dict[str, object], message: str
) -> None:
    subscriber = desk.joined(EMAIL, topics=["mri"])
    before, log = desk.wishes(subscriber), desk.log(subscriber)
    if "paused_until" in wished:
        wished = {"paused_until": desk.now}
    with pytest.raises(Refused, match=message):
        desk.wish(subscriber, **{"digest": Digest.MONTHLY, **wished})
    assert (desk.wishes(subscriber), desk.log(subscriber)) == (before, log)


def test_a_monthly_edition_is_for_lists_that_offer_one(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    plain = replace(desk, publication=replace(desk.publication, policies=Policies()))
    with pytest.raises(Refused, match="no “monthly” edition"):
        plain.wish(subscriber, digest=Digest.MONTHLY)
    desk.wish(subscriber, digest=Digest.MONTHLY)
    assert plain.wish(subscriber, digest=Digest.MONTHLY, topics=["mri"]), "who has it keeps it"


def test_there_are_no_wishes_of_who_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.wishes(4_711)
