"""What the commands of `kva models` show: the table, a download's progress, a check's verdict."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from app.config import Settings
from app.models.catalogue import Entry, ModelError, catalogue, entry_of
from app.models.check import Measured, check, check_files
from app.models.convert import Quantization, convert, source_of
from app.models.presence import Kind, kinds_of, settings_for, used_for
from app.models.pull import home_of, pull
from app.models.store import located, origin_of, part_of, size_mb


def show_list(settings: Settings, out: Console) -> None:
    """The models of the catalogue by engine, and those of the store that are not in it."""
    store = settings.models.folder
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("model", "licence"):
        table.add_column(column, no_wrap=True)
    table.add_column("fetch", no_wrap=True, justify="right")
    table.add_column("weights", no_wrap=True)
    table.add_column("here")
    for engine, entries in groupby(catalogue().items(), key=lambda item: item[1].engine):
        table.add_row(f"[bold]{engine}[/]")
        for name, entry in entries:
            licence = entry.licence + (" [yellow]gated[/]" if entry.gated else "")
            memory = f"{_number(entry.weights_mb(entry.runs_in[0]))} {entry.runs_in[0]}"
            table.add_row(f" {name}", licence, _number(entry.download_mb), memory, _state(store, name, entry))
    if others := _others(store):
        table.add_row("[bold]yours[/]")
        for folder in others:
            table.add_row(f" {escape(folder.name)}", "", "", "", f"[green]{size_mb(folder)} MB[/]")
    out.print(table)
    out.print(
        "\n[dim]Sizes in MB: to download, and the weights in memory at their smallest; ?: not known. Gated: ask for "
        "access on the hub's page, and set KVA_MODELS__TOKEN. "
        f"They are kept in {escape(str(store))} (models.folder).[/]",
        highlight=False,
    )


def run_pull(name: str, settings: Settings, out: Console, *, again: bool) -> None:
    entry = entry_of(name)
    gated = ", gated" if entry.gated else ""
    out.print(f"{entry.repository}: {entry.about}; licence {entry.licence}{gated}", highlight=False)
    with _progress(out) as progress:
        pulled = pull(name, settings.models, progress, again=again)
    if not pulled.fresh:
        out.print(f"{name} was there already, the newest version (--again fetches it all the same)", highlight=False)
    if entry.converts and not (settings.models.folder / name).is_dir():
        out.print(f"Now convert it: [bold]kva models convert {name}[/]", highlight=False)
    elif not entry.converts:
        out.print(_use(name, entry), highlight=False)


def run_convert(named: str, settings: Settings, out: Console, *, quantization: Quantization, to: str | None) -> None:
    source = source_of(named, settings)
    to = to or source.resolve().name
    target = Path(to).expanduser() if "/" in to else settings.models.folder / to
    if target.resolve() == source.resolve():
        raise ModelError(f"{target} would be written over itself; name another with --to")
    out.print(f"Converting {source} ({size_mb(source)} MB) to {quantization} ...", highlight=False)
    convert(source, target, quantization)
    out.print(f"{target}: {size_mb(target)} MB", highlight=False)
    if entry := catalogue().get(target.name):
        out.print(_use(target.name, entry), highlight=False)


def run_check(named: str, settings: Settings, out: Console) -> bool:
    """Whether the model is whole and within its engine's budget."""
    folder = _folder_of(named, settings)
    check_files(folder)
    within = True
    for kind, as_served in _uses(named, folder, settings):
        measured = check(kind, as_served)
        _show_measured(kind, measured, out)
        within = within and not measured.over
    return within


def show_path(named: str, settings: Settings, out: Console) -> None:
    out.print(str(_folder_of(named, settings)), markup=False, highlight=False, soft_wrap=True)


def _show_measured(kind: Kind, measured: Measured, out: Console) -> None:
    table = Table(box=None, pad_edge=False, show_header=False, title=kind, title_justify="left", title_style="bold")
    table.add_row("loaded in", f"{measured.load_s:.1f} s")
    table.add_row("warm after", f"{measured.warm_up_s:.1f} s")
    allowed_ms, allowed_mb = measured.budget_first_result_ms, measured.budget_memory_mb
    table.add_row("first result", f"{measured.first_result_ms:.0f} ms, of {allowed_ms:.0f} ms allowed")
    table.add_row("memory", f"{measured.memory_mb:.0f} MB, of {allowed_mb:.0f} MB allowed")
    out.print(table)
    for line in measured.over:
        out.print(f"[bold red]over the budget:[/] {line} (models.budget.{kind})", highlight=False)


def _state(store: Path, name: str, entry: Entry) -> str:
    if (store / name).is_dir():
        origin = origin_of(store / name)
        how = f", {origin.quantization}" if origin and origin.quantization else ""
        return f"[green]ready[/], {size_mb(store / name)} MB{how}"
    home = home_of(store, name)
    if entry.converts and home.is_dir():
        return "[yellow]to convert[/]"
    return "[yellow]half downloaded[/]" if part_of(home).is_dir() else ""


def _others(store: Path) -> list[Path]:
    """Folders of the store that are models, and not of the catalogue."""
    if not store.is_dir():
        return []
    known = {*catalogue(), "downloads"}
    return sorted(
        folder for folder in store.iterdir() if (folder / "config.json").is_file() and folder.name not in known
    )


def _folder_of(named: str, settings: Settings) -> Path:
    """Raises ModelError, with the commands that bring the model, when it is not here."""
    folder, store = located(settings, Path(named).expanduser()), settings.models.folder
    if folder.is_dir():
        return folder
    if "/" in named:
        raise ModelError(f"{folder}: no such folder")
    entry, steps = entry_of(named), [f"kva models pull {named}", f"kva models convert {named}"]
    if not entry.converts:
        steps.pop()
    elif origin_of(home_of(store, named)) is not None:
        steps.pop(0)
    raise ModelError(f"{named} is not here; {' && '.join(steps)}")


def _uses(named: str, folder: Path, settings: Settings) -> list[tuple[Kind, Settings]]:
    """What the model is for, with settings for it: those that use it as they are, else the catalogue's engine."""
    if kinds := used_for(folder, settings):
        return [(kind, settings) for kind in kinds]
    if entry := catalogue().get(named):
        return [(kind, settings_for(folder, kind, entry.engine, settings)) for kind in kinds_of(entry)]
    raise ModelError(
        f"{folder} is neither in the catalogue nor named in the settings; set stt.model, translation.to_english, "
        "translation.to_kannada or tts.model to it, so that its engine is known"
    )


def _use(name: str, entry: Entry) -> str:
    """The settings that make an engine use it."""
    section = {"stt": "stt", "tts": "tts"}.get(entry.kind, "translation")
    keys = kinds_of(entry) if section == "translation" else ("model",)
    lines = [f'engine = "{entry.engine}"', *(f'{key} = "{name}"' for key in keys)]
    return f"Use it in kva.toml: \\[{section}] " + ", ".join(lines)


def _number(megabytes: int | None) -> str:
    return "?" if megabytes is None else str(megabytes)


@contextmanager
def _progress(out: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar a file on a terminal; elsewhere a line when a file is complete."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=out, disable=not out.is_terminal) as bars:
        tasks = {}

        def told(path: str, done: int, size: int) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(escape(path), total=size)
            bars.update(tasks[path], completed=done, total=size)
            if done >= size and not out.is_terminal:
                out.print(f"{path}: {size / 1e6:.1f} MB", markup=False, highlight=False)

        yield told
