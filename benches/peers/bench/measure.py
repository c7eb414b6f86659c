"""One run of one contestant: how fast, for how much; or killed in the middle."""

import shutil
import statistics
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from .commands import Sizes, address
from .contestants import Contestant, Stage
from .services import Services, Sink
from .usage import PeakMemory, of_sessions, seconds

LOOK_EVERY_S = 0.1
DEADLINE_S = 180.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of the processor: its own, the broker's, the database's."""

    own: float
    broker: float
    database: float

    def __sub__(self, other: "Costs") -> "Costs":
        return Costs(
            self.own - other.own, self.broker - other.broker, self.database - other.database
        )


@dataclass(frozen=True, slots=True)
class Run:
    """From the first outcome that was seen to the last; what starting takes is told apart."""

    start_s: float
    rate: float
    own_ms: float
    broker_ms: float
    database_ms: float
    peak_mib: float

    @staticmethod
    def median(runs: list["Run"]) -> "Run":
        return Run(*map(statistics.median, zip(*map(astuple, runs))))


@dataclass(frozen=True, slots=True)
class Killed:
    """What a SIGKILL at half of the way cost."""

    commands: int
    sent_before: int
    again_s: float
    recorded: int
    lost: int
    unproven: int
    twice: int


def costs(contestant: Contestant, services: Services) -> Costs:
    def of(service: str | None) -> float:
        return services.seconds_of(service) if service else 0.0

    own = seconds(of_sessions(contestant.sessions))
    return Costs(own, of(contestant.broker), of(contestant.database))


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def timed(contestant: Contestant, services: Services, folder: Path, sizes: Sizes) -> Run:
    """Commands lie in the queue; measured until each outcome is durable."""
    sizes = sizes.times(contestant.times)
    with Sink() as sink:
        folder = fresh(folder)
        contestant.prepare(Stage(services, folder, sizes, sink.port))
        services.settle()
        started = time.monotonic()
        contestant.start()
        memory = PeakMemory(contestant.sessions)
        memory.start()
        first = reach(contestant, folder, 1)
        first_at, first_costs = time.monotonic(), costs(contestant, services)
        last = reach(contestant, folder, sizes.commands)
        last_at, spent = time.monotonic(), costs(contestant, services) - first_costs
        peak = memory.stop()
        contestant.stop()
    if last > sizes.commands:
        raise RuntimeError(f"{contestant.name}: {last} outcomes of {sizes.commands} commands")
    done = last - first
    return Run(
        start_s=first_at - started,
        rate=done / (last_at - first_at),
        own_ms=spent.own * 1e3 / done,
        broker_ms=spent.broker * 1e3 / done,
        database_ms=spent.database * 1e3 / done,
        peak_mib=peak,
    )


def reach(contestant: Contestant, folder: Path, count: int, durable: bool = False) -> int:
    """Waits for so many outcomes, and returns how many there are."""
    until = time.monotonic() + DEADLINE_S
    ask = contestant.durable_outcomes if durable else contestant.outcomes
    while (found := ask()) < count:
        contestant.fail_if_ended(folder)
        if time.monotonic() > until:
            return found
        time.sleep(LOOK_EVERY_S)
    return found


def killed(contestant: Contestant, services: Services, folder: Path, sizes: Sizes) -> Killed:
    """SIGKILL to all its processes at half of the way, and a new start at once."""
    sizes = sizes.times(contestant.times)
    folder = fresh(folder)
    kept = folder / "kept"
    kept.mkdir()
    # The sink writes there as another user.
    kept.chmod(0o777)
    with Sink(kept) as sink:
        contestant.prepare(Stage(services, folder, sizes, sink.port))
        services.settle()
        contestant.start()
        reach(contestant, folder, sizes.commands // 2)
        contestant.kill()
        before = contestant.durable_outcomes()
        killed_at = time.monotonic()
        contestant.start()
        recorded = reach(contestant, folder, sizes.commands, durable=True)
        again_s = time.monotonic() - killed_at
        contestant.stop()
        taken = sink.taken()
    everybody = {address(number) for number in range(sizes.commands)}
    without = len(everybody - taken.keys())
    return Killed(
        commands=sizes.commands,
        sent_before=before,
        again_s=again_s,
        recorded=recorded,
        lost=without,
        unproven=max(0, recorded - len(taken)),
        twice=sum(taken.values()) - len(taken),
    )
