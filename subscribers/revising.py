"""A vocabulary that changes: topics renamed, merged or retired, and everybody's choice with them.

The vocabulary goes first and remembers the old slugs (`Topic.formerly`), so that choices and issues that still hold
one mean the new topic from then on (`Vocabulary.renamed`, `current`). Then people's choices are written anew, batch by
batch, each reader in one transaction with their line in the consent log. Killed half way, the same command ends it.

What becomes of a choice (`Revision.applied`):

- Who chose a topic that was renamed or merged has chosen what it became.
- Who left one out leaves out what it became, if they left out all that went into it, or the one that took it in:
  nobody loses by a merger what they did not name.
- A retired topic is taken out of every choice of more than it. Alone, it stays: no choice at all would mean all
  topics. Its readers go on to get what is for everybody, until they choose anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select

from subscribers.errors import AlreadyExists, NotFound, Refused
from subscribers.lifecycle import Status
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.steps import choose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import InstrumentedAttribute, Session

    from subscribers.database import Database
    from subscribers.publication import Publication, Topic

_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a vocabulary is to be, and what that means for choices."""

    said: str
    """For the consent log: `topics: mri renamed to irm`."""
    topics: tuple[Topic, ...]
    moves: Mapping[str, str] = field(default_factory=dict)
    """New slug by the old one."""
    merged: frozenset[str] = frozenset()
    """All topics that went into the new one; who left out all of them leaves out that."""
    retired: str = ""

    @property
    def touches(self) -> Sequence[str]:
        """The slugs that are looked for in people's choices."""
        return [*self.moves, *([self.retired] if self.retired else [])]

    def applied(self, topics: str, excluded: str) -> tuple[str, str]:
        """Return a choice as it is now, both parts as they are stored."""
        chosen = {self.moves.get(slug, slug) for slug in topics.split()}
        chosen = chosen - {self.retired} or chosen
        left_out = set(excluded.split())
        all_of_it = self.merged <= left_out
        left_out -= {self.retired, *self.moves}
        if all_of_it and self.moves:
            left_out |= set(self.moves.values())
        return " ".join(sorted(chosen)), " ".join(sorted(left_out - chosen))


def rename(publication: Publication, old: str, new: str) -> Revision:
    """Call a topic otherwise. Raises NotFound for one that there is not, AlreadyExists for a name that is taken."""
    said, known = f"topics: {old} renamed to {new}", {topic.slug: topic for topic in publication.topics}
    if old not in known and new in known and old in known[new].formerly:  # begun before: what is left is ended
        return Revision(said=said, topics=publication.topics, moves={old: new}, merged=frozenset({old}))
    topic = _known(publication, old)
    if new in known:
        raise AlreadyExists(f"There is a topic “{new}” already: merge “{old}” into it (--merge {old} {new}).")
    formerly = tuple(slug for slug in (*topic.formerly, old) if slug != new)  # a name it had and has again
    changed = replace(topic, slug=new, formerly=formerly)
    topics = tuple(changed if each.slug == old else each for each in publication.topics)
    return Revision(said=said, topics=topics, moves={old: new}, merged=frozenset({old}))


def merge(publication: Publication, old: Iterable[str], into: str) -> Revision:
    """Let one topic, with its labels, take in others, with their keywords.

    Raises NotFound, for the one that takes in as well; Refused for no others, and where it is retired.
    """
    target = _known(publication, into)
    gone = [slug for slug in dict.fromkeys(old) if slug != into]
    if not gone:
        raise Refused(f"Say which topics “{into}” is to take in.")
    taken = [_known(publication, slug) for slug in gone if slug not in target.formerly]
    if taken and target.retired:
        raise Refused(f"The topic “{into}” is retired and takes in no other: name one that is offered.")
    keywords = {language: list(words) for language, words in target.keywords.items()}
    for topic in taken:
        for language, words in topic.keywords.items():
            keywords[language] = list(dict.fromkeys((*keywords.get(language, ()), *words)))
    formerly = dict.fromkeys((*target.formerly, *(slug for topic in taken for slug in (*topic.formerly, topic.slug))))
    whole = replace(
        target, formerly=tuple(formerly), keywords={language: tuple(words) for language, words in keywords.items()}
    )
    topics = tuple(whole if each.slug == into else each for each in publication.topics if each.slug not in gone)
    return Revision(
        said=f"topics: {', '.join(gone)} merged into {into}",
        topics=topics,
        moves=dict.fromkeys(gone, into),
        merged=frozenset({*gone, into}),
    )


def retire(publication: Publication, slug: str) -> Revision:
    """Offer a topic no longer, nor suggest it. Raises NotFound."""
    retired = replace(_known(publication, slug), retired=True, keywords={})
    topics = tuple(retired if each.slug == slug else each for each in publication.topics)
    return Revision(said=f"topics: {slug} retired", topics=topics, retired=slug)


def touched(session: Session, list_id: int, revision: Revision) -> Sequence[int]:
    """Return the numbers of the subscribers whose choice would be another one."""
    query = select(Subscription.subscriber_id, Subscription.topics, Subscription.topics_excluded)
    rows = session.execute(query.where(*_concerned(list_id, revision)).order_by(Subscription.subscriber_id))
    return [number for number, topics, excluded in rows if revision.applied(topics, excluded) != (topics, excluded)]


def left_with_it(session: Session, list_id: int, revision: Revision) -> Sequence[int]:
    """Return the numbers of the active subscribers who chose nothing but the topic that is retired, and keep it."""
    query = select(Subscription.subscriber_id).where(
        Subscription.list_id == list_id,
        Subscription.status == Status.ACTIVE.value,
        Subscription.topics == revision.retired,
        Subscription.topics != "",
    )
    return session.scalars(query.order_by(Subscription.subscriber_id)).all()


def carry_out(database: Database, publication: Publication, revision: Revision, now: datetime) -> Sequence[int]:
    """Make it so. Return the numbers of the subscribers whose choice is another one now.

    Raises Refused, and has changed nothing, for a slug that cannot be one.
    """
    with database.write() as session:
        ListStore(session).revise(publication.slug, revision.topics)
    changed: list[int] = []
    after = 0
    while True:
        with database.write() as session:
            query = select(Subscription).where(
                *_concerned(publication.id, revision), Subscription.subscriber_id > after
            )
            batch = session.scalars(query.order_by(Subscription.subscriber_id).limit(_BATCH).with_for_update()).all()
            for subscription in batch:
                topics, excluded = revision.applied(subscription.topics, subscription.topics_excluded)
                if choose(session, subscription, topics=topics, excluded=excluded, source=revision.said, now=now):
                    changed.append(subscription.subscriber_id)
        if not batch:
            return changed
        after = batch[-1].subscriber_id


def _known(publication: Publication, slug: str) -> Topic:
    for topic in publication.topics:
        if topic.slug == slug:
            return topic
    there_are = ", ".join(topic.slug for topic in publication.topics) or "none"
    raise NotFound(f"The list {publication.slug} has no topic “{slug}”. It has: {there_are}.")


def _concerned(list_id: int, revision: Revision) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    columns = (Subscription.topics, Subscription.topics_excluded)
    return Subscription.list_id == list_id, or_(*(_has(each, slug) for each in columns for slug in revision.touches))


def _has(column: InstrumentedAttribute[str], slug: str) -> ColumnElement[bool]:
    return (" " + column + " ").contains(f" {slug} ", autoescape=True)
