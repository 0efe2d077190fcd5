"""IndicTrans2 on CTranslate2: the converter of its published checkpoints, the text around the model, the engine."""
