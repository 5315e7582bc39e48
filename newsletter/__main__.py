"""`newsletter` and `python -m newsletter`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from newsletter.cli.entrance import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.bootstrap.parts import Part, Pulse


def main() -> None:
    """Run the command named on the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:], _web))


def _web(newsletter: Newsletter, pulse: Pulse, *, host: str, port: int, ready: Callable[[str], None]) -> Part:
    """Join the web to the command line, which knows nothing of it; it is imported when it is served."""
    from newsletter.errors import FixConfiguration  # noqa: PLC0415 - likewise

    try:
        from newsletter.web.server import web_part  # noqa: PLC0415 - an optional part
    except ModuleNotFoundError as error:
        raise FixConfiguration(
            f"The web needs {error.name}, which is not installed: pip install 'newsletter[web]'."
        ) from error
    return web_part(newsletter, pulse, host=host, port=port, ready=ready)


if __name__ == "__main__":
    main()
