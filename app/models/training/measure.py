"""Measures a pack on data that its training never had, through the engines that answer calls.

The data are made from a seed, the same ones each time; nothing is stored.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.engines.base import EngineUnavailable
from app.models import demo_pack
from app.models.training import rows
from app.models.training.engines import Engines, engines_of
from app.models.training.results import Result, show, write_json
from app.models.training.sets import SPEECH_SETS, TEXT_SETS
from app.terminal import report

SEED = 20
QUICK = 0.1


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the measurement."""

    title: str
    run: Callable[[Engines], Coroutine[Any, Any, list[Result]]]


def stages(scale: float, seed: int) -> list[Stage]:
    """What is measured, one after another. `scale` is 1 for the whole measurement; a tenth makes every set a tenth."""

    def some(n: int) -> int:
        return max(10, round(n * scale))

    speech = [Stage(each.what, partial(rows.transcripts, of=each, n=some(each.n), seed=seed)) for each in SPEECH_SETS]
    texts = [Stage(each.what, partial(rows.translations, of=each, n=some(each.n), seed=seed)) for each in TEXT_SETS]
    return [
        *speech,
        Stage("many calls at once", partial(rows.batches, n=some(300), seed=seed)),
        Stage("nobody speaks", partial(rows.nobody, n=some(300), seed=seed)),
        Stage("two utterances", partial(rows.two_utterances, n=some(200), seed=seed)),
        Stage("growing windows", partial(rows.partials, n=some(80), seed=seed)),
        *texts,
        Stage("the agent's answers", partial(rows.desk_answers, n=some(300), seed=seed)),
        Stage("voice to meaning", partial(rows.requests, n=some(200), n_frames=some(100), seed=seed)),
        Stage("speed", partial(rows.speed, n=some(60), seed=seed)),
    ]


async def measure(pack: Path, scale: float = 1.0, seed: int = SEED, console: Console | None = None) -> list[Result]:
    """Progress goes to `console`, if there is one: a bar on a terminal, otherwise a line for each stage.

    Raises EngineUnavailable for a folder that holds no pack.
    """
    todo = stages(scale, seed)
    results: list[Result] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    terminal = console is not None and console.is_terminal
    # No refreshing thread: it would count in the CPU time that is measured.
    with Progress(*columns, console=console, auto_refresh=False, disable=not terminal, transient=True) as progress:
        bar = progress.add_task("", total=len(todo))
        async with engines_of(pack) as engines:
            for stage in todo:
                progress.update(bar, description=stage.title, refresh=True)
                began = time.monotonic()
                results += await stage.run(engines)
                progress.update(bar, advance=1, refresh=True)
                if console and not terminal:
                    console.print(f"{stage.title}: {time.monotonic() - began:.0f} s", soft_wrap=True, highlight=False)
    return results + rows.size(pack)


def main(
    pack: Annotated[Path, typer.Option(help="The pack's folder: stt, kn_en, en_kn.")] = demo_pack(),  # noqa: B008
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of everything: a first impression only.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures into this file too.")] = None,
    seed: Annotated[int, typer.Option(help="Of the data. Two packs compare only with the same seed.")] = SEED,
) -> None:
    """Measure a pack: what it mishears, what translation loses, how much of a spoken request arrives, how fast.

    Sentences, sentence frames and voices are those that training holds out. About four minutes; exit status 1 when a
    figure misses its floor.
    """
    try:
        results = asyncio.run(measure(pack, QUICK if quick else 1.0, seed, Console(stderr=True)))
    except EngineUnavailable as error:
        raise typer.Exit(report(error, debug=False)) from None
    show(results, f"{pack}, seed {seed}")
    if json:
        write_json(results, {"pack": pack.name, "seed": seed, "quick": quick}, json)
    raise typer.Exit(bool(below(results)))


def below(results: Sequence[Result]) -> list[str]:
    """The names of what misses its floor."""
    return [result.name for result in results if not result.ok]


if __name__ == "__main__":
    names = {"help_option_names": ["-h", "--help"]}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=names)
    app.command(epilog="python -m app.models.training.measure --pack build/kn_desk_demo --quick")(main)
    sys.exit(app())
