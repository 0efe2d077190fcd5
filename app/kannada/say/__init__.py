"""Written to spoken, a topic a file. app/kannada/spoken.py is the door."""
