"""Engines: speech to text, translation, text to speech, voice detection. One file an engine, one table of names."""
