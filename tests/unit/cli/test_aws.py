"""`newsletter aws` as people and scripts meet it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsletter.simulator.client import SimulatorClient
    from tests.unit.cli.conftest import Newsletter

from tests.fakes.mail_server import certificates
from tests.fakes.name_server import Zone, name_server
from tests.fakes.web_server import Site, web_server

DOMAIN = "news.example.org"
STEPS = 9


@pytest.fixture
def there(newsletter: Newsletter, simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch) -> Newsletter:
    """`newsletter` with a list, and an AWS account that is empty."""
    for name, value in simulator.environment.items():
        monkeypatch.setenv(name, value)
    newsletter("list", "create", "weekly", "--name", "W", "--from", f"W <weekly@{DOMAIN}>", "--languages", "en")
    return newsletter


@pytest.fixture
def zone() -> Iterator[Zone]:
    with name_server() as served:
        yield served


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with web_server(made.server) as served:
        yield served


def test_from_an_empty_account_to_a_doctor_who_finds_nothing(there: Newsletter, zone: Zone, site: Site) -> None:
    planned = there("aws", "setup", "--plan", "--json").json
    assert (planned["plan"], planned["account"], planned["region"]) == (True, "123456789012", "us-east-1")
    assert [each["state"] for each in planned["steps"]].count("missing") == STEPS - 1
    assert (planned["dns_waiting"], planned["settings"]["NEWSLETTER_SES_EVENTS_QUEUE_URL"]) == ([DOMAIN], None)
    made = there("aws", "setup", "--json").json
    assert [each["step"] for each in made["steps"]] == [each["step"] for each in planned["steps"]]
    assert {each["state"] for each in made["steps"]} == {"made", "there"}
    assert {each["state"] for each in there("aws", "setup", "--json").json["steps"]} == {"there"}
    for record in made["dns"]:
        dotted = f"{record['value']}." if record["type"] != "TXT" else record["value"]
        zone.put(record["name"], record["type"], dotted)
    settings = {name: value for name, value in made["settings"].items() if name.startswith("NEWSLETTER_")}
    settings["NEWSLETTER_PUBLIC_URL"] = site.url
    arguments = ("aws", "doctor", "--nameserver", zone.address)
    found = there(*arguments, "--send-probes", "--json", code=0, **settings).json
    assert (found["warn"], found["fail"]) == (0, 0)
    assert found["ok"] == len(found["findings"])
    assert {key: found["findings"][1][key] for key in ("check", "about", "level", "do")} == {
        "check": "credentials", "about": "", "level": "ok", "do": ""
    }  # fmt: skip
    told = there(*arguments, code=1, **settings | {"NEWSLETTER_SES_CONFIGURATION_SET": "other"})
    assert "fail  configuration set: there is no configuration set other in us-east-1\n      → " in told.out
    assert f"ok    DMARC {DOMAIN}: {DOMAIN} publishes p=none" in told.out
    assert told.out.splitlines()[-1].endswith(" fail")
    assert there(*arguments, **settings | {"NEWSLETTER_TRANSPORT": "outbox"}).out.startswith("warn  transport:")


def test_a_plan_and_a_run_are_told_to_a_person(there: Newsletter) -> None:
    planned = there("aws", "setup", "--plan")
    assert "missing    identity news.example.org\n" in planned.out
    assert "# DKIM: three CNAME records of news.example.org, known when its identity is made" in planned.out
    assert "# NEWSLETTER_SES_EVENTS_QUEUE_URL: known when it is made" in planned.out
    assert "Nothing was changed" in planned.err
    made = there("aws", "setup")
    assert "made       queue newsletter-events\n" in made.out
    assert f"\nbounce.{DOMAIN} MX 10 feedback-smtp.us-east-1.amazonses.com\n" in made.out
    assert f"\n_dmarc.{DOMAIN}." in made.out
    assert "\nNEWSLETTER_SES_CONFIGURATION_SET=newsletter\n" in made.out
    assert "\n# NEWSLETTER_PUBLIC_URL: " in made.out


def test_what_is_changed_is_told_with_its_reason(there: Newsletter) -> None:
    there("aws", "setup", "--tls", "optional", "--no-raw")
    told = there("aws", "setup")
    assert "TlsPolicy is OPTIONAL, should be REQUIRE: mails carry personal links" in told.out
    assert "RawMessageDelivery is false, should be true: " in told.out


def test_what_is_left_for_a_person_has_its_exit_code(there: Newsletter) -> None:
    import boto3

    there("aws", "setup", "--name", "weekly")
    boto3.client("sesv2").put_configuration_set_sending_options(ConfigurationSetName="weekly", SendingEnabled=False)
    there("aws", "setup", "--plan", "--name", "weekly")
    told = there("aws", "setup", code=3, NEWSLETTER_SES_CONFIGURATION_SET="weekly")
    assert "left       configuration set weekly\n           SendingEnabled is no, should be yes: somebody" in told.out


def test_an_interruption_names_the_step_and_the_next_run_goes_on(there: Newsletter, simulator: SimulatorClient) -> None:
    simulator.add_fault("answer", operations=["Subscribe"], http_status=403, code="AuthorizationError", message="no")
    told = there("aws", "setup", code=1)
    assert "made       configuration set newsletter" in told.out
    assert (
        "Error: subscription of newsletter-events to newsletter-events: The credentials may not do sns:Subscribe"
        in told.err
    )
    simulator.clear_faults()
    states = [each["state"] for each in there("aws", "setup", "--json").json["steps"]]
    assert states == ["there"] * 5 + ["made", "there", "made", "made"]


def test_the_template_is_printed_without_asking_aws(there: Newsletter, simulator: SimulatorClient) -> None:
    simulator.add_fault("slow", operations=["*"], calls=[10_000])
    bare = {"AWS_ACCESS_KEY_ID": "", "AWS_DEFAULT_REGION": ""}
    printed = yaml.safe_load(there("aws", "setup", "--print-cloudformation", code=0, **bare).out)
    assert printed["Resources"]["IdentityNewsZ2eExampleZ2eOrg"]["Properties"]["EmailIdentity"] == DOMAIN
    assert (
        yaml.safe_load(there("aws", "setup", "--print-cloudformation", "--json", code=0, **bare).json["template"])
        == printed
    )
    assert [fault["calls_seen"] for fault in simulator.faults()] == [0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--domain", "no domain"), "“no domain” is no domain"),
        (("--mail-from", "bounce.elsewhere.example"), "has to lie under"),
        (("--name", "two words"), "cannot begin the names"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_asked(
    there: Newsletter, arguments: tuple[str, str], words: str
) -> None:
    assert words in there("aws", "setup", *arguments, code=1).err


def test_without_a_list_the_domain_is_asked_for(newsletter: Newsletter) -> None:
    assert "--domain" in newsletter("aws", "setup", code=1).err


def test_without_region_or_credentials_it_is_said_how_to_give_them(there: Newsletter) -> None:
    assert "AWS_DEFAULT_REGION=eu-west-1" in there("aws", "setup", code=1, AWS_DEFAULT_REGION="").err
    bare = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert "AWS_ACCESS_KEY_ID" in there("aws", "setup", code=1, **bare).err


def test_the_doctor_refuses_what_is_no_domain_and_no_server(there: Newsletter) -> None:
    assert "is no domain" in there("aws", "doctor", "--domain", "x", code=1).err
    assert "--nameserver" in there("aws", "doctor", "--nameserver", "x", code=1).err


def test_the_doctor_looks_at_the_domain_that_is_named(there: Newsletter, zone: Zone) -> None:
    found = there("aws", "doctor", "--domain", "Other.example", "--nameserver", zone.address, "--json", code=1).json
    assert {each["about"] for each in found["findings"]} == {"", "other.example"}


def test_help_imports_no_boto3(newsletter: Newsletter) -> None:
    import subprocess

    code = (
        "import sys; from newsletter.cli.entrance import run; "
        "[run(['aws', *each, '--help']) for each in ([], ['setup'], ['doctor'])]; "
        "print([name for name in ('boto3', 'botocore', 'dns', 'yaml') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=newsletter.folder
    )
    assert json.loads(done.stderr.replace("'", '"')) == []
