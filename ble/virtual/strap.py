"""A chest strap made of software, on a bumble link: it plays frames to whoever subscribes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any, Final

from bumble import att, data_types, gatt, hci
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service

from ble.services import CONTROL_POINT_NOT_SUPPORTED, RESET_ENERGY
from ble.virtual.air import AirController, AirLink
from ble.virtual.playclock import PlayClock

_ADVERTISING_MS: Final = 100
_NAME_MAX_BYTES: Final = 22  # what 31 bytes of advertisement leave beside the flags and one 16-bit UUID
_LOST_AFTER_S: Final = 0.05  # a frame takes well under a millisecond; what is not there by now never comes
_CHEST: Final = 1

_Props, _Perms = Characteristic.Properties, Characteristic.Permissions


class VirtualStrap:
    """Advertises, waits for a subscriber, plays its frames once, and at their end drops the link politely."""

    def __init__(
        self,
        link: AirLink,
        name: str = "Polar H10 12345678",
        frames: Iterable[tuple[float, bytes]] = (),
        speed: float = 1.0,
        *,
        address: str | None = None,
        battery_pct: int = 87,
        model: str = "H10",
        manufacturer: str = "Polar Electro Oy",
    ) -> None:
        """Describe the strap; nothing happens before `start`. Needs a running event loop.

        Args:
            link: the air it is on.
            name: as advertised, 1 to 22 bytes of UTF-8.
            frames: (t_s, value of 0x2A37), in order of time, taken one at a time, sent as they are.
            speed: 1 is real time, 2 twice as fast; 0 is as fast as the link takes it. Above 0 time goes on
                while nobody listens and those frames are lost, as with a real strap; at 0 it waits for a
                listener.
            address: random static address; None makes one.
            battery_pct: 0 to 100.
            model: model number.
            manufacturer: manufacturer name.

        Raises:
            ValueError: a name that does not fit, a negative speed, or a battery out of range.
        """
        if not 1 <= len(name.encode()) <= _NAME_MAX_BYTES:
            raise ValueError(f"the name {name!r} does not fit {_NAME_MAX_BYTES} bytes")
        if not speed >= 0 or not 0 <= battery_pct <= 100:
            raise ValueError(f"speed {speed} must be 0 or more, battery {battery_pct} from 0 to 100")
        self.name, self.clock, self.finished = name, PlayClock(speed), asyncio.Event()
        """`clock`: time of play. `finished`: set once the last frame is out and the link dropped."""
        self.sent = self.energy_resets = 0
        self._link, self._frames, self._speed = link, frames, speed
        own = hci.Address(address) if address else hci.Address.generate_static_address()
        self.address: str = own.to_string(with_type_qualifier=False)
        self._controller = AirController(f"strap {name}", link=link)
        self._device = Device.from_config_with_hci(
            DeviceConfiguration(
                name=name,
                address=own,
                advertising_interval_min=_ADVERTISING_MS,
                advertising_interval_max=_ADVERTISING_MS,
            ),
            self._controller,
            self._controller,
        )
        self._measurement = Characteristic(
            gatt.GATT_HEART_RATE_MEASUREMENT_CHARACTERISTIC, _Props.NOTIFY, _Perms(0), b""
        )
        self._device.add_services(self._services(battery_pct, manufacturer, model))
        self._device.advertising_data = _advertisement(name)
        self._listener = asyncio.Event()
        self._measurement.on("subscription", self._on_subscription)
        self._device.on("connection", lambda c: c.on("disconnection", lambda _reason: self._listener.clear()))
        self._play_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Switch on and advertise."""
        await self._device.power_on()
        await self._device.start_advertising(auto_restart=True)
        self._play_task = asyncio.create_task(self._play())

    async def stop(self) -> None:
        """Switch off: end the play, drop the link, leave the air.

        Raises:
            Exception: whatever the iterable of frames raised.
        """
        task, self._play_task = self._play_task, None
        try:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        finally:
            await self._leave()
            await self._device.power_off()
            self._link.controllers.discard(self._controller)

    async def drop(self) -> None:
        """End the connection politely (LL_TERMINATE_IND), as when it is taken off; it advertises again."""
        for connection in list(self._device.connections.values()):
            await connection.disconnect()

    def set_in_range(self, in_range: bool) -> None:
        """Carry the strap out of range or back."""
        self._link.set_in_range(self._controller, in_range)

    async def _leave(self) -> None:
        await self._device.stop_advertising()
        await self.drop()
        if self._device.is_advertising:
            await self._device.stop_advertising()

    async def _play(self) -> None:
        first_s = begun = None
        for t_s, data in self._frames:
            self.clock.due(t_s)
            if first_s is None or begun is None:
                await self._listener.wait()
                first_s, begun = t_s, time.monotonic()
            if self._speed:
                await asyncio.sleep(begun + (t_s - first_s) / self._speed - time.monotonic())
            else:
                await self._listener.wait()
            self.clock.sent(t_s)
            await self._device.notify_subscribers(self._measurement, data)
            self.sent += 1
            await self.clock.arrival(_LOST_AFTER_S)
        self.clock.due(None)
        if first_s is not None:
            await self._leave()
        self.finished.set()

    def _on_subscription(self, _connection: Any, notify: bool, _indicate: bool) -> None:
        if notify:
            self._listener.set()
        else:
            self._listener.clear()

    def _control(self, _connection: Any, value: bytes) -> None:
        if value != RESET_ENERGY:
            raise att.ATT_Error(CONTROL_POINT_NOT_SUPPORTED)
        self.energy_resets += 1

    def _services(self, battery_pct: int, manufacturer: str, model: str) -> list[Any]:
        return [
            Service(
                gatt.GATT_HEART_RATE_SERVICE,
                [
                    self._measurement,
                    _readable(gatt.GATT_BODY_SENSOR_LOCATION_CHARACTERISTIC, bytes([_CHEST])),
                    Characteristic(
                        gatt.GATT_HEART_RATE_CONTROL_POINT_CHARACTERISTIC,
                        _Props.WRITE,
                        _Perms.WRITEABLE,
                        CharacteristicValue(write=self._control),
                    ),
                ],
            ),
            Service(
                gatt.GATT_BATTERY_SERVICE,
                [_readable(gatt.GATT_BATTERY_LEVEL_CHARACTERISTIC, bytes([battery_pct]))],
            ),
            Service(
                gatt.GATT_DEVICE_INFORMATION_SERVICE,
                [
                    _readable(gatt.GATT_MANUFACTURER_NAME_STRING_CHARACTERISTIC, manufacturer.encode()),
                    _readable(gatt.GATT_MODEL_NUMBER_STRING_CHARACTERISTIC, model.encode()),
                ],
            ),
        ]


def _readable(uuid: Any, value: bytes) -> Any:
    return Characteristic(uuid, _Props.READ, _Perms.READABLE, value)


def _advertisement(name: str) -> bytes:
    flags = AdvertisingData.Flags
    return bytes(
        AdvertisingData(
            [
                data_types.Flags(flags.LE_GENERAL_DISCOVERABLE_MODE | flags.BR_EDR_NOT_SUPPORTED),
                data_types.CompleteLocalName(name),
                data_types.IncompleteListOf16BitServiceUUIDs([gatt.GATT_HEART_RATE_SERVICE]),
            ]
        )
    )
