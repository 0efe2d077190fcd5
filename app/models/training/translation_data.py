"""What the translators are trained on: endless pairs of the corpus, cut into pieces, in batches of like length.

Pair i of a seed depends on the seed, the way and i alone, so a training that was interrupted goes on with the
very pairs it would have had.
"""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.engines.need import need_module
from app.engines.sentences import NORMALISERS
from app.models.training import corpus
from app.models.training.corpus import Split
from app.models.training.grammar import Pair
from app.models.training.names import english_names
from app.models.training.work import write_whole

Name = Literal["kn_en", "en_kn"]
Ids = list[int]
PairBatch = list[tuple[Ids, Ids]]
"""Source and target of every pair."""
END = 0
"""The id of </s>. <unk> is 1, the pieces follow, <pad> comes last: see translation_model.py."""
NORMALISE = "lower_no_punctuation"
"""What the manifest must name: the source of every pair is in this form."""
_NAMES = {name.lower(): name for name in english_names()}
_VOCABULARY_PAIRS = 30_000


@dataclass(frozen=True, slots=True)
class Way:
    """One of the two ways to translate, with the pairs it is trained and measured on."""

    name: Name
    """Also the folder of the model."""
    pair: Callable[[random.Random], Pair]
    """A pair to train on."""
    probe: Callable[[random.Random, Split], Pair]
    """A pair to measure on."""

    def source(self, pair: Pair) -> str:
        """In the form the engine will give it: "may i help you" comes as "May i help you", since May is a name."""
        return NORMALISERS[NORMALISE](pair.kannada if self.name == "kn_en" else pair.english, _NAMES).text

    def target(self, pair: Pair) -> str:
        """What the engine should say."""
        return pair.english if self.name == "kn_en" else pair.kannada

    def train_pair(self, seed: int, index: int) -> Pair:
        """Pair `index` of `seed`; those of the vocabulary have negative numbers."""
        return self.pair(random.Random(f"{self.name} {seed} train {index}"))

    def probe_pairs(self, split: Split, count: int) -> list[Pair]:
        """The same pairs for every training: figures of two seeds can be compared. All have different sources."""
        rng = random.Random(f"{self.name} probe {split}")
        found: dict[str, Pair] = {}
        for _ in range(count * 50):  # a tiny corpus may not have so many
            pair = self.probe(rng, split)
            found.setdefault(self.source(pair), pair)
            if len(found) == count:
                break
        return list(found.values())


WAYS: Mapping[str, Way] = {
    "kn_en": Way("kn_en", lambda rng: corpus.to_english(rng), lambda rng, s: corpus.caller_says(rng, s)),
    "en_kn": Way("en_kn", lambda rng: corpus.to_kannada(rng), lambda rng, s: corpus.agent_says(rng, s)),
}


def learn_pieces(way: Way, model: Path, *, size: int, seed: int) -> None:
    """Writes a sentencepiece model of `size` pieces for both languages.

    No normalisation: sentencepiece's usual one takes the joiner U+200C, which Kannada needs, for a space. Digits stay
    single, so a number is written digit by digit whatever its length.
    """
    pairs = [way.train_pair(seed, -1 - index) for index in range(_VOCABULARY_PAIRS)]
    learnt = io.BytesIO()
    need_module("sentencepiece", extra="training").SentencePieceTrainer.train(
        sentence_iterator=(text for pair in pairs for text in (way.source(pair), way.target(pair))),
        model_writer=learnt,  # a prefix of file names would stand in the model, with all its folders
        model_type="bpe",
        vocab_size=size,
        hard_vocab_limit=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        split_digits=True,
        eos_id=END,
        unk_id=1,
        bos_id=-1,
        pad_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    write_whole(model, learnt.getvalue())


def load_pieces(model: Path) -> Any:
    """The SentencePieceProcessor of the file `model`."""
    return need_module("sentencepiece", extra="training").SentencePieceProcessor(model_file=str(model))


def batches(way: Way, pieces: Any, *, seed: int, chunk: int, chunk_pairs: int, batch_pieces: int) -> list[PairBatch]:
    """The pairs `chunk * chunk_pairs` and on, in batches of at most `batch_pieces` ids with padding.

    A batch has targets of about one length, and sources as alike as there are: one id in sixteen is padding, where
    sorting by the length of both together gives one in five. The order of the batches is a function of the arguments.
    """
    pairs = [way.train_pair(seed, chunk * chunk_pairs + index) for index in range(chunk_pairs)]
    sources = pieces.encode([way.source(pair) for pair in pairs], num_threads=1)
    targets = pieces.encode([way.target(pair) for pair in pairs], num_threads=1)
    rng = random.Random(f"{way.name} {seed} order {chunk}")
    encoded = [([*source, END], [*target, END]) for source, target in zip(sources, targets, strict=True)]
    encoded.sort(key=lambda pair: ((len(pair[1]) + rng.randint(0, 1)) // 2, len(pair[0]) + rng.random()))
    made: list[PairBatch] = [[]]
    longest = [0, 0]
    for pair in encoded:
        longest = [max(longest[0], len(pair[0])), max(longest[1], len(pair[1]))]
        if made[-1] and sum(longest) * (len(made[-1]) + 1) > batch_pieces:
            made.append([])
            longest = [len(pair[0]), len(pair[1])]
        made[-1].append(pair)
    rng.shuffle(made)
    return made
