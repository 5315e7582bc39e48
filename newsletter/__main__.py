"""`newsletter` and `python -m newsletter`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.bootstrap.entrances import Served
from newsletter.cli.entrance import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.bootstrap.mapping import Desk
    from newsletter.bootstrap.parts import Part, Pulse


def main() -> None:
    """Run the command named on the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:], Served(web=_web, mapping=_mapping)))


def _web(newsletter: Newsletter, pulse: Pulse, *, host: str, port: int, ready: Callable[[str], None]) -> Part:
    """Join the web to the command line, which knows nothing of it; it is imported when it is served."""
    with _installed():
        from newsletter.web.server import web_part  # noqa: PLC0415 - an optional part
    return web_part(newsletter, pulse, host=host, port=port, ready=ready)


def _mapping(desk: Desk, *, ready: Callable[[str], None]) -> AbstractContextManager[None]:
    """Join the page on which columns are mapped, likewise."""
    with _installed():
        from newsletter.web.mapping.server import mapping_page  # noqa: PLC0415 - likewise
    return mapping_page(desk, ready=ready)


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        from newsletter.errors import FixConfiguration  # noqa: PLC0415 - for `newsletter --help` nothing of it is needed

        raise FixConfiguration(
            f"The web needs {error.name}, which is not installed: pip install 'newsletter[web]'."
        ) from error


if __name__ == "__main__":
    main()
