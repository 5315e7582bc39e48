"""`subscribers import --map-in-browser` from its first line to its last, with somebody at the page."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsletter.bootstrap.entrances import Served
from newsletter.bootstrap.mapping import Desk
from newsletter.cli.entrance import run
from newsletter.cli.subscribers_mapping import has_screen
from newsletter.resources import folder
from newsletter.web.mapping.server import mapping_page
from tests.fixtures.patience import PATIENCE
from tests.fixtures.site import Site
from tests.fixtures.visitor import Page, Visitor
from tests.unit.cli.conftest import Newsletter

PEOPLE = "Kontakt,Gruppe\nann@example.org,Groupe IRM\nben@example.org,ct\nnobody,ct\n"


@pytest.fixture
def weekly(newsletter: Newsletter) -> Newsletter:
    newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", folder("examples") / "topics.toml",
    )  # fmt: skip
    (newsletter.folder / "people.csv").write_text(PEOPLE)
    return newsletter


class Person:
    """Opens the address that the command prints, and does as told."""

    def __init__(self, does: Callable[[Visitor, Page, str], None]) -> None:
        self._does = does
        self._thread: threading.Thread | None = None

    @contextmanager
    def served(self, desk: Desk, *, ready: Callable[[str], None]) -> Iterator[None]:
        def announced(url: str) -> None:
            ready(url)
            self._thread = threading.Thread(target=self._comes, args=(url,))
            self._thread.start()

        with mapping_page(desk, ready=announced):
            yield
        assert self._thread is not None
        self._thread.join(PATIENCE)

    def _comes(self, url: str) -> None:
        address = urlsplit(url)
        visitor = Visitor(Site(f"http://{address.netloc}", pulse=None))  # type: ignore[arg-type]  # nobody asks for its health
        path = visitor.get(address.path).headers["location"]
        self._does(visitor, visitor.get(path), path)


def maps_and_starts(visitor: Visitor, shown: Page, path: str) -> None:
    said = {**shown.hidden, "column-1": "email", "column-2": "tags"}
    rows = visitor.get(visitor.post(path, said).headers["location"])
    tags = {**rows.hidden, "form": "tags", "tag-1": "mri"}
    rows = visitor.get(visitor.post(f"{path}rows", tags).headers["location"])
    assert visitor.post(f"{path}rows", {**rows.hidden, "form": "start"}).status == 200


def bring(weekly: Newsletter, *options: str) -> tuple[int, str, str]:
    def no_web(*_: object, **__: object) -> object:
        raise AssertionError

    served = Served(web=no_web, mapping=Person(maps_and_starts).served)  # type: ignore[arg-type]  # never called
    code = run(["subscribers", "import", "people.csv", "--map-in-browser", *options], served)
    out, err = weekly.capsys.readouterr()
    return code, out, err


def test_what_was_said_on_the_page_is_imported_and_can_be_said_again_in_options(weekly: Newsletter) -> None:
    code, out, err = bring(weekly, "--json")
    report = json.loads(out)
    assert code == 3  # one row is no address
    assert (report["added"], report["rejected"]) == (2, 1)
    assert report["columns"] == {"Kontakt": "email", "Gruppe": "tags"}
    options = ["--map", "Kontakt=email", "--map", "Gruppe=tags", "--topic", "Groupe IRM=mri"]
    assert f"Another time, without a page: {shlex.join(options)}" in err
    people = weekly("subscribers", "export", "--columns", "email,topics").out
    assert people.splitlines() == ["email,topics", "ann@example.org,mri", "ben@example.org,ct"]
    again = weekly("subscribers", "import", "people.csv", *options, "--json", code=3).json
    assert (again["unchanged"], again["columns"]) == (2, report["columns"])


def test_a_trial_changes_nothing(weekly: Newsletter) -> None:
    code, out, _ = bring(weekly, "--dry-run")
    assert code == 3
    assert "what would become of them" in out
    assert weekly("subscribers", "export", "--columns", "email").out == "email\n"


def test_what_is_no_table_is_refused_before_there_is_a_page(weekly: Newsletter) -> None:
    (weekly.folder / "people.csv").write_bytes(b"%PDF-1.7")
    assert "people.csv is a PDF" in weekly("subscribers", "import", "people.csv", "--map-in-browser", code=1).err
    (weekly.folder / "people.csv").write_text(",".join(f"c{number}" for number in range(501)))
    assert "501 columns, too many for a page" in weekly(
        "subscribers", "import", "people.csv", "--map-in-browser", code=1
    ).err  # fmt: skip


def test_ctrl_c_leaves_nothing_behind(weekly: Newsletter, request: pytest.FixtureRequest) -> None:
    command = [sys.executable, "-m", "newsletter", "subscribers", "import", "people.csv", "--map-in-browser"]
    source = str(Path(__file__).parents[3])
    # who runs the tests in the background has Ctrl-C ignored, and a child inherits that
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": source}
    ) as running:
        assert running.stderr is not None
        address = urlsplit(running.stderr.readline().rsplit(maxsplit=1)[-1])
        with socket.create_connection(("127.0.0.1", address.port or 0)):
            running.send_signal(signal.SIGINT)
            assert running.wait(PATIENCE) == 130
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", address.port or 0)):
        pass
    assert not list(weekly.folder.glob("*result*"))
    assert weekly("subscribers", "export", "--columns", "email").out == "email\n"


@pytest.mark.parametrize(
    ("environment", "platform", "screen"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "x", "DISPLAY": ":10"}, "linux", False),
    ],
)
def test_a_browser_is_opened_where_it_has_a_window(environment: dict[str, str], platform: str, screen: bool) -> None:  # noqa: FBT001 - a column
    assert has_screen(environment, platform) is screen
