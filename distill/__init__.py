"""Workstation only: teacher, student, quantization, bundle."""
