"""What the doctor says: a line for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from newsletter.aws.refusals import AwsRefused
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Generator

_Found = TypeVar("_Found")


class Level(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    """Mail goes; something should be better."""
    FAIL = "fail"
    """Mail does not go, does not arrive, or nobody hears what became of it; or that cannot be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line."""

    check: str
    level: Level
    said: str
    do: str = ""
    """What to do; empty where all is well."""
    about: str = ""
    """The sender's domain that it is about; empty: all mail."""

    def as_json(self) -> dict[str, str]:
        """Return it for scripts."""
        return {
            "check": self.check, "about": self.about, "level": self.level.value, "said": self.said, "do": self.do
        }  # fmt: skip


def ok(check: str, said: str, about: str = "") -> Finding:
    """Say that all is well."""
    return Finding(check=check, level=Level.OK, said=said, about=about)


def warn(check: str, said: str, do: str, about: str = "") -> Finding:
    """Say what should be better."""
    return Finding(check=check, level=Level.WARN, said=said, do=do, about=about)


def fail(check: str, said: str, do: str, about: str = "") -> Finding:
    """Say what has to be mended."""
    return Finding(check=check, level=Level.FAIL, said=said, do=do, about=about)


def guarded(
    check: str, looking: Generator[Finding, None, _Found], about: str = ""
) -> Generator[Finding, None, _Found | None]:
    """Look, and make a finding of what keeps from looking: what is not known is not vouched for."""
    try:
        return (yield from looking)
    except AwsRefused as error:
        yield fail(check, error.said, error.do, about)
    except Refused as error:
        yield fail(check, str(error), "", about)
    return None
