"""Watches what comes back while campaigns send: `judging` decides, `watching` acts, `telling` writes to the admins."""
