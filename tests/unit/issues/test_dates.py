"""Periods and dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.dates import date_in_name, find_period, looks_like_date, week_until
from newsletter.issues.model import Period
from tests.strategies import DATES

WEEK = Period(date(2026, 5, 16), date(2026, 5, 22))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("La semaine du 16 au 22 mai 2026 commence", WEEK),
        ("SEMAINE DU 16 AU 22 MAI 2026", WEEK),
        ("semaine du lundi 16 au dimanche 22 mai 2026", WEEK),
        ("the week of 16–22 May 2026", WEEK),
        ("the week of May 16 to 22, 2026", WEEK),
        ("Week of 16th to 22nd of May, 2026", WEEK),
        ("week from May 16, 2026 through May 22, 2026", WEEK),
        ("die Woche vom 16. bis 22. Mai 2026", WEEK),
        ("KW 21 (16.–22. Mai 2026)", WEEK),
        ("Week 2026-05-16/2026-05-22", WEEK),
        ("semaine du 28 février au 6 mars 2026", Period(date(2026, 2, 28), date(2026, 3, 6))),
        ("semaine du 1er au 7 août 2026", Period(date(2026, 8, 1), date(2026, 8, 7))),
        ("Woche vom 28. Dezember 2026 bis zum 3. Januar 2027", Period(date(2026, 12, 28), date(2027, 1, 3))),
        ("semaine du 28 décembre au 3 janvier 2027", Period(date(2026, 12, 28), date(2027, 1, 3))),
        ("week of Dec 28 to Jan 3, 2027", Period(date(2026, 12, 28), date(2027, 1, 3))),
        ("week of 16 to 22 May", WEEK),
    ],
)
def test_a_week_is_found(text: str, period: Period) -> None:
    assert find_period(text, announced=True, near=date(2026, 5, 22)) == period


@pytest.mark.parametrize(
    "text",
    [
        "congrès (Stockholm, 15–19 mai 2026)",
        "la semaine du 17 mai",
        "semaine du 99 au 22 mai 2026",
        "semaine du 30 au 31 février 2026",
        "week of 22 to 16 May 2026",
        "semaine 21",
        "weekend of 16 to 22 May 2026",
    ],
)
def test_what_is_no_week_is_not_taken_for_one(text: str) -> None:
    assert find_period(text, announced=True, near=date(2026, 5, 22)) is None


def test_without_a_year_and_a_day_near_it_nothing_is_guessed() -> None:
    assert find_period("week of 16 to 22 May", announced=True) is None


@given(DATES, st.integers(0, 13), st.sampled_from(["semaine du {} au {}", "week of {} to {}", "Woche vom {} bis {}"]))
def test_any_period_is_read_back(start: date, days: int, phrase: str) -> None:
    end = date.fromordinal(start.toordinal() + days)
    text = phrase.format(start.isoformat(), end.isoformat())
    assert find_period(text, announced=True) == Period(start, end)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-05-22.fr.txt", date(2026, 5, 22)),
        ("issue_2026_05_22.txt", date(2026, 5, 22)),
        ("2026-02-30.txt", None),
        ("12026-05-221.txt", None),
        ("may.txt", None),
    ],
)
def test_the_date_in_a_file_name(name: str, day: date | None) -> None:
    assert date_in_name(name) == day


def test_the_week_until_a_day_has_seven_days() -> None:
    assert week_until(date(2026, 5, 22)) == WEEK
    assert week_until(date.min).start == date.min


@pytest.mark.parametrize("text", ["20 mai 2026", "Mai 2026", "1er mars 2026", "March 3rd, 2026", "2026", "20.05.2026"])
def test_dates_of_labels(text: str) -> None:
    assert looks_like_date(text)


@pytest.mark.parametrize("text", ["European Journal", "JAMA 2026", "The 3 March Review", "", "12"])
def test_journals_are_no_dates(text: str) -> None:
    assert not looks_like_date(text)
