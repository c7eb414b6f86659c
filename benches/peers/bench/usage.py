"""What processes take: processor time and memory, from proc(5)."""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LOOK_EVERY_S = 0.25

# proc_pid_stat(5), counted behind the name in brackets.
PARENT, SESSION, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 3, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    fields: list[str]

    def field(self, number: int) -> int:
        return int(self.fields[number])

    def seconds(self) -> float:
        """Of the processor, with those of its children that have ended."""
        ticks = sum(map(self.field, (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM)))
        return ticks / TICKS_PER_SECOND


def processes() -> Iterable[Process]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue  # It has just ended.
        yield Process(int(folder.name), stat.rpartition(") ")[2].split())


def of_sessions(sessions: set[int]) -> list[Process]:
    """All processes of these sessions: setsid(2) at their start."""
    return [process for process in processes() if process.field(SESSION) in sessions]


def of_tree(root: int) -> list[Process]:
    """A process and its children."""
    return [p for p in processes() if p.pid == root or p.field(PARENT) == root]


def seconds(some: Iterable[Process]) -> float:
    return sum(process.seconds() for process in some)


def memory_mib(some: Iterable[Process]) -> float:
    """What they hold together; a page that n of them share counts an nth for each (PSS)."""
    total = 0
    for process in some:
        try:
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total / 1024


class PeakMemory(threading.Thread):
    """Looks again and again what the processes of some sessions hold, until it is told to stop."""

    def __init__(self, sessions: set[int]) -> None:
        super().__init__(daemon=True)
        self._sessions = sessions
        self._stopped = threading.Event()
        self.mib = 0.0

    def run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self.mib = max(self.mib, memory_mib(of_sessions(self._sessions)))

    def stop(self) -> float:
        self._stopped.set()
        self.join()
        self.mib = max(self.mib, memory_mib(of_sessions(self._sessions)))
        return self.mib
