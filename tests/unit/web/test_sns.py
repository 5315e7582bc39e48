"""What the webhook takes in and what it refuses, over real HTTP, with real keys and a real database."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from newsletter.feedback.models import FeedbackEvent, Notice, Quarantined
from newsletter.feedback.sns import LARGEST
from newsletter.simulator.signing import Signer
from subscribers.database import Database
from tests.factories.events import ses_event
from tests.fakes.sns import TOPIC, Sns, sns_server
from tests.fixtures.postgresql import Server
from tests.fixtures.site import Site, served

PATH = "/feedback/sns"
ELSEWHERE = "arn:aws:sns:eu-west-3:666666666666:newsletter-events"


@dataclass
class Hook:
    """The webhook, what posts to it, and the database that it writes to."""

    site: Site
    sns: Sns
    database: Database

    def post(self, message: dict[str, str]) -> tuple[int, str]:
        status, _, body = self.site.post(PATH, self.sns.body_of(message), {"Content-Type": "text/plain; charset=UTF-8"})
        return status, body.decode()

    def events(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(FeedbackEvent)) or 0


@pytest.fixture
def sns() -> Iterator[Sns]:
    with sns_server() as server:
        yield server


@pytest.fixture
def hook(sqlite_database: Database, sns: Sns) -> Iterator[Hook]:
    with served(sqlite_database, sns_topics=(TOPIC,), sns_test_endpoint=sns.url) as site:
        yield Hook(site, sns, sqlite_database)


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_event_is_taken_in_like_one_of_a_queue(database: Database, sns: Sns, version: str) -> None:
    with served(database, sns_topics=(TOPIC,), sns_test_endpoint=sns.url) as site:
        hook = Hook(site, sns, database)
        assert hook.post(sns.message(ses_event("Bounce"), version=version)) == (200, "taken\n")
        assert hook.post(sns.message(ses_event("Bounce"), version=version, MessageId="another")) == (
            200, "known already\n"
        )  # fmt: skip
        assert hook.events() == 1


def test_the_certificate_is_asked_for_once(hook: Hook) -> None:
    for number in range(3):
        hook.post(hook.sns.message(ses_event("Bounce", f"r{number}@reader.example"), MessageId=str(number)))
    assert (hook.events(), len(hook.sns.asked)) == (3, 1)


def test_what_ses_publishes_first_and_what_nobody_understands_is_acknowledged(hook: Hook) -> None:
    said = "Successfully validated SNS topic for Amazon SES event publishing."
    assert hook.post(hook.sns.message(said))[0] == 200
    assert hook.post(hook.sns.message("nothing of SES", MessageId="another"))[0] == 200
    with hook.database.read() as session:
        assert session.scalars(select(Quarantined.stream)).all() == [TOPIC]


def test_a_subscription_is_confirmed_for_a_topic_of_the_settings(hook: Hook) -> None:
    assert hook.post(hook.sns.message(Type="SubscriptionConfirmation")) == (200, "confirmed\n")
    query = f"Action=ConfirmSubscription&TopicArn={TOPIC.replace(':', '%3A')}&Token=abc"
    assert hook.sns.asked[1:] == [f"/?{query}"]


def test_the_end_of_a_subscription_is_noted_and_nothing_is_visited(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert hook.post(hook.sns.message(Type="UnsubscribeConfirmation")) == (200, "unsubscribed\n")
    assert "somebody ended the subscription" in caplog.text
    assert not [path for path in hook.sns.asked if "Action" in path]


def test_a_forged_signature_is_refused(hook: Hook) -> None:
    message = hook.sns.message(ses_event("Complaint"))
    status, text = hook.post(message | {"Signature": Signer(hook.site.now).sign(message, "2")})
    assert (status, text) == (403, "Refused: its signature is forged.\n")
    assert hook.events() == 0


def test_a_foreign_certificate_host_is_refused_and_not_asked(hook: Hook) -> None:
    message = hook.sns.message(ses_event("Complaint"))
    with sns_server() as attacker:
        message["SigningCertURL"] = f"{attacker.url}/{hook.sns.signer.certificate_name}"
        assert hook.post(message)[0] == 403
        assert attacker.asked == []


def test_a_certificate_hosted_in_s3_is_refused(hook: Hook) -> None:
    for host in ("sns.s3.amazonaws.com", "sns.s3-eu-west-3.amazonaws.com", "s3.amazonaws.com/sns.eu-west-3"):
        url = f"https://{host}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
        assert hook.post(hook.sns.message(ses_event("Complaint")) | {"SigningCertURL": url})[0] == 403
    assert hook.events() == 0


def test_a_foreign_topic_with_a_valid_signature_is_refused(hook: Hook) -> None:
    assert hook.post(hook.sns.message(ses_event("Complaint"), TopicArn=ELSEWHERE))[0] == 403
    assert hook.post(hook.sns.message(Type="SubscriptionConfirmation", TopicArn=ELSEWHERE))[0] == 403
    assert (hook.events(), hook.sns.asked) == (0, [])


def test_a_replay_changes_nothing_and_an_old_message_is_refused(hook: Hook) -> None:
    message = hook.sns.message(ses_event("Bounce"))
    assert hook.post(message) == (200, "taken\n")
    assert hook.post(message) == (200, "known already\n")
    hook.site.now += timedelta(hours=2)
    assert hook.post(message) == (403, "Refused: it is too old.\n")
    assert hook.events() == 1


def test_a_handshake_is_not_replayed(hook: Hook) -> None:
    message = hook.sns.message(Type="SubscriptionConfirmation")
    assert [hook.post(message)[1] for _ in range(2)] == ["confirmed\n", "known already\n"]
    assert len([path for path in hook.sns.asked if "Action" in path]) == 1


def test_what_would_be_refused_for_its_age_is_forgotten(hook: Hook) -> None:
    hook.post(hook.sns.message(ses_event("Bounce")))
    hook.site.now += timedelta(hours=3)
    hook.post(hook.sns.message(ses_event("Send"), MessageId="another", at=hook.site.now))
    with hook.database.read() as session:
        assert session.scalars(select(Notice.message_id)).all() == ["another"]


def test_an_oversized_body_is_refused_however_it_is_announced(hook: Hook) -> None:
    assert hook.site.post(PATH, b"x" * (LARGEST + 1))[0] == 413
    where = urlsplit(hook.site.url)
    with socket.create_connection((where.hostname or "", where.port or 0), 30) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        for _ in range(LARGEST // 65_536 + 1):
            connection.sendall(piece)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_subscribe_url_that_leads_elsewhere_is_refused_and_not_visited(hook: Hook) -> None:
    with sns_server() as inside:
        message = hook.sns.message(Type="SubscriptionConfirmation", SubscribeURL=f"{inside.url}/latest/meta-data/")
        assert hook.post(message)[0] == 403
        assert inside.asked == []


@pytest.mark.parametrize(("status", "answer"), [(302, 403), (404, 403), (500, 503), (429, 503)])
def test_no_redirect_is_followed_and_trouble_at_sns_is_tried_again(hook: Hook, status: int, answer: int) -> None:
    hook.sns.status = status
    assert hook.post(hook.sns.message(ses_event("Bounce")))[0] == answer
    assert (hook.events(), len(hook.sns.asked)) == (0, 1)


def test_a_certificate_that_is_too_large_is_refused(hook: Hook) -> None:
    hook.sns.body = b"x" * 100_000
    assert hook.post(hook.sns.message(ses_event("Bounce")))[0] == 403


def test_sns_tries_again_where_its_certificate_cannot_be_had(sqlite_database: Database, sns: Sns) -> None:
    with served(sqlite_database, sns_topics=(TOPIC,), sns_test_endpoint="http://127.0.0.1:1") as site:
        sns.url = "http://127.0.0.1:1"
        assert Hook(site, sns, sqlite_database).post(sns.message(ses_event("Bounce")))[0] == 503


def test_what_is_no_message_is_refused(hook: Hook) -> None:
    assert hook.site.post(PATH, b"no message of SNS")[0] == 400
    assert hook.site.get(PATH)[0] == 405


def test_without_topics_there_is_no_such_address(sqlite_database: Database) -> None:
    with served(sqlite_database) as site:
        assert site.post(PATH, b"{}")[0] == 404


def test_when_the_database_is_away_sns_tries_again_and_nothing_is_lost(
    own_server: Server, sns: Sns, opened: object
) -> None:
    database: Database = opened(own_server.url("newsletter"))  # type: ignore[operator]  # a fixture
    with served(database, sns_topics=(TOPIC,), sns_test_endpoint=sns.url) as site:
        hook = Hook(site, sns, database)
        own_server.stop("fast")
        assert hook.post(sns.message(ses_event("Bounce")))[0] == 503
        own_server.start()
        assert hook.post(sns.message(ses_event("Bounce"))) == (200, "taken\n")
        assert hook.events() == 1


def test_nothing_of_a_message_is_on_the_log(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        hook.post(hook.sns.message(ses_event("Bounce", "ada@reader.example")))
        hook.post(hook.sns.message(ses_event("Bounce", "ada@reader.example"), TopicArn=ELSEWHERE))
        hook.post(hook.sns.message("ada@reader.example"))
    assert "ada@" not in caplog.text
