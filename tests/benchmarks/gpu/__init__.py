"""What one GPU carries: `python -m tests.benchmarks.gpu [--dry-run] [--out FOLDER]`, or `make bench-gpu`.

    __main__     the command: builds the checkpoints, runs the sections, writes gpu.json and gpu.txt
    sizes        published sizes, and tiny ones for the dry run    models  checkpoints of them, with random weights
    device       clocks and memory of a GPU, or of a CPU in the dry run
    stages       the time to the first result of each engine, and the memory that all of them take together
    steps        Parler's decoder: a step as a CUDA graph and launched one by one; the codec
    crowd        Parler's batch: first audio, real-time factor and stalls at so many clauses at once
    conversation voice to voice, through app/reply.py, at so many calls at once
    report       rows of results, what was aimed at, the table

Random weights take as long as real ones, but never end what they say: lengths are fixed instead. `--dry-run` goes
through all of it on a CPU with tiny models; its figures mean nothing.
"""
