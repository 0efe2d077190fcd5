"""Trains the embedded demo pack from nothing: a grammar of one desk, a synthesiser, two small kinds of Transformer.

`python -m app.models.training --help` tells how. Needs the extra `training`; nothing outside this package imports it.
"""
