"""Files of heart rates and RR intervals, read into the notifications a strap would have sent."""

from edge.importers.load import load
from edge.importers.track import Track

__all__ = ["Track", "load"]
