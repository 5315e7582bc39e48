"""Keeping issues: texts are added, topics chosen, revisions finalized. A finalized revision is never written again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from newsletter.errors import NotFound, Refused
from newsletter.issues.codec import content_hash, counts, dumps, loads
from newsletter.issues.digest import digest_slug, with_choices_of
from newsletter.issues.joining import join
from newsletter.issues.lifecycle import EFFECTS, Change, Effect, State
from newsletter.issues.models import IssueRevision, IssueRow
from newsletter.issues.proof import Severity, proof
from newsletter.issues.queries import StoredIssue, bind_row, find_row, newest_revision, stored
from newsletter.issues.topics import Mark, chosen, marked, marks, suggest
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from typing import Any

    from sqlalchemy.orm import Session

    from newsletter.issues.digest import Digest
    from newsletter.issues.document import Parsed
    from newsletter.issues.findings import Finding
    from newsletter.issues.model import Issue, Period
    from newsletter.issues.topics import Choice
    from subscribers.publication import Publication, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What came of adding texts."""

    stored: StoredIssue
    changed: bool
    """Whether there is a new content; the same texts again change nothing."""
    warnings: tuple[Finding, ...]
    """Those of reading the texts, then those of bringing them together."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that `issue add --json` prints."""
        documents = self.stored.issue.documents
        return {
            "issue": self.stored.slug,
            "revision": self.stored.revision,
            "languages": list(documents),
            "counts": counts(next(iter(documents.values()))),
            "warnings": [
                {
                    "line": finding.line,
                    "code": finding.code,
                    "message": finding.message,
                    "file": finding.file,
                }
                for finding in self.warnings
            ],
        }


