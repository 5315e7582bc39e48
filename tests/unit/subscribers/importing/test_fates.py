"""A person of the file against what is known of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.importing.fates import Existing, Known, Rules, decide
from subscribers.importing.says import Says
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
    says=st.none() | st.sampled_from(Says),
).map(lambda wish: wish._replace(leaves=wish.says is Says.UNSUBSCRIBED)) | st.builds(
    Wish, line=st.just(2), email=st.just("ann@example.org"), says=st.just(Says.BOUNCED), leaves=st.just(value=True)
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
    return Wish(2, "ann@example.org", leaves=fields.get("says") is Says.UNSUBSCRIBED, **fields)  # type: ignore[arg-type]  # by name, as it takes them


def known(status: Status | None, **fields: object) -> Known:
    basics = {"name": "Ann", "timezone": "", "languages": "fr", "topics": "ct"}
    return Known(subscriber_id=1, status=status, **{**basics, **fields})  # type: ignore[arg-type]  # by name, as it takes them


def test_a_new_person_is_added_active() -> None:
    made = decide(wish(name="Ann", topics="ct"), None, None)
    assert (made.fate, made.status, made.action, made.reason) == (Fate.ADDED, Status.ACTIVE, Action.SUBSCRIBED, "")


def test_a_person_of_another_list_is_added_to_this_one_and_keeps_their_name() -> None:
    made = decide(wish(), known(None, languages="", topics=""), None)
    assert (made.fate, made.status, made.profile.name) == (Fate.ADDED, Status.ACTIVE, "Ann")


def test_a_person_the_file_calls_unsubscribed_is_added_as_such() -> None:
    made = decide(wish(says=Says.UNSUBSCRIBED), None, None)
    assert (made.fate, made.status, made.action) == (Fate.ADDED, Status.UNSUBSCRIBED, Action.UNSUBSCRIBED)
    assert "as the file says" in made.reason


def test_a_suppressed_address_gets_no_mail_by_being_imported() -> None:
    made = decide(wish(), None, "complaint")
    assert (made.fate, made.status) == (Fate.ADDED, Status.SUPPRESSED)
    assert "suppressed (complaint)" in made.reason


def test_an_empty_cell_takes_nothing_away() -> None:
    made = decide(wish(), known(Status.ACTIVE), None)
    assert (made.fate, made.profile[:4], made.action) == (Fate.UNCHANGED, ("Ann", "", "fr", "ct"), None)


def test_what_a_row_chooses_is_left_out_no_longer() -> None:
    made = decide(wish(topics="mri", excluded="mri pet"), known(Status.ACTIVE)._replace(excluded="ct"), None)
    assert (made.profile.topics, made.profile.excluded, made.action) == ("mri", "pet", Action.PREFERENCES)
    made = decide(wish(topics="ct"), known(Status.ACTIVE)._replace(topics="mri", excluded="ct pet"), None)
    assert (made.profile.topics, made.profile.excluded) == ("ct", "pet")


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
    made = decide(wish(says=Says.UNSUBSCRIBED), known(status), "bounce" if status is Status.SUPPRESSED else None)
    assert (made.fate, made.status, made.action) == (Fate.UPDATED, Status.UNSUBSCRIBED, Action.UNSUBSCRIBED)


@pytest.mark.parametrize(
    ("says", "reason"),
    [(Says.BOUNCED, "bounce"), (Says.COMPLAINED, "complaint"), (Says.BLOCKED, "manual")],
)
@pytest.mark.parametrize("before", [None, Status.ACTIVE])
def test_bad_news_of_an_address_is_believed(says: Says, reason: str, before: Status | None) -> None:
    made = decide(wish(says=says), known(before) if before else None, None)
    assert (made.status, made.suppress) == (Status.SUPPRESSED, reason)
    assert f"suppressed ({reason})" in made.reason


def test_bad_news_of_somebody_who_left_is_believed_too() -> None:
    made = decide(wish(says=Says.COMPLAINED), known(Status.UNSUBSCRIBED), None)
    assert (made.fate, made.status, made.suppress) == (Fate.UPDATED, Status.UNSUBSCRIBED, "complaint")


def test_who_left_and_bounced_is_not_brought_back_when_the_bounce_is_lifted() -> None:
    made = decide(wish(says=Says.BOUNCED)._replace(leaves=True), None, None)
    assert (made.status, made.suppress) == (Status.UNSUBSCRIBED, "bounce")


def test_the_first_reason_stands_unless_they_complain() -> None:
    assert decide(wish(says=Says.BOUNCED), known(Status.SUPPRESSED), "manual").suppress is None
    assert decide(wish(says=Says.COMPLAINED), known(Status.SUPPRESSED), "bounce").suppress == "complaint"


def test_who_has_not_confirmed_elsewhere_is_added_unconfirmed_and_without_a_consent() -> None:
    made = decide(wish(says=Says.PENDING), None, None)
    assert (made.fate, made.status, made.action) == (Fate.ADDED, Status.PENDING, None)
    assert decide(wish(says=Says.PENDING), known(Status.ACTIVE), None).status is Status.ACTIVE


def test_an_override_brings_back_who_left_and_nobody_else() -> None:
    rules = Rules(override="asked at the congress")
    made = decide(wish(topics="mri"), known(Status.UNSUBSCRIBED), None, rules)
    assert (made.fate, made.status, made.action) == (Fate.UPDATED, Status.ACTIVE, Action.SUBSCRIBED)
    assert made.profile.topics == "mri"
    assert "brought back" in made.reason
    assert decide(wish(), known(Status.UNSUBSCRIBED), "complaint", rules).status is Status.SUPPRESSED
    for says in set(Says) - {Says.ACTIVE}:
        assert decide(wish(says=says), known(Status.UNSUBSCRIBED), None, rules).status is Status.UNSUBSCRIBED
    assert decide(wish(), known(Status.PENDING), None, rules).status is Status.PENDING


def test_the_erased_do_not_come_back_by_a_file_whatever_is_overridden() -> None:
    made = decide(wish(), None, None, Rules(override="why not"), erased=True)
    assert (made.fate, made.status, made.action) == (Fate.REJECTED, None, None)
    assert "erased" in made.reason
    assert decide(wish(), known(Status.ACTIVE), None, erased=True).fate is Fate.UNCHANGED, "they came back themselves"


def test_a_word_of_their_own_brings_the_erased_back_and_no_bad_news_of_them() -> None:
    rules = Rules(override_erased="asked by letter")
    made = decide(wish(), None, None, rules, erased=True)
    assert (made.fate, made.status, made.action) == (Fate.ADDED, Status.ACTIVE, Action.SUBSCRIBED)
    assert "erased" in made.reason
    assert decide(wish(), None, "complaint", rules, erased=True).status is Status.SUPPRESSED
    assert decide(wish(says=Says.BOUNCED), None, None, rules, erased=True).fate is Fate.REJECTED


def test_filling_takes_only_what_is_missing() -> None:
    rules = Rules(Existing.FILL)
    made = decide(wish(name="Other", topics="mri", timezone="Europe/Paris"), known(Status.ACTIVE), None, rules)
    assert (made.fate, made.profile[:4]) == (Fate.UPDATED, ("Ann", "Europe/Paris", "fr", "ct"))


def test_skipping_leaves_them_as_they_are_but_for_bad_news() -> None:
    rules = Rules(Existing.SKIP)
    made = decide(wish(name="Other", topics="mri"), known(Status.ACTIVE), None, rules)
    assert (made.fate, made.profile.name, made.profile.topics) == (Fate.UNCHANGED, "Ann", "ct")
    assert "left as they are" in made.reason
    assert decide(wish(says=Says.UNSUBSCRIBED), known(Status.ACTIVE), None, rules).status is Status.UNSUBSCRIBED
    joining = decide(wish(name="Other", topics="mri"), known(None, topics=""), None, rules)
    assert (joining.fate, joining.profile.name, joining.profile.topics) == (Fate.ADDED, "Ann", "mri")


RULES = st.builds(
    Rules, st.sampled_from(Existing), st.sampled_from(["", "they asked"]), st.sampled_from(["", "they asked"])
)


@given(WISHES, KNOWN, SUPPRESSED, RULES, st.booleans())
def test_nobody_becomes_active_by_a_file_who_was_on_the_list_and_was_not(
    wish: Wish,
    known: Known | None,
    suppressed: str | None,
    rules: Rules,
    erased: bool,  # noqa: FBT001 - drawn
) -> None:
    made = decide(wish, known, suppressed, rules, erased=erased)
    before = known.status if known else None
    if made.status is Status.ACTIVE:
        assert before in (None, Status.ACTIVE) or (before is Status.UNSUBSCRIBED and rules.override)
        assert not suppressed
        assert not wish.leaves
        assert wish.says in (None, Says.ACTIVE) or (wish.says is Says.PENDING and before is Status.ACTIVE)
        assert known or not erased or rules.override_erased
    back = rules.override_erased and wish.says in (None, Says.ACTIVE) and not wish.leaves
    assert (made.fate is Fate.REJECTED) == (erased and known is None and not back)
    assert (made.fate is Fate.ADDED) == (before is None and made.fate is not Fate.REJECTED)


@given(WISHES, KNOWN, SUPPRESSED, RULES)
def test_the_same_row_again_changes_nothing(
    wish: Wish, known: Known | None, suppressed: str | None, rules: Rules
) -> None:
    made = decide(wish, known, suppressed, rules)
    profile = made.profile
    now_known = Known(1, profile.name, profile.timezone, made.status, *profile[2:])
    again = decide(wish, now_known, made.suppress or suppressed, rules)
    assert (again.fate, again.action, again.status, again.profile) == (Fate.UNCHANGED, None, made.status, profile)
    assert again.suppress is None
