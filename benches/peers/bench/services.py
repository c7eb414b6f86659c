"""The private RabbitMQ, PostgreSQL and Redis that all use, and the sink that mail goes to."""

import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg

from .usage import of_tree, seconds

START_DEADLINE_S = 10.0
SBIN = "/usr/sbin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(deadline_s: float, what: str, is_there: Callable[[], bool]) -> None:
    until = time.monotonic() + deadline_s
    while not is_there():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Services:
    """Started once for all; each contestant has a database of its own, and queues."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._script = root / "tests/services"
        self._folder = folder

    def __enter__(self) -> "Services":
        self._call("start")
        self._call("redis-start")
        env = (self._folder / "env").read_text()
        self.amqp_url = self._address(env, "AMQP_URL")
        self.postgres_url = self._address(env, "POSTGRES_URL")
        self.redis_port = int((self._folder / "redis/port").read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self._call("stop")

    def _call(self, verb: str) -> None:
        subprocess.run([self._script, verb, self._folder], check=True)

    @staticmethod
    def _address(env: str, name: str) -> str:
        found = re.search(rf"^export BELLHOP_TEST_{name}=(\S+)$", env, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"tests/services does not tell {name}")
        return found[1]

    def database(self, name: str) -> str:
        """Makes an empty database, and returns its address."""
        with psycopg.connect(self.postgres_url, autocommit=True) as server:
            server.execute(f'drop database if exists "{name}" with (force)'.encode())
            server.execute(f'create database "{name}"'.encode())
        return self.postgres_url.rpartition("/")[0] + f"/{name}"

    def settle(self) -> None:
        """Writes down what preparing left, so that nobody's time is taken for it."""
        with psycopg.connect(self.postgres_url, autocommit=True) as server:
            server.execute("checkpoint")
        os.sync()

    def seconds_of(self, service: str) -> float:
        """What a service has taken of the processor so far."""
        if service == "postgres":
            line = (self._folder / "postgres/data/postmaster.pid").read_text().split("\n")[0]
            return seconds(of_tree(int(line)))
        pid = int((self._folder / service / "pid").read_text())
        # Children of the broker measure its disk and memory.
        return seconds(of_tree(pid))

    def versions(self) -> dict[str, str]:
        with psycopg.connect(self.postgres_url) as server:
            row = server.execute("show server_version").fetchone()
        redis = subprocess.check_output(["redis-server", "--version"], text=True)
        dpkg = ["dpkg-query", "--show", "--showformat=${Version}", "rabbitmq-server"]
        return {
            "PostgreSQL": row[0].split()[0] if row else "",
            "RabbitMQ": subprocess.check_output(dpkg, text=True).split("-")[0],
            "Redis": re.findall(r"v=(\S+)", redis)[0],
        }


class Sink:
    """Postfix's smtp-sink. With a folder it keeps each mail in a file there."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_port()
        self._folder = folder
        # -u: it refuses to be root.
        keep = ["-d", f"{folder}/mail."] if folder else []
        words = [f"{SBIN}/smtp-sink", "-u", "nobody", *keep, f"127.0.0.1:{self.port}", "1000"]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "Sink":
        wait(START_DEADLINE_S, "smtp-sink listens", lambda: listens(self.port))
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def mails(self) -> Iterable[str]:
        if self._folder is None:
            raise RuntimeError("this sink keeps nothing")
        for file in self._folder.iterdir():
            yield file.read_text(errors="replace")

    def taken(self) -> Counter[str]:
        """How many complete mails each recipient has got."""
        found: Counter[str] = Counter()
        for mail in self.mails():
            to = re.search(r"^X-Rcpt-Args: <([^>]+)>", mail, re.MULTILINE)
            if to and mail.rstrip().endswith("--"):
                found[to[1]] += 1
        return found
