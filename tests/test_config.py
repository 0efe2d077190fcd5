"""Settings: where values come from, and what a wrong one is told."""

import os
import re
from pathlib import Path

import pytest

from app.config import ConfigError, Settings, load_settings
from app.server import _LINGER_MOST_S, _LINGER_S
from app.switchboard import _FAREWELL_S

ACCOUNT_SID = "AC" + "0" * 32
SECRET = "hunter2-hunter2"
DEPLOY = Path(__file__).parent.parent / "deploy"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No kva.toml in this folder and no KVA_ variable of the developer's shell."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("KVA_")]:
        monkeypatch.delenv(name)


def load(text: str, tmp_path: Path) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_defaults_need_no_file() -> None:
    settings = load_settings()
    assert settings.server.host == "127.0.0.1"
    assert not settings.twilio.configured
    assert settings.call.policy.turn.end_s == 0.6


def test_kva_toml_of_this_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "kva.toml").write_text("[server]\nport = 9000\n", encoding="utf-8")
    assert load_settings().server.port == 9000


def test_an_editor_may_mark_the_beginning_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "kva.toml").write_text("[server]\nport = 9000\n", encoding="utf-8-sig")
    assert load_settings().server.port == 9000


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVA_SERVER__PORT", "9001")
    monkeypatch.setenv("KVA_CALL__TURN__END_S", "0.8")
    settings = load("[server]\nport = 9000\nmax_calls = 7\n[call.turn]\nend_s = 0.9\nsoft_end_s = 0.3\n", tmp_path)
    assert (settings.server.port, settings.server.max_calls) == (9001, 7)
    assert (settings.call.turn.end_s, settings.call.turn.soft_end_s) == (0.8, 0.3)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVA_SERVER__PUBLIC_URL", "")
    assert load_settings().server.public_url is None


def test_credentials_are_configured_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVA_TWILIO__ACCOUNT_SID", ACCOUNT_SID)
    monkeypatch.setenv("KVA_TWILIO__AUTH_TOKEN", SECRET)
    assert load_settings().twilio.configured


