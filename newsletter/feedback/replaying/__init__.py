"""Stored events, read again by the rules of today."""
