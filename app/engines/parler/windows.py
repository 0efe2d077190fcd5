"""Which stretches of codes are decoded to audio when, so that the chunks together equal the audio decoded at once.

The codec hears LEFT frames before a frame and RIGHT frames after it: measured on transformers' DAC as published, where
10 is exact and 8 is not. Windows that are not the last are of two widths only, so that those of many slots make one
batch: a narrow one for the first chunk, which somebody is waiting for, and a wide one for the rest.
"""

from dataclasses import dataclass

LEFT = RIGHT = 10


@dataclass(frozen=True, slots=True)
class Window:
    """Frames `start` to `start + width` are decoded, and the audio of `begin` to `end` is handed out.

    A window may reach beyond the frames there are: what lies there then spoils only what is not handed out.
    """

    start: int
    width: int
    begin: int
    end: int


def widths(first: int, chunk: int) -> tuple[int, int]:
    """Of the narrow and of the wide window, for a first chunk of `first` frames and later ones of at most `chunk`."""
    return first + RIGHT, LEFT + chunk + RIGHT


def plan(emitted: int, have: int, over: bool, first: int, chunk: int) -> list[Window]:
    """The next windows, when `emitted` of `have` frames were handed out. `over`: there will be no more frames.

    Chunks grow from `first`: each is as long as all before it, at most `chunk`. So decoding in real time is enough for
    the next one to be there before the last is played out. The last window ends at the last frame, as offline decoding
    does; it is as wide as the wide one, or as the clause when that is shorter.
    """
    narrow, wide = widths(first, chunk)
    ready = have if over else have - RIGHT
    windows: list[Window] = []
    while ready - emitted >= (1 if over else min(chunk, max(first, emitted))):
        start = max(0, emitted - LEFT)
        if over and have - start <= wide:
            start = max(0, have - wide)
            window = Window(start, have - start, emitted, have)
        elif emitted == 0:
            window = Window(0, narrow, 0, first)
        else:
            window = Window(start, wide, emitted, min(ready, start + wide - RIGHT))
        windows.append(window)
        emitted = window.end
    return windows
