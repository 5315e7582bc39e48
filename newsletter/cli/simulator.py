"""`newsletter simulator`: an SES, SQS and SNS of our own on loopback."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.errors import FixConfiguration

_SHARE = click.FloatRange(0, 1)


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; anybody who reaches it may use it."
)
@click.option("--port", default=4579, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path),
              help="Keep the record of accepted mails in this file, and go on with what it holds.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Decides, with the address, what becomes of each mail.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Recipients a second.")
@click.option("--quota", type=click.IntRange(-1), help="Recipients in 24 hours; -1 is no limit.")
@click.option("--sandbox", is_flag=True, help="Only verified addresses can be written to.")
@click.option("--hard-bounces", type=_SHARE, help="Share of addresses that do not exist.")
@click.option("--soft-bounces", type=_SHARE, help="Share of addresses that take no mail at the moment.")
@click.option("--complaints", type=_SHARE, help="Share of readers who report the mail as spam.")
@click.option("--delays", type=_SHARE, help="Share of mails that are delayed before they are delivered.")
@click.option("--latency", type=click.FloatRange(min=0), help="Seconds from acceptance to delivery.")
@click.option("--jitter", type=click.FloatRange(min=0), help="Seconds by which events may come out of order.")
@click.option("--doubled", type=_SHARE, help="Share of events that are published twice.")
@click.option("--late", type=_SHARE, help="Share of events that come late.")
@click.option("--lost", type=_SHARE, help="Share of events that never come.")
@click.option("--option", "more", multiple=True, metavar="NAME=VALUE", help="Any other option of docs/simulator.md.")
@click.option("--fault", "faults", multiple=True, metavar="KIND:NAME=VALUE,…",
              help="Something that goes wrong, as in drop:probability=0.01; may be repeated.")  # fmt: skip
@click.option("--with-parent", is_flag=True, help="Stop when the process that started this one ends.")
@json_option
def simulator(
    *,
    host: str,
    port: int,
    record: Path | None,
    more: tuple[str, ...],
    faults: tuple[str, ...],
    rate: float | None,
    quota: int | None,
    with_parent: bool,
    as_json: bool,
    **given: float | bool | None,
) -> None:
    """Run an Amazon SES of our own on this machine: nothing leaves it.

    AWS clients speak to it when AWS_ENDPOINT_URL says so. It runs until Ctrl-C or SIGTERM.
    """
    try:
        from newsletter.simulator import running  # noqa: PLC0415 - an optional part
        from newsletter.simulator.faults import parse  # noqa: PLC0415 - `--help` does without
        from newsletter.simulator.options import Options  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise FixConfiguration(
            f"The simulator needs {error.name}, which is not installed: pip install 'newsletter[simulator]'."
        ) from error
    options = Options().changed(
        **{name: value for name, value in given.items() if value is not None},
        **({} if rate is None else {"max_send_rate": rate}),
        **({} if quota is None else {"max_24_hour_send": quota}),
    )
    if host not in {"127.0.0.1", "::1", "localhost"}:
        tell(f"Warning: {host} may be reached by others, and the simulator lets everybody in.")
    running.run(
        options.changed(**dict(map(_option, more))),
        host=host,
        port=port,
        record=record,
        faults=[parse(fault) for fault in faults],
        with_parent=with_parent,
        on_ready=_say_as_json if as_json else _say_how_to_use,
    )


def _option(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    if value in {"true", "false"}:
        return name, value == "true"
    try:
        return name, float(value) if "." in value else int(value)
    except ValueError as error:
        raise FixConfiguration(f"--option takes NAME=VALUE with a number, true or false; not {text!r}.") from error


def _say_as_json(url: str) -> None:
    print_json({"url": url})


def _say_how_to_use(url: str) -> None:
    say(
        f"An Amazon SES, SQS and SNS of our own listens at {url}; nothing leaves this machine.",
        "In another terminal:",
        "",
        f"    export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1",
        "    export AWS_ACCESS_KEY_ID=simulator AWS_SECRET_ACCESS_KEY=simulator",
        "",
        f"What it has accepted: {url}/_simulator/status",
    )
