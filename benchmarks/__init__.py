"""Latency, memory and size, as ratios in one run."""
