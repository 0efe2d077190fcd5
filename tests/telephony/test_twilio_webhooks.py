"""TwiML, signatures and stream tokens: what guards the way from the webhook to the media stream."""

import base64
import hashlib
import hmac
import xml.etree.ElementTree as ET
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st
from starlette.datastructures import FormData, UploadFile
from twilio.request_validator import RequestValidator

from telephony.errors import REFUSED, WireError, masked
from telephony.events import Words
from telephony.twilio import token as tokens_module, twiml, whispers as whispers_module
from telephony.twilio.signature import Signatures, same_account
from telephony.twilio.token import Tokens
from telephony.twilio.whispers import Whispers

AUTH = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://voice.example.in"
FORM = {"CallSid": "CA1", "From": "+919800000000", "To": "+918040000000", "CallerName": "ಕಾವ್ಯ"}


def signed(url: str, form: dict[str, str] | None = None) -> str:
    """By hand, as https://www.twilio.com/docs/usage/security describes it."""
    text = url + "".join(key + value for key, value in sorted((form or {}).items()))
    return base64.b64encode(hmac.digest(AUTH.encode(), text.encode(), hashlib.sha1)).decode()


# TwiML.


def test_a_call_is_connected_to_its_stream_and_then_hung_up() -> None:
    document = ET.fromstring(  # noqa: S314 - our own document
        twiml.connect(
            "wss://voice.example.in/twilio/media",
            action_url="https://voice.example.in/twilio/ended",
            parameters={"token": "1.a.b", "caller": "+919800000000"},
            stream_status_url="https://voice.example.in/twilio/status",
        )
    )
    assert [verb.tag for verb in document] == ["Connect", "Hangup"]
    assert document[0].attrib == {"action": "https://voice.example.in/twilio/ended", "method": "POST"}
    (stream,) = document[0]
    assert stream.attrib["url"] == "wss://voice.example.in/twilio/media"
    assert stream.attrib["statusCallback"] == "https://voice.example.in/twilio/status"
    assert {one.attrib["name"]: one.attrib["value"] for one in stream} == {"token": "1.a.b", "caller": "+919800000000"}


@pytest.mark.parametrize("url", ["https://a/media", "wss://a/media?token=1", "wss://a/media#x", "/media"])
def test_a_stream_url_that_twilio_would_refuse_or_cut(url: str) -> None:
    with pytest.raises(ValueError, match="without a query string"):
        twiml.connect(url, action_url="https://a/ended", parameters={})


def test_a_stream_parameter_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="'note' is longer"):
        twiml.connect("wss://a/media", action_url="https://a/ended", parameters={"note": "x" * 497})


HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
DIALLED = "https://voice.example.in/twilio/dialled"


def test_the_golden_transfer() -> None:
    """The caller hears it ring while the person hears the whisper."""
    assert twiml.dial("+918040000000", action_url=DIALLED, whisper_url=f"{PUBLIC}/twilio/whisper/t") == (
        f'{HEAD}<Response><Dial action="{DIALLED}" answerOnBridge="true" method="POST" timeout="25">'
        f'<Number method="POST" url="{PUBLIC}/twilio/whisper/t">+918040000000</Number></Dial></Response>'
    )


@pytest.mark.parametrize(
    ("target", "noun"), [("+918040000000", "Number"), ("sip:desk@pbx.example.in", "Sip"), ("sips:desk@pbx", "Sip")]
)
def test_a_transfer_dials_numbers_and_sip_addresses(target: str, noun: str) -> None:
    document = ET.fromstring(twiml.dial(target, action_url=DIALLED, caller_id="+918049999999"))  # noqa: S314
    ((dial,), (called,)) = (document, document[0])
    assert dial.attrib["callerId"] == "+918049999999"
    assert (called.tag, called.text, called.attrib) == (noun, target, {})
    whispered = ET.fromstring(twiml.dial(target, action_url=DIALLED, whisper_url="https://a/w"))  # noqa: S314
    assert whispered[0][0].attrib == {"url": "https://a/w", "method": "POST"}


def test_a_target_cannot_break_out_of_the_document() -> None:
    document = ET.fromstring(twiml.dial("</Number><Play>x</Play>", action_url=DIALLED))  # noqa: S314
    assert [verb.tag for verb in document.iter()] == ["Response", "Dial", "Number"]


def test_a_whisper_is_read_in_a_voice_of_each_language() -> None:
    words = (Words("en-IN", "wants <the> bill"), Words("kn-IN", "ಬಿಲ್ ಬೇಕು"), Words("hi-IN", "बिल"))
    assert twiml.say(words) == (
        f'{HEAD}<Response><Say language="en-IN" voice="Google.en-IN-Standard-A">wants &lt;the&gt; bill</Say>'
        '<Say language="kn-IN" voice="Google.kn-IN-Standard-C">ಬಿಲ್ ಬೇಕು</Say><Say language="hi-IN">बिल</Say></Response>'
    )


def test_without_a_whisper_the_two_are_connected_at_once() -> None:
    assert twiml.say(()) == HEAD + "<Response />"


