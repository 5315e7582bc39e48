"""Whatever the editors wrote, a template made of it renders to the same characters, and to nothing else."""

from __future__ import annotations

from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.ses_template import LITERALS, as_template, own_values, places
from newsletter.personalization.message import preview_html, preview_text
from newsletter.rendering.edition import RECIPIENT_SLOTS, Part, Slot
from newsletter.simulator.handlebars import Template
from tests.factories import editions
from tests.factories.calls import prepared

LINKS = editions.envelope().links
SOMEBODY = editions.recipient(email="o'neil@example.org")
NAME = 'Ann O\'Neil "&" {{greeting}}'
OWN = own_values(prepared(), SOMEBODY, NAME)
VALUES = {**LITERALS, **OWN}
FILLED = {
    "greeting": f"Bonjour {NAME},",
    "email": "o'neil@example.org",
    **LINKS.urls(SOMEBODY.subscriber_id),
}
"""What belongs into each slot."""

texts = st.one_of(
    st.text(alphabet="{}\\~!#^/>&. ag\n", max_size=12),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=8),
    st.sampled_from(
        ["{{greeting}}", "{{{email}}}", "{{#if x}}", "{{!-- x --}}", "\\{{", "\\\\{{", "}}", "@media{a{b:c}}"]
    ),
)
slots = st.sampled_from(RECIPIENT_SLOTS).map(Slot)
bodies = st.lists(texts | slots, max_size=12)


@given(parts=bodies, html=st.booleans())
def test_a_template_renders_to_what_it_was_made_of(*, parts: list[Part], html: bool) -> None:
    template = as_template(parts, LINKS, html=html)
    parsed = Template(template)

    assert parsed.is_simple, "inline content has simple values only"
    assert parsed.render({name: VALUES[name] for name in places(template)}) == _expected(parts, html=html)


@given(bodies)
def test_only_what_is_asked_for_is_needed(parts: list[Part]) -> None:
    template = as_template(parts, LINKS)
    asked_for = places(template)
    slots = {part.name for part in parts if isinstance(part, Slot)}
    assert {name.removesuffix("_url") for name in slots} == {name for name in asked_for if name not in LITERALS}
    for name in asked_for:
        with pytest.raises(LookupError, match=f"'{name}'"):
            Template(template).render({other: VALUES[other] for other in asked_for if other != name})


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("a{color:red}", "a{color:red}"),
        ("C:\\temp", "C:\\temp"),
        ("{{x}}", "{{brace_open}}{{brace_open}}x{{brace_close}}{{brace_close}}"),
        ("@media x{a{b:c}}", "@media x{a{b:c{{brace_close}}{{brace_close}}"),
    ],
)
def test_what_handlebars_cannot_take_for_its_own_stays_as_it_is(text: str, template: str) -> None:
    assert as_template([text], LINKS) == template


def test_two_texts_that_make_a_tag_together_are_no_tag() -> None:
    template = as_template(["{", "{greeting}", "}"], LINKS)
    assert Template(template).render(VALUES) == "{{greeting}}"


def test_html_gets_escaped_values_and_text_gets_them_as_they_are() -> None:
    mail, somebody = prepared(), editions.recipient(name='Ann O\'Neil "&" Bo', email="o'neil@example.org")
    values = own_values(mail, somebody, somebody.name)

    assert values["greeting"] == 'Bonjour Ann O\'Neil "&" Bo,'
    assert values["greeting_html"] == "Bonjour Ann O&#x27;Neil &quot;&amp;&quot; Bo,"
    assert unescape(values["email_html"]) == values["email"] == "o'neil@example.org"
    assert Template(as_template(mail.html, LINKS, html=True)).render(values) == preview_html(mail, somebody)
    assert Template(as_template(mail.text, LINKS)).render(values) == preview_text(mail, somebody)


def test_what_is_not_escaped_has_nothing_to_escape() -> None:
    unescaped = [name for name in OWN if f"{name}_html" not in OWN and not name.endswith("_html")]
    assert unescaped == ["view", "preferences", "unsubscribe"]
    assert [OWN[name] for name in unescaped] == [escape(OWN[name]) for name in unescaped]


def _expected(parts: list[Part], *, html: bool) -> str:
    return "".join(
        part if isinstance(part, str) else escape(FILLED[part.name]) if html else FILLED[part.name] for part in parts
    )
