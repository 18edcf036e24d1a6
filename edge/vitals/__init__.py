"""Numbers: zones, RR intervals, HRV, trend."""
