"""What became of a file of people, for a person and for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.cli.output import table
from subscribers.lifecycle import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from subscribers.importing import ImportReport
    from subscribers.importing.result import Line
    from subscribers.publication import Publication

_CALLED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DOUBTS = {
    "role": "addresses of roles",
    "disposable": "addresses of throw-away hosts",
    "typo": "addresses with a likely slip",
}


def document(report: ImportReport) -> dict[str, Any]:
    """Return the JSON object."""
    written = report.written
    return {
        **{each: getattr(report, each) for each in ("rows", "added", "updated", "unchanged", "rejected")},
        "result_file": str(report.result_file) if report.result_file else None,
        "dry_run": report.dry_run,
        "file": {
            "format": written.format,
            "encoding": written.encoding or None,
            "separator": written.separator or None,
            "compressed": written.compressed,
            "sheet": written.sheet or None,
            "tool": report.tool,
        },
        "columns": dict(report.columns),
        "flagged": {kind: report.flagged.get(kind, 0) for kind in _DOUBTS},
        "left_out": dict(report.left_out),
        "warnings": list(report.warnings),
        "samples": {
            fate.value: [{"line": line, "email": email, "reason": reason} for line, email, _, reason in lines]
            for fate, lines in report.samples.items()
        },
    }


def so_far(name: str, done: int, lines: int, *, dry_run: bool) -> str:
    """Return how far an import came that was stopped, and what to do."""
    if dry_run:
        return f"Stopped while looking at {name}: nothing was changed."
    if not done:
        return f"Stopped before any row of {name} was taken: nothing was changed."
    of = f" of {lines:,}" if lines > done else ""
    return (
        f"Stopped at line {done:,}{of} of {name}: the rows so far are in, the others are not, and there is no result "
        f"file yet. The same command goes on from there: rows that are in will be unchanged."
    )


def described(report: ImportReport, name: str, publication: Publication) -> tuple[list[str], list[str]]:
    """Return lines for standard output, and for standard error."""
    fates = [(fate.value, getattr(report, fate.value)) for fate in Fate]
    whose = f", an export of {report.tool.capitalize()}" if report.tool else ""
    results = [
        f"{name} ({_written(report)}{whose}): {report.rows} rows for the list {publication.slug}.",
        "",
        *table(("what would become of them" if report.dry_run else "what became of them", "rows"), fates),
        "",
    ]
    messages = [_doubt(report, kind) for kind in report.flagged]
    messages += [_left_out(report, about) for about in report.left_out]
    if report.dry_run:
        read = [(heading, about or "not read") for heading, about in report.columns.items()]
        results += [*table(("column", "is read as"), read), "", *_samples(report)]
        messages.append("Nothing was changed. Without --dry-run the people are brought to the list.")
    if report.rejected:
        messages += _rejected(report)
    if report.result_file:
        results.append(f"Row by row: {report.result_file}")
    return results, messages


def _doubt(report: ImportReport, kind: str) -> str:
    line, reason = report.doubtful[kind][0]
    return f"Taken all the same: {_DOUBTS[kind]} ({report.flagged[kind]}), for example in line {line}: {reason}."


def _left_out(report: ImportReport, about: str) -> str:
    line, reason = report.first_left_out[about]
    return f"Taken without what is wrong in {about} ({report.left_out[about]}), for example in line {line}: {reason}"


def _written(report: ImportReport) -> str:
    written = report.written
    parts = [
        "one address a line" if written.format == "addresses" else written.format.upper(),
        f"cells between {_CALLED[written.separator]}" if written.separator else "",
        f"sheet “{written.sheet}”" if written.sheet else "",
        written.encoding,
        "compressed" if written.compressed else "",
    ]
    return ", ".join(filter(None, parts))


def _samples(report: ImportReport) -> Iterator[str]:
    """Yield the first rows of each fate but rejected, which is told with what to do."""
    for fate, lines in report.samples.items():
        if lines and fate is not Fate.REJECTED:
            yield f"{fate.value.capitalize()}:"
            yield from (f"  line {line}: {email}{f': {reason}' if reason else ''}" for line, email, _, reason in lines)
            yield ""


def _rejected(report: ImportReport) -> list[str]:
    samples: Sequence[Line] = report.samples[Fate.REJECTED]
    left = report.rejected - len(samples)
    return [
        "Rejected:",
        *(f"  line {each.line}: {each.reason}" for each in samples),
        *([f"  and {left} more"] if left else []),
        *(["Mend these rows and import the file again: the others will be unchanged."] if report.mendable else []),
    ]
