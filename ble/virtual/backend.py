"""A bleak backend on bumble, for BleakScanner(backend=BumbleScanner, central=...) and the client alike.

Both are built on bleak's own base classes, so that what is tested above them is bleak's public API. The
keyword `central` is the bumble device of this host (see `make_central`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import core, hci
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration, Peer
from bumble.gatt import Characteristic

from ble.virtual.air import AirController, AirLink
from ble.virtual.playclock import PlayClock

_HOST_ADDRESS: Final = "F0:F1:F2:F3:F4:F5"
_MTU: Final = 517  # what BlueZ asks for
_RSSI_UNKNOWN: Final = -127
_DISCONNECT_S: Final = 2.0  # takes a few turns of the loop
_P = Characteristic.Properties
_PROPERTIES: Final[tuple[tuple[Any, CharacteristicPropertyName], ...]] = (
    (_P.BROADCAST, "broadcast"),
    (_P.READ, "read"),
    (_P.WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (_P.WRITE, "write"),
    (_P.NOTIFY, "notify"),
    (_P.INDICATE, "indicate"),
)
_UUID_LISTS: Final = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_T = TypeVar("_T")


async def make_central(link: AirLink, name: str = "host") -> Any:
    """The host's Bluetooth adapter on this air, switched on; `power_off` it in the end."""
    controller = AirController(name, link=link)
    central = Device.from_config_with_hci(
        DeviceConfiguration(name=name, address=hci.Address(_HOST_ADDRESS)), controller, controller
    )
    await central.power_on()
    return central


