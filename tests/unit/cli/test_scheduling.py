"""Scheduling by command: what people type, what they are told, what scripts read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.scheduling import still_to_come, ticker
from newsletter.delivery.models import Campaign
from newsletter.resources import folder
from newsletter.scheduling.models import Schedule
from subscribers.clock import utc_now

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
ISSUE = "2026-03-13"
LATER = "2099-11-27T08:00"
PAST = "2020-11-27T08:00"


@pytest.fixture
def finalized(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with a list in Paris, its people, and an issue that can be sent."""
    newsletter(
        "list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml",
        "--timezone", "europe/paris",
    )  # fmt: skip
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    newsletter("issue", "add", *sorted(EXAMPLES.glob("*.txt")))
    newsletter("issue", "finalize", ISSUE)
    return newsletter


def let_it_be_due(hours: float = 0) -> None:
    """Let everything that is to come have come, so many hours ago, and look what is due."""
    with opened() as installation:
        then = utc_now() - timedelta(hours=hours)
        with installation.database.write() as session:
            session.execute(update(Campaign).where(Campaign.state == "scheduled").values(scheduled_at=then))
            slots = update(Schedule).where(Schedule.next_fire_at.is_not(None))
            session.execute(slots.values(next_fire_at=then, next_wall=f"{then:%Y-%m-%dT%H:%M:%S}"))
        ticker(installation).tick()


def test_an_issue_is_scheduled_in_the_zone_of_its_list(finalized: Newsletter) -> None:
    said = finalized("campaign", "schedule", ISSUE, "--at", LATER, "--json")
    expected = {
        "state": "scheduled",
        "scheduled_at": "2099-11-27T07:00:00+00:00",
        "wall_time": "2099-11-27T08:00:00",
        "timezone": "Europe/Paris",
        "local_time": False,
        "held_back": None,
    }
    assert expected.items() <= said.json.items()
    assert expected.items() <= finalized("campaign", "status", "--json").json.items()
    assert expected.items() <= finalized("campaign", "list", "--json").json["campaigns"][0].items()
    assert "scheduled for 2099-11-27 08:00 Europe/Paris" in finalized("campaign", "list").out
    assert "Its time: 2099-11-27 08:00 Europe/Paris (2099-11-27 07:00 UTC)." in finalized("campaign", "status").out
    assert "newsletter scheduler" in said.err


@pytest.mark.parametrize(
    ("arguments", "at"),
    [
        (("--at", LATER, "--timezone", "asia/tokyo"), "2099-11-26T23:00:00+00:00"),
        (("--at", "2099-11-27 08:00+05:30"), "2099-11-27T02:30:00+00:00"),
        (("--at", "2099-11-27T08:00Z"), "2099-11-27T08:00:00+00:00"),
    ],
)
def test_the_command_may_name_a_zone_or_an_offset(finalized: Newsletter, arguments: tuple[str, ...], at: str) -> None:
    assert finalized("campaign", "schedule", ISSUE, *arguments, "--json").json["scheduled_at"] == at


def test_without_any_zone_it_is_utc(finalized: Newsletter) -> None:
    assert finalized("list", "edit", "--timezone", "", "--json").json["timezone"] is None
    said = finalized("campaign", "schedule", ISSUE, "--at", LATER, "--json")
    assert (said.json["scheduled_at"], said.json["timezone"]) == ("2099-11-27T08:00:00+00:00", "UTC")


def test_where_clocks_are_turned_it_is_said_what_is_meant(finalized: Newsletter) -> None:
    twice = finalized("campaign", "schedule", ISSUE, "--at", "2035-10-28T02:30", "--json")
    assert twice.json["scheduled_at"] == "2035-10-28T00:30:00+00:00"
    assert "show 02:30 twice" in twice.err
    never = finalized("campaign", "schedule", ISSUE, "--at", "2035-03-25T02:30", "--json")
    assert never.json["scheduled_at"] == "2035-03-25T01:00:00+00:00"
    assert "skip 02:30" in never.err


def test_what_cannot_be_scheduled_is_refused_with_what_to_do(finalized: Newsletter) -> None:
    assert "is past" in finalized("campaign", "schedule", ISSUE, "--at", PAST, code=1).err
    assert "is past" in finalized("campaign", "start", ISSUE, "--at", PAST, "--local-time", code=1).err
    assert "no time" in finalized("campaign", "schedule", ISSUE, "--at", "friday", code=1).err
    assert "Nowhere" in finalized("campaign", "schedule", ISSUE, "--at", LATER, "--timezone", "Nowhere", code=1).err
    assert "--at" in finalized("campaign", "schedule", ISSUE, code=2).err
    assert "name a time" in finalized("campaign", "start", ISSUE, "--local-time", code=2).err
    assert "Nowhere" in finalized("list", "edit", "--timezone", "Nowhere", code=1).err
    assert finalized("campaign", "list", "--json").json == {"campaigns": []}


def test_an_edit_afterwards_is_said_at_once_and_keeps_it_from_beginning(finalized: Newsletter) -> None:
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    edited = finalized("issue", "topics", ISSUE, "--set", "14=mri")
    assert "Campaign 1 was scheduled for 2099-11-27 08:00 Europe/Paris: issue 2026-03-13 was edited" in edited.err
    status = finalized("campaign", "status", "--json").json
    assert (status["state"], status["held_back"]) == ("scheduled", "edited")
    assert "revision 2" in status["state_reason"]
    let_it_be_due()
    assert finalized("campaign", "status", "--json").json["state"] == "scheduled"
    assert "edited" in finalized("campaign", "list").out
    assert "issue finalize" in finalized("campaign", "schedule", ISSUE, "--at", LATER, code=1).err
    assert "issue finalize" in finalized("campaign", "start", ISSUE, code=1).err

    finalized("issue", "finalize", ISSUE)
    again = finalized("campaign", "schedule", ISSUE, "--at", LATER, "--json").json
    assert (again["campaign"], again["revision"], again["held_back"]) == (1, 2, None)
    let_it_be_due()
    assert finalized("campaign", "status", "--json").json["state"] == "planning"


