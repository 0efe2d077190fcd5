"""Wires of telephone carriers: what they send, what they are told.

Knows nothing of bots and imports nothing from app.
"""
