"""Who receives, and what they want. Knows nothing of `newsletter`."""
