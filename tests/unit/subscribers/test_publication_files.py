"""Lists and vocabularies as admins write them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.resources import folder
from subscribers import publication_toml
from subscribers.errors import Refused
from subscribers.publication import Branding, Draft, NothingLeft, Policies, Topic
from subscribers.publication_files import read_list, read_list_file, read_topics

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
    assert [each.formerly_named for each in read_topics(written(tmp_path, b"[mri]\n[ct]\nformerly = []\n"))] == [
        False,
        True,
    ]


def test_an_editor_that_writes_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read_topics(written(tmp_path, b"\xef\xbb\xbf[ct]\r\n")) == (Topic("ct"),)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("[X Ray]", "", "line 1"),
        ('["X-Ray"]', "`X-Ray`", "one word of lower-case letters"),
        ('["x ray"]', "`x ray`", "one word"),
        ("mri = 1", "`mri`", "a table"),
        ("[mri]\ncolour = 1", "`mri.colour`", "there are descriptions, formerly, keywords, labels, retired"),
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
        (LIST + "font = 'x'", "`font`", "there is no such key"),
        (LIST + "topics = []", "`topics`", "a table is expected."),
        (LIST + "[topics.mri]\nretired = 1", "`topics.mri.retired`", "true or false"),
        (LIST + "[policies]\nwelcome = 1", "`policies.welcome`", "true or false"),
        (LIST + "[policies]\nip_days = true", "`policies.ip_days`", "a whole number"),
        (LIST + "[policies]\ndigest_offered = 'monthly'", "`policies.digest_offered`", "true or false"),
        (LIST + "[schedule]\ncatch_up_hours = 'x'", "`schedule.catch_up_hours`", "a number of hours"),
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


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
lines = st.text(st.characters(codec="utf-8"), max_size=20)
by_language = st.dictionaries(st.sampled_from(["fr", "en", "pt-br"]), lines)
topics = st.builds(
    Topic,
    st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True),
    labels=by_language,
    descriptions=by_language,
    keywords=st.dictionaries(st.sampled_from(["fr", "en"]), st.lists(words, unique=True).map(tuple)),
    formerly=st.lists(words, unique=True, max_size=2).map(tuple),
    retired=st.booleans(),
)
drafts = st.builds(
    Draft,
    slug=lines,
    name=lines,
    sender_name=lines,
    sender_email=lines,
    reply_to=st.none() | words,
    languages=st.lists(words, min_size=1).map(tuple),
    topics=st.lists(topics, max_size=3, unique_by=lambda topic: topic.slug).map(tuple),
    branding=st.builds(Branding, logo_url=st.none() | words, tagline=by_language, logo_width=st.integers(1, 600)),
    postal_address=lines,
    nothing_left=st.sampled_from(NothingLeft),
    timezone=st.none() | words,
    policies=st.builds(Policies, double_opt_in=st.booleans(), digest_offered=st.booleans()),
)


@given(draft=drafts, hours=st.none() | st.floats(0, 168), local_time=st.booleans())
def test_what_is_written_is_read_again_to_the_last_value(
    tmp_path_factory: pytest.TempPathFactory, draft: Draft, hours: float | None, *, local_time: bool
) -> None:
    schedule: dict[str, object] = {"slots": ["fri 08:00 Europe/Paris"], "local_time": local_time}
    if hours is not None:
        schedule["catch_up_hours"] = hours
    file = written(tmp_path_factory.getbasetemp(), publication_toml.written(draft, schedule))
    read = read_list_file(file)
    assert read.draft == draft
    fields = {field.name for field in dataclasses.fields(Draft)}
    assert read.named == (fields if draft.topics else fields - {"topics"})
    assert (read.slots, read.local_time, read.catch_up_hours) == (("fri 08:00 Europe/Paris",), local_time, hours)