class IssueStore:
    """The issues, seen through one session that writes; what is written is committed with it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, texts: Sequence[Parsed], publication: Publication | None, now: datetime) -> Added:
        """Add one or more texts of the same date: a new issue, translations of it, or corrected texts.

        `publication` None: the issue that has this date already, else one without a list. All texts line up, with each
        other and with the languages that are there; topics are suggested where no editor has spoken. Raises Refused
        (DoesNotLineUp) with nothing written.
        """
        if not texts:
            raise Refused("Name at least one file.")
        row = self._row(texts[0], publication, now)
        newest = self._newest(row)
        publication = self._publication(row)
        joined = join(
            loads(newest.content) if newest else None,
            frozenset(newest.edited) if newest else frozenset(),
            texts,
            vocabulary=publication.topics if publication else None,
            languages=publication.languages if publication else (),
        )
        revision, changed = self._write(row, newest, joined.issue, joined.edited, now)
        warnings = (*(finding for parsed in texts for finding in parsed.warnings), *joined.warnings)
        return Added(stored=stored(row, revision), changed=changed, warnings=warnings)

    def keep_digest(self, digest: Digest, month: Period, publication: Publication, now: datetime) -> Added:
        """Keep what was composed as the list's digest of that month: a new issue, or the one there is, changed.

        The same again changes nothing; a finalized revision stays, and a new draft is made. What an editor chose of its
        items stands.
        """
        slug = digest_slug(month)
        try:
            row = find_row(self._session, slug, publication.slug)
        except NotFound:
            row = self._new_row(slug, publication, now, date=digest.issue.date, digest_month=month.start)
        self._lock(row)
        newest, issue, edited = self._newest(row), digest.issue, frozenset[int]()
        if newest is not None:
            issue, edited = with_choices_of(loads(newest.content), frozenset(newest.edited), issue)
        revision, changed = self._write(row, newest, issue, edited, now)
        return Added(stored=stored(row, revision), changed=changed, warnings=digest.warnings)

    def choose(
        self, reference: str, choices: Mapping[int, Choice], now: datetime, list_slug: str | None = None
    ) -> StoredIssue:
        """Set topics and must-read of items, by position, in all languages; from now on no suggestion overrules them.

        Raises Refused for an item or topic that is not there. A finalized revision stays; a new draft is made.
        """
        row, newest = self._existing(reference, list_slug)
        issue = loads(newest.content)
        publication = self._publication(row)
        after = chosen(_marks(issue), choices, publication.topics if publication else None)
        revision, _ = self._write(row, newest, marked(issue, after), frozenset(newest.edited) | set(choices), now)
        return stored(row, revision)

    def suggest(self, reference: str, now: datetime, list_slug: str | None = None) -> StoredIssue:
        """Suggest topics anew where no editor has spoken: after the vocabulary, or the list, has changed."""
        row, newest = self._existing(reference, list_slug)
        publication = self._publication(row)
        issue = loads(newest.content)
        if publication is not None:
            issue = _suggested(issue, frozenset(newest.edited), publication.topics)
        revision, _ = self._write(row, newest, issue, frozenset(newest.edited), now)
        return stored(row, revision)

    def bind(self, reference: str, publication: Publication, now: datetime) -> StoredIssue:
        """Bring an issue without a list to one; a draft gets topics suggested by the list's vocabulary."""
        row, newest = self._existing(reference, publication.slug)
        if row.list_id is None:
            bind_row(self._session, row, publication, loads(newest.content))
        if newest.state == State.FINALIZED:
            return stored(row, newest)
        return self.suggest(reference, now, publication.slug)

    def finalize(self, reference: str, now: datetime, list_slug: str | None = None) -> StoredIssue:
        """Freeze the newest revision; a second time changes nothing. Raises Refused for what cannot be sent."""
        row, newest = self._existing(reference, list_slug)
        errors = [concern for concern in proof(loads(newest.content)) if concern.severity is Severity.ERROR]
        if errors:
            raise Refused("\n".join([f"Issue {row.slug} cannot be finalized:", *(f"  {each}" for each in errors)]))
        if EFFECTS[State(newest.state), Change.FINALIZE] is Effect.FREEZE:
            newest.state, newest.finalized_at = State.FINALIZED, now
            self._session.flush()
        return stored(row, newest)

    def _existing(self, reference: str, list_slug: str | None) -> tuple[IssueRow, IssueRevision]:
        row = find_row(self._session, reference, list_slug)
        self._lock(row)
        return row, newest_revision(self._session, row)

    def _row(self, parsed: Parsed, publication: Publication | None, now: datetime) -> IssueRow:
        """Return the issue that the text belongs to, locked; an issue that no list has is brought to `publication`."""
        slug = parsed.date.isoformat()
        try:
            row = find_row(self._session, slug, publication.slug if publication else None)
        except NotFound:
            row = self._new_row(slug, publication, now, date=parsed.date)
        self._lock(row)
        newest = self._newest(row)
        if publication is not None and row.list_id is None and newest is not None:
            bind_row(self._session, row, publication, loads(newest.content))
        return row

    def _new_row(self, slug: str, publication: Publication | None, now: datetime, **columns: date | None) -> IssueRow:
        row = IssueRow(list_id=publication.id if publication else None, slug=slug, created_at=now, **columns)
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:  # somebody else added it at this moment
            return find_row(self._session, slug, publication.slug if publication else None)
        return row

    def _lock(self, row: IssueRow) -> None:
        """Let no other session write this issue before the end of the transaction (SQLite has one writer anyway)."""
        self._session.refresh(row, with_for_update=True)

    def _newest(self, row: IssueRow) -> IssueRevision | None:
        found = select(IssueRevision.id).where(IssueRevision.issue_id == row.id).limit(1)
        return newest_revision(self._session, row) if self._session.scalar(found) is not None else None

    def _publication(self, row: IssueRow) -> Publication | None:
        return ListStore(self._session).by_id(row.list_id) if row.list_id is not None else None

    def _write(
        self, row: IssueRow, newest: IssueRevision | None, issue: Issue, edited: frozenset[int], now: datetime
    ) -> tuple[IssueRevision, bool]:
        """Write what the life cycle says; return the newest revision then, and whether its content is another one."""
        content = dumps(issue)
        same = newest is not None and newest.content_hash == content_hash(content)
        effect = EFFECTS[State(newest.state) if newest else None, Change.SAME if same else Change.EDIT]
        if newest is not None and effect is Effect.REWRITE:
            newest.content, newest.content_hash = content, content_hash(content)
        elif effect is Effect.NEW_REVISION:
            newest = IssueRevision(
                issue_id=row.id,
                revision=newest.revision + 1 if newest else 1,
                content=content,
                content_hash=content_hash(content),
                state=State.DRAFT,
                created_at=now,
            )
            self._session.add(newest)
        if newest is None:
            raise AssertionError("an issue without a revision gets one: see the table")
        if newest.state == State.DRAFT:
            newest.edited = sorted(edited)
        self._session.flush()
        return newest, not same


def _marks(issue: Issue) -> tuple[Mark, ...]:
    return marks(next(iter(issue.documents.values())))


def _suggested(issue: Issue, edited: frozenset[int], vocabulary: Sequence[Topic]) -> Issue:
    suggested = suggest(issue.documents.values(), vocabulary)
    after = [
        mark if position in edited else replace(mark, topics=suggested[position])
        for position, mark in enumerate(_marks(issue))
    ]
    return marked(issue, after)
