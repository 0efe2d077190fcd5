"""Checkpoints with random weights in the layouts that are published: what loading and converting is tested on."""
