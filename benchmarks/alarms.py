"""How often a list of a known bounce rate raises an alarm, when it is judged again and again while its mails go out.

    python -m benchmarks.alarms [--campaigns 1000] [--seed 1]

Each made-up campaign has 10,000 mails that bounce by chance, and is judged after every 50 of them, as the guard does
each second. What is counted is campaigns with an alarm: at any time, and within the first 500 mails.
"""

from __future__ import annotations

import argparse
from random import Random

from newsletter.feedback.reputation.judging import FEWEST_BOUNCES, Limits, exceeds

MAILS = 10_000
EVERY = 50
FIRST = 500
RATES = (0.02, 0.03, 0.04, 0.06, 0.08, 0.10)
DOUBTS = (0.01, 0.001)


def main() -> None:
    """Count and print, as a table of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = Random(arguments.seed)
    heads = [f"{when}, {1 - doubt:.1%}" for when in ("alarm", f"within {FIRST} mails") for doubt in DOUBTS]
    print(f"| bounces of the list | {' | '.join(heads)} |\n|{'---|' * (1 + len(heads))}")
    for rate in RATES:
        campaigns = [alarms(chance, rate) for _ in range(arguments.campaigns)]
        shares = [
            sum(at is not None and at <= within for at in each) / arguments.campaigns
            for within in (MAILS, FIRST)
            for each in zip(*campaigns, strict=True)
        ]
        print(f"| {rate:.0%} | {' | '.join(f'{share:.1%}' for share in shares)} |")


def alarms(chance: Random, rate: float) -> list[int | None]:
    """Return after how many mails a campaign that bounces at this rate raises an alarm, for each of `DOUBTS`."""
    found: list[int | None] = [None] * len(DOUBTS)
    bounces = 0
    for mails in range(EVERY, MAILS + 1, EVERY):
        bounces += sum(chance.random() < rate for _ in range(EVERY))
        for place, doubt in enumerate(DOUBTS):
            if found[place] is None and exceeds(bounces, mails, Limits().bounces, fewest=FEWEST_BOUNCES, doubt=doubt):
                found[place] = mails
        if None not in found:
            break
    return found


if __name__ == "__main__":
    main()