def test_a_long_whisper_is_cut_to_what_twilio_reads() -> None:
    (said,) = ET.fromstring(twiml.say([Words("kn-IN", "ಕ" * 1000)]))  # noqa: S314
    assert said.text == "ಕ" * 500
    assert len(quote(said.text)) == 4500


def test_the_golden_message() -> None:
    recorded, invitation = f"{PUBLIC}/twilio/recorded", f"{PUBLIC}/twilio/prompt/message.wav"
    record = (
        f'<Record action="{recorded}" finishOnKey="#" maxLength="120" method="POST" playBeep="true" timeout="5" />'
        "<Hangup /></Response>"
    )
    assert twiml.take_message(invitation, action_url=recorded, longest_s=120) == (
        f"{HEAD}<Response><Play>{invitation}</Play>{record}"
    )
    assert twiml.take_message(None, action_url=recorded, longest_s=120) == f"{HEAD}<Response>{record}"
    assert 'maxLength="2"' in twiml.take_message(None, action_url=recorded, longest_s=1)


def test_hanging_up_and_being_busy() -> None:
    assert twiml.hang_up() == HEAD + "<Response><Hangup /></Response>"
    assert twiml.hang_up("https://a/b.wav") == HEAD + "<Response><Play>https://a/b.wav</Play><Hangup /></Response>"
    assert twiml.busy() == HEAD + '<Response><Reject reason="busy" /></Response>'


# Whispers.

WORDS = (Words("en-IN", "wants the bill"),)


def test_a_whisper_is_given_once_and_in_time() -> None:
    whispers = Whispers(ttl_s=60)
    first, second, late = (whispers.keep(WORDS, at) for at in (0.0, 1.0, 2.0))
    assert len({first, second, late}) == 3
    assert min(len(token) for token in (first, second)) >= 32
    assert whispers.take(second, 60.5) == WORDS
    assert whispers.take(second, 60.5) == ()
    assert whispers.take(first, 60.5) == ()
    assert whispers.take("another", 60.5) == ()
    assert whispers.take(late, 62.5) == ()
    assert len(whispers) == 0


def test_only_so_many_whispers_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whispers_module, "MOST", 3)
    whispers = Whispers()
    tokens = [whispers.keep(WORDS, at) for at in range(4)]
    assert len(whispers) == 3
    assert [bool(whispers.take(token, 4)) for token in tokens] == [False, True, True, True]


# Signatures.


def test_golden_signatures() -> None:
    """Computed once with twilio's RequestValidator and by hand."""
    url = f"{PUBLIC}/twilio/voice?tenant=a"
    assert signed(url, FORM) == RequestValidator(AUTH).compute_signature(url, FORM)  # type: ignore[no-untyped-call]
    golden = "LYs/WsPcZy3qiQqXHJ7NIhCGvbo="
    assert signed(url, FORM) == golden
    assert Signatures(AUTH, PUBLIC).request_ok("/twilio/voice?tenant=a", FORM, golden)
    assert Signatures(AUTH, PUBLIC).upgrade_ok("/twilio/media", "HFaBxWgm7rHrRWesDgH9pxuGTSY=")


@pytest.mark.parametrize(
    ("url", "ok"),
    [
        ("https://voice.example.in/twilio/voice", True),
        ("https://voice.example.in:443/twilio/voice", True),
        ("https://voice.example.in/twilio/voice/", False),
        ("http://voice.example.in/twilio/voice", False),
        ("https://voice.example.in/twilio/voice?x=1", False),
        ("https://VOICE.example.in/twilio/voice", False),
        ("https://other.example.in/twilio/voice", False),
    ],
)
def test_which_signed_urls_are_ours(url: str, ok: bool) -> None:
    assert Signatures(AUTH, PUBLIC).request_ok("/twilio/voice", FORM, signed(url, FORM)) is ok


@pytest.mark.parametrize(
    ("url", "ok"),
    [
        ("wss://voice.example.in/twilio/media", True),
        ("wss://voice.example.in:443/twilio/media", True),
        ("wss://voice.example.in/twilio/media/", False),
        ("https://voice.example.in/twilio/media", False),
        ("ws://voice.example.in/twilio/media", False),
        ("wss://voice.example.in:8443/twilio/media", False),
    ],
)
def test_which_signed_upgrades_are_ours(url: str, ok: bool) -> None:
    assert Signatures(AUTH, PUBLIC).upgrade_ok("/twilio/media", signed(url)) is ok


def test_a_public_url_with_a_path_and_a_port() -> None:
    signatures = Signatures(AUTH, "https://example.in:8443/kva/")
    assert signatures.url("/twilio/voice?a=b") == "https://example.in:8443/kva/twilio/voice?a=b"
    assert signatures.upgrade_ok("/twilio/media", signed("wss://example.in:8443/kva/twilio/media"))
    assert Signatures(AUTH, "https://example.in/kva").upgrade_ok(
        "/twilio/media", signed("wss://example.in:443/kva/twilio/media")
    )


