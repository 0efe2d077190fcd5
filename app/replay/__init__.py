"""Recorded calls: traces played again, and what they say about a call."""
