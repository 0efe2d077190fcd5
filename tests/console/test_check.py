"""`kva agent check`: the examples pass, what is wrong fails, what is doubtful is told."""

from pathlib import Path

import pytest

from app.agents import flow
from tests.console.conftest import Invoke

AGENTS = Path(flow.__file__).parent
DESK = AGENTS / "electricity_desk.toml"


def changed(folder: Path, was: str, now: str, example: Path = DESK) -> Path:
    """An example with one change, beside what it names."""
    text = example.read_text("utf-8")
    assert was in text
    (folder / "electricity_desk.sql").write_text(DESK.with_suffix(".sql").read_text("utf-8"), encoding="utf-8")
    path = folder / example.name
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("example", sorted(AGENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_usable(kva_agent: Invoke, example: Path) -> None:
    result = kva_agent("check", str(example))
    assert result.exit_code == 0, result.output
    assert f"{example}: usable" in result.output
    assert "error" not in result.output
    assert "+91" not in result.output, "no telephone number is shown"
    for line in result.output.splitlines():
        assert not line.startswith("warning: ") or ": needs " in line, line


def test_without_a_file_it_is_the_embedded_desk(kva_agent: Invoke) -> None:
    result = kva_agent("check")
    assert f"{DESK}: usable" in result.output
    assert "flow: 13 tasks with " in result.output
    assert "mon-sat 10:00 to 17:30 Asia/Kolkata, closed on 3 days" in result.output
    assert "1 'how much is my bill'" in result.output


def test_without_a_file_it_is_that_of_the_settings(kva_agent: Invoke, tmp_path: Path) -> None:
    path = changed(tmp_path, 'name = "Electricity help line"', 'name = "Gas help line"')
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[agent]\nfile = "{path}"\n', encoding="utf-8")
    assert "Gas help line" in kva_agent("check", config=settings).output


def test_all_files_are_looked_at(kva_agent: Invoke, tmp_path: Path) -> None:
    path = changed(tmp_path, "no_input_s = 8.0", "no_imput_s = 8.0")
    line = path.read_text("utf-8").splitlines().index("no_imput_s = 8.0") + 1
    result = kva_agent("check", str(path), str(DESK))
    assert result.exit_code == 1
    told = f"error: {path}:{line}: limits.no_imput_s: there is no key 'no_imput_s'; did you mean 'no_input_s'?"
    assert result.output.splitlines()[0] == told
    assert f"{DESK}: usable" in result.output
    assert f"{path}: usable" not in result.output


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("FROM services", "FROM servises", "tasks.price.answers.0.look_up: no such table: servises"),
        ('"electricity_desk.sql"', '"none.sql"', "none.sql: cannot be read"),
        (
            "SELECT 1 FROM customers WHERE number = :customer",
            "SELECT json('x')",
            "slots.customer.check: malformed JSON",
        ),
        ('says = "how much is my bill"', 'says = "green ideas"', "menu.1.says: 'green ideas' is like no example"),
    ],
)
def test_what_the_file_names_is_tried_out(kva_agent: Invoke, tmp_path: Path, was: str, now: str, told: str) -> None:
    result = kva_agent("check", str(changed(tmp_path, was, now)))
    assert result.exit_code == 1
    assert told in result.output


def test_the_documents_of_a_tool_are_read(kva_agent: Invoke, tmp_path: Path) -> None:
    result = kva_agent("check", str(changed(tmp_path, "[desk]", "[desk]", AGENTS / "electricity_agent.toml")))
    assert result.exit_code == 1
    assert "tools.0.folder: " in result.output
    assert "no such folder" in result.output


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (
            '"when will the current come",',
            '"when will the current come", "power cut",',
            "tasks.restore.examples: 'power cut' is an example of tasks.outage as well; the first of them",
        ),
        ("press 9", "press nine", ""),
        ("press 9", "press on", "prompts.keys.english: does not name the key 9 of [menu]"),
        ("ಒಂಬತ್ತು ಒತ್ತಿ", "9 ಒತ್ತಿ", ""),
        ("ಒಂಬತ್ತು ಒತ್ತಿ", "9ನ್ನು ಒತ್ತಿ", ""),
        ("ಒಂಬತ್ತು ಒತ್ತಿ", "ಒಂಬತ್ತನ್ನು ಒತ್ತಿ", ""),
        ("ಒಂಬತ್ತು ಒತ್ತಿ", "ಒತ್ತಿ", "prompts.keys.kannada: does not name the key 9 of [menu]"),
    ],
)
def test_doubts_are_told_and_do_no_harm(kva_agent: Invoke, tmp_path: Path, was: str, now: str, told: str) -> None:
    result = kva_agent("check", str(changed(tmp_path, was, now)))
    assert result.exit_code == 0, result.output
    assert told in result.output
    assert ("warning" in result.output) is bool(told)


def test_what_a_models_desk_needs_of_the_settings_is_told(kva_agent: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    example = AGENTS / "electricity_agent.toml"
    needs = "needs agent.secrets.tavily, which is not set here: KVA_AGENT__SECRETS__TAVILY"
    assert needs in kva_agent("check", str(example)).output
    monkeypatch.setenv("KVA_AGENT__SECRETS__TAVILY", "tvly-secret")
    result = kva_agent("check", str(example))
    assert needs not in result.output
    assert "agent.secrets.billing" in result.output
    assert "tvly-secret" not in result.output
