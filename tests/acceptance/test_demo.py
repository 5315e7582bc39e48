"""`newsletter demo`, run as a person runs it: every rule shows in somebody's mail."""

from __future__ import annotations

from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.conftest import Newsletter

if TYPE_CHECKING:
    from email.message import EmailMessage

EVERYTHING = list(range(17))
MUST_READ = 5
WITHOUT_TOPIC = [14, 15, 16]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Newsletter, dict[str, Any]]:
    """What one run did; settings that would send mail are there, and are not used."""
    hostile = {"NEWSLETTER_TRANSPORT": "ses", "NEWSLETTER_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    newsletter = Newsletter(tmp_path_factory.mktemp("demo"), hostile, interpreted=True)
    return newsletter, newsletter("demo", "--json").json


def _of(demo: tuple[Newsletter, dict[str, Any]], who: str) -> dict[str, Any]:
    (mail,) = (each for each in demo[1]["mails"] if each["email"].startswith(who))
    return dict(mail)


def _mail(demo: tuple[Newsletter, dict[str, Any]], who: str) -> EmailMessage:
    path = demo[0].folder / _of(demo, who)["file"]
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())


def _text(mail: EmailMessage, subtype: str = "plain") -> str:
    body = mail.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def test_the_books_balance_and_every_mail_is_a_file(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    newsletter, report = demo
    books = report["campaign"]
    assert books["state"] == "sent"
    assert books["skipped"] == {"paused": 1, "suppressed": 1, "unsubscribed": 1}
    assert (books["failed"], books["uncertain"]) == (0, 0)
    assert books["planned"] == books["sent"] + sum(books["skipped"].values()) == len(report["mails"]) == 13
    files = sorted(newsletter.folder.glob("var/demo/outbox/*/*.eml"))
    assert sorted(newsletter.folder / each["file"] for each in report["mails"] if each["file"]) == files
    assert len(files) == books["sent"]


def test_everything_stays_in_its_folder(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    assert [path.name for path in demo[0].folder.iterdir()] == ["var"]
    assert [path.name for path in (demo[0].folder / "var").iterdir()] == ["demo"]


@pytest.mark.parametrize(
    ("who", "language", "content", "items"),
    [
        ("claire", "fr", "fr", EVERYTHING),
        ("grace", "en", "en", EVERYTHING),
        ("zoe", "fr", "fr", [0, MUST_READ, 6, 11, *WITHOUT_TOPIC]),
        ("oliver", "en", "en", [0, 2, MUST_READ, 13, *WITHOUT_TOPIC]),
        ("priya", "en", "en", [0, 3, MUST_READ, 9, *WITHOUT_TOPIC]),
        ("jonas", "de", "fr", [0, 1, 3, MUST_READ, 7, 9, 12, *WITHOUT_TOPIC]),
        ("anke", "de", "en", [0, 4, MUST_READ, 8, *WITHOUT_TOPIC]),
        ("layla", "ar", "fr", EVERYTHING),
        ("marek", "en", "en", [0, MUST_READ, *WITHOUT_TOPIC]),
    ],
)
def test_everybody_gets_their_languages_and_topics(
    demo: tuple[Newsletter, dict[str, Any]], who: str, language: str, content: str, items: list[int]
) -> None:
    mail = _of(demo, who)
    assert (mail["language"], mail["content_language"], mail["items"]) == (language, content, items)


@pytest.mark.parametrize(("who", "reason"), [("sofia", "unsubscribed"), ("farid", "suppressed"), ("ingrid", "paused")])
def test_who_may_not_get_mail_gets_none(demo: tuple[Newsletter, dict[str, Any]], who: str, reason: str) -> None:
    mail = _of(demo, who)
    assert (mail["state"], mail["reason"], mail["file"]) == ("skipped", reason, None)


def test_a_mail_holds_the_chosen_items_and_no_other(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    mail = _mail(demo, "oliver")
    for form in (_text(mail), _text(mail, "html")):
        text = " ".join(form.split())
        assert "Mammography screening" in text
        assert "the dose shown may be lower" in text, "must-read"
        assert "MRI of the shoulder" not in text.replace("from MRI of the shoulder to", ""), "the summary names it"
        assert "MEDIA HIGHLIGHTS" not in text.upper(), "an empty section is gone"


def test_headers_are_a_newsletters(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    mail = _mail(demo, "claire")
    assert str(mail["To"]) == "Claire Dubois <claire.dubois@example.org>"
    assert "lettre@example.org" in mail["From"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip().startswith("<https://")
    assert "2026" in mail["Subject"]
    assert not mail.defects
    ids = {_mail(demo, who)["Message-ID"] for who in ("claire", "grace", "zoe", "oliver")}
    assert len(ids) == 4


def test_names_arrive_as_they_are(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    for who, name in (("zoe", "Zoë Lefèvre-Núñez"), ("grace", 'Grace "GG" O\'Malley & Co'), ("layla", "ليلى حدّاد")):
        mail = _mail(demo, who)
        assert mail["To"].addresses[0].display_name == name
        assert name in _text(mail)
    assert "O&#x27;Malley &amp; Co" in _text(_mail(demo, "grace"), "html")


def test_who_has_no_name_is_greeted_all_the_same(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    mail = _mail(demo, "accueil")
    assert str(mail["To"]) == "accueil@example.net"
    assert "Bonjour" in _text(mail)
    assert "{name}" not in _text(mail)


def test_another_language_is_said_and_marked(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    mail = _mail(demo, "jonas")
    assert "Französisch" in _text(mail)
    assert 'lang="fr"' in _text(mail, "html")
    assert "Französisch" not in _text(_mail(demo, "claire"))


def test_arabic_reads_from_right_to_left(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    html = _text(_mail(demo, "layla"), "html")
    assert 'dir="rtl"' in html
    assert 'dir="ltr"' in html, "the French text in it"


def test_previews_are_what_was_sent(demo: tuple[Newsletter, dict[str, Any]]) -> None:
    newsletter, report = demo
    claire = next(path for path in report["previews"] if "claire" in path)
    preview = (newsletter.folder / claire).read_text("utf-8")
    assert _without_links(preview) == _without_links(_text(_mail(demo, "claire"), "html"))


def test_a_second_run_begins_afresh_and_says_so(newsletter: Newsletter) -> None:
    sent = newsletter("demo", "here", "--json").json["campaign"]["sent"]
    kept = newsletter.folder / "here" / "notes.txt"
    kept.write_text("mine", "utf-8")
    again = newsletter("demo", "here")
    assert "afresh" in again.err
    assert kept.read_text("utf-8") == "mine", "what the demo did not make stays"
    assert len(list(newsletter.folder.glob("here/outbox/*/*.eml"))) == sent
    for expected in ("Zoë Lefèvre-Núñez", "no mail: suppressed", "planned", ".eml", ".html", "NEWSLETTER_DATABASE_URL"):
        assert expected in again.out


def test_a_folder_with_other_things_is_left_alone(newsletter: Newsletter) -> None:
    (newsletter.folder / "thesis.txt").write_text("mine", "utf-8")
    assert "other things" in newsletter("demo", ".", code=1).err
    assert [path.name for path in newsletter.folder.iterdir()] == ["thesis.txt"]


def _without_links(html: str) -> list[str]:
    """A preview's tokens are nobody's."""
    return [word.partition("newsletter.example.org")[0] for word in html.split()]
