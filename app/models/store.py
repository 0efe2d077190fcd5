"""The store: the folder in which `kva models` keeps models, each in a folder of its name."""

from pathlib import Path

from app.config import Settings


def located(settings: Settings, model: Path) -> Path:
    """The folder that a model setting means: a path as it is, a bare name in the store, `models.folder`."""
    if len(model.parts) == 1 and not model.exists():
        return settings.models.folder / model
    return model
