"""What reading and checking an issue has to say: findings (doubtful), problems (impossible)."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsletter.errors import Refused

_SHOWN = 200
"""Characters of an offending line that a message shows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful that a person should look at. `code` is stable, for scripts; `line` counts from 1."""

    line: int | None
    code: str
    message: str
    file: str | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, f"line {self.line}" if self.line else None) if part)
        return f"{where}: {self.message} [{self.code}]" if where else f"{self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be placed, and what was expected in its stead. `line` 0: the file as a whole."""

    line: int
    text: str
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        shown = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + "…"
        return f"{where}“{shown}” — expected {self.expected}" if shown else f"{where}expected {self.expected}"


class DocumentError(Refused):
    """A text that cannot be read as an issue. Every problem that was found is in `problems`."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join([f"{name} cannot be read:", *(f"  {problem}" for problem in problems)]))
        self.name = name
        self.problems = problems


@dataclass(slots=True)
class Notes:
    """Collects findings and problems while a text is read, so that a person hears of all of them at once."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def warn(self, line: int | None, code: str, message: str) -> None:
        """Note something doubtful."""
        self.findings.append(Finding(line, code, message, self.name))

    def reject(self, line: int, text: str, expected: str) -> None:
        """Note something that cannot be placed; reading goes on, to find the others."""
        self.problems.append(Problem(line, text, expected))

    def settle(self) -> tuple[Finding, ...]:
        """Return the findings in the order of the text. Raises DocumentError when there are problems."""
        if self.problems:
            raise self.refusal()
        return tuple(sorted(self.findings, key=lambda finding: finding.line or 0))

    def refusal(self) -> DocumentError:
        """Return the error that tells of all problems."""
        return DocumentError(self.name, tuple(sorted(self.problems, key=lambda problem: problem.line)))
