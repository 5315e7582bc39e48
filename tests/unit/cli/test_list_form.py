"""`newsletter list form`: what is pasted into another page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.resources import folder

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")


def test_a_form_is_printed_in_a_language_that_there_is(newsletter: Newsletter) -> None:
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    slug = newsletter("list", "list", "--json").json["lists"][0]["list"]
    said = newsletter("list", "form")
    html = said.out
    assert "NEWSLETTER_PUBLIC_URL is not set" in said.err
    assert html.startswith(f'<form method="post" action="https://newsletter.example.org/subscribe/{slug}?lang=fr"')
    assert newsletter("list", "form", slug).out == html  # for as long as the secret is the same
    arabic = newsletter("list", "form", "--language", "ar", "--json").json
    assert arabic["list"] == slug
    assert 'lang="ar" dir="rtl"' in arabic["html"]
    assert "choose one of ar, de, en, fr" in newsletter("list", "form", "--language", "xx", code=1).err