class BumbleScanner(BaseBleakScanner):
    """Scans with a bumble device."""

    def __init__(
        self,
        detection_callback: Any,
        service_uuids: list[str] | None,
        scanning_mode: str,
        *,
        central: Any,
        **_kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._central, self._active = central, scanning_mode == "active"

    async def start(self) -> None:
        """Begin to scan."""
        self.seen_devices = {}
        self._central.on("advertisement", self._on_advertisement)
        if not self._central.is_scanning:
            await _cancellable(self._central.start_scanning(active=self._active, filter_duplicates=False))

    async def stop(self) -> None:
        """End the scan; the device scans on if another scanner listens."""
        self._central.remove_listener("advertisement", self._on_advertisement)
        if not self._central.listeners("advertisement") and self._central.is_scanning:
            await _cancellable(self._central.stop_scanning())

    def _on_advertisement(self, advertisement: Any) -> None:
        data = advertisement.data
        uuids = [_uuid(u) for kind in _UUID_LISTS for listed in data.get_all(kind) for u in listed]
        if not self.is_allowed_uuid(uuids):
            return
        name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or data.get(AdvertisingData.SHORTENED_LOCAL_NAME)
        address = advertisement.address.to_string(with_type_qualifier=False)
        rssi = _RSSI_UNKNOWN if advertisement.rssi is None else advertisement.rssi
        seen = AdvertisementData(name, {}, {}, uuids, None, rssi, (advertisement,))
        device = self.create_or_update_device(address, address, name, advertisement.address, seen)
        self.call_detection_callbacks(device, seen)


class BumbleClient(BaseBleakClient):
    """A GATT client on a bumble device. `play_clock`, if given, is told of every notification handed on."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        central: Any,
        play_clock: PlayClock | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._central, self._play_clock = central, play_clock
        self._device = address_or_ble_device
        self._connection: Any = None
        self._subscriptions: dict[int, Any] = {}
        if play_clock is not None:
            play_clock.watched = True

    @property
    def name(self) -> str:
        """The advertised name, or the address."""
        known = self._device.name if isinstance(self._device, BLEDevice) else None
        return known or self.address.replace(":", "-")

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    @property
    def mtu_size(self) -> int:
        """The ATT MTU, bytes."""
        return int(self._connection.att_mtu) if self._connection else 23

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover; pairing is not supported and ignored."""
        if self._connection:
            raise BleakError("already connected")
        timeout_s = kwargs.get("timeout", self._timeout)
        try:
            self._connection = await self._open(timeout_s)
            self._connection.on("disconnection", self._on_disconnection)
            async with asyncio.timeout(timeout_s):
                peer = Peer(self._connection)
                await self._ask(peer.request_mtu(_MTU))
                await self._ask(peer.discover_all())
        except BaseException:  # cancelled too: nobody else would end this connection
            await self.disconnect()
            raise
        self.services = self._collect(peer)

    async def disconnect(self) -> None:
        """End the connection, if there is one. Does not raise and does not hang: bumble may never answer."""
        connection = self._connection
        if connection is None:
            return
        try:
            async with asyncio.timeout(_DISCONNECT_S):
                await _cancellable(connection.disconnect())
        except (core.BaseBumbleError, TimeoutError):
            pass  # the link is gone already
        finally:
            self._connection = self.services = None

    async def _open(self, timeout_s: float) -> Any:
        """A connection that is still alive."""
        target = self._device.details if isinstance(self._device, BLEDevice) else hci.Address(self.address)
        before = _cancellations()
        try:
            connection = await self._central.connect(target, timeout=timeout_s)
        except (TimeoutError, core.TimeoutError) as error:
            raise TimeoutError(f"connecting to {self.address}") from error
        except asyncio.CancelledError:
            # Python 3.12 and later deliver the cancellation even where the connection has just come about.
            self._connection = self._central.find_connection_by_bd_addr(target)
            raise
        except core.BaseBumbleError as error:
            # Too late to cancel: the connection came about in the same moment, and nobody owns it.
            self._connection = self._central.find_connection_by_bd_addr(target)
            raise BleakError(f"failed to connect: {error}") from error
        if connection.handle not in self._central.connections:
            raise BleakError("the connection ended at once")
        if _cancellations() > before:
            self._connection = connection
            raise asyncio.CancelledError
        return connection

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Not supported."""
        raise NotImplementedError("the virtual link does not pair")

    async def unpair(self) -> None:
        """Not supported."""
        raise NotImplementedError("the virtual link does not pair")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read; nothing is cached."""
        return bytearray(await self._ask(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read; nothing is cached."""
        return bytearray(await self._ask(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        """Write."""
        await self._ask(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        """Write."""
        await self._ask(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Subscribe."""

        def hand_on(value: bytes) -> None:
            callback(bytearray(value))
            if self._play_clock is not None:
                self._play_clock.delivered()

        self._subscriptions[characteristic.handle] = hand_on
        await self._ask(characteristic.obj.subscribe(hand_on))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        hand_on = self._subscriptions.pop(characteristic.handle, None)
        if hand_on is not None:
            await self._ask(characteristic.obj.unsubscribe(hand_on, force=True))

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self.services = None
        self._subscriptions.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def _ask(self, request: Awaitable[_T]) -> _T:
        try:
            return await _cancellable(request)
        except core.ProtocolError as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(f"request failed: {error}") from error
        except asyncio.CancelledError:
            # bumble cancels its pending request when the link goes; a cancelled caller looks the same
            task = asyncio.current_task()
            if self._connection is None and not (task and task.cancelling()):
                raise BleakError("disconnected") from None
            raise

    def _collect(self, peer: Any) -> BleakGATTServiceCollection:
        services = BleakGATTServiceCollection()
        for found in peer.services:
            service = BleakGATTService(found, found.handle, _uuid(found.uuid))
            services.add_service(service)
            for char in found.characteristics:
                properties = [name for bit, name in _PROPERTIES if char.properties & bit]
                characteristic = BleakGATTCharacteristic(
                    char, char.handle, _uuid(char.uuid), properties, lambda: self.mtu_size - 3, service
                )
                services.add_characteristic(characteristic)
                for desc in char.descriptors:
                    services.add_descriptor(
                        BleakGATTDescriptor(desc, desc.handle, _uuid(desc.type), characteristic)
                    )
        return services


async def _cancellable(call: Awaitable[_T]) -> _T:
    """Await, and do not lose a cancellation on the way.

    bumble uses asyncio.wait_for throughout, and that of Python 3.11 swallows a cancellation which comes in
    the same turn of the loop as the result (python/cpython#86296): the task would live on.
    """
    before = _cancellations()
    result = await call
    if _cancellations() > before:
        raise asyncio.CancelledError
    return result


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _uuid(uuid: Any) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
