"""Spoken to written, a topic a file. app/kannada/written.py is the door."""
