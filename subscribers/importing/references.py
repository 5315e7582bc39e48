"""References that hold by themselves, and are not asked for once more: on PostgreSQL, where its owner allows that.

PostgreSQL checks each reference of each row by a query of its own: two thirds of the time of rows that have two. What
an import writes refers to its list, which is held here, and to people who were found or written in the same
transaction, while nobody else can delete any (`bulk.sole_importer`): there is nothing to find out.

`session_replication_role` rests triggers and rules as well, but for those that are there for replicas. So it is left
alone where somebody has added one to our tables. Who may set it: a superuser, and whoever was given the right by
`GRANT SET ON PARAMETER session_replication_role TO …`
(https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from subscribers.models import List

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_MAY_REST = text("""
    WITH ours AS (
        SELECT oid, relhasrules FROM pg_class
        WHERE oid = ANY (CAST('{subscribers, subscriptions, consents, formerly, confirmations}' AS regclass[]))
    )
    SELECT has_parameter_privilege('session_replication_role', 'SET')
        AND current_setting('session_replication_role') = 'origin'
        AND NOT EXISTS (SELECT FROM ours WHERE relhasrules)
        AND NOT EXISTS (
            SELECT FROM pg_trigger JOIN ours ON ours.oid = tgrelid
            WHERE NOT tgisinternal AND tgenabled = 'O' AND tgname <> 'consents_append_only'
        )
""")
"""That trigger looks at changes of the log, and an import makes none."""


@contextmanager
def references_known(session: Session, list_id: int) -> Iterator[bool]:
    """Write, within, what refers to this list, and to people who are known to be there; yield whether checks rest.

    Call it in a transaction that is alone (`bulk.sole_importer`). An error takes the setting back with the transaction.
    """
    rests = session.get_bind().dialect.name == "postgresql" and session.scalar(_MAY_REST) is True
    if rests:
        session.execute(select(List.id).where(List.id == list_id).with_for_update(read=True, key_share=True)).one()
        session.execute(text("SET LOCAL session_replication_role TO replica"))
    yield rests
    if rests:
        session.execute(text("SET LOCAL session_replication_role TO origin"))
