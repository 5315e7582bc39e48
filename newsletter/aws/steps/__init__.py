"""The steps of setting up. Each looks at one thing and says what is to be done about it; nothing else is ever done.

A change says what is there, what is wanted and why, and carries the call that brings it about: what is planned and
what is made cannot tell two stories.
"""
