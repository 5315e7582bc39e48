"""An account to set up, and a whole world in which nothing is wrong, for a test to break one thing of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.aws import published, reaching
from newsletter.aws.doctor.examining import Instruments, ProbeOrder, examine
from newsletter.aws.doctor.findings import Finding, Level
from newsletter.aws.doctor.installation import Installation, Sender
from newsletter.aws.provisioning import leftover, make
from newsletter.aws.published import SystemDns
from newsletter.aws.reaching import reach
from newsletter.aws.service import Aws
from newsletter.aws.wanted import Wanted, names, sender_domains
from subscribers.clock import utc_now
from tests.fakes.mail_server import certificates
from tests.fakes.name_server import Zone, name_server
from tests.fakes.web_server import Site, web_server
from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsletter.aws.doctor.probes import TakenIn
    from newsletter.simulator.client import SimulatorClient
    from subscribers.clock import Clock

DOMAIN = "news.example.org"
WANTED = Wanted(names=names("newsletter"), domains=sender_domains([DOMAIN]))


@dataclass
class World:
    """Everything that the doctor looks at."""

    simulator: SimulatorClient
    aws: Aws
    zone: Zone
    site: Site
    installation: Installation
    clock: Clock = utc_now
    afresh: bool = False
    """Whether the doctor connects by the environment as it is then; clients of AWS take a second to make."""
    taken_in: TakenIn = lambda _: {}
    opened: list[Aws] = field(default_factory=list)

    def examined(self, order: ProbeOrder | None = None, **changes: Any) -> list[Finding]:  # noqa: ANN401 - fields
        """Let the doctor look, with `changes` to the installation."""
        instruments = Instruments(
            connect=self._connect,
            dns=SystemDns(self.zone.address),
            reach=reach,
            clock=self.clock,
            taken_in=self.taken_in,
        )
        return list(examine(replace(self.installation, **changes), instruments, order))

    def level(self, check: str, **changes: Any) -> Level:  # noqa: ANN401 - as above
        """Return the worst level of what is found of one check; every finding that is not ok says what to do."""
        found = self.examined(**changes)
        assert all(each.do for each in found if each.level is not Level.OK)
        levels = [each.level for each in found if each.check == check]
        assert levels, f"nothing was said of {check}: {[each.check for each in found]}"
        return max(levels, key=list(Level).index)

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        """Do something at AWS."""
        return self.aws.ask(service, operation, **said)

    def _connect(self) -> Aws:
        if not self.afresh:
            return self.aws
        self.opened.append(Aws(timeout=PATIENCE))
        return self.opened[-1]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer come too late because this machine stood still."""
    monkeypatch.setattr(published, "_LONGEST", PATIENCE)
    monkeypatch.setattr(reaching, "_LONGEST", PATIENCE)


@pytest.fixture
def aws(aws_environment: SimulatorClient) -> Iterator[Aws]:
    assert aws_environment.url
    there = Aws(timeout=PATIENCE)
    yield there
    there.close()


@pytest.fixture
def zone() -> Iterator[Zone]:
    with name_server() as served:
        yield served


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Yield a site whose certificate this process trusts."""
    made = certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with web_server(made.server) as served:
        yield served


@pytest.fixture
def world(simulator: SimulatorClient, aws: Aws, zone: Zone, site: Site) -> Iterator[World]:
    assert list(make(aws, WANTED))
    left = leftover(aws, WANTED)
    for record in left.records:
        value = f"{record.value}." if record.type in {"MX", "CNAME"} else record.value
        zone.put(record.name, record.type, *[value])
    yield (
        there := World(
            simulator=simulator,
            aws=aws,
            zone=zone,
            site=site,
            installation=Installation(
                transport="ses",
                configuration_set="newsletter",
                queue_url=left.settings["NEWSLETTER_SES_EVENTS_QUEUE_URL"] or "",
                public_url=site.url,
                senders=(Sender(domain=DOMAIN, addresses=(f"weekly@{DOMAIN}",), lists=("weekly",)),),
                largest_audience=5_000,
            ),
        )
    )
    for each in there.opened:
        each.close()
