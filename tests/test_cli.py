"""The command line as its user meets it: a process, its output and its exit status."""

import importlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import get_args

import orjson
import pytest

from app.call.core import Call
from app.call.events import Answered, Draining, Prompt, PromptName
from app.call.policy import Policy
from app.config import ConfigError
from app.engines.base import EngineFailed, EngineUnavailable
from app.models import demo_pack
from app.terminal import BUG, FORESEEN, WRONG_INPUT, report
from app.trace import encode_row, header
from tests.model_hub import serving

ROOT = Path(__file__).parent.parent
TWILIO = {
    "KVA_TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
    "KVA_TWILIO__AUTH_TOKEN": "1" * 32,
    "KVA_TWILIO__PHONE_NUMBER": "+918012345678",
}


def kva(*words: str, cwd: Path, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `kva` in `cwd` with no settings but `variables`."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("KVA_")}
    environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"} | (variables or {})
    command = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=50, check=False)


def test_help_teaches(tmp_path: Path) -> None:
    result = kva("--help", cwd=tmp_path)
    assert result.returncode == 0
    for command in ("serve", "demo", "doctor", "dial", "replay", "agent", "models"):
        assert f"kva {command}" in result.stdout or command in result.stdout
    assert "Examples" in result.stdout
    assert "KVA_SERVER__PORT" in result.stdout


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"pydantic", "numpy", "uvicorn", "starlette", "openai", "twilio", "ctranslate2", "faster_whisper"}
    code = f"import app.cli, sys; print(sorted({heavy} & set(sys.modules)))"
    command, environment = [sys.executable, "-c", code], os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_version(tmp_path: Path) -> None:
    result = kva("--version", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("kva")


@pytest.mark.parametrize(
    ("words", "variables", "message"),
    [
        (["serve"], {}, "error: the embedded demo models know one synthetic electricity desk"),
        (["serve"], {}, "kva serve --allow-demo-models"),
        (["serve"], {"KVA_SERVER__PORT": "x"}, "error: server.port: Input should be a valid integer"),
        (["serve", "--allow-demo-models"], TWILIO, "error: server.public_url: is missing"),
        (["dial", "+919876543210"], {}, "error: twilio.account_sid, twilio.auth_token, twilio.phone_number, server.pu"),
        (["dial", "+919876543210"], TWILIO, "error: server.public_url: needed to dial out"),
        (["dial", "9876543210"], TWILIO, "write + country code and number without spaces"),
        (["--config", "none.toml", "serve"], {}, "error: none.toml: cannot be read"),
        (["replay", "none.jsonl"], {}, "does not exist"),
        (["serv"], {}, "No such command"),
        (
            ["--profile", "gpu", "serve"],
            {},
            "error: profile: there is no such profile; known are cpu-small, gpu-single",
        ),
        (
            ["--profile", "cpu-small", "serve"],
            {"KVA_MODELS__FOLDER": "."},
            "error: stt.model: whisper-small-vaani is not",
        ),
        (
            ["--profile", "cpu-small", "serve"],
            {"KVA_MODELS__FOLDER": "."},
            "kva models pull indictrans2-kn-en && kva mo",
        ),
        (["models", "pull", "whisper-smal-vaani"], {}, "did you mean whisper-small-vaani"),
        (["models", "convert", "./none"], {}, "none: no such folder"),
        (
            ["models", "path", "indicf5"],
            {"KVA_MODELS__FOLDER": "."},
            "error: indicf5 is not here; kva models pull indicf5",
        ),
        (
            ["models", "check", "indictrans2-kn-en"],
            {"KVA_MODELS__FOLDER": "."},
            "not here; kva models pull indictrans2-kn-en && kva models convert indictrans2-kn-en",
        ),
    ],
)
def test_what_the_user_can_mend_is_said_in_a_line(
    words: list[str], variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    result = kva(*words, cwd=tmp_path, variables=variables)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "1" * 32 not in result.stderr


def test_without_credentials_the_server_stays_on_loopback_and_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        variables = {"KVA_SERVER__HOST": "0.0.0.0", "KVA_SERVER__PORT": port}
        result = kva("serve", "--allow-demo-models", cwd=tmp_path, variables=variables)
    assert "only this machine can connect, on 127.0.0.1" in result.stderr
    assert f"127.0.0.1:{port} cannot be used" in result.stderr
    assert result.returncode == 2


def test_doctor_reports_settings_it_cannot_read(tmp_path: Path) -> None:
    result = kva("doctor", cwd=tmp_path, variables={"KVA_SERVER__PORT": "x"})
    assert result.returncode == 1
    assert "server.port: Input should be a valid integer" in result.stdout
    assert "Processor" in result.stdout


def test_models_from_the_hub_to_a_verdict(tmp_path: Path) -> None:
    """The embedded recogniser plays a model of the hub that is in CTranslate2's format already."""
    files = {file.name: file.read_bytes() for file in (demo_pack() / "stt").iterdir()}
    store, name = tmp_path / "store", "whisper-large-v3-turbo"
    with serving({"deepdml/faster-whisper-large-v3-turbo-ct2": files}) as hub:
        variables = {"KVA_MODELS__FOLDER": str(store), "KVA_MODELS__ENDPOINT": hub.endpoint}
        pulled = kva("models", "pull", name, cwd=tmp_path, variables=variables)
    assert pulled.returncode == 0, pulled.stderr
    assert "model.bin: " in pulled.stdout
    assert f'Use it in kva.toml: [stt] engine = "whisper", model = "{name}"' in pulled.stdout
    listed = kva("models", "list", cwd=tmp_path, variables=variables)
    assert re.search(rf" {name} +MIT +1624 +809 int8 +ready, \d MB", listed.stdout), listed.stdout
    path = kva("models", "path", name, cwd=tmp_path, variables=variables)
    assert path.stdout.strip() == str(store / name)
    checked = kva("models", "check", name, cwd=tmp_path, variables=variables)
    assert checked.returncode == 0, checked.stderr
    assert "of 1000 ms allowed" in checked.stdout
    over = variables | {"KVA_MODELS__BUDGET__STT__FIRST_RESULT_MS": "0.01"}
    checked = kva("models", "check", name, cwd=tmp_path, variables=over)
    assert checked.returncode == 1
    assert "over the budget: first result" in checked.stdout


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """What the server would have written of a call that was answered while it was going down."""
    prompts = {name: Prompt("ನಮಸ್ಕಾರ", "hello", bytes(1600)) for name in get_args(PromptName)}
    call = Call(Policy(), prompts, marks=True)
    rows = [header("CA1", "2026-01-01T00:00:00Z", Policy(), prompts, marks=True, keep_words=True)]
    for now, event in ((0.0, Answered()), (0.5, Draining())):
        rows.append(encode_row("in", now, event, keep_words=True))
        rows += [encode_row("out", now, command, keep_words=True) for command in call.handle(event, now)]
    path = tmp_path / "call.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)) + b"\n")
    return path


def test_replay_says_identical(trace: Path, tmp_path: Path) -> None:
    result = kva("replay", str(trace), cwd=tmp_path)
    assert "identical to the recorded ones" in result.stdout, result.stderr
    assert "interruptions: 0 real, 0 false" in result.stdout
    assert result.returncode == 0


def test_replay_shows_the_first_difference(trace: Path, tmp_path: Path) -> None:
    changed = [line for line in trace.read_bytes().splitlines() if b'"out":"Play"' not in line]
    trace.write_bytes(b"\n".join(changed) + b"\n")
    result = kva("replay", str(trace), cwd=tmp_path)
    assert "not those recorded" in result.stdout, result.stderr
    assert "Play" in result.stdout
    assert result.returncode == 1


@pytest.mark.parametrize(("module", "name"), FORESEEN)
def test_foreseen_errors_exist(module: str, name: str) -> None:
    assert issubclass(getattr(importlib.import_module(module), name), Exception)


def test_report_takes_foreseen_errors_out_of_groups(capsys: pytest.CaptureFixture[str]) -> None:
    engines = ExceptionGroup("engines", [EngineUnavailable("no model")])
    assert report(ExceptionGroup("call", [engines, EngineFailed("broke [x]")]), debug=False) == WRONG_INPUT
    assert capsys.readouterr().err == "error: no model\nerror: broke [x]\n"


def test_report_gives_every_problem_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(ConfigError("a: wrong\nb: wrong"), debug=False) == WRONG_INPUT
    assert capsys.readouterr().err == "error: a: wrong\nerror: b: wrong\n"


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("oh"), ExceptionGroup("both", [ConfigError("a"), ZeroDivisionError("oh")])]
)
def test_a_bug_keeps_its_traceback_for_debugging(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(error, debug=False) == BUG
    assert f"error: unexpected {type(error).__name__}" in capsys.readouterr().err
    with pytest.raises(type(error)):
        report(error, debug=True)
