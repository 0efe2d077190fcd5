"""Agents: what answers the caller, in English. `flow` from a readable file, `openai` by a language model."""
