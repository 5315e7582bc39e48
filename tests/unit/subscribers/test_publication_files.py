"""Lists and vocabularies as admins write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.resources import folder
from subscribers.errors import Refused
from subscribers.publication import Branding, NothingLeft, Topic
from subscribers.publication_files import read_list, read_topics

LIST = """
slug = "imaging"
name = "Imaging"
sender_name = "Imaging"
sender_email = "letter@example.org"
languages = ["fr"]
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_topics_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, '[mri]\nlabels = {fr="IRM"}\nkeywords = {fr=["IRM", "résonance  magnétique"]}\n[ct]\n')
    mri = Topic("mri", labels={"fr": "IRM"}, keywords={"fr": ("IRM", "résonance magnétique")})
    assert read_topics(file) == (mri, Topic("ct"))


def test_an_editor_that_writes_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read_topics(written(tmp_path, b"\xef\xbb\xbf[ct]\r\n")) == (Topic("ct"),)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("[X Ray]", "", "line 1"),
        ('["X-Ray"]', "`X-Ray`", "one word of lower-case letters"),
        ('["x ray"]', "`x ray`", "one word"),
        ("mri = 1", "`mri`", "a table"),
        ("[mri]\ncolour = 1", "`mri.colour`", "there are keywords, labels"),
        ("[mri.labels]\nfr = 1", "`mri.labels.fr`", "a text"),
        ('[mri.keywords]\nfr = "IRM"', "`mri.keywords.fr`", "a list of texts"),
        ("[mri.keywords]\nfr = [1]", "`mri.keywords.fr`", "a list of texts"),
        ('[mri.keywords]\nfr = [""]', "`mri.keywords.fr`", "a list of texts"),
        ('[mri.keywords]\nfr = ["a b", "a  b"]', "`mri.keywords.fr`", "“a b” stands there twice"),
        ("[mri]\n[ct]\n[mri]", "", "line 3"),
        (b"[mri]\nlabels = {fr = '\xe9'}", "", "line 2 is not UTF-8"),
    ],
)
def test_a_vocabulary_is_refused_with_its_place(tmp_path: Path, text: str | bytes, place: str, what: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(Refused) as refusal:
        read_topics(file)
    assert str(refusal.value).startswith(f"{file}: {place}")
    assert what in str(refusal.value)


def test_a_list_needs_little(tmp_path: Path) -> None:
    draft = read_list(written(tmp_path, LIST))
    assert (draft.slug, draft.languages, draft.nothing_left) == ("imaging", ("fr",), NothingLeft.SUMMARY)
    assert draft.branding == Branding()


def test_a_list_can_say_more(tmp_path: Path) -> None:
    more = 'nothing_left = "skip"\nreply_to = "desk@example.org"\n[branding]\nlogo_width = 90\ntagline = {fr="Le fil"}'
    draft = read_list(written(tmp_path, LIST + more))
    assert (draft.nothing_left, draft.reply_to) == (NothingLeft.SKIP, "desk@example.org")
    assert draft.branding == Branding(logo_width=90, tagline={"fr": "Le fil"})


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('slug = "a"', "`name`", "missing"),
        (LIST + "topics = []", "`topics`", "there is no such key"),
        (LIST + "nothing_left = 'all'", "`nothing_left`", "“all” is none of summary, skip"),
        (LIST + "reply_to = 1", "`reply_to`", "a text"),
        (LIST + "branding = 1", "`branding`", "a table"),
        (LIST + "[branding]\nfont = 'x'", "`branding.font`", "there is no such key"),
        (LIST + "[branding]\nlogo_width = true", "`branding.logo_width`", "a number of pixels"),
    ],
)
def test_a_list_is_refused_with_its_place(tmp_path: Path, text: str, place: str, what: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(Refused) as refusal:
        read_list(file)
    assert str(refusal.value).startswith(f"{file}: {place}")
    assert what in str(refusal.value)


def test_the_examples_are_read() -> None:
    topics = read_topics(folder("examples") / "topics.toml")
    draft = read_list(folder("examples") / "list.toml")
    assert all(topic.label(language) for topic in topics for language in draft.languages)
    assert all(topic.keywords for topic in topics)
