"""Templates as SES renders them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.simulator.handlebars import AttributeMissing, InvalidTemplate, Template

PEOPLE = {"people": [{"name": "Ada"}, {"name": "Ben"}], "greeting": "Dear", "none": [], "nested": {"deep": {"er": "!"}}}


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("Hello {{name}}, {{ name }}", {"name": "Ada"}, "Hello Ada, Ada"),
        ("{{a}}{{{a}}}{{&a}}", {"a": "<b>&"}, "<b>&<b>&<b>&"),
        ("{{nested.deep.er}}{{nested/deep/er}}", PEOPLE, "!!"),
        ("{{n}} {{f}} {{t}}", {"n": 3, "f": 1.5, "t": True}, "3 1.5 true"),
        ("{{empty}}.", {"empty": ""}, "."),
        ("{{#each people}}{{name}},{{/each}}", PEOPLE, "Ada,Ben,"),
        ("{{#each people}}{{@index}}{{#if @last}}.{{else}},{{/if}}{{/each}}", PEOPLE, "0,1."),
        ("{{#each people}}{{../greeting}} {{this.name}};{{/each}}", PEOPLE, "Dear Ada;Dear Ben;"),
        ("{{#each list}}{{this}}{{/each}}", {"list": ["a", "b"]}, "ab"),
        ("{{#each map}}{{@key}}={{this}};{{/each}}", {"map": {"x": "1", "y": "2"}}, "x=1;y=2;"),
        ("{{#each none}}x{{else}}nobody{{/each}}", PEOPLE, "nobody"),
        ("{{#if people}}some{{/if}}{{#if none}}none{{/if}}{{#unless absent}}no{{/unless}}", PEOPLE, "someno"),
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", {"b": 1}, "B"),
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", {}, "C"),
        ("{{#with nested}}{{deep.er}}{{/with}}", PEOPLE, "!"),
        ("a{{! not shown }}b{{!-- nor {{this}} --}}c", {}, "abc"),
        ("a {{~b~}} c", {"b": "-"}, "a-c"),
        (r"\{{name}} {{name}}", {"name": "Ada"}, "{{name}} Ada"),
        (r"\\{{name}}", {"name": "Ada"}, "\\Ada"),
        (
            "<ul>\n  {{#each list}}\n  <li>{{this}}</li>\n  {{/each}}\n</ul>",
            {"list": ["a"]},
            "<ul>\n  <li>a</li>\n</ul>",
        ),
        (
            '{{#* inline "full"}}{{first}}{{#if last}} {{last}}{{/if}}{{/inline}}\nHi {{> full}}!',
            {"first": "A"},
            "Hi A!",
        ),
        ("p { color: red } }} {x}", {}, "p { color: red } }} {x}"),
    ],
)
def test_renders(text: str, data: dict[str, Any], expected: str) -> None:
    assert Template(text).render(data) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Hello {{name", "never closed"),
        ("{{#if a}}", "never closed"),
        ("{{/if}}", "closes no block"),
        ("{{#if a}}{{/each}}", "closes no block"),
        ("{{else}}", "outside of any block"),
        ("{{#loop a}}{{/loop}}", "no helper named 'loop'"),
        ("{{two words}}", "neither a value nor a block"),
        ("@media { a {{ color: red }} }", "neither a value nor a block"),
    ],
)
def test_what_is_no_template_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidTemplate, match=reason):
        Template(text)


@pytest.mark.parametrize("data", [{}, {"name": None}])
def test_a_missing_attribute_is_named_in_the_words_of_ses(data: dict[str, Any]) -> None:
    with pytest.raises(AttributeMissing, match=r"^Attribute 'name' is not present in the rendering data\.$"):
        Template("Hello {{name}}").check(data)


def test_a_partial_that_calls_itself_is_stopped() -> None:
    with pytest.raises(InvalidTemplate, match="without end"):
        Template('{{#* inline "x"}}{{> x}}{{/inline}}{{> x}}').render({})


@given(st.text())
def test_text_without_braces_is_left_alone(text: str) -> None:
    text = text.replace("{{", "")
    assert Template(text).render({}) == text


@given(st.text(alphabet="{}ab#/~!\\ \n.'\"else"))
def test_whatever_stands_there_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidTemplate, AttributeMissing):
        Template(text).render({"a": "1", "b": ["2"]})


@given(st.dictionaries(st.sampled_from("abc"), st.text()))
def test_checking_says_what_rendering_says(data: dict[str, str]) -> None:
    template = Template("{{a}} {{b}}")
    try:
        template.check(data)
    except AttributeMissing as missing:
        with pytest.raises(AttributeMissing, match=str(missing)):
            template.render(data)
    else:
        assert template.render(data) == f"{data['a']} {data['b']}"
