"""The whole way on the embedded models: server, caller, trace, report."""

import wave
from pathlib import Path

import orjson
import pytest

from app.config import Phrase, PromptSettings, Settings
from app.demo.playout import SILENCE
from app.demo.record import misheard
from app.demo.run import EMBEDDED_CALL, demo
from app.demo.script import load_script
from app.terminal import WRONG_INPUT, report as tell

pytest.importorskip("ctranslate2", reason="needs the extra [demo]")
pytest.importorskip("espeakng_loader", reason="needs the extra [demo]")

BRIEF = Settings(prompts=PromptSettings(greeting=Phrase(kannada="ನಮಸ್ಕಾರ.", english="how can i help you?")))
"""The greeting is heard in real time."""
SHORT = 2
"""Utterances of the embedded call that the test plays: a question, and the number."""


def short_call(folder: Path) -> Path:
    head, *says = EMBEDDED_CALL.read_text(encoding="utf-8").split("[[say]]")
    text = "[[say]]".join([head, *says[:SHORT]])
    path = folder / "short.toml"
    path.write_text(text.replace('audio = "', f'patience_s = 1.5\naudio = "{EMBEDDED_CALL.parent}/'), encoding="utf-8")
    return path


def test_a_call_is_answered_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo(BRIEF, short_call(tmp_path), tmp_path / "out") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("The caller is synthesised")
    report = orjson.loads((tmp_path / "out" / "report.json").read_bytes())
    script = load_script(EMBEDDED_CALL)
    spoken = [turn["caller_kannada"] for turn in report["turns"][1:]]
    assert spoken == [cue.kannada for cue in script.cues[:SHORT]]
    assert "4521" in report["turns"][2]["agent_english"], "the number is read back"
    assert report["summary"]["answered"] == SHORT
    assert 0.3 < min(report["waits_s"]) < max(report["waits_s"]) < 3
    assert report["title"] in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    with wave.open(str(tmp_path / "out" / "call.wav")) as file:
        assert file.getnchannels() == 2
        assert abs(file.getnframes() / 8000 - report["duration_s"]) < 0.01
    assert (tmp_path / "out" / "trace.jsonl").stat().st_size > 1000


def test_a_recording_without_speech_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = tmp_path / "quiet.wav"
    with wave.open(str(quiet), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    sheet = tmp_path / "quiet.toml"
    sheet.write_text(
        'audio = "quiet.wav"\ntitle = "Nobody"\npatience_s = 0.5\n[[say]]\nstart_s = 0\nend_s = 1\nat_s = 0\n'
    )
    assert demo(BRIEF, sheet, tmp_path / "out") == 1
    assert "heard nobody speak" in capsys.readouterr().out
    report = orjson.loads((tmp_path / "out" / "report.json").read_bytes())
    assert report["duration_s"] < 30


NOBODY = """
title = "Nobody"
patience_s = 0.5
say = []

[expect]
ends = "caller"
heard = ["how can i help you?", "goodbye"]

[[expect.facts]]
look_up = "SELECT name FROM customers WHERE number = '4521'"
rows = [{ name = "Ramesh" }]
"""


def test_a_call_that_does_not_come_as_expected_says_what_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "nobody.toml"
    sheet.write_text(NOBODY, encoding="utf-8")
    assert demo(BRIEF, sheet, tmp_path / "out") == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "expect.heard.1: 'goodbye' was not heard after 'how can i help you?'" in printed
    assert printed.count("expect.") == 1
    sheet.write_text(NOBODY.replace("customers", "nobodies"), encoding="utf-8")
    with pytest.raises(ExceptionGroup) as caught:
        demo(BRIEF, sheet, tmp_path / "out")
    assert tell(caught.value, debug=False) == WRONG_INPUT
    assert "expect.facts.0.look_up: no such table: nobodies" in capsys.readouterr().err


async def test_the_recogniser_hears_the_embedded_call_right() -> None:
    assert await misheard(EMBEDDED_CALL) == []


def test_the_embedded_call_says_what_it_is() -> None:
    script = load_script(EMBEDDED_CALL)
    assert "synthesised" in EMBEDDED_CALL.name
    assert script.note.startswith("The caller is synthesised")
    assert len(script.cues) >= 6
    assert any(cue.barge_in_s is not None for cue in script.cues)
    assert set(script.background) != set(SILENCE)
