"""Make the embedded demo call: `python -m app.demo.record` writes kn_desk_synthesised.wav and .toml beside this file.

Nobody recorded this call: espeak-ng speaks the caller's part (voice.py). The sentences were chosen from those the demo
models understand, and they are checked against the recogniser at the end. So the call shows that everything works
together, and nothing about how well people are understood.
"""

import asyncio
import audioop
import sys
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from app.demo import voice
from app.demo.audio import mulaw_wav
from app.demo.script import load_script
from app.engines import whisper
from telephony.events import RATE_HZ

HERE = Path(__file__).parent
NAME = "kn_desk_synthesised"
TITLE = "A call to the electricity desk"
NOTE = (
    "The caller is synthesised: espeak-ng speaks sentences that were chosen because the demo models understand them. "
    "This shows that the pipeline works, not how well it understands people."
)


@dataclass(frozen=True, slots=True)
class Line:
    kannada: str
    english: str
    when: str = "after_agent_s = 0.6"


CALL = (
    Line("ನಮಸ್ಕಾರ ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "hello how much is my bill"),
    Line("ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", "my customer number is 4521"),
    Line("ಹೌದು ಸರಿ", "yes that is right"),
    Line("ಬಿಲ್ ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ ಯಾವುದು", "what is the last day to pay the bill"),
    Line("ನಮ್ಮ ಮನೆಗೆ ಬೆಳಿಗ್ಗೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ", "our house has had no power since morning"),
    Line("ಕರೆಂಟ್ ಯಾವಾಗ ಬರುತ್ತದೆ", "when will the power come back", "barge_in_s = 1.2"),
    Line("ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ", "say that again"),
    Line("ಸರಿ ಧನ್ಯವಾದ", "okay thank you"),
    Line("ಬೇಡ", "not needed"),
)


def record() -> tuple[bytes, str]:
    """The recording, mu-law, and its cue sheet."""
    said = voice.record([line.kannada for line in CALL])
    cues = [f'audio = "{NAME}.wav"', f'title = "{TITLE}"', f'note = "{NOTE}"', f"background_s = {voice.BACKGROUND_S}"]
    for line, (start_s, end_s) in zip(CALL, said.stretches, strict=True):
        cues.append(
            f"\n[[say]]\nstart_s = {start_s:.4f}\nend_s = {end_s:.4f}\n{line.when}\n"
            f'kannada = "{line.kannada}"\nenglish = "{line.english}"'
        )
    head = "# Written by `python -m app.demo.record`, which explains it.\n"
    return said.mulaw, head + "\n".join(cues) + "\n"


async def misheard(path: Path) -> list[str]:
    """What the demo recogniser makes of each utterance, where that is not what was said."""
    script = load_script(path)
    stt = whisper.load(Settings())
    wrong = []
    for cue in script.cues:
        ear = stt.listen()
        noise = audioop.ulaw2lin(script.background, 2)
        ear.feed(noise[: RATE_HZ * 3 // 5] + audioop.ulaw2lin(script.utterance(cue), 2) + noise[: RATE_HZ * 2 // 5])
        if (heard := await ear.finish()) != cue.kannada:
            wrong.append(f"{cue.kannada} was heard as {heard}")
    await stt.aclose()
    return wrong


def main() -> int:
    mulaw, cues = record()
    (HERE / f"{NAME}.wav").write_bytes(mulaw_wav(mulaw))
    (HERE / f"{NAME}.toml").write_text(cues, encoding="utf-8")
    wrong = asyncio.run(misheard(HERE / f"{NAME}.toml"))
    print("\n".join(wrong) or f"{len(CALL)} utterances, {len(mulaw) / RATE_HZ:.1f} s, all recognised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