def test_what_is_not_signed_right() -> None:
    signatures, url = Signatures(AUTH, PUBLIC), f"{PUBLIC}/twilio/voice"
    right = signed(url, FORM)
    assert not signatures.request_ok("/twilio/voice", FORM, None)
    assert not signatures.request_ok("/twilio/voice", FORM, "")
    assert not signatures.request_ok("/twilio/voice", FORM, right[:-1] + "ಕ")
    assert not signatures.request_ok("/twilio/voice", {**FORM, "To": "+910000000000"}, right)
    assert not Signatures(AUTH[::-1], PUBLIC).request_ok("/twilio/voice", FORM, right)
    assert not signatures.upgrade_ok("/twilio/media", None)


def test_a_form_as_starlette_parses_it() -> None:
    signatures = Signatures(AUTH, PUBLIC)
    assert signatures.request_ok("/x", FormData(FORM), signed(f"{PUBLIC}/x", FORM))
    with_file = FormData([("CallSid", UploadFile(None, filename="x")), ("CallSid", "CA1")])  # type: ignore[arg-type]
    assert not signatures.request_ok("/x", with_file, signed(f"{PUBLIC}/x", {"CallSid": "CA1"}))


@pytest.mark.parametrize("public", ["http://voice.example.in", "https://", "https://a?b=c", "voice.example.in"])
def test_a_public_url_that_cannot_be_signed(public: str) -> None:
    with pytest.raises(ValueError, match="public URL must be"):
        Signatures(AUTH, public)


def test_without_a_token_nothing_can_be_checked() -> None:
    with pytest.raises(ValueError, match="auth token"):
        Signatures("", PUBLIC)


def test_accounts_are_compared() -> None:
    assert same_account("AC1", "AC1")
    assert not same_account("AC1", "AC2")
    assert not same_account("AC1", "ಕ")


def test_numbers_are_masked_wherever_they_stand() -> None:
    assert masked("call to +919812345678, then 18001234567, code 21211") == "call to +91…78, then 180…67, code 21211"
    assert masked("sip:919812345678@pbx") == "sip:919…78@pbx"


# Tokens.

NOW = 1_796_000_000.0


def refusal(tokens: Tokens, token: str, call_id: str, now: float = NOW) -> str:
    with pytest.raises(WireError) as refused:
        tokens.accept(token, call_id, now)
    assert refused.value.close_code == REFUSED
    return refused.value.reason


def test_a_token_opens_its_call_once() -> None:
    tokens = Tokens(b"secret")
    token = tokens.issue("CA1", NOW)
    tokens.accept(token, "CA1", NOW + 59)
    assert refusal(tokens, token, "CA1", NOW + 59) == "the stream token was used before"


def test_another_process_with_the_secret_accepts_it() -> None:
    token = Tokens(b"secret").issue("CA1", NOW)
    Tokens(b"secret").accept(token, "CA1", NOW)
    assert "forged" in refusal(Tokens(b"other"), token, "CA1")


def test_a_token_ages() -> None:
    tokens = Tokens(b"secret")
    assert refusal(tokens, tokens.issue("CA1", NOW), "CA1", NOW + 75) == "the stream token expired 15 s ago"


def test_a_token_is_of_one_call() -> None:
    tokens = Tokens(b"secret")
    token = tokens.issue("CA1", NOW)
    assert "of another call" in refusal(tokens, token, "CA2")
    tokens.accept(token, "CA1", NOW)


def test_two_tokens_of_one_call_differ() -> None:
    tokens = Tokens(b"secret")
    assert tokens.issue("CA1", NOW) != tokens.issue("CA1", NOW)


def test_a_token_fits_into_a_stream_parameter_and_gives_no_secret_away() -> None:
    token = Tokens(b"secret").issue("CA1", NOW)
    assert len(token) < 200
    assert "secret" not in token


@given(st.text() | st.from_regex(r"[0-9]{1,12}\.[a-z]{1,9}\.[0-9a-f]{64}", fullmatch=True), st.text())
def test_nothing_else_is_a_token(token: str, call_id: str) -> None:
    assert "forged" in refusal(Tokens(b"secret"), token, call_id)


@given(st.integers(0, 90), st.integers(1, 255))
def test_any_changed_character_is_noticed(place: int, change: int) -> None:
    tokens = Tokens(b"secret")
    token = tokens.issue("CA1", NOW)
    place %= len(token)
    forged = token[:place] + chr(ord(token[place]) ^ change) + token[place + 1 :]
    assert "forged" in refusal(tokens, forged, "CA1")


def test_used_tokens_are_forgotten_when_they_have_expired() -> None:
    tokens = Tokens(b"secret")
    for second in range(0, 600):
        tokens.accept(tokens.issue("CA1", NOW + second), "CA1", NOW + second)
    assert len(tokens._used) <= 62


def test_memory_is_bounded_even_against_genuine_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "USED_MOST", 3)
    tokens = Tokens(b"secret")
    for _ in range(3):
        tokens.accept(tokens.issue("CA1", NOW), "CA1", NOW)
    assert "too many" in refusal(tokens, tokens.issue("CA1", NOW), "CA1")
    tokens.accept(tokens.issue("CA1", NOW + 61), "CA1", NOW + 61)


def test_a_secret_is_needed() -> None:
    with pytest.raises(ValueError, match="secret"):
        Tokens(b"")
