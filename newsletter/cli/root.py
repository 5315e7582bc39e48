"""`newsletter`: the table of commands."""

from __future__ import annotations

import click

from newsletter.cli.groups import LazyGroup

COMMANDS = {
    "demo": ("newsletter.cli.demo:demo", "See the whole job on examples: no network, no settings."),
    "db": ("newsletter.cli.db:db", "Create, upgrade and check the database."),
    "list": ("newsletter.cli.list:list_", "Publications: name, sender, languages, topics."),
    "subscribers": ("newsletter.cli.subscribers:subscribers", "Who receives a list, in which language, which topics."),
    "suppression": ("newsletter.cli.suppression:suppression", "Addresses that get no mail from any list."),
    "privacy": ("newsletter.cli.privacy:privacy", "Let go what of people is kept for a while only."),
    "issue": ("newsletter.cli.issue:issue", "Read, check and finalize the editors' text."),
    "preview": ("newsletter.cli.preview:preview", "Write one reader's mail to a file."),
    "test-send": ("newsletter.cli.test_send:test_send", "Send an issue to a few addresses of your own."),
    "campaign": ("newsletter.cli.campaign:campaign", "Send an issue to a list; watch, pause, resume, cancel."),
    "notices": ("newsletter.cli.notices:notices", "Mails to single people: to confirm, to welcome, to tell."),
    "feedback": ("newsletter.cli.feedback:feedback", "Take in what SES says of the mails: sent, delivered, bounced."),
    "serve": ("newsletter.cli.serve:serve", "Run everything in one process: web, worker, scheduler, feedback."),
    "web": ("newsletter.cli.serve:web", "Serve the pages that links in mails lead to, and /healthz for watchers."),
    "worker": (
        "newsletter.cli.worker:worker",
        "Work off the campaigns that were started, beside any number of other workers.",
    ),
    "scheduler": (
        "newsletter.cli.scheduler:scheduler",
        "Begin scheduled campaigns, and the slots of lists, at their time.",
    ),
    "aws": ("newsletter.cli.aws:aws", "Set Amazon SES up, and see whether it will carry the mail."),
    "simulator": (
        "newsletter.cli.simulator:simulator",
        "Run an Amazon SES of our own on this machine: nothing leaves it.",
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings are NEWSLETTER_… environment variables, or lines of a .env file: see docs/settings.md.",
)
@click.version_option(package_name="newsletter")
def root() -> None:
    """Weekly newsletters in every subscriber's language and topics: nobody twice, nobody missed.

    Try `newsletter demo` first.
    """
