"""Bad news is believed of any row of an address, whatever the order of the file."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.importing.news import rounds
from subscribers.importing.says import Says
from subscribers.importing.wishes import Wish, bad_news
from subscribers.lifecycle import Status
from tests.fixtures.thoroughness import examples
from tests.unit.subscribers.importing.conftest import Office

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "ben"]),
        st.sampled_from(["", "active", "pending", "unsubscribed", "bounced", "complained", "blocked"]),
        st.sampled_from(["", "2024-01-01"]),
        st.sampled_from(["", "", "yes"]),
        st.sampled_from(["", "", "Paris"]),
    ),
    min_size=2,
    max_size=8,
)
NEW = count()


def bad(status: str, left: str, bounced: str) -> bool:
    return bool(left or bounced or status in {"unsubscribed", "bounced", "complained", "blocked"})


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, batch=st.integers(1, 9), existing=st.booleans())
def test_whatever_the_order_bad_news_is_in_effect(
    office: Office, rows: list[tuple[str, str, str, str, str]], batch: int, existing: bool  # noqa: FBT001 - drawn
) -> None:  # fmt: skip
    domain = f"{next(NEW)}.example.org"
    if existing:
        office.bring(f"email\nann@{domain}\n")
    lines = [f"{name}@{domain},{','.join(cells)}" for name, *cells in rows]
    file = "\n".join(["email,status,left,bounced,timezone", *lines])
    report = office.bring(file, batch=batch)
    assert report.rows == report.added + report.updated + report.unchanged + report.rejected == len(rows)
    for name in {name for name, *_ in rows}:
        theirs = [row[1:4] for row in rows if row[0] == name]
        if not any(bad(*row) for row in theirs) and all(zone for who, _, _, _, zone in rows if who == name):
            continue  # none of their rows was taken, and nothing bad is said of them
        member = office.member(f"{name}@{domain}")
        left = any(status == "unsubscribed" or left for status, left, _ in theirs)
        said = {status for status, _, _ in theirs} & {"bounced", "complained", "blocked"}
        said |= {"bounced" for _, _, bounced in theirs if bounced}
        assert (member.status is Status.UNSUBSCRIBED) == left, theirs
        assert bool(member.suppressed) == bool(said), theirs
        assert ("complained" in said) == (member.suppressed == "complaint"), theirs
    again = office.bring(file)
    assert (again.added, again.updated, again.rejected) == (0, 0, report.rejected)


def test_a_row_that_comes_again_tells_its_news(office: Office) -> None:
    file = "email,name,status,left\na@example.org,Ann,,\na@example.org,Bob,unsubscribed,2024-01-01\na@example.org,,,\n"
    office.bring(file, source="congress")
    again = "email: the same as in line 2, which counts"
    news = f"{again}; but it says unsubscribed, and bad news is believed of any row"
    assert [row["reason"] for row in office.result()] == ["", news, again]
    member = office.member("a@example.org")
    assert (member.name, member.status) == ("Ann", Status.UNSUBSCRIBED)  # nothing but the news was taken
    assert {action for action, _, _ in office.log("a@example.org")} == {"subscribed", "unsubscribed"}


def test_a_trial_changes_nothing_and_tells_the_same(office: Office) -> None:
    file = "email,status\na@example.org,\na@example.org,complained\n"
    foreseen = office.bring(file, dry_run=True)
    told = office.result()
    assert (office.bring(file).rejected, office.result()) == (foreseen.rejected, told)


def test_there_are_no_more_rounds_than_kinds_of_news() -> None:
    says = [Says.UNSUBSCRIBED, Says.BOUNCED, Says.BLOCKED, Says.COMPLAINED, *[Says.UNSUBSCRIBED] * 100]
    news = [bad_news(Wish(line, "a@example.org", says=each)) for line, each in enumerate(says)]
    told = [[each.says for each in one] for one in rounds(filter(None, news))]
    assert told == [[Says.UNSUBSCRIBED], [Says.BOUNCED], [Says.BLOCKED], [Says.COMPLAINED]]
    assert bad_news(Wish(2, "a@example.org", says=Says.PENDING)) is None


def test_a_row_that_cannot_be_taken_is_believed_its_bad_news(office: Office) -> None:
    office.bring("email\na@example.org\nb@example.org\n")
    report = office.bring(
        "email,name,status,timezone,since\n"
        "a@example.org,Other,unsubscribed,Paris,\n"
        "b@example.org,Other,complained,,some day\n"
        "c@example.org,,active,Paris,\n"
    )
    assert (report.rejected, office.member("a@example.org").status) == (3, Status.UNSUBSCRIBED)
    assert (office.member("a@example.org").name, office.member("b@example.org").suppressed) == ("", "complaint")
    reasons = [row["reason"] for row in office.result()]
    assert reasons[0].endswith("; but it says unsubscribed, and bad news is believed of any row")
    assert "believed" not in reasons[2]
