"""`newsletter aws`: set Amazon SES up, and see whether it will carry the mail."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from newsletter.aws import wanted as asked
from newsletter.bootstrap.aws import account, installation, instruments, senders
from newsletter.bootstrap.installation import opened
from newsletter.cli import aws_text
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.settings import read_settings

if TYPE_CHECKING:
    from newsletter.aws.provisioning import Report
    from newsletter.aws.service import Aws
    from newsletter.aws.wanted import Wanted

_PREFIX = "newsletter"


@click.group(cls=OrderedGroup)
def aws() -> None:
    """Set Amazon SES up, and see whether it will carry the mail."""


@aws.command()
@click.option("--plan", is_flag=True, help="Show what is there and what would be made; change nothing.")
@click.option("--print-cloudformation", is_flag=True, help="Print it as a CloudFormation template; ask AWS nothing.")
@click.option("--domain", "domains", multiple=True, help="A domain mail is sent from; left out: those of all lists.")
@click.option("--mail-from", help="Where its bounces go; left out: what is set, or bounce.DOMAIN.")
@click.option("--name", "prefix", help="What names begin with; left out: the setting, or “newsletter”.")
@click.option("--track-opens", is_flag=True, help="Have SES report opens, which takes a picture in every mail.")
@click.option("--track-clicks", is_flag=True, help="Have SES report clicks, which changes every link.")
@click.option("--raw/--no-raw", default=True, show_default=True, help="Events without the envelope of SNS.")
@click.option(
    "--tls",
    type=click.Choice(["require", "optional"]),
    default="require",
    show_default=True,
    help="Whether mail may go to a server without encryption.",
)
@json_option
def setup(
    *,
    plan: bool,
    print_cloudformation: bool,
    domains: tuple[str, ...],
    mail_from: str | None,
    prefix: str | None,
    as_json: bool,
    raw: bool,
    tls: str,
    **tracking: bool,
) -> int | None:
    """Make what Amazon SES needs to send and to report: as often as you like.

    What is there stays; what differs is shown, and changed with its reason. Exit code 3: something is left for you to
    decide. The DNS records and the settings to make stand at the end.
    """
    wanted = asked.Wanted(
        names=asked.names(prefix or read_settings().ses_configuration_set or _PREFIX),
        domains=asked.sender_domains(domains or _domains_of_lists(), mail_from),
        raw_delivery=raw,
        require_tls=tls == "require",
        **tracking,
    )
    if print_cloudformation:
        from newsletter.aws.cloudformation import template  # noqa: PLC0415 - YAML is not needed otherwise

        document = template(wanted)
        print_json({"template": document}) if as_json else say(document.rstrip("\n"))
        return None
    with account() as there:
        return _set_up(there, wanted, plan=plan, as_json=as_json)


@aws.command()
@click.option("--send-probes", is_flag=True, help="Send three mails to the mailbox simulator of SES; wait for events.")
@click.option(
    "--probe-seconds",
    type=click.IntRange(1, 600),
    default=60,
    show_default=True,
    help="How long their events are waited for.",
)
@click.option("--domain", "domains", multiple=True, help="Look at this domain; left out: those of all lists.")
@click.option("--nameserver", metavar="ADDRESS", help="Ask this DNS server instead of the system's, as in 1.1.1.1.")
@json_option
def doctor(
    *, send_probes: bool, probe_seconds: int, domains: tuple[str, ...], nameserver: str | None, as_json: bool
) -> int | None:
    """See whether mail will leave, arrive, and be heard of again; say what to do where not.

    Changes nothing. Exit code 1 where anything fails.
    """
    from newsletter.aws.doctor.examining import ProbeOrder, examine  # noqa: PLC0415 - what it looks with is not small
    from newsletter.aws.doctor.findings import Level  # noqa: PLC0415 - likewise

    order = ProbeOrder(label=secrets.token_hex(6), seconds=probe_seconds) if send_probes else None
    found = []
    with opened() as newsletter, instruments(newsletter, nameserver) as tools:
        for finding in examine(installation(newsletter, domains), tools, order):
            found.append(finding)
            if not as_json:
                say(*aws_text.finding(finding))
    counts = {level.value: sum(each.level is level for each in found) for level in Level}
    if as_json:
        print_json({"findings": [each.as_json() for each in found], **counts})
    else:
        say("", aws_text.counted(counts))
    return Exit.REFUSED if counts[Level.FAIL] else None


def _domains_of_lists() -> list[str]:
    with opened() as newsletter:
        return [each.domain for each in senders(newsletter)]


def _set_up(there: Aws, wanted: Wanted, *, plan: bool, as_json: bool) -> int | None:
    from newsletter.aws import provisioning  # noqa: PLC0415 - together with boto3

    reports: list[Report] = []
    if not as_json:
        say(f"Amazon SES of account {there.place.account} in {there.place.region}", "")
    for report in (provisioning.plan if plan else provisioning.make)(there, wanted):
        reports.append(report)
        if not as_json:
            say(*aws_text.step(report))
    left = provisioning.leftover(there, wanted)
    if as_json:
        print_json(_document(there, plan, reports, left))
    else:
        say("", *aws_text.leftover(left))
        if plan:
            tell("", "Nothing was changed: without --plan, what is missing or different is made.")
    by_hand = any(change.make is None for report in reports for change in report.changes)
    return Exit.LEFT_FOR_A_PERSON if by_hand and not plan else None


def _document(there: Aws, plan: bool, reports: list[Report], left: Any) -> dict[str, Any]:  # noqa: ANN401, FBT001 - of two kinds of reports; a flag of the command
    return {
        "plan": plan,
        "account": there.place.account,
        "region": there.place.region,
        "steps": [each.as_json() for each in reports],
        "dns": [each.as_json() for each in left.records],
        "dns_waiting": list(left.waiting_for_tokens),
        "settings": left.settings,
    }
