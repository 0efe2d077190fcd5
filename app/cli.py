"""The command `kva`. Commands import what they need inside, so that `kva --help` answers at once."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli_agent import agent as agent_commands
from app.cli_models import models as models_commands
from app.terminal import report, set_up_logging

if TYPE_CHECKING:
    from app.config import Settings

EXAMPLES = """
[bold]Examples[/]

kva demo  [dim]# a synthesised Kannada call, answered here, without a telephone[/]

kva doctor  [dim]# is this machine ready, and what is missing?[/]

kva --config kva.toml serve  [dim]# answer real calls; see deploy/ for a whole server[/]

kva dial +919876543210  [dim]# call somebody[/]

kva agent chat  [dim]# talk with the desk in the terminal; check a desk's file, hear its voice[/]

kva models list  [dim]# the models that engines can use; pull, convert and check them[/]

kva replay calls/CA0123.jsonl  [dim]# does the core still decide the same?[/]

[bold]Settings[/]

kva.toml in this folder, then the environment: server.port is KVA_SERVER__PORT there. Beneath both lies a profile if one
is named, gpu-single or cpu-small, by --profile, KVA_PROFILE or a line profile = "..." in kva.toml.
"""

DEMO_FOLDER = Path("demo-call")

app = typer.Typer(
    help="A telephone agent that speaks Kannada.",
    epilog=EXAMPLES,
    rich_markup_mode="rich",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(agent_commands)
app.add_typer(models_commands)
out = Console()


@dataclass(frozen=True, slots=True)
class Common:
    """What was said before the command."""

    config: Path | None = None
    profile: str | None = None

    def settings(self) -> "Settings":
        from app.config import load_settings

        return load_settings(self.config, self.profile)


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"kva {version('kannada-voice-agent')}")
        except PackageNotFoundError:
            typer.echo("kva, not installed")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Settings file. Without it: kva.toml in this folder, if there is one.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Defaults for a kind of machine: gpu-single or cpu-small.", metavar="NAME")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log more, and show the traceback of a bug.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    set_up_logging(debug=debug)
    context.obj = Common(config, profile)


@app.command(epilog="kva serve --allow-demo-models  [dim]# to try your line before you have real models[/]")
def serve(
    context: typer.Context,
    allow_demo_models: Annotated[
        bool, typer.Option("--allow-demo-models", help="Answer with the embedded models, which know no human voice.")
    ] = False,
) -> None:
    """Answer calls until stopped.

    SIGTERM lets live calls end, for server.drain_s seconds at most.
    """
    from app.server import serve as run_server

    raise typer.Exit(run_server(context.ensure_object(Common).settings(), allow_demo_models=allow_demo_models))


@app.command(epilog="kva demo --call my.wav --out my-call  [dim]# your own recording as the caller[/]")
def demo(
    context: typer.Context,
    call: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The caller: a recording (WAV), or a cue sheet (TOML)."),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", file_okay=False, help="Where the call is written.")] = DEMO_FOLDER,
) -> None:
    """Answer a synthesised call in real time; write its audio, trace and report.

    The call goes through the real server, over a real WebSocket that speaks Twilio Media Streams. A cue sheet says what
    the caller says, in Kannada, and presses, and what must have been heard and written down in the end: the exit status
    is 1 when it was not. tests/scenarios has examples.
    """
    from app.demo.run import demo as run_demo

    raise typer.Exit(run_demo(context.ensure_object(Common).settings(), call, folder))


@app.command(epilog="kva --profile gpu-single doctor --models  [dim]# would that profile work here?[/]")
def doctor(
    context: typer.Context,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Twilio about the account, and call server.public_url.")
    ] = False,
    models: Annotated[
        bool, typer.Option("--models", help="Also run every model once, and ask torch about the GPU. Takes a while.")
    ] = False,
) -> None:
    """Check machine, models and settings; say what to do.

    Are the models here, does the machine compute as the settings say, and do they fit its memory and its GPU's?

    Exit status 1 if something fails.
    """
    from app.doctor.examine import examine, table

    common = context.ensure_object(Common)
    findings = examine(common.config, common.profile, online=online, run=models)
    out.print(table(findings))
    raise typer.Exit(any(finding.level == "fail" for finding in findings))


def _e164(number: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise typer.BadParameter("write + country code and number without spaces, e.g. +919876543210")
    return number


@app.command(epilog="kva dial +919876543210 --no-voicemail  [dim]# without the fee for finding out who answers[/]")
def dial(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", callback=_e164, help="Whom to call, e.g. +919876543210.")],
    voicemail: Annotated[
        bool,
        typer.Option(
            "--voicemail/--no-voicemail",
            help="Have Twilio find out whether a machine answers, for a fee; without, the agent talks to it.",
        ),
    ] = True,
) -> None:
    """Call somebody; the running server talks to them.

    When an answering machine takes the call, the agent leaves prompts.voicemail after the beep and hangs up.

    Needs twilio.account_sid, twilio.auth_token, twilio.phone_number and server.public_url, and `kva serve` behind it.
    """
    from app.dial import place_call

    call_id = place_call(context.ensure_object(Common).settings(), number, detect_voicemail=voicemail)
    out.print(f"Calling {number}: {call_id}", highlight=False)


@app.command(epilog="kva hang-up CA0123456789abcdef0123456789abcdef")
def hang_up(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="CALL", help="Twilio's id of the call, as in the log.")],
) -> None:
    """End a call, whatever it is doing. Needs twilio.account_sid and twilio.auth_token."""
    from app.dial import end_call

    end_call(context.ensure_object(Common).settings(), call_id)
    out.print(f"Ended: {call_id}", highlight=False)


@app.command(epilog="kva replay calls/CA0123.jsonl")
def replay(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", exists=True, dir_okay=False, help="The trace (JSONL) of a call.")
    ],
) -> None:
    """Run a recorded call through the core again, and sum up how it went.

    Exit status 1 if the core decides anything differently today.
    """
    from app.replay import trace as traces
    from app.replay.summary import in_a_line, summarise
    from app.replay.waterfall import rows

    recorded = traces.read(trace)
    replayed = traces.replay(recorded)
    out.print(
        f"{replayed.events} events of a {replayed.call_s:.1f} s call in {replayed.took_s * 1000:.1f} ms: "
        f"{replayed.commands} commands, "
        + ("identical to the recorded ones" if replayed.identical else "not those recorded"),
        highlight=False,
    )
    if not replayed.identical:
        out.print(replayed.difference, markup=False, highlight=False)
        raise typer.Exit(1)
    out.print(in_a_line(summarise(rows(recorded))), highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console command."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        typer.main.get_command(app)(words, prog_name="kva")
    except Exception as error:  # the edge of the program: whatever is left is told to the user here
        raise SystemExit(report(error, debug="--debug" in words)) from None


if __name__ == "__main__":
    main()
