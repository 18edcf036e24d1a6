"""UUIDs of the services and characteristics this package speaks, as bleak writes them (128-bit, lower case).

Source: Bluetooth SIG, Assigned Numbers; Heart Rate Service 1.0; Battery Service 1.0; Device Information
Service 1.1.
"""

from __future__ import annotations

from typing import Final


def uuid16(number: int) -> str:
    """The 128-bit form of a 16-bit assigned number.

    Raises:
        ValueError: the number does not fit 16 bits.
    """
    if not 0 <= number <= 0xFFFF:
        raise ValueError(f"not a 16-bit UUID: {number:#x}")
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


HEART_RATE_SERVICE: Final = uuid16(0x180D)
HEART_RATE_MEASUREMENT: Final = uuid16(0x2A37)  # notify
BODY_SENSOR_LOCATION: Final = uuid16(0x2A38)  # read, one byte: an index into BODY_SENSOR_LOCATIONS
HEART_RATE_CONTROL_POINT: Final = uuid16(0x2A39)  # write RESET_ENERGY; else error 0x80

BATTERY_SERVICE: Final = uuid16(0x180F)
BATTERY_LEVEL: Final = uuid16(0x2A19)  # read, one byte, percent

DEVICE_INFORMATION_SERVICE: Final = uuid16(0x180A)
MODEL_NUMBER: Final = uuid16(0x2A24)  # read, UTF-8
SERIAL_NUMBER: Final = uuid16(0x2A25)
FIRMWARE_REVISION: Final = uuid16(0x2A26)
MANUFACTURER_NAME: Final = uuid16(0x2A29)

BODY_SENSOR_LOCATIONS: Final = ("other", "chest", "wrist", "finger", "hand", "ear lobe", "foot")
RESET_ENERGY: Final = b"\x01"
CONTROL_POINT_NOT_SUPPORTED: Final = 0x80
