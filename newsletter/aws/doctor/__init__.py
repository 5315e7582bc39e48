"""Looks whether mail will leave, arrive and be heard of again: each finding says what to do."""
