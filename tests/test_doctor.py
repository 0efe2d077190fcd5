"""Each check of `kva doctor` on machines and settings we do not have."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import HttpUrl, SecretStr
from rich.console import Console

from app.config import Settings, SttSettings, TranslationSettings, TwilioSettings, VadSettings
from app.doctor import engines, machine, online, wire
from app.doctor.examine import table
from app.doctor.finding import Finding, failed, passed, warned

ACCOUNT_SID = "AC" + "a" * 32
TOKEN = "b" * 32
NUMBER = "+918012345678"
CONFIGURED = TwilioSettings(account_sid=ACCOUNT_SID, auth_token=SecretStr(TOKEN), phone_number=NUMBER)


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10), "fail"), ((3, 11), "pass"), ((3, 13), "pass"), ((3, 14), "fail")]
)
def test_python(version: tuple[int, int], level: str) -> None:
    assert machine.python(version).level == level


@pytest.mark.parametrize(
    ("cpuinfo", "level", "told"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_vnni\n", "pass", "VNNI"),
        ("flags\t\t: fpu avx2 avx_vnni\n", "pass", "VNNI"),
        ("flags\t\t: fpu sse4_2 avx avx2\n", "pass", "AVX2, without VNNI"),
        ("flags\t\t: fpu sse4_2 avx\n", "warn", "slowly"),
        ("Features\t: fp asimd asimddp\n", "pass", "ARM dot product"),
        ("Features\t: fp asimd\n", "warn", "slowly"),
        ("", "warn", "could not be read"),
    ],
)
def test_processor(cpuinfo: str, level: str, told: str) -> None:
    finding = machine.processor(cpuinfo)
    assert (finding.level, told in finding.detail) == (level, True), finding


@pytest.mark.parametrize(
    ("processors", "cpu_max", "usable"),
    [(8, "", 8), (8, "max 100000\n", 8), (8, "200000 100000\n", 2), (8, "50000 100000", 1), (2, "800000 100000", 2)],
)
def test_a_container_has_the_cores_of_its_quota(processors: int, cpu_max: str, usable: int) -> None:
    assert machine.usable_cores(processors, cpu_max) == usable


def test_one_core_is_a_warning() -> None:
    assert [machine.cores(count).level for count in (1, 2)] == ["warn", "pass"]


def test_memory_counts_the_models() -> None:
    two_gib = "MemTotal: 9 kB\nMemAvailable:    2097152 kB\n"
    assert machine.memory(two_gib, 0).level == "pass"
    assert machine.memory(two_gib, machine.GIB).level == "pass"
    assert machine.memory(two_gib, machine.GIB + 1024).level == "warn"
    assert machine.memory("", 0).level == "warn"


def test_every_call_needs_open_files() -> None:
    assert machine.open_files(1024, 100).level == "pass"
    finding = machine.open_files(256, 100)
    assert finding.level == "warn"
    assert "ulimit -n 528" in finding.fix


@pytest.mark.parametrize(
    ("twilio", "level", "told"),
    [
        (TwilioSettings(), "warn", "loopback only"),
        (TwilioSettings(account_sid=ACCOUNT_SID, auth_token=SecretStr("short")), "warn", "does not look like one"),
        (TwilioSettings(account_sid=ACCOUNT_SID, auth_token=SecretStr(TOKEN)), "pass", "twilio.phone_number"),
        (CONFIGURED, "pass", "credentials and phone number"),
    ],
)
def test_twilio_settings(twilio: TwilioSettings, level: str, told: str) -> None:
    finding = wire.twilio(twilio)
    assert (finding.level, told in finding.detail) == (level, True), finding
    assert TOKEN not in f"{finding}"


@pytest.mark.parametrize(
    ("url", "level"),
    [
        (None, "fail"),
        ("https://voice.example.in", "pass"),
        ("https://voice.example.in:443/", "pass"),
        ("https://8.8.8.8", "pass"),
        ("https://voice.example.in:8443", "fail"),
        ("https://voice.example.in/kva", "warn"),
        ("https://localhost", "fail"),
        ("https://127.0.0.1", "fail"),
        ("https://[::1]", "fail"),
        ("https://192.168.1.5", "fail"),
        ("https://agent", "fail"),
        ("https://agent.local", "fail"),
    ],
)
def test_public_url(url: str | None, level: str) -> None:
    parsed = HttpUrl(url) if url else None
    assert wire.public_url(parsed, needed=True).level == level
    assert wire.public_url(parsed, needed=False).level == level.replace("fail", "warn")


def test_port_is_tried() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finding = wire.port("127.0.0.1", taken.getsockname()[1])
        assert finding.level == "fail"
        assert "stop what listens there" in finding.fix
    assert wire.port("127.0.0.1", 0).level == "pass"
    assert "server.host" in wire.port("203.0.113.1", 8080).fix


def test_trace_folder(tmp_path: Path) -> None:
    assert wire.trace_folder(None).level == "pass"
    assert wire.trace_folder(tmp_path / "new" / "calls").level == "pass"
    assert not (tmp_path / "new").exists(), "a check changes nothing"
    (tmp_path / "file").write_text("")
    assert wire.trace_folder(tmp_path / "file" / "calls").level == "fail"


def test_engines_that_need_no_package_load() -> None:
    assert engines.engine("vad", Settings()).level == "pass"


def test_an_unknown_engine_is_told_with_the_known_ones() -> None:
    finding = engines.engine("vad", Settings(vad=VadSettings(engine="webrct")))
    assert finding.level == "fail"
    assert "vad.engine" in finding.detail
    assert "webrtc, silero" in finding.fix


def test_a_model_folder_that_is_not_there(tmp_path: Path) -> None:
    finding = engines.engine("stt", Settings(stt=SttSettings(model=tmp_path / "none")))
    assert finding.level == "fail"
    assert "no such folder" in finding.detail
    assert "stt.model must name a CTranslate2 Whisper model" in finding.fix


def test_a_model_folder_with_a_file_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    finding = engines.engine("stt", Settings(stt=SttSettings(model=tmp_path)))
    assert "model.bin, tokenizer.json is missing" in finding.detail


def test_the_embedded_models_are_a_warning_and_whole() -> None:
    finding = engines.models(Settings())
    assert (finding.level, "no human voice" in finding.detail) == ("warn", True), finding


def test_models_count_towards_memory(tmp_path: Path) -> None:
    (tmp_path / "vocab").mkdir()
    for name in ("model.bin", "vocab/model.SRC"):
        (tmp_path / name).write_bytes(bytes(2500))
    translation = TranslationSettings(engine="none")
    here = Settings(stt=SttSettings(model=tmp_path), translation=translation)
    assert engines.model_bytes(here) == 5000
    assert engines.model_bytes(Settings(stt=SttSettings(model=tmp_path, device="cuda"), translation=translation)) == 0
    missing = Settings(stt=SttSettings(model=tmp_path / "none"), translation=translation)
    assert engines.model_bytes(missing) == missing.models.budget.stt.memory_mb * 1e6


def test_engines_whose_model_is_missing_are_not_tried(tmp_path: Path) -> None:
    settings = Settings(stt=SttSettings(model=tmp_path / "none"))
    checks = [finding.check for finding in engines.engine_findings(settings, run=False)]
    assert "Speech to text" not in checks
    assert "Kannada to English" in checks


def test_engines_can_be_run_too() -> None:
    assert "runs after" in engines.engine("to_english", Settings(), run=True).detail


class Twilio(BaseHTTPRequestHandler):
    """The two REST resources that are asked for, and a health page, on loopback."""

    status = "active"
    voice_url = "https://voice.example.in/twilio/voice"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        login = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{TOKEN}".encode()).decode()
        numbers = [{"voice_url": self.voice_url}] if parse_qs(url.query).get("PhoneNumber") == [NUMBER] else []
        pages = {
            "/healthz": {"alive": True},
            f"/2010-04-01/Accounts/{ACCOUNT_SID}.json": {"status": self.status},
            f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json": {"incoming_phone_numbers": numbers},
        }
        if url.path != "/healthz" and self.headers["Authorization"] != login:
            self._answer(401, {"code": 20003})
        else:
            self._answer(200 if url.path in pages else 404, pages.get(url.path, {}))

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def server(**answers: str) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), type("Answers", (Twilio,), answers)) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def test_online_all_is_well() -> None:
    with server() as url:
        findings = [
            online.account(CONFIGURED, url),
            online.webhook(CONFIGURED, "https://voice.example.in/", url),
            online.reachable(url),
        ]
    assert [finding.level for finding in findings] == ["pass", "pass", "pass"], findings


def test_online_wrong_credentials_and_suspended_accounts() -> None:
    wrong = TwilioSettings(account_sid=ACCOUNT_SID, auth_token=SecretStr("c" * 32), phone_number=NUMBER)
    with server(status="suspended") as url:
        refused, suspended = online.account(wrong, url), online.account(CONFIGURED, url)
    assert (refused.level, refused.detail) == ("fail", "no answer: HTTP 401")
    assert (suspended.level, suspended.detail) == ("fail", "it is suspended")


def test_online_a_number_that_calls_elsewhere() -> None:
    other = TwilioSettings(account_sid=ACCOUNT_SID, auth_token=SecretStr(TOKEN), phone_number="+918000000000")
    with server(voice_url="https://demo.twilio.com/") as url:
        elsewhere = online.webhook(CONFIGURED, "https://voice.example.in", url)
        unknown = online.webhook(other, "https://voice.example.in", url)
    assert (elsewhere.level, unknown.level) == ("fail", "fail")
    assert "https://voice.example.in/twilio/voice" in elsewhere.fix


def test_online_nobody_answers() -> None:
    with server() as url:
        pass
    assert online.account(CONFIGURED, url).detail == "no answer: ConnectionError"
    assert online.reachable(url).level == "fail"


def test_online_asks_only_for_what_is_configured() -> None:
    assert online.online_findings(Settings()) == []


def test_the_table_shows_every_finding_and_counts() -> None:
    findings: list[Finding] = [passed("A", "fine"), warned("B", "[odd]", "mend b"), failed("C", "bad", "mend c")]
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table(findings))
    shown = capture.get()
    for text in ("pass  A  fine", "warn  B  [odd]", "→ mend b", "fail  C  bad", "1 pass, 1 warn, 1 fail"):
        assert text in shown
