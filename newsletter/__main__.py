"""`newsletter` and `python -m newsletter`."""

from __future__ import annotations

import sys

from newsletter.cli.entrance import run


def main() -> None:
    """Run the command named on the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
