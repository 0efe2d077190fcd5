"""`python -m tests.benchmarks.gpu`: see the package's docstring."""

import argparse
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
import transformers
from rich.console import Console

from tests.benchmarks.gpu import conversation, crowd, stages, steps
from tests.benchmarks.gpu.device import Device
from tests.benchmarks.gpu.models import Models, make
from tests.benchmarks.gpu.report import Results, Row
from tests.benchmarks.gpu.sizes import DRY, REAL, Plan

SECTIONS: Mapping[str, Callable[[Device, Plan, Models], Iterator[Row]]] = {
    "memory": stages.memory_rows,
    "stages": stages.rows,
    "steps": lambda device, plan, models: steps.rows(device, plan, models.parler),
    "crowd": lambda device, plan, models: crowd.rows(device, plan, models.parler),
    "conversation": conversation.rows,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="tiny models on a CPU; the figures mean nothing")
    parser.add_argument("--out", type=Path, default=Path("build/gpu"), help="where gpu.json and gpu.txt go")
    parser.add_argument("--models", type=Path, help="where the checkpoints are kept; otherwise in the folder of --out")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="a section; may be given several times")
    return parser.parse_args()


def main() -> int:
    """0 when every section went through. What one raises is shown, and the next one runs."""
    chosen = arguments()
    plan = DRY if chosen.dry_run else REAL
    if plan.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no GPU here. To try the benchmark without one: --dry-run", file=sys.stderr)
        return 2
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    device = Device(plan.device)
    about = device.described() | {"transformers": transformers.__version__, "dry_run": chosen.dry_run}
    results = Results(chosen.out, about)
    models = make(chosen.models or chosen.out / "models", plan)
    broken = [name for name in chosen.only or SECTIONS if not _went_through(name, results, device, plan, models)]
    Console(width=120).print(results.table())
    print(f"{chosen.out}/gpu.json and gpu.txt" + (f"; broken: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


def _went_through(name: str, results: Results, device: Device, plan: Plan, models: Models) -> bool:
    try:
        results.add(SECTIONS[name](device, plan, models))
    except Exception:  # a machine with a GPU is not at hand for long: the other sections still run
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
