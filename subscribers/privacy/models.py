"""What stays of somebody who was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base


class ErasedAddress(Base):
    """That an address was erased, by a keyed hash of it: without the secret key nobody can tell which one it was."""

    __tablename__ = "erased"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """HMAC-SHA256 in hexadecimal: `tokens.Signer.fingerprints`."""
    at: Mapped[datetime]
    suppressed: Mapped[str | None] = mapped_column(String(16))
    """Why it gets no mail even if its owner comes back; None: it does then."""

    __table_args__ = (CheckConstraint("suppressed IN ('bounce', 'complaint', 'manual')", name="suppressed"),)


class Sunset(Base):
    """Since when signs of life are noted for a list: nobody is silent for longer than somebody listens."""

    __tablename__ = "sunsets"

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    since: Mapped[datetime]
