"""Signatures of SNS: RSA, PKCS #1 v1.5, over SHA-1 in version 1 and SHA-256 in version 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from newsletter.feedback.sns import Untrusted

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.feedback.sns import Posted

_SMALLEST_KEY = 2048


def verify(posted: Posted, certificate: bytes, *, now: datetime) -> None:
    """See that the message is what the holder of the certificate (PEM) signed. Raises Untrusted."""
    try:
        known = x509.load_pem_x509_certificate(certificate)
        key = known.public_key()
    except ValueError as error:
        raise Untrusted("its certificate cannot be read") from error
    if not known.not_valid_before_utc <= now <= known.not_valid_after_utc:
        raise Untrusted("its certificate is not valid today")
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
        raise Untrusted("the key of its certificate is none of SNS")
    algorithm = hashes.SHA256() if posted.version == "2" else hashes.SHA1()  # noqa: S303 - version 1 is SNS's default
    try:
        key.verify(posted.signature, posted.signed, PKCS1v15(), algorithm)
    except InvalidSignature as error:
        raise Untrusted("its signature is forged") from error
