"""What the Bluetooth stack throws, as errors that say what a person can do."""

from __future__ import annotations

from typing import Final

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from ble.errors import BluetoothUnavailable, ConnectFailed, StrapError, StrapNotFound

# What bleak and the D-Bus library under it are known to raise; anything else is a defect and must be seen.
STACK_ERRORS: Final = (BleakError, OSError, EOFError, TimeoutError)

_NO_ADAPTER: Final = "Check `bluetoothctl list` and `rfkill list`, then `bluetoothctl power on`"
_NO_SERVICE: Final = "Start it: `sudo systemctl start bluetooth`"
_WAKE: Final = "Wear the strap, wet its electrodes, come closer, and check that no phone or watch holds it"

# D-Bus error name -> (class, what, do)
_DBUS: Final[dict[str, tuple[type[StrapError], str, str]]] = {
    "org.bluez.Error.NotReady": (BluetoothUnavailable, "The Bluetooth adapter is switched off", _NO_ADAPTER),
    "org.bluez.Error.InProgress": (
        ConnectFailed,
        "Another program scans or connects on this adapter",
        "Wait, or close the other program; if it lasts, `sudo systemctl restart bluetooth`",
    ),
    "org.bluez.Error.NotPermitted": (
        BluetoothUnavailable,
        "This user may not use Bluetooth",
        "Add the user to the group bluetooth",
    ),
    "org.freedesktop.DBus.Error.AccessDenied": (
        BluetoothUnavailable,
        "This user may not use Bluetooth",
        "Add the user to the group bluetooth",
    ),
    "org.freedesktop.DBus.Error.ServiceUnknown": (
        BluetoothUnavailable,
        "The Bluetooth service is not running",
        _NO_SERVICE,
    ),
    "org.freedesktop.DBus.Error.NameHasNoOwner": (
        BluetoothUnavailable,
        "The Bluetooth service is not running",
        _NO_SERVICE,
    ),
    "org.freedesktop.DBus.Error.UnknownObject": (
        ConnectFailed,
        "BlueZ has forgotten the strap since the scan",
        "It is looked for again by itself",
    ),
}


def explain(error: BaseException, doing: str, who: str) -> StrapError:  # noqa: PLR0911 - a table of cases
    """The typed error for what the stack threw.

    Args:
        error: one of STACK_ERRORS or a StrapError, which is handed back as it is.
        doing: what was tried, as "scanning for".
        who: the strap, as a person knows it.
    """
    if isinstance(error, StrapError):
        return error
    if isinstance(error, BleakDBusError) and error.dbus_error in _DBUS:
        kind, what, do = _DBUS[error.dbus_error]
        return kind(f"{what} ({doing} {who})", do)
    if isinstance(error, BleakBluetoothNotAvailableError):
        return BluetoothUnavailable(f"Bluetooth is not available ({error.args[0]})", _NO_ADAPTER)
    if isinstance(error, BleakDeviceNotFoundError):
        return StrapNotFound(f"{who} was gone before it could be reached", _WAKE)
    if isinstance(error, BleakCharacteristicNotFoundError):
        return ConnectFailed(f"{who} has no heart rate measurement", "Choose another device")
    if isinstance(error, TimeoutError):
        return ConnectFailed(f"Time ran out while {doing} {who}", _WAKE)
    if isinstance(error, (OSError, EOFError)):
        return BluetoothUnavailable(f"The Bluetooth service can not be reached ({error})", _NO_SERVICE)
    return ConnectFailed(f"{doing.capitalize()} {who} failed ({error})", _WAKE)


def not_found(who: str, scan_s: float) -> StrapNotFound:
    """The scan ended without the strap."""
    return StrapNotFound(f"{who} was not seen in {scan_s:g} s", _WAKE)
