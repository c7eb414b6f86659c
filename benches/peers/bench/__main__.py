"""The command line: see benches/peers/run."""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from importlib.metadata import distributions, version
from pathlib import Path

from . import measure
from .commands import Sizes
from .contestants import Bellhop, all_of_them
from .measure import Killed, Run
from .services import Services

LIBRARIES = ["celery", "aio-pika", "oban", "psycopg", "asyncpg", "aiosmtplib", "uvloop", "jinja2"]


def asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="benches/peers/run")
    words.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    words.add_argument("--commands", type=int, default=3000, help="of each run (%(default)s)")
    words.add_argument("--tenants", type=int, default=200, help="(%(default)s)")
    words.add_argument("--rounds", type=int, default=1, help="by turns (%(default)s)")
    words.add_argument("--binary", type=Path, help="the daemon (target/release/bellhop)")
    words.add_argument("--only", help="names, with commas between them: sqlite,postgres,celery,…")
    words.add_argument("--kill", action="store_true", help="SIGKILL at half of the way instead")
    return words.parse_args()


def main() -> None:
    args = asked()
    binary: Path = (args.binary or args.root / "target/release/bellhop").resolve()
    if not binary.exists():
        raise SystemExit(f"there is no {binary}: cargo build --release, or --binary")
    contestants = all_of_them(args.root, binary, Path(os.environ["PEERS_CACHE"]))
    names: list[str] = args.only.split(",") if args.only else list(contestants)
    if unknown := set(names) - contestants.keys():
        raise SystemExit(f"not known: {', '.join(unknown)}; there are: {', '.join(contestants)}")
    sizes = Sizes(args.commands, args.tenants)
    with tempfile.TemporaryDirectory(prefix="bellhop-peers") as temporary:
        folder = Path(temporary)
        # Services and the sink are other users.
        folder.chmod(0o755)
        with Services(args.root, folder / "services") as services:
            print(
                f"{sizes.commands} commands ({Bellhop.times} times as many for Bellhop) of "
                f"{sizes.tenants} tenants, rounds: {args.rounds}"
            )
            print_versions(services, binary)
            if args.kill:
                print_killed_head()
                for name in names:
                    one = contestants[name]
                    killed = measure.killed(one, services, folder / name, sizes)
                    print_killed(one.name, killed)
                return
            runs: dict[str, list[Run]] = {name: [] for name in names}
            for round in range(args.rounds):
                # Whoever comes second finds the machine as the first left it.
                for name in names if round % 2 == 0 else reversed(names):
                    one = contestants[name]
                    run = measure.timed(one, services, folder / name, sizes)
                    print(f"round {round + 1}: {one.name:<20} {run.rate:>6.0f}/s")
                    runs[name].append(run)
            medians = {contestants[name].name: Run.median(some) for name, some in runs.items()}
            print_table(medians)


def print_versions(services: Services, binary: Path) -> None:
    node = Path(__file__).resolve().parent.parent / "node/package.json"
    packages: dict[str, str] = json.loads(node.read_text())["dependencies"]
    installed = {library.name.lower() for library in distributions()}
    python = [f"{name} {version(name)}" for name in LIBRARIES if name in installed]
    said = [f"{name} {number}" for name, number in services.versions().items()]
    print("; ".join([subprocess.check_output([binary, "--version"], text=True).strip(), *said]))
    print(f"Python {platform.python_version()}: {', '.join(python)}")
    number = subprocess.check_output(["node", "--version"], text=True).strip()
    print(f"Node {number}: {', '.join(' '.join(package) for package in packages.items())}")


def print_table(medians: dict[str, Run]) -> None:
    print()
    print(
        "|                      | commands/s | CPU ms a command: own | broker | database "
        "| peak MiB | first mail after |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, run in medians.items():
        print(
            f"| {name:<20} | {run.rate:.0f} | {run.own_ms:.2f} | {run.broker_ms:.2f} "
            f"| {run.database_ms:.2f} | {run.peak_mib:.0f} | {run.start_s:.1f} s |"
        )


def print_killed_head() -> None:
    print()
    print("|                      | recorded at the kill | all recorded after | lost | twice |")
    print("|---|---|---|---|---|")


def print_killed(name: str, killed: Killed) -> None:
    after = f"{killed.again_s:.1f} s"
    if killed.recorded < killed.commands:
        after = f"never: {killed.recorded} of {killed.commands} in {killed.again_s:.0f} s"
    unproven = f" ({killed.unproven} said sent)" if killed.unproven else ""
    before = f"{killed.sent_before} of {killed.commands}"
    print(f"| {name:<20} | {before} | {after} | {killed.lost}{unproven} | {killed.twice} |")


if __name__ == "__main__":
    main()
