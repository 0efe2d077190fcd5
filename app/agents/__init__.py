"""Agents: what answers the caller, in English. One file an agent."""
