"""Reads a finalized issue, makes every subscriber's own edition of it, sends it, and keeps the books."""
