"""A person of the file against what is known of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.importing.fates import Known, decide
from subscribers.importing.wishes import Wish
from subscribers.lifecycle import Action, Fate, Status

WORDS = st.sampled_from(["", "a", "b"])
WISHES = st.builds(
    Wish,
    line=st.just(2),
    email=st.just("ann@example.org"),
    name=WORDS,
    languages=WORDS,
    topics=WORDS,
    timezone=WORDS,
    leaves=st.booleans(),
)
KNOWN = st.none() | st.builds(
    Known,
    subscriber_id=st.just(1),
    name=WORDS,
    timezone=WORDS,
    status=st.none() | st.sampled_from(Status),
    languages=WORDS,
    topics=WORDS,
)
SUPPRESSED = st.none() | st.just("bounce")


def wish(**fields: object) -> Wish:
    basics = {"line": 2, "email": "ann@example.org", "name": "", "languages": "", "topics": "", "timezone": ""}
    return Wish(**{**basics, "leaves": False, **fields})  # type: ignore[arg-type]


def known(status: Status | None, **fields: object) -> Known:
    basics = {"name": "Ann", "timezone": "", "languages": "fr", "topics": "ct"}
    return Known(subscriber_id=1, status=status, **{**basics, **fields})  # type: ignore[arg-type]


def test_a_new_person_is_added_active() -> None:
    made = decide(wish(name="Ann", topics="ct"), None, None)
    assert (made.fate, made.status, made.action, made.reason) == (Fate.ADDED, Status.ACTIVE, Action.SUBSCRIBED, "")


def test_a_person_of_another_list_is_added_to_this_one_and_keeps_their_name() -> None:
    made = decide(wish(), known(None, languages="", topics=""), None)
    assert (made.fate, made.status, made.profile.name) == (Fate.ADDED, Status.ACTIVE, "Ann")


def test_a_person_the_file_calls_unsubscribed_is_added_as_such() -> None:
    made = decide(wish(leaves=True), None, None)
    assert (made.fate, made.status, made.action) == (Fate.ADDED, Status.UNSUBSCRIBED, Action.UNSUBSCRIBED)
    assert "as the file says" in made.reason


def test_a_suppressed_address_gets_no_mail_by_being_imported() -> None:
    made = decide(wish(), None, "complaint")
    assert (made.fate, made.status) == (Fate.ADDED, Status.SUPPRESSED)
    assert "suppressed (complaint)" in made.reason


def test_an_empty_cell_takes_nothing_away() -> None:
    made = decide(wish(), known(Status.ACTIVE), None)
    assert (made.fate, made.profile, made.action) == (Fate.UNCHANGED, ("Ann", "", "fr", "ct"), None)


@pytest.mark.parametrize(
    ("fields", "action"),
    [({"topics": "mri"}, Action.PREFERENCES), ({"languages": "en"}, Action.PREFERENCES), ({"name": "Ann B"}, None)],
)
def test_what_the_file_names_is_taken(fields: dict[str, str], action: Action | None) -> None:
    made = decide(wish(**fields), known(Status.ACTIVE), None)
    assert (made.fate, made.action, made.status) == (Fate.UPDATED, action, Status.ACTIVE)
    assert set(fields.values()) <= set(made.profile)


def test_who_left_is_left_alone() -> None:
    made = decide(wish(name="Other", topics="mri"), known(Status.UNSUBSCRIBED), None)
    assert (made.fate, made.profile.name, made.profile.topics, made.action) == (Fate.UNCHANGED, "Ann", "ct", None)
    assert "stays away" in made.reason


def test_who_has_not_confirmed_stays_unconfirmed() -> None:
    made = decide(wish(topics="mri"), known(Status.PENDING), None)
    assert (made.fate, made.status) == (Fate.UPDATED, Status.PENDING)
    assert "has not confirmed" in made.reason


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PENDING, Status.SUPPRESSED])
def test_leaving_is_believed(status: Status) -> None:
    made = decide(wish(leaves=True), known(status), "bounce" if status is Status.SUPPRESSED else None)
    assert (made.fate, made.status, made.action) == (Fate.UPDATED, Status.UNSUBSCRIBED, Action.UNSUBSCRIBED)


@given(WISHES, KNOWN, SUPPRESSED)
def test_nobody_becomes_active_by_a_file_who_was_on_the_list_and_was_not(
    wish: Wish, known: Known | None, suppressed: str | None
) -> None:
    made = decide(wish, known, suppressed)
    before = known.status if known else None
    if made.status is Status.ACTIVE:
        assert before in (None, Status.ACTIVE)
        assert not suppressed
        assert not wish.leaves
    assert made.fate is not Fate.REJECTED
    assert (made.fate is Fate.ADDED) == (before is None)


@given(WISHES, KNOWN, SUPPRESSED)
def test_the_same_row_again_changes_nothing(wish: Wish, known: Known | None, suppressed: str | None) -> None:
    made = decide(wish, known, suppressed)
    profile = made.profile
    now_known = Known(1, profile.name, profile.timezone, made.status, profile.languages, profile.topics)
    again = decide(wish, now_known, suppressed)
    assert (again.fate, again.action, again.status, again.profile) == (Fate.UNCHANGED, None, made.status, profile)
