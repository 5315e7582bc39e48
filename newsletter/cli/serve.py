"""`newsletter serve` and `newsletter web`: what runs on a machine all the time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.parts import Pulse, background, run_together
from newsletter.cli.logs import write_log
from newsletter.cli.output import json_option, print_json, say
from newsletter.cli.stopping import stopping
from newsletter.cli.worker import concurrency_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.entrances import Served

_PORT = 8025


def _address(command: Callable[..., Any]) -> Callable[..., Any]:
    host = click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
    port = click.option("--port", default=_PORT, show_default=True, type=click.IntRange(0, 65535),
                        help="0 takes a free one.")  # fmt: skip
    return host(port(command))


@click.command()
@_address
@concurrency_option
@json_option
@click.pass_obj
def serve(parts: Served, *, host: str, port: int, concurrency: int | None, as_json: bool) -> None:
    """Run everything in one process: web, worker, scheduler, feedback.

    All that an installation on one machine needs. It runs until Ctrl-C or SIGTERM; then the calls under way end, and
    their outcomes are written. Where one machine is not enough, each part is a command of its own.
    """
    write_log()
    with opened() as newsletter, stopping() as stop:
        pulse = Pulse(newsletter.clock)
        served = parts.web(newsletter, pulse, host=host, port=port, ready=partial(_say_where, as_json=as_json))
        run_together([served, *background(newsletter, pulse, concurrency=concurrency)], stop.event)


@click.command()
@_address
@json_option
@click.pass_obj
def web(parts: Served, *, host: str, port: int, as_json: bool) -> None:
    """Serve the pages that links in mails lead to, and /healthz for watchers.

    It runs until Ctrl-C or SIGTERM, and speaks plain HTTP: a proxy in front of it has the certificate.
    """
    write_log()
    with opened() as newsletter, stopping() as stop:
        ready = partial(_say_where, as_json=as_json)
        run_together([parts.web(newsletter, Pulse(newsletter.clock), host=host, port=port, ready=ready)], stop.event)


def _say_where(url: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"url": url})
    else:
        say(f"Serving at {url}; Ctrl-C stops it.")
