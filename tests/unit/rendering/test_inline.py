"""The safe way to use premailer."""

from __future__ import annotations

from newsletter.rendering.inline import inline_styles

HTML = (
    "<!doctype html><html><head><style>.x { color: red !important } @media (prefers-color-scheme: dark) "
    "{ .x { color: blue !important } } [data-ogsc] .x { color: navy !important }</style>"
    '<style media="screen and (min-width:480px)">.y { width: 1px !important }</style></head><body>'
    '<!--[if mso | IE]><table><tr><td class="x"><![endif]--><div class="x" style="margin:0">Zoë — &lt;b&gt; \u202f?'
    '<img src="a.png" alt="&#160;" width="10"></div><!--[if mso | IE]></td></tr></table><![endif]--><!--cut-1:-->'
    "</body></html>"
)
CSS = ".x { color: green; padding: 1px; } .absent { color: red; } div img { border: 0; width: 5px }"


def test_rules_are_written_onto_their_elements() -> None:
    html = inline_styles(HTML, CSS)
    assert '<div class="x" style="color:green; padding:1px; margin:0">' in html
    assert 'style="border:0; width:5px"' in html


def test_what_the_document_brings_stays() -> None:
    html = inline_styles(HTML, CSS)
    head = HTML.removeprefix("<!doctype html>").partition("</head>")[0]
    assert html.startswith("<!DOCTYPE html>")
    assert head in html.replace("\n", "")
    assert '<!--[if mso | IE]><table><tr><td class="x"><![endif]-->' in html
    assert "<!--cut-1:-->" in html
    assert "Zoë — &lt;b&gt; \u202f?" in html
    assert 'width="10"' in html
    assert "data-premailer" not in html


def test_a_sheet_used_twice_gives_the_same_twice() -> None:
    assert inline_styles(HTML, CSS) == inline_styles(HTML, CSS)


def test_words_that_look_like_a_style_sheet_stay_words() -> None:
    words = '&lt;style data-premailer="ignore"&gt;'
    assert words in inline_styles(HTML.replace("Zoë", words), CSS)
