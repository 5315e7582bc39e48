"""The transport to SES alone, in bulk and raw: recipients a second, and what each costs this process.

    python -m benchmarks.sending [--issue FILE] [--recipients 20000] [--threads 2] [--delay 0.04]

The simulated SES runs as a process of its own on loopback, where no TLS is spoken. Calls are made from some threads at
once, as workers make them, each of up to 50 readers of one variant. `--delay` has every answer come that many seconds
later, as over a network. Times are CPU times of this process, the least of some rounds.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.issues import DEFAULT, compiled, publication
from benchmarks.measuring import machine, seconds
from benchmarks.readers import MONDAY, envelope, mails, with_topics
from newsletter.delivery.letters import letter
from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.delivery.ses_bulk import bulk_mail
from newsletter.delivery.ses_raw import raw_request
from newsletter.delivery.transport import Addressed, Call, Outcome, Verdict
from newsletter.personalization.message import preview_html
from tests.fixtures.simulator import simulator_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.readers import Mail

FEW = (1, 2, 3, 5, 10, 20, 50)
ROUNDS = 5
_RAW_MAILS = 400
"""So many are enough: each costs as much as the other."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issue", type=Path, default=DEFAULT, help="a file in the editors' layout")
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that every answer comes later")
    arguments = parser.parse_args()
    edition = with_topics(compiled(arguments.issue))
    calls = _calls(mails(edition, arguments.recipients, envelope(publication(edition.language))))
    largest = max(calls, key=lambda call: (len(call.recipients), len(call.prepared.html)))
    print(machine())
    print(f"{arguments.recipients} recipients in {len(calls)} calls; the largest variant has {_html(largest):,} bytes")
    with simulator_process("--rate", "1000000") as simulator:
        os.environ.update(simulator.environment)
        _print_break_even(largest)
        if arguments.delay:
            simulator.add_fault("slow", seconds=arguments.delay)
        _print_rate("bulk, calls as a campaign makes them", Method.BULK, calls, arguments.threads)
        full = [call for call in calls if len(call.recipients) == len(largest.recipients)]
        _print_rate("bulk, full calls alone", Method.BULK, full, arguments.threads)
        _print_rate("raw", Method.RAW, _some(calls, _RAW_MAILS), arguments.threads)
    _print_pieces(largest)


def _calls(letters: Sequence[Mail]) -> list[Call]:
    calls: list[Call] = []
    for _, group in groupby(letters, key=lambda letter: id(letter.prepared)):
        people = list(group)
        for start in range(0, len(people), 50):
            some = people[start : start + 50]
            addressed = [Addressed(delivery_id=each.delivery_id, recipient=each.recipient) for each in some]
            calls.append(Call(people[0].prepared, addressed, MONDAY))
    return calls


def _some(calls: Sequence[Call], recipients: int) -> list[Call]:
    """Return calls from all over that have so many recipients together, or a few more."""
    every = max(1, sum(len(call.recipients) for call in calls) // recipients)
    return list(calls[::every])


def _html(call: Call) -> int:
    return len(preview_html(call.prepared, call.recipients[0].recipient).encode())


def _print_rate(what: str, method: Method, calls: Sequence[Call], threads: int) -> None:
    transport = Ses(SesSettings(method=method, connections=threads))
    recipients, least = sum(len(call.recipients) for call in calls), float("inf")
    with ThreadPoolExecutor(threads) as pool:

        def everybody() -> None:
            nonlocal least
            start = time.perf_counter()
            for outcomes in pool.map(partial(_send, transport), calls):
                assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
            least = min(least, time.perf_counter() - start)

        cpu = seconds({"": everybody}, rounds=ROUNDS)[""]
    transport.close()
    print(f"{what}: {recipients} recipients, {recipients / least:,.0f} a second, {recipients / cpu:,.0f} a CPU-second, "
          f"{cpu / recipients * 1e6:.0f} µs each")  # fmt: skip


def _print_break_even(call: Call) -> None:
    """Compare both ways for calls of a few of these recipients, the bulk one with and without a variant to be made."""
    print("\nrecipients of a call: bytes raw, in bulk; ms raw, in bulk, in bulk the first time")
    raw, bulk = (Ses(SesSettings(method=method, connections=1)) for method in (Method.RAW, Method.BULK))
    bytes_raw = len(raw_request(_letter(call), call.recipients[0], ""))
    mail = bulk_mail(call.prepared, "")
    for count in (few for few in FEW if few <= len(call.recipients)):
        some = Call(call.prepared, call.recipients[:count], call.date)
        took = seconds(
            {
                "raw": partial(_repeated, raw, some),
                "bulk": partial(_repeated, bulk, some),
                "variant": lambda: [bulk_mail(call.prepared, "") for _ in range(10)],
            },
            rounds=ROUNDS,
        )
        each = {name: taken / 10 * 1e3 for name, taken in took.items()}
        request = mail.request([mail.entry(addressed) for addressed in some.recipients])
        print(f"{count:3} {bytes_raw * count:10,} {len(request):8,} {each['raw']:8.2f} {each['bulk']:6.2f} "
              f"{each['bulk'] + each['variant']:6.2f}")  # fmt: skip
    raw.close()
    bulk.close()
    print()


def _print_pieces(call: Call) -> None:
    """Say what a call costs before the SDK has it."""
    mail = bulk_mail(call.prepared, "")
    took = seconds(
        {
            "variant": lambda: bulk_mail(call.prepared, ""),
            "entries": lambda: [mail.entry(addressed) for addressed in call.recipients],
            "letters": lambda: [letter(call, addressed) for addressed in call.recipients],
        },
        rounds=50,
    )
    recipients = len(call.recipients)
    print(f"\na variant made into a template: {took['variant'] * 1e3:.2f} ms")
    each = {name: taken / recipients * 1e6 for name, taken in took.items()}
    print(f"an entry: {each['entries']:.1f} µs; a raw message: {each['letters']:.1f} µs")


def _repeated(transport: Ses, call: Call) -> None:
    for _ in range(10):
        _send(transport, call)


def _send(transport: Ses, call: Call) -> Sequence[Outcome]:
    return transport.send(call)


def _letter(call: Call) -> bytes:
    message = letter(call, call.recipients[0])
    assert isinstance(message, bytes)
    return message


if __name__ == "__main__":
    main()
