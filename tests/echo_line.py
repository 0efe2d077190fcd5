"""A telephone line on which the agent hears itself, for the tests of the echo guard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.echo import EchoGuard
from telephony.audio import decode, encode
from telephony.events import FRAME_SAMPLES, RATE_HZ, Encoding

Samples = NDArray[np.float64]
"""8 kHz, in units of int16."""
FRAME_S = FRAME_SAMPLES / RATE_HZ
AHEAD_S = 1.0
"""The agent's audio goes to the carrier so long before it is played."""
_CHUNK = 4000


def level(dbfs: float) -> float:
    return float(32768 * 10 ** (dbfs / 20))


def g711(samples: Samples, law: Encoding = "mulaw") -> bytes:
    return encode(law, np.clip(samples, -32768, 32767).astype("<i2").tobytes())


def passed(samples: Samples, law: Encoding = "mulaw") -> Samples:
    """`samples` as they are after coding."""
    return np.frombuffer(decode(law, g711(samples, law)), "<i2").astype(np.float64)


def delayed(samples: Samples, by_s: float, gain_db: float = 0.0) -> Samples:
    """The same number of samples, later and weaker."""
    count = round(by_s * RATE_HZ)
    return np.concatenate([np.zeros(count), samples])[: len(samples)] * 10 ** (gain_db / 20)


def frame_levels(samples: Samples) -> Samples:
    """In dBFS, a value for each 20 ms."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    loud: Samples = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) / 32768 + 1e-6)
    return loud


@dataclass(slots=True)
class Call:
    """Feeds a guard as a session would."""

    guard: EchoGuard
    law: Encoding = "mulaw"
    now_s: float = 100.0

    def run(self, agent: Samples, line: Samples, voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The guard's answer to every voiced frame; False for the others. `agent` begins to be played now."""
        out, begin_s, sent = g711(agent, self.law), self.now_s, 0
        heard = decode(self.law, g711(line, self.law))
        judged = np.zeros(len(voiced), bool)
        for number, voice in enumerate(voiced):
            while sent < len(out) and sent / RATE_HZ <= self.now_s - begin_s + AHEAD_S:
                self.guard.played(out[sent : sent + _CHUNK], self.now_s)
                sent += _CHUNK
            self.now_s += FRAME_S
            start = 2 * FRAME_SAMPLES * number
            self.guard.heard(heard[start : start + 2 * FRAME_SAMPLES], self.now_s)
            judged[number] = voice and self.guard.resembles()
        return judged
