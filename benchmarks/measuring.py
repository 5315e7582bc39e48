"""What the benchmarks share: a stopwatch that noise cannot lengthen, and the machine they ran on."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def seconds(works: Mapping[str, Callable[[], object]], rounds: int = 9) -> dict[str, float]:
    """Return the CPU seconds of each work, the least of `rounds`: what else the machine does only ever adds.

    The works take turns, so that a noisy minute does not fall on one of them alone.
    """
    least = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            start = time.process_time()
            work()
            least[name] = min(least[name], time.process_time() - start)
    return least


def resident() -> float:
    """Return the megabytes of memory that this process occupies now (Linux; elsewhere 0)."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def machine() -> str:
    """Return the processor, the system and the Python of this machine, in a line."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{processor or platform.processor()}, {platform.system()} {platform.machine()}, {python}"
