"""Indic Parler-TTS by our own decoder, which speaks many clauses in lockstep.

    hosted      the engine in a process of its own
    tts, engine the engine in that process: a thread that ticks, a stream of audio for each clause
    batch       who speaks in which slot: requests join and leave between steps
    requests    what goes in and comes out, and who waits
    decoder     the transformer: one `step` for all slots, `prefill` for one that joins
    sampling    which sound is chosen          delay       when each codebook begins and ends
    voices      descriptions, encoded once     codec       codes to audio, by the plan of windows
    state       what a step reads and writes   graphs      CUDA graphs, torch.compile
    checkpoint  config.json and named tensors  modules     transformers' T5 and DAC

Letters in shapes: S slots, K codebooks, V ids of a codebook, h width of the decoder, H heads, d width of a head, M
entries of a slot's cache. Time: a *column* is one step of the decoder. Codebook k of audio frame f stands in column
f + k + 1, the delay pattern; column 0 is the begin mark. A frame is `hop` samples, 11.6 ms as published. A column's
position in the model is the length of the prompt plus the column.

All modules but `hosted`, `tts` and `windows` import torch at their top. `tts.load` alone imports them, once it has
seen that the extra is installed.
"""
