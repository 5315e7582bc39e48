"""Mails outside campaigns: asked for in somebody else's transaction, sent afterwards, once at most."""
