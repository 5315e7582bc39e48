"""`campaign report` after a campaign into files, in its three forms."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from newsletter.resources import folder

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
ISSUE = "2026-03-13"


def test_a_report_in_three_forms(newsletter: Newsletter) -> None:
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    newsletter("issue", "add", EXAMPLES / f"{ISSUE}.fr.txt", EXAMPLES / f"{ISSUE}.en.txt")
    newsletter("issue", "finalize", ISSUE)
    books = newsletter("campaign", "send", ISSUE, "--json").json
    found = newsletter("campaign", "report", "--json").json
    total = found["total"]
    assert total["planned"] == books["planned"]
    assert total["sent"] == total["unheard"] == books["sent"]
    assert found["skipped"] == books["skipped"]
    for part in ("languages", "variants", "providers"):
        skipped_before = sum(books["skipped"].values()) if part == "variants" else 0
        assert sum(each["planned"] for each in found[part]) == books["planned"] - skipped_before
    lines = list(csv.DictReader(newsletter("campaign", "report", "latest", "--csv").out.splitlines()))
    assert [int(line["planned"]) for line in lines if line["by"] == "all"] == [books["planned"]]
    text = newsletter("campaign", "report").out
    assert "unheard" in text
    assert "provider" in text
    newsletter("campaign", "report", "--csv", "--json", code=2)
    newsletter("campaign", "report", "99", code=1)


def test_stats_by_provider_begin_with_nothing(newsletter: Newsletter) -> None:
    assert newsletter("feedback", "stats", "--by", "domain", "--json").json["domains"] == []
    assert "Nothing has come back yet." in newsletter("feedback", "stats", "--by", "provider").out


def test_purging_nothing_and_a_queue_that_is_not_set(newsletter: Newsletter) -> None:
    assert newsletter("feedback", "purge", "--json").json == {"events": 0, "quarantined": 0}
    assert "newsletter aws setup" in newsletter("feedback", "consume", code=1).err
