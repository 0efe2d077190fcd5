"""Text to speech by the parler-tts package itself: what our own engine is measured against.

One clause at a time, in a process of its own. The package's own streamer decodes all audio again with every chunk and
loses errors, so here its codes are taken column by column and decoded by the windows of our engine. torch and the
package are imported by `load_here` alone.
"""

import sys
import types
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from app.config import Settings, TtsSettings
from app.engines.base import EngineUnavailable
from app.engines.clause import Clause, ClauseWorker
from app.engines.need import need_installed, need_module, need_torch
from app.engines.parler.hosted import check_folder
from app.engines.parler.windows import Window, plan
from app.engines.process.hosted import HostedTts
from app.models.store import located

_EXTRA = "parler-reference"
_MOST_CHARACTERS = 1000
_LEAST_FRAMES = 9
"""With fewer the package does not undo its delay pattern."""


def load(settings: Settings) -> HostedTts:
    """Raises EngineUnavailable at once for what is missing."""
    need_installed("parler_tts", extra=_EXTRA)
    check_folder(settings)
    return HostedTts("app.engines.parler_reference:load_here", settings)


def load_here(settings: Settings) -> "ParlerReference":
    check_folder(settings)
    assert settings.tts.model is not None  # noqa: S101 - it was checked
    return ParlerReference(located(settings, settings.tts.model), settings.tts)


class _Over(Exception):
    """Ends the package's generation: nothing more is needed of it, or nobody wants it."""


class ParlerReference:
    """Raises EngineUnavailable when `folder` holds no checkpoint that the package can read."""

    def __init__(self, folder: Path, tts: TtsSettings) -> None:
        self._torch = torch = need_torch(tts.device, extra=_EXTRA)
        tokens = need_module("app.engines.parler.tokens", extra=_EXTRA).Tokens(folder)
        try:
            model = _package().ParlerTTSForConditionalGeneration.from_pretrained(folder, local_files_only=True).eval()
            described = torch.tensor([tokens.description(tts.description.replace("{speaker}", tts.speaker))])
            with torch.no_grad():  # encoded once, and in float32: T5 overflows in half precision
                hidden = model.text_encoder(input_ids=described).last_hidden_state
                if hasattr(model, "enc_to_dec_proj"):  # the encoder is not as wide as the decoder
                    hidden = model.enc_to_dec_proj(hidden)
            self._model: Any = model.to(tts.device, getattr(torch, tts.dtype))
            self._described: Any = hidden.to(tts.device, getattr(torch, tts.dtype))
        except Exception as error:  # the libraries raise bare exceptions for files and devices they cannot use
            raise EngineUnavailable(f"{folder}: not a usable Parler-TTS checkpoint: {error}") from error
        self._outputs: Any = need_module("transformers.modeling_outputs", extra=_EXTRA).BaseModelOutput
        self._tokens = tokens
        self._tts = tts
        self._hop = self._model.audio_encoder.config.hop_length
        self._clauses = ClauseWorker(self._speak, _MOST_CHARACTERS)
        self._steps = 0

    @property
    def rate_hz(self) -> int:
        return int(self._model.config.sampling_rate)

    @property
    def steps(self) -> int:
        """Columns of codes so far: the model works, though nothing is heard yet."""
        return self._steps

    def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        return self._clauses.speak(text, urgent=urgent)

    async def warm_up(self) -> None:
        async with aclosing(self.speak("ನಮಸ್ಕಾರ")) as chunks:
            await anext(chunks, None)

    async def aclose(self) -> None:
        await self._clauses.aclose()

    # Everything below runs on the worker's thread.

    def _speak(self, clause: Clause) -> None:
        emitted = 0

        def hand_over(frames: list[Any], over: bool) -> None:
            nonlocal emitted
            self._steps += 1
            for window in plan(emitted, len(frames), over, self._tts.first_frames, self._tts.chunk_frames):
                clause.stream.put(self._pcm(frames, window))
                emitted = window.end
            if clause.stream.stopped:
                raise _Over

        config = self._model.config
        codebooks, sounds = config.decoder.num_codebooks, config.audio_encoder.codebook_size
        most_frames = max(_LEAST_FRAMES, round(self._tts.most_seconds * self.rate_hz / self._hop))
        prompt = self._torch.tensor([self._tokens.prompt(clause.text)], device=self._tts.device)
        self._torch.manual_seed(self._tts.seed)
        with suppress(_Over), self._torch.no_grad():
            self._model.generate(
                encoder_outputs=self._outputs(last_hidden_state=self._described),
                attention_mask=self._ones(self._described.shape[:2]),
                prompt_input_ids=prompt,
                prompt_attention_mask=self._ones(prompt.shape),
                max_new_tokens=most_frames + codebooks - 1,
                # Ids beyond the end mark have no sound and crash the codec; random weights choose them.
                suppress_tokens=list(range(config.decoder.eos_token_id + 1, config.decoder.vocab_size)),
                streamer=_Streamer(codebooks, sounds, hand_over),
                **self._sampling(),
            )

    def _sampling(self) -> dict[str, Any]:
        tts = self._tts
        if tts.temperature == 0:
            return {"do_sample": False}
        return {"do_sample": True, "temperature": tts.temperature, "top_k": tts.top_k, "top_p": tts.top_p}

    def _ones(self, shape: Any) -> Any:
        return self._torch.ones(shape, dtype=self._torch.long, device=self._tts.device)

    def _pcm(self, frames: list[Any], window: Window) -> bytes:
        codes = self._torch.stack(frames[window.start : window.start + window.width], dim=1)[None]
        audio = self._model.audio_encoder.decode(audio_codes=codes.to(self._tts.device)).audio_values.reshape(-1)
        wanted = audio[(window.begin - window.start) * self._hop : (window.end - window.start) * self._hop]
        pcm: bytes = (wanted.float().clamp(-1, 1) * 32767).round().short().cpu().numpy().tobytes()
        return pcm


