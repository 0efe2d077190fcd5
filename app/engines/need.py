"""What an engine needs before it is loaded: a package, a folder with a model. A missing one is EngineUnavailable."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from app.engines.base import EngineUnavailable


def need_module(name: str, extra: str) -> Any:
    """Import `name`, which the extra `extra` of this distribution installs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineUnavailable(
            f"{name} cannot be imported ({error}); install it with: pip install 'kannada-voice-agent[{extra}]'"
        ) from error


def need_torch(device: str, extra: str) -> Any:
    """Import torch for a voice; it must see a GPU when `device`, which is tts.device, asks for one."""
    torch = need_module("torch", extra)
    if device == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailable('tts.device = "cuda": torch sees no GPU here; look at nvidia-smi, or set it to "cpu"')
    return torch


def need_installed(name: str, extra: str) -> None:
    """Check that `name` is there without importing it: a process of its own will."""
    if importlib.util.find_spec(name) is None:
        raise EngineUnavailable(f"{name} is not installed; install it with: pip install 'kannada-voice-agent[{extra}]'")


def need_files(folder: Path, names: tuple[str, ...], what: str, setting: str) -> None:
    """Check that `folder` holds `names`; `what` and `setting` tell the reader what to put there and where it is set."""
    if not folder.is_dir():
        raise EngineUnavailable(f"{folder}: no such folder; {setting} must name {what}")
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise EngineUnavailable(f"{folder}: {', '.join(missing)} is missing; {setting} must name {what}")
