"""Requests to AWS that are like one before: the SDK makes the first of each operation, `requests` the others.

Signed by the SDK's own signer (`requests`) and sent over connections that are kept open (`connections`).
"""

from newsletter.sdk.requests import Requests

__all__ = ["Requests"]
