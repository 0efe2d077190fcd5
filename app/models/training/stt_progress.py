"""How far the recogniser's training is: what its record and its printed lines say."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.models.training.feed import Batch


@dataclass
class Progress:
    """What the record of a training says; it survives an interruption with the checkpoint."""

    step: int = 0
    utterances: int = 0
    audio_s: float = 0.0
    cpu_s: float = 0.0
    makers_cpu_s: float = 0.0
    """Of the processes that made the data."""
    wall_s: float = 0.0
    word_loss: float = math.nan
    sound_loss: float = math.nan
    """Both losses are means over about the last fifty steps."""
    probes: list[dict[str, float]] = field(default_factory=list)

    def add(self, batch: Batch, word_loss: float, sound_loss: float) -> None:
        """One step more."""
        if self.step == 0:
            self.word_loss, self.sound_loss = word_loss, sound_loss
        self.word_loss += 0.02 * (word_loss - self.word_loss)
        self.sound_loss += 0.02 * (sound_loss - self.sound_loss)
        self.step += 1
        self.utterances += len(batch.ids)
        self.audio_s += batch.seconds


def line(progress: Progress, steps: int, rows: int, step_s: float) -> str:
    """Where a training of `steps` steps is, when each takes `step_s` seconds."""
    return (
        f"stt step {progress.step} of {steps}, words {progress.word_loss:.3f}, sounds {progress.sound_loss:.3f}, "
        f"{rows / step_s:.1f} utterances/s, {step_s * (steps - progress.step) / 60:.1f} min left"
    )


def probe_line(step: int, steps: int, figures: Mapping[str, float]) -> str:
    """`figures` are those of probe.Probe.run."""
    return (
        f"stt step {step} of {steps}, CER of unseen sentences {figures['sentences']:.1%}, of unseen frames "
        f"{figures['frames']:.1%}; nothing heard in {figures['noise_empty']:.0%} of noises"
    )