def test_paths_know_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/asha")
    assert load('[stt]\nmodel = "~/whisper-kn"\n', tmp_path).stt.model == Path("/home/asha/whisper-kn")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nport = 70000", "server.port: Input should be less than or equal to 65535"),
        ("[server]\nport = 70000", "(set it in kva.toml or as KVA_SERVER__PORT)"),
        ("[server]\nprot = 1", "server.prot: there is no such setting"),
        ("[sevrer]\nport = 1", "sevrer: there is no such setting"),
        ('[server]\npublic_url = "http://voice.example.in"', "server.public_url: must begin with https://"),
        ('[server]\npublic_url = "https://voice.example.in/?a=1"', "must have no query or fragment"),
        ('[server]\npublic_url = "https://voice.example.in/#x"', "must have no query or fragment"),
        ('[server]\npublic_url = "https://me:secret@voice.example.in"', "must not contain a user name or password"),
        ('[server]\npublic_url = "voice.example.in"', "server.public_url: Input should be a valid URL"),
        ('[twilio]\naccount_sid = "SK123"', "twilio.account_sid: String should match pattern"),
        (f'[twilio]\naccount_sid = "{ACCOUNT_SID}"', "twilio.auth_token: is missing"),
        ('[twilio]\nauth_token = "x"', "twilio.auth_token: is set, but twilio.account_sid is missing"),
        ('[twilio]\nphone_number = "080 1234"', "twilio.phone_number: String should match pattern"),
        ("[call.turn]\nend = 1", "call.turn: there is no 'end' in it; known are start_voice_s"),
        ("[call.turn]\nend_s = -1", "end_s must be a number from 0 up"),
        ("[call.turn]\nend_s = nan", "end_s must be a number from 0 up"),
        ("[call.patience]\nlongest_call_s = inf", "longest_call_s must be a number from 0 up"),
        ("[server]\ndrain_s = inf", "drain_s"),
        ("[call.turn]\nsoft_end_s = 2.0", "call.turn: soft_end_s must not be longer than end_s"),
        ("[call.turn]\nend_s = 3.0", "call.turn: end_s must lie between soonest_end_s and latest_end_s, or words be"),
        ('[call.patience]\nno_input_s = "long"', "call.patience.no_input_s: Input should be a valid number"),
        ('[stt]\ncompute_type = "int7"', "stt.compute_type: Input should be 'int8', "),
        ('[translation]\ncompute_type = "fp16"', "translation.compute_type: Input should be 'int8', "),
        ("[server", "not valid TOML"),
    ],
)
def test_a_wrong_value_names_the_key_and_the_fix(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(text, tmp_path)
    assert message in str(error.value)


def test_every_problem_gets_a_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load("[server]\nport = -1\n[tts]\nwords_per_minute = 5\n[vad]\nthreshold = 7", tmp_path)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == [
        "server.port",
        "tts.words_per_minute",
        "vad.threshold",
    ]


def test_a_misspelt_variable_is_not_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVA_TWILLIO__AUTH_TOKEN", SECRET)
    with pytest.raises(ConfigError, match="KVA_TWILLIO__AUTH_TOKEN: there is no such setting"):
        load_settings()


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KVA_TWILIO__ACCOUNT_SID", SECRET),
        ("KVA_TWILIO__AUTH_TOKEN", SECRET),
        ("KVA_TWILIO", f'{{"auth_token": "{SECRET}"}}'),
        ("KVA_TWILIO", f'{{"auth_token": "{SECRET}'),
        ("KVA_AGENT__API_KEY__X", SECRET),
        ("KVA_MODELS__ENDPOINT", f"http://hub.example.in/?token={SECRET}"),
        ("KVA_SERVER__PUBLIC_URL", f"https://me:{SECRET}@voice.example.in"),
        ("KVA_SERVER__PUBLIC_URL", f"https://voice.example.in/?token={SECRET}"),
    ],
)
def test_no_error_shows_a_secret(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as error:
        load_settings()
    assert SECRET not in str(error.value)
    assert error.value.__suppress_context__, "the cause would print the value in a traceback"


def test_no_representation_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVA_TWILIO__ACCOUNT_SID", ACCOUNT_SID)
    monkeypatch.setenv("KVA_TWILIO__AUTH_TOKEN", SECRET)
    monkeypatch.setenv("KVA_AGENT__API_KEY", SECRET)
    monkeypatch.setenv("KVA_MODELS__TOKEN", SECRET)
    settings = load_settings()
    assert settings.agent.api_key.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


def test_the_examples_of_deploy_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in re.findall(r"^(KVA_\w+)=(.*)$", (DEPLOY / ".env.example").read_text("utf-8"), re.MULTILINE):
        monkeypatch.setenv(variable, value)
    assert load_settings(DEPLOY / "kva.example.toml").stt.model == Path("whisper-small-vaani")


def test_commented_examples_are_what_is_left_out(tmp_path: Path) -> None:
    """The lines that show defaults show those of the example's profile."""
    text = (DEPLOY / "kva.example.toml").read_text("utf-8")
    settings = load(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE), tmp_path)
    left_out = load_settings(profile=settings.profile)
    same = {"models", "stt", "translation", "tts", "vad", "call"}
    exclude = {"call": {"transfer_to"}, "translation": {"lexicon"}}
    assert settings.model_dump(include=same, exclude=exclude) == left_out.model_dump(include=same, exclude=exclude)


def test_containers_are_given_time_to_drain() -> None:
    grace = re.search(r"stop_grace_period: (\d+)s", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert grace is not None
    assert int(grace[1]) >= load_settings().server.drain_s + _FAREWELL_S + _LINGER_S + _LINGER_MOST_S


def test_a_profile_lies_beneath_the_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'profile = "gpu-single"\n[tts]\nslots = 4\n[models.budget.tts]\nmemory_mb = 9\nfirst_result_ms = 9\n'
    monkeypatch.setenv("KVA_STT__BEAM", "3")
    settings = load(text, tmp_path)
    assert (settings.profile, settings.tts.engine, settings.tts.dtype) == ("gpu-single", "parler", "bfloat16")
    assert (settings.tts.slots, settings.stt.beam, settings.stt.device) == (4, 3, "cuda")
    assert (settings.models.budget.tts.memory_mb, settings.models.budget.stt.memory_mb) == (9, 3000)


def test_which_profile_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('profile = "gpu-single"', encoding="utf-8")
    monkeypatch.setenv("KVA_PROFILE", "cpu-small")
    assert load_settings(file).stt.device == "cpu"
    assert load_settings(file, profile="gpu-single").stt.device == "cuda"
    monkeypatch.delenv("KVA_PROFILE")
    assert load_settings(file).profile == "gpu-single"
    assert load_settings().profile == ""


@pytest.mark.parametrize("text", ['profile = "gpu-double"', "profile = 5", 'profile = "../settings"'])
def test_an_unknown_profile(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such profile; known are cpu-small, gpu-single"):
        load(text, tmp_path)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().server.__setattr__("port", 1)
