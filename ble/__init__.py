"""Bluetooth LE heart-rate straps."""
