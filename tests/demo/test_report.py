import io
import re
import wave
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import numpy as np
import orjson
import pytest
from rich.console import Console

from app.demo.audio import peaks, write_call
from app.demo.page import page
from app.demo.report import CallReport, report_json, steps
from app.demo.screen import show
from app.replay.interruptions import FalseInterruption
from app.replay.summary import in_a_line, percentile, summarise
from app.replay.waterfall import TurnRow

EVIL = '<script>alert("1")</script>&'


def turn(number: int, at: float, **changes: object) -> TurnRow:
    values: dict[str, object] = {
        "number": number,
        "caller_kannada": "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು",
        "caller_english": "how much is my bill",
        "agent_kannada": "ನಿಮ್ಮ ಬಿಲ್ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ.",
        "agent_english": "your bill is 845 rupees.",
        "start_of_speech_s": at - 1.5,
        "end_of_speech_s": at,
        "soft_end_s": at + 0.2,
        "stt_final_s": at + 0.241,
        "translated_s": at + 0.249,
        "first_agent_token_s": at + 0.252,
        "first_clause_s": at + 0.263,
        "first_tts_byte_s": at + 0.27,
        "confirmed_end_s": at + 0.6,
        "first_on_wire_s": at + 0.604,
        "first_mark_heard_s": at + 2.6,
        "end_of_reply_s": at + 3.2,
    }
    return TurnRow(**(values | changes))  # type: ignore[arg-type]


def eventful() -> tuple[TurnRow, ...]:
    """A greeting that a noise stopped, a filler and dropped work, a noise, keys, and a turn that was asked about."""
    return (
        TurnRow(0, agent_english="hello", false_interruptions=(FalseInterruption(0.6, 0.4, ""),)),
        turn(1, 3.0, filler_on_wire_s=3.9, fillers=1, first_on_wire_s=5.1, saved_s=0.41, revisions=3, wasted_s=0.55,
             wasted_questions=2, false_interruptions=(FalseInterruption(6.0, 0.5, "ಹೂಂ<"),)),
        TurnRow(2, start_of_speech_s=6.0, end_of_speech_s=6.2, ignored=True),
        TurnRow(3, caller_kannada="4521", first_on_wire_s=9.0),
        turn(4, 10.0, first_on_wire_s=None, prompt_on_wire_s=10.75),
    )  # fmt: skip


def sample_report(seconds: float = 12.0, **changes: object) -> CallReport:
    time = np.arange(round(seconds * 8000)) / 8000
    loud = (np.sin(time * 3) > 0.2) * 40
    caller = (127 - loud * np.abs(np.sin(time * 900))).astype(np.uint8).tobytes()
    values: dict[str, object] = {
        "title": "A call to the electricity desk",
        "note": "The caller is synthesised.",
        "started_at": "2026-11-23 10:15",
        "turns": (
            TurnRow(0, agent_kannada="ನಮಸ್ಕಾರ", agent_english="hello", first_on_wire_s=0.05),
            turn(1, 3.0),
            turn(2, 8.0, unheard_kannada="ಬೇರೆ ಏನಾದರೂ ಬೇಕೇ?", unheard_english="do you need anything else?",
                 barge_in_speech_s=9.6, clear_s=9.81, end_of_reply_s=9.81),
        ),
        "caller": caller,
        "agent": caller[::-1],
        "waits_s": (0.61, 0.62),
        "ended": "the agent hung up",
    }  # fmt: skip
    return CallReport(**(values | changes))  # type: ignore[arg-type]


