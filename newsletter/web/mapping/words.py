"""What the page calls things, in its reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.importing.fields import Field
from subscribers.importing.says import Says
from subscribers.lifecycle import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.rendering.catalogs import Catalog
    from subscribers.importing.formats.sheet import Written


def fields(catalog: Catalog) -> Mapping[Field, str]:
    """Return what a column can be about, in the order in which it is offered."""
    _ = catalog.gettext
    return {
        Field.EMAIL: _("E-mail address"),
        Field.NAME: _("Whole name"),
        Field.FIRST_NAME: _("First name"),
        Field.LAST_NAME: _("Last name"),
        Field.LANGUAGE: _("Languages they read"),
        Field.TOPICS: _("Topics they want"),
        Field.EXCLUDED: _("Topics they do not want"),
        Field.TAGS: _("Tags of another tool"),
        Field.DIGEST: _("Weekly or monthly"),
        Field.TIMEZONE: _("Time zone"),
        Field.STATUS: _("Status: active, unsubscribed and so on"),
        Field.CONSENTED: _("When they agreed"),
        Field.LEFT: _("When they unsubscribed"),
        Field.BOUNCED: _("When their address failed"),
        Field.PAUSED_UNTIL: _("Until when they pause"),
        Field.PROOF: _("What else shows their consent"),
    }


def standings(catalog: Catalog) -> Mapping[Says, str]:
    """Return what a row can say of where somebody stands."""
    _ = catalog.gettext
    return {
        Says.ACTIVE: _("active"),
        Says.PENDING: _("not confirmed yet"),
        Says.UNSUBSCRIBED: _("unsubscribed"),
        Says.BOUNCED: _("bounced"),
        Says.BLOCKED: _("blocked"),
        Says.COMPLAINED: _("complained"),
    }


def fates(catalog: Catalog) -> Mapping[Fate, str]:
    """Return what can become of a row."""
    _ = catalog.gettext
    return {
        Fate.ADDED: _("Added"),
        Fate.UPDATED: _("Updated"),
        Fate.UNCHANGED: _("Unchanged"),
        Fate.REJECTED: _("Rejected"),
    }


def written(catalog: Catalog, how: Written, tool: str | None, lines: int) -> Sequence[tuple[str, str]]:
    """Return how a file is written, in pairs of what and how."""
    _ = catalog.gettext
    separators = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars")}
    roster = how.format == "addresses"
    pairs = [
        (_("Format"), _("one address a line") if roster else how.format.upper()),
        (_("Exported by"), tool.capitalize() if tool else ""),
        (_("Between the cells"), separators.get(how.separator, how.separator)),
        (_("Encoding"), how.encoding),
        (_("Sheet"), how.sheet),
        (_("Lines"), catalog.number(lines) if lines else ""),
    ]
    return [(what, found) for what, found in pairs if found]
