"""Speech to text by IndicConformer: its published assets, the two decoders, and the engine."""

from app.engines.indicconformer.engine import IndicConformerStt, load

__all__ = ["IndicConformerStt", "load"]