class Reader(HTMLParser):
    """Checks that tags nest, and collects what the page would fetch and what it shows."""

    VOID: ClassVar = {"meta", "line", "rect", "path", "br", "img", "link", "input"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href", "action", "data", "poster"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_is_whole_and_fetches_nothing() -> None:
    html = page(sample_report())
    reader = read(html)
    assert [source[:22] for source in reader.sources] == ["data:audio/wav;base64,"]
    assert not re.search(r"https?://|//[a-z]|@import|url\(", re.sub(r"base64,[^\"]*", "", html))
    assert {"svg", "audio", "del", "table"} <= reader.seen
    assert "ನಿಮ್ಮ ಬಿಲ್ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ." in reader.text
    assert "604 ms" in reader.text
    assert "interrupted, silent after 210 ms" in reader.text


def test_every_text_is_escaped() -> None:
    words = {f"{who}_{language}": EVIL for who in ("caller", "agent", "unheard") for language in ("kannada", "english")}
    report = sample_report(turns=(turn(1, 3.0, **words),), title=EVIL, note=EVIL, started_at=EVIL, ended=EVIL)
    html = page(report)
    assert EVIL not in html
    assert html.count("<script>") == 1
    assert read(html).text.count(EVIL) == 6 + 5


def test_a_call_in_which_nothing_happened_still_has_a_page() -> None:
    report = sample_report(seconds=0.5, turns=(), waits_s=())
    assert "No turn was answered." in read(page(report)).text
    unanswered = TurnRow(1, end_of_speech_s=0.3)
    assert "not answered" in read(page(sample_report(seconds=0.5, turns=(unanswered,)))).text


def test_a_long_call_does_not_carry_its_audio() -> None:
    reader = read(page(sample_report(seconds=301, turns=())))
    assert reader.sources == ["call.wav"]


def test_the_numbers() -> None:
    summary = summarise(sample_report().turns)
    assert (summary.turns, summary.answered) == (2, 2)
    assert summary.first_audio_p50_ms == 604
    assert summary.end_of_reply_p50_ms == 3200, "the reply that was cut does not count"
    assert summary.barge_in_p50_ms == 210
    assert [name for name, _ in steps(turn(1, 3.0, stt_final_s=3.7))][-1] == "stt_final_s"
    assert percentile([None], 50) is None


def test_what_the_agent_did_by_itself_is_told_apart_from_its_answers() -> None:
    text = read(page(sample_report(turns=eventful()))).text
    assert '"one moment" after 900 ms' in text
    assert "answered after 2100 ms" in text
    assert "410 ms saved" in text
    assert "550 ms of work thrown away, 2 questions to the agent with it" in text
    assert '"ಹೂಂ<": went on after 0.5 s' in text
    assert "a noise: went on after 0.4 s" in text
    assert "not answered, a prompt after 750 ms" in text
    assert "Turn 2" not in text
    assert "Turn 3answered" in text, "keys have no last word, and are answered all the same"
    assert "work thrown away" not in read(page(sample_report())).text
    assert '"one moment" sent' not in read(page(sample_report())).text


def test_the_terminal_shows_the_same() -> None:
    screen = Console(file=io.StringIO(), width=80)
    cut = turn(5, 12.0, barge_in_speech_s=13.0, clear_s=13.2)
    show(screen, sample_report(turns=(*eventful(), cut)))
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert '"ಹೂಂ<": went on after 0.5 s' in text
    assert re.search(r"filler +wire +heard +saved +wasted +after *$", text, re.MULTILINE)
    assert re.search(r"^ *1 .* 900 +2100 +3200 +410 +550 *$", text, re.MULTILINE)
    assert re.search(r"^ *5 .* 604 +3200 +200 *$", text, re.MULTILINE)
    assert not re.search(r"^ *2 ", text, re.MULTILINE)
    assert "saved 0.4 s, wasted 0.6 s" in " ".join(text.split())


def test_a_call_in_a_line() -> None:
    assert in_a_line(summarise(eventful())) == (
        "voice to voice 2100 ms (p50) · 1 filler · interruptions: 0 real, 2 false · "
        "speculation saved 0.4 s, wasted 0.6 s"
    )
    summary = summarise(eventful())
    assert (summary.turns, summary.answered, summary.ignored) == (3, 2, 1)
    assert summarise(sample_report().turns).interruptions == 1


def test_the_json_has_everything_but_the_audio() -> None:
    values = orjson.loads(report_json(sample_report()))
    assert values["duration_s"] == 12
    assert values["summary"]["answered"] == 2
    assert values["turns"][2]["unheard_english"] == "do you need anything else?"
    assert not {"caller", "agent"} & set(values)


def test_the_recording_has_the_caller_left_and_the_agent_right(tmp_path: Path) -> None:
    write_call(tmp_path / "call.wav", b"\x00" * 100, b"\xff" * 100)
    with wave.open(io.BytesIO((tmp_path / "call.wav").read_bytes())) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        frames = np.frombuffer(file.readframes(200), "<i2").reshape(-1, 2)
    assert frames.shape == (100, 2)
    assert set(frames[:, 0]) == {-32124}
    assert set(frames[:, 1]) == {0}


def test_peaks_of_a_short_track() -> None:
    assert peaks(b"\x00", 4) == pytest.approx([0, 0, 0, 0.98], abs=0.01)
