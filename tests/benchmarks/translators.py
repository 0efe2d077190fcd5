"""One translator in a process of its own: `python -m tests.benchmarks.translators reference|ct2 [FOLDER]`.

The reference stands in for IndicTrans2's own code, which only the hub has: transformers' M2M100, a Transformer of the
same layers, sizes and operations, in float32, with random weights. What differs is its layer norm after the
embeddings, which is missing. Both translate 24 tokens into 32, greedily: random models do not end by themselves.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.engines.worker import Worker
from tests.benchmarks.rounds import held_mb, serve
from tests.checkpoints.indictrans2 import TO_KANNADA_200M, pieces

SIZES = TO_KANNADA_200M
SOURCE, TARGET, CALLS = 24, 32, 8
"""Tokens of a sentence and of its translation; calls that ask at once."""

Translate = Callable[[int, int], None]
"""So many sentences as one batch, each into so many tokens."""


def reference() -> Translate:
    import torch
    import transformers
    from transformers import M2M100Config, M2M100ForConditionalGeneration
    from transformers.models.m2m_100.modeling_m2m_100 import M2M100ScaledWordEmbedding

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    layers = {f"{side}_{key}": value for side in ("encoder", "decoder") for key, value in _layer().items()}
    config = M2M100Config(
        vocab_size=SIZES.target_vocabulary, d_model=SIZES.width, activation_function="gelu",
        max_position_embeddings=256, encoder_layerdrop=0, decoder_layerdrop=0, **layers,
    )  # fmt: skip
    model = M2M100ForConditionalGeneration(config).eval()
    own = M2M100ScaledWordEmbedding(SIZES.source_vocabulary, SIZES.width, 1, SIZES.width**0.5)
    model.model.encoder.embed_tokens = own  # M2M100 shares one vocabulary; IndicTrans2 has one a language
    source = torch.arange(100, 100 + SOURCE)[None]

    def translate(sentences: int, tokens: int) -> None:
        batch = source.repeat(sentences, 1)
        made = model.generate(
            input_ids=batch, attention_mask=torch.ones_like(batch), forced_bos_token_id=100,
            num_beams=1, do_sample=False, min_new_tokens=tokens, max_new_tokens=tokens,
        )  # fmt: skip
        assert made.shape == (sentences, tokens + 1)

    return translate


def _layer() -> dict[str, int]:
    return {"layers": SIZES.layers, "ffn_dim": SIZES.ffn, "attention_heads": SIZES.heads}


def ct2(folder: Path) -> Translate:
    """As the engine has it: jobs of calls wait at a Worker, which takes them as one batch."""
    import ctranslate2

    translator = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=1, intra_threads=1)
    sentence = ["eng_Latn", "kan_Knda", *pieces("latin", 1000)[-SOURCE + 2 :]]

    def run(lengths: list[int]) -> list[int]:
        results = translator.translate_batch(
            [sentence] * len(lengths), beam_size=1, min_decoding_length=lengths[0], max_decoding_length=lengths[0]
        )
        return [len(result.hypotheses[0]) for result in results]

    async def translate(sentences: int, tokens: int) -> None:
        worker: Worker[int, int] = Worker("translation", run, max_batch=CALLS)
        assert await asyncio.gather(*(worker.submit(tokens) for _ in range(sentences))) == [tokens] * sentences
        await worker.aclose()

    return lambda sentences, tokens: asyncio.run(translate(sentences, tokens))


def main(kind: str, *folder: str) -> None:
    before_mb = held_mb()
    translate = reference() if kind == "reference" else ct2(Path(*folder))

    def answer(what: str, number: int) -> Any:
        """Processor seconds of `number` sentences as a batch, or of the first token; or megabytes held."""
        if what == "memory":
            return {"before": before_mb, "now": held_mb()}
        began = time.process_time()
        translate(max(1, number), 1 if what == "first" else TARGET)
        return time.process_time() - began

    serve(answer)


if __name__ == "__main__":
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    main(*sys.argv[1:])
