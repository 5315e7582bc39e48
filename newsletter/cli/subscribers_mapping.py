"""`newsletter subscribers import --map-in-browser`: what the columns are about is said on a page of this machine."""

from __future__ import annotations

import os
import shlex
import sys
import webbrowser
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.bootstrap.mapping import Desk
from newsletter.cli.output import tell
from newsletter.cli.progress import progress
from newsletter.errors import FixConfiguration
from subscribers.errors import Refused
from subscribers.importing.glimpse import glimpse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from newsletter.bootstrap.entrances import Served
    from subscribers.importing import ImportReport, Instructions
    from subscribers.publication import Publication

_MOST_COLUMNS = 500
"""That a page has: as many as a form may have fields, with room for others."""


@contextmanager
def said_in_browser(
    served: Served | None,
    file: Path,
    publication: Publication,
    said: Instructions,
    look: Callable[..., ImportReport],
    *,
    dry_run: bool,
) -> Iterator[Instructions]:
    """Yield what was said on the page, on top of what was `said` in options; the page is there until the context ends.

    `look(said=…, progress=…)`: a dry run. Raises Refused for a file that is no table of people.
    """
    seen = glimpse(file, said)
    if len(seen.titles) > _MOST_COLUMNS:
        raise Refused(f"{file.name} has {len(seen.titles)} columns, too many for a page: say with --map what they are.")
    if served is None:
        raise FixConfiguration("There is no web here to show a page with: say with --map what the columns are about.")
    desk = Desk(glimpse=seen, publication=publication, said=said, dry_run=dry_run)

    def looked(asked: Instructions, moved: Callable[[int, int], None]) -> ImportReport:
        with progress("Looking at", "lines") as drawn:

            def told(done: int, lines: int) -> None:
                moved(done, lines)
                drawn(done, lines)

            return look(said=asked, progress=told)

    with served.mapping(desk, ready=_announce):
        instructions = desk.instructions(desk.run(looked))
        tell(*_another_time(instructions, said))
        yield instructions


def _announce(url: str) -> None:
    tell(
        f"What the columns are about is said on a page of this machine: {url}",
        "The address works once. Ctrl-C stops, and nothing is changed.",
    )
    if os.environ.get("SSH_CONNECTION"):
        port = urlsplit(url).port
        tell(f"If your browser is on another machine, first: ssh -L {port}:127.0.0.1:{port} to this one.")
    if sys.stderr.isatty() and has_screen(os.environ, sys.platform):
        webbrowser.open(url)


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Return whether a browser would have a window; without one, Python starts a browser in the terminal itself."""
    if environment.get("SSH_CONNECTION"):
        return False
    return platform in {"darwin", "win32"} or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _another_time(instructions: Instructions, before: Instructions) -> list[str]:
    """Return the options that do the same without a page."""
    options = [
        *(["--headings", ",".join(instructions.headings)] if instructions.headings else []),
        *(word for column, about in instructions.choices.fields.items() for word in ("--map", f"{column}={about}")),
        *(word for column in instructions.choices.ignored for word in ("--ignore", column)),
        *(word for tag, topic in instructions.tags.items() for word in ("--topic", f"{tag}={topic}")),
    ]
    if not options:
        return ["The columns are what they seemed to be: another time no options are needed for them."]
    others = " (with the other options of this command)" if before != type(before)() else ""
    return [f"Another time, without a page{others}: {shlex.join(options)}"]
