"""Trains the demo pack from nothing: three models, their measurement, manifest and card."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.engines.base import EngineUnavailable
from app.engines.need import need_module
from app.models.training.machine import Device, cores, need_device
from app.models.training.measure import SEED as MEASURED_SEED, below, measure
from app.models.training.report import COMPONENTS, MEASURED, Component, write_manifest_and_card
from app.models.training.results import show, write_json
from app.models.training.trainings import Plan, train_side_by_side
from app.models.training.translation_data import WAYS
from app.models.training.work import TrainingRefused
from app.terminal import WRONG_INPUT

OUT = Path("build/kn_desk_demo")
EPILOG = """
[bold]Examples[/]

python -m app.models.training  [dim]# all of it; what an interrupted run has done is kept[/]

python -m app.models.training --only kn_en --steps-percent 5 --out build/try  [dim]# does it work?[/]

python -m app.models.training --device cuda --steps-percent 500  [dim]# where there is a GPU[/]
"""


cli = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def finish(plan: Plan) -> bool:
    """Measures the pack and writes its manifest and card. False when a figure misses its floor."""
    results = asyncio.run(measure(plan.out, console=Console(stderr=True)))
    write_json(results, {"pack": plan.out.name, "seed": MEASURED_SEED}, plan.work / MEASURED)
    write_manifest_and_card(plan.work, plan.out)
    show(results, str(plan.out))
    if missed := below(results):
        typer.echo(f"Floors missed: {', '.join(missed)}")
    typer.echo(f"To ship it: cp -r {plan.out}/. app/models/kn_desk_demo/ && make test")
    return not missed


def _needed(plan: Plan) -> list[Path]:
    """What the trainings leave and `finish` reads."""
    translators = [plan.work / name / file for name in WAYS for file in ("record.json", "component.json")]
    return [*(plan.out / name / "model.bin" for name in COMPONENTS), plan.work / "stt.json", *translators]


@cli.command(epilog=EPILOG)
def main(
    out: Annotated[Path, typer.Option(file_okay=False, help="The new pack; checkpoints go to OUT.work.")] = OUT,
    only: Annotated[Component | None, typer.Option(help="Train this model alone.")] = None,
    steps_percent: Annotated[float, typer.Option(min=0.01, help="Of the planned steps.")] = 100,
    device: Annotated[Device, typer.Option(help="Where to train.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of the data and of the weights. The same seed, the same pack.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Of each training. More than cores / jobs slows all down.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="Trainings at the same time, two at most.")] = cores(),
) -> None:
    """Train the demo pack from nothing: speech recognition and both translators, then measure them.

    About an hour and a half of two cores. Needs the extra `training`. Run it again after an interruption: it goes on
    where it was. Exit status 1 when a figure misses its floor.
    """
    plan = Plan(out, steps_percent, device, seed, threads)
    try:
        for module in ("torch", "transformers", "ctranslate2", "faster_whisper", "espeakng_loader"):
            need_module(module, extra="training")
        need_device(device)
        plan.out.mkdir(parents=True, exist_ok=True)
        plan.work.mkdir(parents=True, exist_ok=True)
        train_side_by_side([only] if only else COMPONENTS, plan, jobs)
        if missing := [str(file) for file in _needed(plan) if not file.is_file()]:
            typer.echo(f"Not measured: {', '.join(missing)} still missing.")
            return
        ok = finish(plan)
    except (EngineUnavailable, TrainingRefused) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error:[/] {escape(str(error))}")
        raise typer.Exit(WRONG_INPUT) from None
    raise typer.Exit(not ok)


if __name__ == "__main__":
    sys.exit(cli(prog_name="python -m app.models.training"))
