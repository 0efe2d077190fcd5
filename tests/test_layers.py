"""Who may import whom, read from the syntax tree: telephony <- app.call <- engines, agents <- the rest of app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CLOCKS_AND_TASKS = {"asyncio", "time", "threading", "datetime", "random", "anyio", "trio", "concurrent", "queue"}


def files(*patterns: str) -> list[Path]:
    found = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
    assert found, f"no file matches {patterns}: the rule below would hold for nothing"
    return found


def imports(file: Path) -> Iterator[str]:
    """Dotted names of everything `file` imports, inside functions and type-checking blocks too.

    `from a import b` counts as `a.b`, since b may be a module.
    """
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), file.name)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = [*package[: len(package) - level + 1], module] if level else [module]
                yield from (".".join([*filter(None, base), name.name]) for name in names)


def belongs(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def ours(name: str) -> bool:
    return belongs(name, {"app", "telephony"})


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", files("telephony/**/*.py"), ids=relative)
def test_telephony_knows_nothing_of_the_app(file: Path) -> None:
    assert [name for name in imports(file) if belongs(name, {"app"})] == []


@pytest.mark.parametrize("file", files("telephony/*/**/*.py", "telephony/*.py"), ids=relative)
def test_carriers_do_not_know_each_other(file: Path) -> None:
    carriers = {f"telephony.{init.parent.name}" for init in files("telephony/*/__init__.py")}
    own = {"telephony." + file.relative_to(ROOT).parts[1]}
    assert [name for name in imports(file) if belongs(name, carriers - own)] == []


@pytest.mark.parametrize("file", files("app/call/*.py"), ids=relative)
def test_the_call_core_is_pure(file: Path) -> None:
    allowed = {"app.call", "app.kannada", "telephony.events"}
    names = list(imports(file))
    assert [name for name in names if belongs(name, CLOCKS_AND_TASKS)] == []
    assert [name for name in names if ours(name) and not belongs(name, allowed)] == []


@pytest.mark.parametrize("file", files("app/engines/**/*.py"), ids=relative)
def test_engines_know_only_their_base(file: Path) -> None:
    allowed = {"app.engines", "app.call.events", "app.config", "app.kannada", "app.models"}
    allowed |= {"telephony.audio", "telephony.events"}
    assert [name for name in imports(file) if ours(name) and not belongs(name, allowed)] == []


@pytest.mark.parametrize("file", files("app/kannada/**/*.py"), ids=relative)
def test_the_language_is_pure_and_knows_nothing_else(file: Path) -> None:
    names = list(imports(file))
    assert [name for name in names if belongs(name, CLOCKS_AND_TASKS)] == []
    assert [name for name in names if ours(name) and not belongs(name, {"app.kannada"})] == []


@pytest.mark.parametrize("file", files("app/agents/**/*.py"), ids=relative)
def test_agents_know_only_the_protocol(file: Path) -> None:
    allowed = {"app.agents", "app.engines.base", "app.call.events", "app.config", "app.kannada"}
    allowed |= {"app.engines.worker", "telephony.errors", "telephony.twilio.rest"}  # look-ups and text messages
    assert [name for name in imports(file) if ours(name) and not belongs(name, allowed)] == []


def test_relative_and_late_imports_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "app" / "call" / "sneaky.py"
    file.parent.mkdir(parents=True)
    file.write_text("from .. import server\nfrom . import events\ndef f():\n    import time, app.trace\n")
    assert list(imports(file)) == ["app.server", "app.call.events", "time", "app.trace"]
