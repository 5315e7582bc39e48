"""Milliseconds to compile an edition, by stage.

    python -m benchmarks.compile [--issue FILE]

Once per edition and process, so for most campaigns two to eight times. CPU times, the least of some rounds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.issues import DEFAULT, publication, read
from benchmarks.measuring import machine, seconds
from newsletter.rendering import plaintext
from newsletter.rendering.balance import check_balanced
from newsletter.rendering.compose import compose, inline_sheet
from newsletter.rendering.edition import compile_edition
from newsletter.rendering.fragments import cut
from newsletter.rendering.inline import inline_styles
from newsletter.rendering.markers import Marks
from newsletter.rendering.mjml import to_html
from newsletter.rendering.view import view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issue", type=Path, default=DEFAULT, help="a file in the editors' layout")
    issue, language = read(parser.parse_args().issue)
    to, marks = publication(language), Marks()
    mail = view(issue, to, content_language=language, language=language, positions=None)
    titles = {item.position: item.title for section in mail.sections for item in section.items}
    mjml, sheet = compose(mail, marks), inline_sheet(mail)
    html = to_html(mjml, marks, titles)
    styled = inline_styles(html, sheet)
    fragments = cut(styled, marks)
    took = seconds(
        {
            "an edition": lambda: compile_edition(issue, to, content_language=language, language=language),
            "  texts typeset": lambda: view(issue, to, content_language=language, language=language, positions=None),
            "  Jinja2: MJML and the style sheet": lambda: (compose(mail, marks), inline_sheet(mail)),
            "  mjml-python: HTML": lambda: to_html(mjml, marks, titles),
            "  premailer: styles inlined": lambda: inline_styles(html, sheet),
            "  cut at the marks": lambda: cut(styled, marks),
            "  every fragment balanced, in both readings": lambda: check_balanced(fragments),
            "  plain text, cut": lambda: cut(plaintext.compose(mail, marks), marks),
        },
        rounds=30,
    )
    print(machine())
    print(f"{len(titles)} items, {len(styled.encode()):,} bytes of HTML, {len(fragments)} fragments\n")
    whole = took["an edition"]
    for label, taken in took.items():
        print(f"{label:44}{taken * 1e3:7.2f} ms {taken / whole:6.0%}")


if __name__ == "__main__":
    main()
