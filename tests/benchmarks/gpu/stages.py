"""Each engine's model by itself: the time to its first result, and the memory that all of them take together."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ctranslate2

from app.config import SttSettings
from app.engines.whisper import WhisperStt
from tests.benchmarks.gpu.device import Device
from tests.benchmarks.gpu.models import Models
from tests.benchmarks.gpu.report import Row
from tests.benchmarks.gpu.sizes import HEARD_TOKENS, SOURCE_TOKENS, TARGET_TOKENS, Plan
from tests.benchmarks.gpu.steps import batch
from tests.benchmarks.indicf5_step import random_network, step
from tests.benchmarks.whisper_turn import encoder_input, encoding, transcribing
from tests.checkpoints.indictrans2 import pieces

SECTION = "a stage by itself"
_REFERENCE_S = 3.0


def rows(device: Device, plan: Plan, models: Models) -> Iterator[Row]:
    for size, folder in models.whisper.items():
        yield from whisper_rows(device, plan, size, hearing(plan, folder))
        device.forget()
    for name, folder in models.translators.items():
        yield from translator_rows(device, plan, name, translating(plan, folder))
        device.forget()
    yield from indicf5_rows(device, plan)
    device.forget()


def whisper_rows(device: Device, plan: Plan, size: str, stt: WhisperStt) -> Iterator[Row]:
    for turns in (1, 8):
        features = encoder_input(stt, plan.turn_s, turns)
        what = f"Whisper {size}, {turns} turns of {plan.turn_s:g} s"
        yield Row(SECTION, f"{what}: encoder", device.ms(encoding(stt, features), plan.rounds), "ms")
        run = transcribing(stt, features, HEARD_TOKENS)
        yield Row(SECTION, f"{what}: to the text", device.ms(run, plan.rounds), "ms")


def translator_rows(device: Device, plan: Plan, name: str, model: Any) -> Iterator[Row]:
    def run(sentences: int, tokens: int) -> Callable[[], object]:
        sentence = ["kan_Knda", "eng_Latn", *pieces("latin", 400)[-SOURCE_TOKENS + 2 :]]
        return lambda: model.translate_batch(
            [sentence] * sentences, beam_size=1, min_decoding_length=tokens, max_decoding_length=tokens
        )

    yield Row(SECTION, f"IndicTrans2 {name}: first token", device.ms(run(1, 1), plan.rounds), "ms")
    for sentences in (1, 8, 32):
        what = f"IndicTrans2 {name}: {sentences} sentences of {TARGET_TOKENS} tokens"
        yield Row(SECTION, what, device.ms(run(sentences, TARGET_TOKENS), plan.rounds), "ms")


def indicf5_rows(device: Device, plan: Plan) -> Iterator[Row]:
    """In half precision, without the vocoder, which is a hundredth of the work. The clause is heard when it is done."""
    dtype = "float16" if device.is_gpu else "float32"
    net = random_network(plan.indicf5, 7, plan.device, dtype)
    run = step(net, _REFERENCE_S, plan.clause_s, plan.device)
    step_ms = device.ms(run, plan.rounds)
    for steps in (7, 16):
        what = f"IndicF5, {plan.clause_s:g} s behind {_REFERENCE_S:g} s, {steps} steps"
        yield Row(SECTION, what, steps * step_ms, "ms")


def hearing(plan: Plan, folder: Path) -> WhisperStt:
    return WhisperStt(folder, SttSettings(device=plan.device, compute_type=plan.compute_type, max_batch=16))


def translating(plan: Plan, folder: Path) -> Any:
    return ctranslate2.Translator(str(folder), device=plan.device, compute_type=plan.compute_type, intra_threads=1)


def memory_rows(device: Device, plan: Plan, models: Models) -> Iterator[Row]:
    """One after the other, all of them kept; each is run once, for what it needs while it works."""
    kept: list[Any] = []
    before_mb = first_mb = device.used_mb()

    def grown(what: str) -> Row:
        nonlocal before_mb
        was_mb, before_mb = before_mb, device.used_mb()
        return Row("memory together", what, before_mb - was_mb, "MB")

    size = plan.whisper[-1]
    stt = hearing(plan, models.whisper[size])
    transcribing(stt, encoder_input(stt, plan.turn_s, 16), HEARD_TOKENS)()
    kept.append(stt)
    yield grown(f"Whisper {size}, batches of 16")
    for name, folder in list(models.translators.items())[:2]:
        model = translating(plan, folder)
        model.translate_batch([["kan_Knda", "eng_Latn", *pieces("latin", 400)[-22:]]] * 32, beam_size=1)
        kept.append(model)
        yield grown(f"IndicTrans2 {name}, batches of 32")
    speaking = batch(models.parler, plan, max(plan.slots))
    speaking.warm_up()
    kept.append(speaking)
    yield grown(f"Parler, {max(plan.slots)} slots of {plan.clause_s:g} s, graphs included")
    yield Row("memory together", "all of them", before_mb - first_mb, "MB")
