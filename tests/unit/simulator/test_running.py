"""`newsletter simulator` as a process: it starts, is found, survives nobody, and leaves its record."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import HTTPClientError

from newsletter.simulator.client import SimulatorClient
from tests.factories.ses import bulk
from tests.fixtures.patience import PATIENCE, wait_until
from tests.fixtures.simulator import client, simulator_process

if TYPE_CHECKING:
    from pathlib import Path

SIMULATOR = [sys.executable, "-m", "newsletter", "simulator"]


def gone(url: str) -> bool:
    """Say whether nothing answers at an address."""
    try:
        SimulatorClient(url).status()
    except OSError:
        return True
    return False


def test_options_and_faults_of_the_command_line(tmp_path: Path) -> None:
    arguments = ["--rate", "14", "--quota", "50000", "--seed", "4", "--hard-bounces", "0.5", "--sandbox",
                 "--option", "webhook_retries=7", "--option", "auto_verify=false", "--fault", "throttle:calls=1+2",
                 "--record", str(tmp_path / "new" / "record.jsonl")]  # fmt: skip
    with simulator_process(*arguments) as simulator:
        options = simulator.status()["options"]
        expected = {"max_send_rate": 14, "max_24_hour_send": 50_000, "seed": 4, "hard_bounces": 0.5, "sandbox": True,
                    "webhook_retries": 7, "auto_verify": False}  # fmt: skip
        assert options | expected == options
        assert simulator.faults()[0]["calls"] == [1, 2]
    assert gone(simulator.url)


def test_a_person_is_told_how_to_use_it_and_ctrl_c_ends_it() -> None:
    with subprocess.Popen([*SIMULATOR, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(7)]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert "nothing leaves this machine" in said[0]
    assert any("export AWS_ENDPOINT_URL=http://127.0.0.1:" in line for line in said)


def test_an_address_that_others_reach_is_warned_of() -> None:
    command = [*SIMULATOR, "--port", "0", "--host", "0.0.0.0", "--json"]  # noqa: S104 - that is the test
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Warning: 0.0.0.0 may be reached by others" in process.stderr.readline()
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()


def test_a_record_outlives_a_simulator_that_is_killed(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    command = [*SIMULATOR, "--port", "0", "--json", "--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = process.stdout.readline().split('"')[3]
        ses = client("sesv2", SimulatorClient(url))
        ses.send_bulk_email(**bulk("a@r.example", "b@r.example"))
        process.kill()
    with simulator_process("--record", str(record)) as simulator:
        assert simulator.counts() == {"a@r.example": 1, "b@r.example": 1}


def test_it_ends_with_the_process_that_started_it() -> None:
    starter = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen({[*SIMULATOR, '--port', '0', '--json', '--with-parent']!r})\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        url = parent.stdout.readline().split('"')[3]
        assert SimulatorClient(url).status()["mails"] == 0
        parent.kill()
    wait_until(lambda: gone(url))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--fault", "fire"], "A fault is one of"),
        (["--option", "colour=3"], "colour is not an option"),
        (["--option", "late_by=soon"], "NAME=VALUE"),
        (["--hard-bounces", "0.7", "--soft-bounces", "0.7"], "more than all mails"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(arguments: list[str], reason: str) -> None:
    ended = subprocess.run([*SIMULATOR, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ended.returncode == 1
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_said() -> None:
    with simulator_process() as simulator:
        port = simulator.url.rpartition(":")[2]
        ended = subprocess.run(
            [*SIMULATOR, "--port", port], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    assert ended.returncode == 1
    assert "address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_stopping_does_not_wait_for_those_who_poll() -> None:
    with simulator_process() as simulator:
        queue = client("sqs", simulator).create_queue(QueueName="q")["QueueUrl"]

        def poll() -> None:
            with contextlib.suppress(HTTPClientError):
                client("sqs", simulator).receive_message(QueueUrl=queue, WaitTimeSeconds=20)

        polling = threading.Thread(target=poll)
        polling.start()
        time.sleep(0.3)
    polling.join(PATIENCE)  # the process is gone, or the context would have raised
    assert not polling.is_alive()
