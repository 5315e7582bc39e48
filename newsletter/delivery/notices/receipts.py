"""Proof that notices were accepted, as it comes in with the events of SES: whichever was in doubt is settled by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import case, update

from newsletter.delivery.notices.lifecycle import State
from newsletter.delivery.notices.models import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_DELIVERY_ID = re.compile(r"(notices-[A-Za-z0-9-]+)\.([0-9]{1,18})")


def file_proofs(session: Session, proofs: Mapping[str, str]) -> int:
    """Note which mails were accepted, by delivery id, with the id that SES gave them; return how many were settled.

    What is no notice of this database is passed over, and so is what is known to be sent. Of one whose sender is still
    at it, the proof is kept for whoever writes its end.
    """
    settled = 0
    for delivery_id, message_id in sorted(proofs.items()):
        found = _DELIVERY_ID.fullmatch(delivery_id)
        if found is None:
            continue
        in_doubt = Notice.state == State.UNCERTAIN
        statement = (
            update(Notice)
            .where(
                Notice.id == int(found[2]),
                Notice.label == found[1],
                Notice.state.in_([State.UNCERTAIN, State.CLAIMED]),
                Notice.message_id.is_(None),
            )
            .values(
                message_id=message_id,
                reason=None,
                state=case((in_doubt, State.SENT.value), else_=Notice.state),
            )
        )
        settled += session.connection().execute(statement).rowcount
    return settled
