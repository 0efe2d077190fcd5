"""The commands `kva models ...`. Like those of app/cli.py they import what they need inside."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

if TYPE_CHECKING:
    from app.config import Settings

EXAMPLES = """
[bold]Examples[/]

kva models list  [dim]# what there is, and what is here[/]

kva models pull whisper-small-vaani  [dim]# from the hub; the same command goes on after a break[/]

kva models convert whisper-small-vaani  [dim]# to CTranslate2, int8[/]

kva models check whisper-small-vaani  [dim]# is it fast and small enough here?[/]

kva --profile gpu-single models check indic-parler-tts  [dim]# with that profile's budgets[/]
"""

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model, as `kva models list` shows it.")]

models = typer.Typer(
    name="models",
    help="Fetch, convert and check the models that the engines run.",
    epilog=EXAMPLES,
    rich_markup_mode="rich",
    no_args_is_help=True,
)
out = Console()


def _settings(context: typer.Context) -> "Settings":
    settings: Settings = context.obj.settings()
    return settings


@models.command("list", epilog="kva models list")
def show(context: typer.Context) -> None:
    """Show the models there are: engine, licence, size, memory, and whether they are here.

    Memory is that of the weights; what computing needs comes on top, and `kva models check` measures all of it.
    """
    from app.models.command import show_list

    show_list(_settings(context), out)


@models.command(epilog="KVA_MODELS__TOKEN=hf_... kva models pull indictrans2-kn-en  [dim]# a gated model[/]")
def pull(
    context: typer.Context,
    name: Name,
    again: Annotated[bool, typer.Option("--again", help="Fetch it all anew, also when it is here.")] = False,
) -> None:
    """Download a model from the hub, and check every file against the hub's checksums.

    A broken download goes on where it broke when the command is given again.

    Gated models need models.token, of an account that was granted access on the model's page.
    """
    from app.models.command import run_pull

    run_pull(name, _settings(context), out, again=again)


@models.command(epilog="kva models convert ~/my-whisper --quantization float16 --to my-whisper-f16")
def convert(
    context: typer.Context,
    named: Annotated[
        str, typer.Argument(metavar="NAME|FOLDER", help="A downloaded model, or a folder with a checkpoint of yours.")
    ],
    quantization: Annotated[
        Literal["int8", "int8_float16", "float16", "float32"],
        typer.Option(help="How numbers are stored. int8 serves CPUs and GPUs alike; float16 is larger and finer."),
    ] = "int8",
    to: Annotated[str | None, typer.Option(help="Name in the store, or folder. Without it: the model's name.")] = None,
) -> None:
    """Convert a Whisper, IndicTrans2 or NLLB checkpoint to CTranslate2's format.

    Whisper and NLLB need torch and transformers: pip install 'kannada-voice-agent[convert]'.
    """
    from app.models.command import run_convert

    run_convert(named, _settings(context), out, quantization=quantization, to=to)


@models.command(epilog="kva --profile cpu-small models check whisper-small-vaani")
def check(context: typer.Context, name: Name) -> None:
    """Verify a model's files, load, warm and run it, and compare with its engine's budget.

    Measured are the time to the first result and the memory, on the device that the settings name.

    Budgets are models.budget.*, and profiles bring theirs. Exit status 1 when it is over.
    """
    from app.models.command import run_check

    if not run_check(name, _settings(context), out):
        raise typer.Exit(1)


@models.command(epilog="ls $(kva models path indic-parler-tts)")
def path(context: typer.Context, name: Name) -> None:
    """Print the folder of a model that is here."""
    from app.models.command import show_path

    show_path(name, _settings(context), out)
