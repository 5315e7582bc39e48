"""Joining a list while its campaign goes out, through a worker: asked for, confirmed, welcomed."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from newsletter.bootstrap.installation import Newsletter
from newsletter.bootstrap.people import notice_sender, post
from newsletter.bootstrap.working import work
from newsletter.delivery import outbox
from newsletter.delivery.models import Campaign
from newsletter.delivery.notices.models import Notice
from newsletter.delivery.notices.sending import Counts
from newsletter.issues.codec import content_hash, dumps
from newsletter.issues.models import IssueRevision
from newsletter.settings import read_settings
from subscribers import joining
from subscribers.lists import ListStore
from subscribers.origin import Origin
from subscribers.ports import NoticeKind
from subscribers.preferences import Vocabulary
from subscribers.publication import Policies
from tests.factories.campaigns import Stage, make_stage
from tests.factories.desk import PUBLIC_URL, body, read
from tests.factories.issues import sample_issue
from tests.factories.people import Choice
from tests.fixtures.patience import PATIENCE, wait_until

if TYPE_CHECKING:
    from email.message import EmailMessage

    from subscribers.database import Database
    from subscribers.publication import Publication

_PAGE = Origin("page")


def installation(database: Database, folder: Path, **settings: str) -> Newsletter:
    named = {f"NEWSLETTER_{name.upper()}": value for name, value in settings.items()}
    values = {"NEWSLETTER_PUBLIC_URL": PUBLIC_URL, "NEWSLETTER_OUTBOX_DIR": str(folder), **named}
    return Newsletter(settings=read_settings(values, dotenv=None), database=database)


def with_words(stage: Stage) -> Stage:
    """Give the issue of the stage its text."""
    content = dumps(sample_issue())
    with stage.database.write() as session:
        session.execute(update(IssueRevision).values(content=content, content_hash=content_hash(content)))
    return stage


def request(newsletter: Newsletter, publication: Publication, address: str) -> None:
    with newsletter.database.write() as session:
        joining.request(
            session,
            publication,
            address,
            vocabulary=Vocabulary.of(publication),
            origin=_PAGE,
            post=post(newsletter),
            now=newsletter.now(),
            languages=["en"],
        )


def press(newsletter: Newsletter, message: EmailMessage) -> None:
    """Press the button that the mail leads to."""
    found = re.search(r"/confirm/([\w-]+)", body(message))
    assert found is not None
    (number,) = newsletter.signer().read("confirm", found[1])
    with newsletter.database.write() as session:
        joining.confirm(session, number, origin=_PAGE, post=post(newsletter), now=newsletter.now())


def mails_to(folder: Path, address: str) -> list[EmailMessage]:
    return [read(file.read_bytes()) for file in sorted(folder.rglob(f"*_{address}.eml"))]


def hold_back(monkeypatch: pytest.MonkeyPatch, after: int) -> Event:
    """Let no more mails of a campaign appear until the event is set, however slowly it is looked for."""
    go_on, plain, written = Event(), outbox._write_once, count()  # noqa: SLF001 - where all of them come by

    def held_back(path: Path, content: bytes) -> None:
        if "_person-" in path.name and next(written) >= after:
            assert go_on.wait(PATIENCE)
        plain(path, content)

    monkeypatch.setattr(outbox, "_write_once", held_back)
    return go_on


def test_a_confirmation_does_not_wait_for_a_campaign(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = hold_back(monkeypatch, after=40)
    stage = with_words(make_stage(sqlite_database, 60, (Choice(),)))
    with sqlite_database.write() as session:
        publication = ListStore(session).edit("imaging", policies=Policies(welcome_issue=True))
    stage.begin()
    newsletter = installation(sqlite_database, tmp_path, rate="20", engine="threads")
    stop = Event()
    worker = Thread(target=work, args=(newsletter, stop))
    worker.start()
    try:
        wait_until(lambda: any(tmp_path.rglob("*_person-*.eml")))
        request(newsletter, publication, "new@example.org")
        wait_until(lambda: len(mails_to(tmp_path, "new@example.org")) == 1)
        assert state(sqlite_database) == "sending", "the campaign is not over yet"
        seen.set()
        wait_until(lambda: state(sqlite_database) == "sent")
        (asked,) = mails_to(tmp_path, "new@example.org")
        press(newsletter, asked)
        wait_until(lambda: len(mails_to(tmp_path, "new@example.org")) == 3)
    finally:
        seen.set()
        stop.set()
        worker.join(PATIENCE)
    assert not worker.is_alive()
    subjects = {str(message["Subject"]) for message in mails_to(tmp_path, "new@example.org")}
    assert {"Please confirm your subscription to Imaging & AI", "Welcome to Imaging & AI"} < subjects
    (issue,) = (message for message in mails_to(tmp_path, "new@example.org") if message["Precedence"] == "bulk")
    assert issue["Feedback-ID"].startswith("latest-issue:")
    with sqlite_database.read() as session:
        assert set(session.scalars(select(Notice.state))) == {"sent"}


def test_who_was_in_the_plan_of_the_last_issue_does_not_get_it_again(sqlite_database: Database, tmp_path: Path) -> None:
    stage = with_words(make_stage(sqlite_database, 1, (Choice(),)))
    with sqlite_database.write() as session:
        ListStore(session).edit("imaging", policies=Policies(welcome_issue=True))
    stage.begin()
    newsletter = installation(sqlite_database, tmp_path, engine="threads")
    work(newsletter, Event(), until_idle=True)
    with sqlite_database.write() as session:
        list_id = stage.publication.id
        post(newsletter).put(session, NoticeKind.WELCOME, list_id=list_id, subscriber_id=1, now=newsletter.now())
    with notice_sender(newsletter) as sender:
        assert sender.send_due() == Counts(sent=1, dropped=1)


def test_a_worker_that_ends_when_idle_sends_what_is_due_first(sqlite_database: Database, tmp_path: Path) -> None:
    stage = make_stage(sqlite_database, 0)
    newsletter = installation(sqlite_database, tmp_path, engine="threads")
    for number in range(3):
        request(newsletter, stage.publication, f"new{number}@example.org")
    assert work(newsletter, Event(), until_idle=True) == frozenset()
    assert len(list(tmp_path.rglob("*.eml"))) == 3


def state(database: Database) -> str:
    with database.read() as session:
        return str(session.scalars(select(Campaign.state)).one())
