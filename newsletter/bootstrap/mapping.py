"""Between a command that imports a file and the page on which somebody says what its columns are about.

The page runs in threads of the web and only asks; the command, in its own thread, does what is asked and tells: so
progress and Ctrl-C are as ever. Each look has a number, and what is started is a look that was seen to its end, once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from threading import Condition
from typing import TYPE_CHECKING, NamedTuple, Protocol

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from subscribers.importing import ImportReport
    from subscribers.importing.fields import Field
    from subscribers.importing.glimpse import Glimpse
    from subscribers.importing.source import Instructions
    from subscribers.publication import Publication

    Progress = Callable[[int, int], None]


class Answers(NamedTuple):
    """What was said on the page."""

    fields: Mapping[int, Field]
    """By the position of the column; those that are not to be read are left out."""
    tags: Mapping[str, str]
    """Slug of a topic by another tool's tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A dry run that was asked for."""

    number: int
    answers: Answers
    report: ImportReport | None = None
    refusal: str = ""
    """Why there is none, where it came to an end all the same."""
    done: int = 0
    lines: int = 0
    """How far it is, of how much; 0 where that is not known."""

    @property
    def ended(self) -> bool:
        """Whether it is known what would become of the rows, or why not."""
        return self.report is not None or bool(self.refusal)


class _Overtaken(Exception):  # noqa: N818 - what happened
    """Another look was asked for meanwhile."""


@dataclass(kw_only=True)
class Desk:
    """Where the two meet. Any thread may call it."""

    glimpse: Glimpse
    publication: Publication
    said: Instructions
    """On the command line; what is said on the page comes on top."""
    dry_run: bool = False
    """Nothing is to be changed in the end, either."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What the forms of this page carry."""
    _look: Look | None = None
    _started: bool = False
    _closed: bool = False
    _changed: Condition = field(default_factory=Condition)

    def before(self) -> Answers:
        """Return what is said so far: on the page, else on the command line, else as it seems to be."""
        look = self.newest()
        return look.answers if look else Answers(self.glimpse.fields, self.said.tags)

    def newest(self, wait: float = 0) -> Look | None:
        """Return the look that was asked for last; give it that many seconds to come to an end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._look is None or self._look.ended, wait)
            return self._look

    @property
    def started(self) -> bool:
        """Whether it was said that the import is to begin."""
        with self._changed:
            return self._started

    def ask(self, answers: Answers) -> None:
        """Have a look at what would become of the rows. The one that is under way, if any, is given up."""
        with self._changed:
            if not self._started:
                number = self._look.number + 1 if self._look else 1
                self._look = Look(number=number, answers=answers)
                self._changed.notify_all()

    def start(self, number: int) -> bool:
        """Have the import begin as that look showed it. Return False where it is not the newest, or not at its end."""
        with self._changed:
            if self._look is None or self._look.number != number or self._look.report is None:
                return False
            self._started = True
            self._changed.notify_all()
            return True

    def instructions(self, answers: Answers) -> Instructions:
        """Return all that was said, as an import takes it."""
        return replace(
            self.said,
            headings=self.glimpse.headings or self.said.headings,
            choices=self.glimpse.choices(answers.fields, self.said.choices.tool),
            tags=answers.tags,
        )

    def run(self, look: Callable[[Instructions, Progress], ImportReport]) -> Answers:
        """Have `look` called for every look that is asked for; return with the answers the import is to begin with.

        For the command; it waits for as long as nobody says so.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._started or (self._look is not None and not self._look.ended))
                asked = self._look
                assert asked is not None  # noqa: S101 - what was just waited for
                if self._started:
                    return asked.answers
            self._tell(asked, look)

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _tell(self, asked: Look, look: Callable[[Instructions, Progress], ImportReport]) -> None:
        def moved(done: int, lines: int) -> None:
            self._write(asked, done=done, lines=lines)

        try:
            report = look(self.instructions(asked.answers), moved)
            self._write(asked, report=report)
        except _Overtaken:
            pass
        except Refused as refusal:
            self._write(asked, refusal=refusal.sentence)

    def _write(self, asked: Look, **found: object) -> None:
        with self._changed:
            if self._look is None or self._look.number != asked.number:
                raise _Overtaken
            self._look = replace(self._look, **found)  # type: ignore[arg-type]  # fields of a look, by name
            self._changed.notify_all()


class MappingPage(Protocol):
    """Serves the page; implemented by `newsletter.web`, handed in by `__main__`."""

    def __call__(self, desk: Desk, *, ready: Callable[[str], None]) -> AbstractContextManager[None]:
        """Serve it on loopback while the context lasts; call `ready` with its URL, which works once."""
        ...