class _Streamer:
    """What the package calls with each column of codes: codebook k of frame f stands in column f + k.

    `hand_over(frames, over)` gets all whole frames so far, [codebooks] each, after every column. The first frame with
    an id that has no sound is past the end. Raises _Over there: the package would go on until every codebook has ended,
    and then decode everything at once.
    """

    def __init__(self, codebooks: int, sounds: int, hand_over: Callable[[list[Any], bool], None]) -> None:
        self._codebooks = codebooks
        self._sounds = sounds
        self._hand_over = hand_over
        self._columns: list[Any] = []
        self._frames: list[Any] = []
        self._begun = False

    def put(self, column: Any) -> None:
        if not self._begun:  # the begin marks
            self._begun = True
            return
        self._columns.append(column)
        first = len(self._columns) - self._codebooks
        if first >= 0:
            frame = column.clone()
            for k in range(self._codebooks):
                frame[k] = self._columns[first + k][k]
            if int(frame.max()) >= self._sounds:
                self.end()
            self._frames.append(frame)
        self._hand_over(self._frames, False)

    def end(self) -> None:
        self._hand_over(self._frames, True)
        raise _Over


def _package() -> Any:
    """The parler-tts package. It warns of nothing that we could change, and quotes whole configurations."""
    need_module("transformers.utils.logging", extra=_EXTRA).set_verbosity_error()
    with _no_dac(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return need_module("parler_tts", extra=_EXTRA)


@contextmanager
def _no_dac() -> Iterator[None]:
    """The package imports Descript's codec for checkpoints of old; it brings torchaudio, which fits no CPU's torch.

    Indic Parler-TTS has transformers' own codec, so while the package is imported an empty module does.
    """
    stand_ins = {name: types.ModuleType(name) for name in ("dac", "dac.model") if name not in sys.modules}
    for name, module in stand_ins.items():
        module.__spec__ = ModuleSpec(name, None)
        module.__dict__["DAC"] = type("DAC", (), {})
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
