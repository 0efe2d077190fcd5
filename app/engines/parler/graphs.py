"""Ways to run a call that takes nothing but a size: as it is, compiled, or as CUDA graphs, which launch it in one go.

A step is some 400 small kernels. Launched one by one from Python they take longer than they compute.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch

Call = Callable[[int], None]


def compiled(call: Call, backend: str) -> Call:
    """`call` by torch.compile, one whole graph a size. It compiles when a size is first run."""
    whole: Call = torch.compile(call, fullgraph=True, dynamic=False, backend=backend)
    return whole


class Captured:
    """`call`, replayed from one CUDA graph a size; a size that was not captured runs as it is.

    Its tensors must stay where they are. Replays on one stream may share a `pool` of memory; calls that run at the same
    time on two streams must not. Capture before other work is under way, and on the stream of the replays: torch's own
    for captures would give the graph its priority, and all graphs one workspace for matrix products.
    """

    def __init__(self, call: Call, sizes: Sequence[int], pool: Any) -> None:
        self._call = call
        self._graphs: dict[int, Any] = {}
        stream = torch.cuda.current_stream()
        for size in sorted(sizes, reverse=True):  # the largest first: the smaller ones fit into its memory
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=pool, stream=stream):
                call(size)
            self._graphs[size] = graph

    def __call__(self, size: int) -> None:
        graph = self._graphs.get(size)
        if graph is None:
            self._call(size)
        else:
            graph.replay()


def warmed(call: Call, sizes: Sequence[int]) -> None:
    """Run each size twice: kernels are loaded, chosen and compiled by then, which a capture must not contain."""
    for size in [*sizes, *sizes]:
        call(size)


def sizes_up_to(most: int, smallest: int) -> tuple[int, ...]:
    """Doubling from `smallest`, and `most` itself: few sizes, none more than twice what is needed."""
    sizes = []
    while smallest < most:
        sizes.append(smallest)
        smallest *= 2
    return (*sizes, most)
