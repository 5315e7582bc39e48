"""What is kept of people for a while only, of all rooms; and silent people. Once a day, or by a command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.bootstrap.feedback import purge_feedback
from newsletter.bootstrap.people import post
from newsletter.delivery.notices.retention import of_notices, reached
from newsletter.feedback.reporting.forgetting import Ledger
from newsletter.feedback.retention import due_of as feedback_due
from newsletter.feedback.signs import anybody_seen
from newsletter.scheduling.chores import Chore
from subscribers.lists import ListStore
from subscribers.privacy.retention import due_of, of_list, of_people, run
from subscribers.privacy.sunset import (
    ask_the_silent,
    let_the_unanswered_go,
    listen,
    listening_since,
    silence,
    silent_since,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from newsletter.bootstrap.installation import Newsletter
    from subscribers.privacy.retention import Rule
    from subscribers.publication import Publication

    Wait = Callable[[float], bool]

_BATCH = 200


def _never(_seconds: float) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dusk:
    """How it stands with the silent people of a list, or what was done about them."""

    list: str
    months: int
    since: datetime | None
    """Since when signs of life are noted; None: from the first day that runs on."""
    asked: int
    left: int
    waits: str
    """Why nobody is asked; "": somebody may be."""


def due(newsletter: Newsletter) -> Mapping[str, int]:
    """Return how many rows of what would go now."""
    rules = _rules(newsletter)
    with newsletter.database.read() as session:
        events = feedback_due(session, newsletter.now() - timedelta(days=newsletter.settings.feedback_days))
        return {**due_of(session, rules), **events.as_json()}


def retain(newsletter: Newsletter, wait: Wait = _never) -> Mapping[str, int]:
    """Let go what is kept no longer, a batch a transaction, until `wait` says to stop; return how many rows of what."""
    gone = dict(run(newsletter.database, _rules(newsletter), wait))
    return {**gone, **purge_feedback(newsletter, wait).as_json()}


def dusk(newsletter: Newsletter) -> Sequence[Dusk]:
    """Return what `sunset` would do now, for the lists that have it; nothing is written."""
    found = []
    with newsletter.database.read() as session:
        for publication in _with_sunset(ListStore(session).all()):
            count = silence(session, publication, newsletter.now())
            waits = _waits(newsletter, publication)
            found.append(
                Dusk(
                    list=publication.slug,
                    months=publication.policies.sunset_months,
                    since=listening_since(session, publication),
                    asked=0 if waits else count.silent,
                    left=0 if waits else count.unanswered,
                    waits=waits,
                )
            )
    return found


def sunset(newsletter: Newsletter, wait: Wait = _never) -> Sequence[Dusk]:
    """Ask silent people whether they still want a list, and take those off it who did not answer in time."""
    with newsletter.database.read() as session:
        lists = ListStore(session).all()
    found = []
    for publication in lists:
        with newsletter.database.write() as session:
            since = listen(session, publication, newsletter.now())
        if since is None or wait(0):
            continue
        waits = _waits(newsletter, publication)
        asked, left = (0, 0) if waits else _carried_out(newsletter, publication, wait)
        months = publication.policies.sunset_months
        found.append(Dusk(list=publication.slug, months=months, since=since, asked=asked, left=left, waits=waits))
    return found


def chores(newsletter: Newsletter) -> Sequence[Chore]:
    """Return what is done once a day."""

    def retention(wait: Wait) -> str:
        return ", ".join(f"{rows} {what}" for what, rows in retain(newsletter, wait).items() if rows)

    def evening(wait: Wait) -> str:
        return "; ".join(f"{each.list}: {_in_words(each)}" for each in sunset(newsletter, wait))

    return [Chore(name="retention", do=retention), Chore(name="sunset", do=evening)]


def _in_words(found: Dusk) -> str:
    return found.waits or f"{found.asked} asked, {found.left} taken off"


def _rules(newsletter: Newsletter) -> Sequence[Rule]:
    now = newsletter.now()
    with newsletter.database.read() as session:
        lists = ListStore(session).all()
    ledgers: list[Rule] = [
        Ledger(list_id=each.id, before=now - timedelta(weeks=each.policies.ledger_weeks)) for each in lists
    ]
    mine = [rule for each in lists for rule in of_list(each, now)]
    return [*mine, *of_people(lists, now), of_notices(now), *ledgers]


def _with_sunset(lists: Sequence[Publication]) -> Sequence[Publication]:
    return [each for each in lists if each.policies.sunset_months]


def _waits(newsletter: Newsletter, publication: Publication) -> str:
    """Return why nobody of a list is asked: where nothing tells silence from reading, all would be."""
    with newsletter.database.read() as session:
        if anybody_seen(session, publication.id, silent_since(publication, newsletter.now())):
            return ""
    return (
        f"no open or click of anybody was reported in {publication.policies.sunset_months} months, so nothing tells "
        f"who reads from who does not: have SES report them (`newsletter aws setup --track-opens`), or set "
        f"sunset_months to 0"
    )


def _carried_out(newsletter: Newsletter, publication: Publication, wait: Wait) -> tuple[int, int]:
    database, orders, asked, left = newsletter.database, post(newsletter), 0, 0
    looked_at = _BATCH
    while looked_at == _BATCH and not wait(0):
        with database.write() as session:
            looked_at, gone = let_the_unanswered_go(
                session, publication, reached=reached, now=newsletter.now(), limit=_BATCH
            )
        left += gone
    some = _BATCH
    while some == _BATCH and not wait(0):
        with database.write() as session:
            some = ask_the_silent(session, publication, post=orders, now=newsletter.now(), limit=_BATCH)
        asked += some
    return asked, left
