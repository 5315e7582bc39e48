"""The variants that were sent last, as bulk mails: a worker sends many calls of one before it comes to the next."""

from __future__ import annotations

import logging
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from newsletter.delivery.ses_bulk import bulk_mail
from newsletter.delivery.ses_headers import UnfitForBulk

if TYPE_CHECKING:
    from newsletter.delivery.ses_bulk import BulkMail
    from newsletter.personalization.message import Prepared

KEPT = 16
"""Some 100 kB each."""

_log = logging.getLogger(__name__)


class Variants:
    """The variants sent last, as bulk mails; one for all threads."""

    def __init__(self, configuration_set: str) -> None:
        self._configuration_set = configuration_set
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[Prepared, BulkMail | None]] = OrderedDict()
        """By the identity of what is prepared, which is kept with it: comparing two takes longer than sending one."""

    def bulk_mail(self, prepared: Prepared) -> BulkMail | None:
        """Return the variant as a bulk mail, or None when it has to go as raw mails."""
        with self._lock:
            if id(prepared) in self._kept:
                self._kept.move_to_end(id(prepared))
                return self._kept[id(prepared)][1]
        mail = self._made(prepared)
        with self._lock:
            self._kept[id(prepared)] = prepared, mail
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return mail

    def _made(self, prepared: Prepared) -> BulkMail | None:
        try:
            return bulk_mail(prepared, self._configuration_set)
        except UnfitForBulk as reason:
            _log.warning("A variant goes as raw mails, for bulk cannot carry it: %s.", reason)
            return None
