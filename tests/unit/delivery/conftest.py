"""What the tests of transports share."""

from __future__ import annotations

import pytest

from tests.fakes.mail_server import Certificates, certificates


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return a certificate for loopback that nobody trusts who was not told to."""
    return certificates(tmp_path_factory.mktemp("certificates"))
