"""The recogniser's tokens: byte-level BPE over Kannada, in the layout of Whisper's multilingual vocabulary.

Whisper's own way to cut text into words takes a Kannada vowel sign for the end of one, so this cuts at spaces only.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from app.models.training import corpus
from app.models.training.work import write_whole

PIECES = 700
_SENTENCES = 12_000
_REPEAT_WORDS = 3
_REPEAT_GUARD = 300
_GUARD = " - ' ♩♪♫♬♭♮♯ 「」『』 0 1 2 3 4 5 6 7 8 9 " + " ".join("♩♪♫♬♭♮♯-'\"#()*+/:;<=>@[\\]^_`{|}~「」『』")
"""faster-whisper forbids the first token of " -", " ♪" and others; merges of their own keep the bare space allowed."""

SPECIALS = ("<|endoftext|>", "<|startoftranscript|>", "<|kn|>", "<|transcribe|>", "<|notimestamps|>", "<|nospeech|>")
"""Those that training uses, in the order of their ids, which start after the text's pieces."""


def train(path: Path, seed: int) -> None:
    """Learn PIECES pieces from the corpus and write them to `path`, a tokenizer.json."""
    tokenizer = Tokenizer(models.BPE())
    cut = pre_tokenizers.Split(Regex(r" ?[^\s]+"), "isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, to_bytes])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=PIECES, initial_alphabet=sorted(alphabet), show_progress=False)
    tokenizer.train_from_iterator(_texts(seed), trainer)
    write_whole(path, tokenizer.to_str(pretty=True).encode())


def _texts(seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    for _ in range(_SENTENCES):
        yield " " + corpus.caller_says(rng, "train").kannada
        yield " " + corpus.spoken(rng)
    for word in corpus.words():
        yield from [f" {word}"] * _REPEAT_WORDS
    yield from [_GUARD] * _REPEAT_GUARD


class Tokens:
    """The tokens of training: text pieces, then SPECIALS."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self.pieces: int = self._tokenizer.get_vocab_size()
        ids = range(self.pieces, self.pieces + len(SPECIALS))
        self.end, self.start, self.kannada, self.transcribe, self.no_timestamps, self.no_speech = ids
        self.prompt = (self.start, self.kannada, self.transcribe, self.no_timestamps)
        self.count = self.pieces + len(SPECIALS)

    def encode(self, text: str) -> list[int]:
        """`text` as Whisper writes it, with a space before the first word."""
        return list(self._tokenizer.encode(f" {text}").ids) if text else []

    def decode(self, ids: list[int]) -> str:
        """Any ids; those of SPECIALS say nothing."""
        return str(self._tokenizer.decode([i for i in ids if i < self.pieces])).strip()
