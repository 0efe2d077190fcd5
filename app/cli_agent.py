"""The commands `kva agent ...`. Like those of app/cli.py they import what they need inside."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from app.config import Settings
    from app.console.check import Checked

EXAMPLES = """
[bold]Examples[/]

kva agent check desk.toml  [dim]# what is wrong in it, line by line; what it has[/]

kva agent chat desk.toml  [dim]# talk with that desk, in Kannada or English, without a telephone[/]

kva agent chat < script.txt  [dim]# a caller's lines from a file[/]

kva agent say "ನಮಸ್ಕಾರ, ನಿಮ್ಮ ಬಿಲ್ 845 ರೂಪಾಯಿ."  [dim]# hear the voice[/]

[bold]Files[/]

A desk's file has all that an agent says and does. Without a FILE it is agent.file, else the embedded desk.

Complete ones, which explain the format: electricity_desk.toml, electricity_agent.toml in app/agents.
"""

agent = typer.Typer(
    name="agent",
    help="Check a desk's file, talk with it in the terminal, hear its voice.",
    epilog=EXAMPLES,
    rich_markup_mode="rich",
    no_args_is_help=True,
)
out = Console(highlight=False)


def _settings(context: typer.Context) -> "Settings":
    settings: Settings = context.obj.settings()
    return settings


@agent.command(epilog="kva agent check clinic.toml electricity.toml")
def check(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Desks' files.")] = None,
) -> None:
    """Validate desks' files, and all that they name.

    Database statements are run, documents are read, and example sentences compared with those of other tasks. What is
    wrong has its line: FILE:LINE: key: what it should be.

    Exit status 1 if anything is wrong.
    """
    from app.agents.flow import ELECTRICITY_DESK
    from app.console.check import check as check_file

    settings = _settings(context)
    checked = [check_file(path, settings) for path in files or [settings.agent.file or ELECTRICITY_DESK]]
    for one in checked:
        _show(one)
    raise typer.Exit(any(one.errors for one in checked))


def _show(checked: "Checked") -> None:
    for line in checked.errors:
        out.print(Text("error: ", style="bold red") + Text(line), soft_wrap=True)
    for line in checked.doubts:
        out.print(Text("warning: ", style="yellow") + Text(line), soft_wrap=True)
    if not checked.errors:
        out.print(Text(f"{checked.path}: usable", style="bold green"), soft_wrap=True)
        for name, text in checked.summary.items():
            out.print(Text(f"  {name:14}", style="dim") + Text(text), soft_wrap=True)


@agent.command(epilog="printf 'how much is my bill\\n/keys 4521\\nyes\\n' | kva agent chat")
def chat(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A desk's file.")] = None,
) -> None:
    """Talk with a desk in the terminal, without audio.

    The agent and the translators are those that calls get. Type Kannada, which is translated, or English, which is not.
    Shown are both languages, tools and look-ups, what answer is expected, and how long each stage took.

    /keys 4521 presses keys, /back takes the last turn back, /quit ends.
    """
    from app.console.chat import chat as run_chat

    settings = _settings(context)
    if file is not None:
        settings = settings.model_copy(update={"agent": settings.agent.model_copy(update={"file": file})})
    run_chat(settings, out)


@agent.command(epilog='kva --profile gpu-single agent say "your bill is 845 rupees." --out bill.wav --wide')
def say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="WORDS", help="Kannada, or English, which is translated first.")],
    to: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where the sound is written (WAV).")] = Path(
        "say.wav"
    ),
    wide: Annotated[bool, typer.Option("--wide", help="At the voice's own rate, not the telephone's.")] = False,
) -> None:
    """Hear the configured voice say something.

    On a terminal it is played too, where there is aplay, afplay or ffplay.
    """
    from app.console.say import say as run_say

    if not any(char.isalnum() for char in text):
        raise typer.BadParameter("give some words", param_hint="WORDS")
    run_say(text, _settings(context), out, to=to, wide=wide)
