"""Runs `newsletter` under a clock that jumps, back and forth by hours, as drawn from a seed.

    python jumping.py SEED COMMAND…

The clock of the program only: databases, the simulator and everybody else keep theirs.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import datetime, timedelta

HOURS = 2.0
EVERY = 0.5
"""Seconds between two jumps."""


def jumping_clock(seed: int) -> None:
    """Let the one clock jump. It is handed on by name, so whatever has it already is forgotten, and imported anew."""
    for name in [each for each in sys.modules if each.partition(".")[0] in ("newsletter", "subscribers")]:
        del sys.modules[name]
    from subscribers import clock

    right, began = clock.utc_now, time.monotonic()

    def wrong() -> datetime:
        turn = int((time.monotonic() - began) / EVERY)
        offset = random.Random(f"{seed} {turn}").uniform(-HOURS, HOURS)
        return right() + timedelta(hours=offset)

    clock.utc_now = wrong


if __name__ == "__main__":
    jumping_clock(int(sys.argv[1]))
    from newsletter.__main__ import main

    sys.argv[1:] = sys.argv[2:]
    main()
