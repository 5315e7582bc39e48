"""What MRML would turn into a broken mail is refused before, with the item named."""

from __future__ import annotations

import pytest

from newsletter.rendering.markers import Marks
from newsletter.rendering.mjml import CannotBeSet, to_html

MARKS = Marks("abc123")
TITLES = {3: "Un titre"}


def mail(text: str = "<p>x</p>", *, body: str = "", column: str = "", head: str = "") -> str:
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body>{body}<mj-section><mj-column>{column}{MARKS.cut([3])}"
        f"<mj-text>{text}</mj-text></mj-column></mj-section></mj-body></mjml>"
    )


def test_a_sound_mail_is_compiled() -> None:
    html = to_html(mail("<p>Zoë &amp; <b>so</b> <i>on</i></p>"), MARKS, TITLES)
    assert "<p>Zoë &amp; <b>so</b> <i>on</i></p>" in html
    assert str(MARKS.cut([3])) in html


def test_no_font_is_fetched() -> None:
    source = mail(head='<mj-attributes><mj-all font-family="Roboto, Ubuntu" /></mj-attributes>')
    assert "fonts.googleapis" not in to_html(source, MARKS, TITLES)


@pytest.mark.parametrize(
    "text",
    [
        "p <0.05",
        "<p>unclosed",
        "<p>x</b>",
        "a\x00b",
        "a\x0bb",
        "a\ufffeb",
        "a\ud800b",
        "<!-- a -- b -->",
        "<![CDATA[x]]>",
        "<script>x</script>",
        "&nbsp;",
        "AT&T",
        '<a href="x" href="y">z</a>',
        "<mj-text>x</mj-text>",
    ],
)
def test_a_bad_item_is_named(text: str) -> None:
    with pytest.raises(CannotBeSet, match=r"^Item 3 \(Un titre\) cannot be set: "):
        to_html(mail(text), MARKS, TITLES)


def test_a_bad_frame_is_named_by_its_items() -> None:
    with pytest.raises(CannotBeSet, match=r"^What stands around the items 1 to 2 cannot be set"):
        to_html(mail(column=f"{MARKS.cut([1, 2])}<mj-text>&</mj-text>"), MARKS, TITLES)
    with pytest.raises(CannotBeSet, match=r"^What stands around the items cannot be set"):
        to_html(mail(head="<mj-title>&</mj-title>"), MARKS, TITLES)
    with pytest.raises(CannotBeSet, match=r"^Item 9 \(without a title\)"):
        to_html(mail(column=f"{MARKS.cut([9])}<mj-text>&</mj-text>"), MARKS, TITLES)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("<mj-txt>x</mj-txt>", "<mj-txt> does not belong into <mj-column>"),
        ("<mj-section></mj-section>", "<mj-section> does not belong into <mj-column>"),
        ("<p>x</p>", "<p> does not belong into <mj-column>"),
        ('<mj-text colour="red">x</mj-text>', "<mj-text> has no attribute colour"),
        ('<mj-text padding="0 24px">x</mj-text>', "the padding of <mj-text> needs 0px instead of 0"),
        ('<mj-image src="https://example.org/x.png" />', "an image needs alt"),
    ],
)
def test_what_mrml_would_let_pass(column: str, reason: str) -> None:
    with pytest.raises(CannotBeSet, match=reason):
        to_html(mail(column=column), MARKS, TITLES)


def test_a_section_is_not_cut_in_the_middle() -> None:
    source = mail().replace("<mj-section>", f"<mj-section>{MARKS.cut([1])}")
    with pytest.raises(CannotBeSet, match="a mail cannot be cut in <mj-section>"):
        to_html(source, MARKS, TITLES)


def test_other_comments_may_stand_where_they_like() -> None:
    assert to_html(mail().replace("<mj-section>", "<mj-section><!-- x -->"), MARKS, TITLES)


def test_what_only_mjml_finds_is_refused_as_well() -> None:
    with pytest.raises(CannotBeSet, match="The mail cannot be compiled"):
        to_html("<!-- nothing but a remark --><p></p>", MARKS, TITLES)
