"""Who does the job: the daemon, and what a team would write instead."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import psycopg

from . import commands
from .commands import Sizes
from .services import Services, free_port, wait
from .usage import of_sessions

STOP_DEADLINE_S = 15.0
START_DEADLINE_S = 30.0
PREPARE_DEADLINE_S = 120.0
# As benches/road: to the daemon's mail server.
CONNECTIONS = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run has: a folder of its own, and the services of all."""

    services: Services
    folder: Path
    sizes: Sizes
    smtp_port: int


class Contestant(ABC):
    """Prepared, filled and started once a run; each process is a session of its own."""

    name: str
    broker: str | None
    database: str | None
    # How many commands, in those of the others: so that each has work for seconds.
    times = 1

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    @abstractmethod
    def prepare(self, stage: Stage) -> None:
        """Makes a database that knows tenants and clients, and queues the commands."""

    @abstractmethod
    def start(self) -> None:
        """Starts all its processes."""

    @abstractmethod
    def outcomes(self) -> int:
        """How many mails are sent and the outcome durable."""

    def durable_outcomes(self) -> int:
        """The same over all starts of its processes."""
        return self.outcomes()

    @property
    def sessions(self) -> set[int]:
        return {process.pid for process in self._running}

    def _launch(self, words: list[str | Path], folder: Path, **env: str) -> None:
        log = (folder / "log").open("ab")
        process = subprocess.Popen(
            words, env=os.environ | env, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
        self._running.append(process)

    def fail_if_ended(self, folder: Path) -> None:
        if any(process.poll() is not None for process in self._running):
            raise RuntimeError(f"{self.name} has ended:\n{(folder / 'log').read_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL to each of its processes."""
        for each in of_sessions(self.sessions):
            os.kill(each.pid, signal.SIGKILL)
        for process in self._running:
            process.wait()
        self._running.clear()

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        try:
            for process in self._running:
                process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            pass
        self.kill()


class Bellhop(Contestant):
    """The daemon, on SQLite or on PostgreSQL."""

    broker = "rabbitmq"
    times = 4

    def __init__(self, root: Path, binary: Path, database: str | None) -> None:
        super().__init__()
        self.name = "Bellhop, PostgreSQL" if database else "Bellhop, SQLite"
        self.database = database
        self._binary = binary
        unit = (root / "systemd/bellhop.service").read_text()
        # As the unit sets the allocator.
        self._env = dict(re.findall(r"^Environment=(MIMALLOC_\w+)=(\S+)$", unit, re.MULTILINE))

    def prepare(self, stage: Stage) -> None:
        self._folder = stage.folder
        if self.database:
            self._store = stage.services.database("bellhop")
        else:
            self._store = f"sqlite://{stage.folder}/bellhop.db"
        self._port = free_port()
        (stage.folder / "bellhop.toml").write_text(
            f"""
            [store]
            url = "{self._store}"
            slots = "{stage.folder}/slots"
            [http]
            listen = "127.0.0.1:{self._port}"
            [amqp]
            url = "{stage.services.amqp_url}"
            [[email.providers]]
            name = "sink"
            kind = "smtp"
            url = "smtp://127.0.0.1:{stage.smtp_port}"
            connections = {CONNECTIONS}
            """
        )
        before = commands.write(stage.folder / "before.jsonl", commands.known_before(stage.sizes))
        bookings = commands.write(stage.folder / "bookings.jsonl", commands.bookings(stage.sizes))
        self.start()
        wait(START_DEADLINE_S, "the daemon is ready", self._is_ready)
        self._publish(before, stage.services.amqp_url)
        known = stage.sizes.tenants + stage.sizes.commands
        accepted = ("bellhop_commands_total", 'result="accepted"')
        wait(PREPARE_DEADLINE_S, "clients are known", lambda: self._metric(*accepted) >= known)
        self.stop()
        self._publish(bookings, stage.services.amqp_url)

    def _publish(self, file: Path, url: str) -> None:
        words: list[str | Path] = [self._binary, "publish", file, "--url", url, "--strict"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        config = self._folder / "bellhop.toml"
        self._launch([self._binary, "run", "--config", config], self._folder, **self._env)

    def outcomes(self) -> int:
        return self._metric("bellhop_messages_total", 'outcome="sent"')

    def durable_outcomes(self) -> int:
        count = "select count(*) from messages where status = 'sent' and channel = 'email'"
        if self.database:
            with psycopg.connect(self._store) as database:
                row = database.execute(count).fetchone()
        else:
            path = self._store.removeprefix("sqlite://")
            row = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(count).fetchone()
        return int(row[0]) if row else 0

    def _is_ready(self) -> bool:
        return bool(json.loads(self._get("/readyz") or "{}").get("ready"))

    def _metric(self, name: str, label: str) -> int:
        lines = self._get("/metrics").splitlines()
        fit = (line for line in lines if line.startswith(name) and label in line)
        return int(sum(float(line.rpartition(" ")[2]) for line in fit))

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}") as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            return ""


class Peer(Contestant):
    """Publishes by one program, works by another, keeps its rows in PostgreSQL."""

    database = "postgres"

    def __init__(
        self,
        name: str,
        broker: str | None,
        work: list[str | Path],
        publish: list[str | Path],
        processes: int,
    ) -> None:
        super().__init__()
        self.name = name
        self.broker = broker
        self._work = work
        self._publish = publish
        self._processes = processes

    def prepare(self, stage: Stage) -> None:
        here = Path(__file__).resolve().parent.parent
        self._folder = stage.folder
        url = stage.services.database("peer")
        self._env = {
            "PEERS_HERE": str(here),
            "PEERS_DATABASE_URL": url,
            "PEERS_AMQP_URL": stage.services.amqp_url,
            "PEERS_REDIS_PORT": str(stage.services.redis_port),
            "PEERS_SMTP_PORT": str(stage.smtp_port),
            "PYTHONPATH": str(here / "python"),
        }
        self._database = psycopg.connect(url, autocommit=True)
        self._database.execute((here / "schema.sql").read_bytes())
        self._insert_known(stage.sizes)
        file = commands.write(stage.folder / "bookings.jsonl", commands.bookings(stage.sizes))
        words = [*self._publish, file]
        subprocess.run(words, check=True, env=os.environ | self._env, stdout=sys.stderr)

    def _insert_known(self, sizes: Sizes) -> None:
        with self._database.transaction(), self._database.cursor() as cursor:
            for number in range(sizes.tenants):
                id, name = f"tenant-{number}", f"Salone {number}"
                cursor.execute("insert into tenants values (%s, %s, 'Europe/Rome')", (id, name))
                cursor.execute(
                    "insert into services values (%s, 'haircut', 'Haircut', 'Via Roma 1')", (id,)
                )
            with cursor.copy("copy clients from stdin") as copy:
                for number in range(sizes.commands):
                    tenant, name = f"tenant-{number % sizes.tenants}", f"Client {number}"
                    copy.write_row((tenant, f"c{number}", name, commands.address(number)))
        self._database.execute("analyze")

    def start(self) -> None:
        for _ in range(self._processes):
            self._launch(self._work, self._folder, **self._env)

    def outcomes(self) -> int:
        count = "select count(*) from messages where state = 'sent'"
        row = self._database.execute(count).fetchone()
        return int(row[0]) if row else 0

    def stop(self) -> None:
        super().stop()
        self._database.close()


def all_of_them(root: Path, binary: Path, cache: Path) -> dict[str, Contestant]:
    """By the names that the command line knows."""
    python: Path = cache / "venv/bin/python"
    here = Path(__file__).resolve().parent.parent / "python"
    celery: list[str | Path] = [
        *(python, "-m", "celery", "--app", "celery_app", "--quiet", "worker"),
        *("--pool", "prefork", "--concurrency", "4", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    plain, oban = here / "asyncio_worker.py", here / "oban_worker.py"
    dist = cache / "node/dist"
    found: dict[str, Contestant] = {
        "sqlite": Bellhop(root, binary, None),
        "postgres": Bellhop(root, binary, "postgres"),
        "celery": Peer("Celery", "rabbitmq", celery, [python, here / "celery_app.py"], 1),
        "asyncio": Peer(
            "asyncio worker", "rabbitmq", [python, plain, "work"], [python, plain, "publish"], 2
        ),
        "bullmq": Peer(
            "BullMQ", "redis", ["node", dist / "worker.js"], ["node", dist / "publish.js"], 2
        ),
    }
    if sys.version_info >= (3, 12):
        words: tuple[list[str | Path], list[str | Path]]
        words = [python, oban, "work"], [python, oban, "publish"]
        found["oban"] = Peer("Oban for Python", None, *words, 2)
    else:
        print("Oban for Python is left out: it wants Python 3.12 or later (set PYTHON)")
    return found