def test_what_was_missed_waits_for_a_person_who_starts_it(finalized: Newsletter) -> None:
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    let_it_be_due(hours=7)
    assert "missed" in finalized("campaign", "list").out
    assert "campaign start imagerie/2026-03-13" in finalized("campaign", "status").out
    started = finalized("campaign", "start", ISSUE, "--list", "imagerie", "--json")
    assert (started.json["state"], started.json.get("held_back")) == ("planning", None)
    assert "newsletter worker" in started.err
    assert finalized("campaign", "send", ISSUE, "--json").json["sent"] == 12
    assert "nothing is sent now" in finalized("campaign", "start", ISSUE).err


def test_how_late_is_too_late_can_be_set(finalized: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_CATCH_UP_HOURS", "8")
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    let_it_be_due(hours=7)
    assert finalized("campaign", "status", "--json").json["state"] == "planning"


def test_a_scheduled_campaign_is_cancelled_like_any_other(finalized: Newsletter) -> None:
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    assert finalized("campaign", "cancel", "--reason", "no", "--json").json["state"] == "cancelled"
    let_it_be_due()
    assert finalized("campaign", "status", "--json").json["state"] == "cancelled"


def test_sending_by_hand_does_not_wait_once_it_was_started(finalized: Newsletter) -> None:
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    assert f"campaign start {ISSUE}" in finalized("campaign", "send", ISSUE, code=1).err
    assert finalized("campaign", "status", "--json").json["state"] == "scheduled"
    finalized("campaign", "start", ISSUE)
    assert finalized("campaign", "send", ISSUE, "--json").json["sent"] == 12


def test_a_paused_campaign_is_not_started_but_resumed(finalized: Newsletter) -> None:
    finalized("campaign", "start", ISSUE)
    finalized("campaign", "pause")
    assert "campaign resume 1" in finalized("campaign", "start", ISSUE, code=1).err


def test_a_list_without_people_is_not_started(newsletter: Newsletter) -> None:
    newsletter("list", "create", "--file", EXAMPLES / "list.toml")
    newsletter("issue", "add", EXAMPLES / f"{ISSUE}.fr.txt")
    newsletter("issue", "finalize", ISSUE)
    assert "subscribers import" in newsletter("campaign", "start", ISSUE, code=1).err
    assert newsletter("campaign", "list", "--json").json == {"campaigns": []}


def test_by_the_readers_own_clocks(finalized: Newsletter) -> None:
    people = finalized.folder / "zones.csv"
    people.write_text("email,timezone\nada@example.org,Asia/Tokyo\nbob@example.org,America/New_York\n", "utf-8")
    finalized("subscribers", "import", people)
    said = finalized("campaign", "schedule", ISSUE, "--at", LATER, "--local-time", "--json")
    assert (said.json["scheduled_at"], said.json["local_time"]) == ("2099-11-26T23:00:00+00:00", True)
    assert "each reader by their own clock" in said.err
    assert "2099-11-26 23:00 UTC" in said.err


def test_a_list_sends_by_itself(finalized: Newsletter) -> None:
    assert "nothing by itself" in finalized("list", "schedule").out
    said = finalized("list", "schedule", "imagerie", "--set", "Fridays 8:00", "--set", "tue 18h30 UTC", "--json").json
    assert {each["slot"] for each in said["slots"]} == {"fri 08:00 Europe/Paris", "tue 18:30 UTC"}
    assert all(datetime.fromisoformat(each["next_at"]) > utc_now() for each in said["slots"])
    assert said["occurrences"] == []
    finalized("list", "schedule", "--set", "fri 08:00", "--catch-up", "2", "--local-time")
    assert "fri 08:00 Europe/Paris, each reader by their own clock" in finalized("list", "schedule").out

    let_it_be_due(hours=3)
    (was,) = finalized("list", "schedule", "--json").json["occurrences"]
    assert (was["slot"], was["outcome"], was["campaign"]) == ("fri 08:00 Europe/Paris", "missed", 1)
    let_it_be_due(hours=1)
    last = finalized("list", "schedule", "--json").json["occurrences"][0]
    assert (last["outcome"], last["campaign"]) == ("nothing", None)
    assert "has a time of its own" in finalized("list", "schedule").out
    assert finalized("list", "schedule", "--clear", "--json").json["slots"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("--set", "fri"), 1, "one time of day"),
        (("--set", "fri 8:00", "--clear"), 2, "--clear"),
        (("--local-time",), 2, "--set"),
        (("--catch-up", "3"), 2, "--set"),
        (("--set", "fri 8:00", "--catch-up", "1000"), 2, "168"),
        (("elsewhere",), 1, "no list “elsewhere”"),
    ],
)
def test_what_makes_no_slot_is_refused(
    finalized: Newsletter, arguments: tuple[str, ...], code: int, expected: str
) -> None:
    assert expected in finalized("list", "schedule", *arguments, code=code).err
    assert finalized("list", "schedule", "--json").json["slots"] == []


def test_what_is_to_come_is_known_to_whoever_shares_out_the_quota(finalized: Newsletter) -> None:
    finalized("campaign", "schedule", ISSUE, "--at", LATER)
    with opened() as installation:
        assert still_to_come(installation) == 0
        hours = (datetime.fromisoformat("2099-11-28T00:00Z") - utc_now()) / timedelta(hours=1)
        assert still_to_come(installation, hours) == 12
