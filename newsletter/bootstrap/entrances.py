"""What the web serves for commands of a command line that knows nothing of it; `__main__` hands it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.bootstrap.mapping import MappingPage
    from newsletter.bootstrap.parts import Web


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Makers of what is served; each imports the web when it is called."""

    web: Web
    mapping: MappingPage
