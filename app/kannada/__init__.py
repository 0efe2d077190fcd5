"""The Kannada language, as tables that a speaker of it can read and correct."""
