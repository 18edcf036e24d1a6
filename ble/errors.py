"""What can go wrong between a strap and the reader: what happened and what a person can do about it."""

from __future__ import annotations


class StrapError(Exception):
    """Base of every error of this package.

    Attributes:
        what: what was wrong, naming the device, frame or file.
        do: what the person can do about it.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}. {do}")
        self.what = what
        self.do = do


class MeasurementError(StrapError):
    """A heart rate measurement that can not be read (bytes) or written (values out of range)."""


class StrapNotFound(StrapError):  # noqa: N818 - the name is public
    """The scan ended without the strap that was asked for."""


class ConnectFailed(StrapError):  # noqa: N818 - the name is public
    """The strap was seen, but no connection with a heart rate service came about."""


class LinkLost(StrapError):  # noqa: N818 - the name is public
    """A working connection ended or fell silent."""


class BluetoothUnavailable(StrapError):  # noqa: N818 - the name is public
    """The machine has no usable Bluetooth adapter, service or permission."""


class RecordingError(StrapError):
    """A recording file that is missing, broken or can not be written."""
