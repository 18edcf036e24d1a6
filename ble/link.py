"""One link to one strap: scan, connect, subscribe, receive, close; each call with a time-out.

A BLEDevice serves one attempt only: BlueZ forgets a device after a failed connect, and one kept longer is
"not found" for ever. Scans and connects run one at a time in a process: BlueZ answers a second one with
InProgress.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from ble.errors import StrapNotFound
from ble.failures import STACK_ERRORS, explain, not_found
from ble.services import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE

_radio: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPolicy:
    """How patient the link is. All in real seconds, whatever clock stamps the samples.

    Attributes:
        scan_s: one scan; straps advertise several times a second, a worn one is seen in 1-3 s.
        choose_s: one scan when neither address nor name is given: always the whole of it,
            to see whether there are several.
        connect_s: connect and service discovery; BlueZ itself gives up after about 25 s.
        call_s: any other call, among them disconnect.
        backoff_first_s: pause after the first failure; doubles from there.
        backoff_max_s: the longest pause; a person who comes back waits no longer than this and a scan.
        silent_link_factor: a link that stays silent for this many `silence_s` is dropped and made anew.
    """

    scan_s: float = 10.0
    choose_s: float = 5.0
    connect_s: float = 30.0
    call_s: float = 10.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 30.0
    silent_link_factor: float = 3.0


@dataclass(frozen=True, slots=True)
class SeenStrap:
    """A strap on the air.

    Attributes:
        address: Bluetooth address.
        name: as advertised; empty where it says none.
        rssi_dbm: signal strength, dBm; under about -85 the link will suffer.
    """

    address: str
    name: str
    rssi_dbm: int


def backoff_s(failures: int, policy: LinkPolicy) -> float:
    """The pause before the next attempt: doubling, capped, and between half and all of that by chance.

    Chance keeps two hosts, or two straps of one host, from colliding for ever.
    """
    longest = min(policy.backoff_max_s, policy.backoff_first_s * 2.0 ** min(failures - 1, 30))
    return longest * random.uniform(0.5, 1.0)


def radio_lock() -> asyncio.Lock:
    """The lock of the running loop that every scan and connect takes."""
    return _radio.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def nearby(
    scan_s: float = 5.0,
    *,
    scanner_backend: Any = None,
    backend_args: Mapping[str, Any] | None = None,
) -> tuple[SeenStrap, ...]:
    """Every device that offers the heart rate service, the strongest first.

    Raises:
        BluetoothUnavailable: no adapter, service or permission.
        ConnectFailed: the adapter is busy or the scan hangs.
    """
    try:
        async with radio_lock(), asyncio.timeout(scan_s + 10):
            found = await BleakScanner.discover(
                scan_s, return_adv=True, backend=scanner_backend, **(backend_args or {})
            )
    except STACK_ERRORS as error:
        raise explain(error, "scanning for", "straps") from error
    seen = [
        SeenStrap(device.address, adv.local_name or device.name or "", adv.rssi)
        for device, adv in found.values()
        if HEART_RATE_SERVICE in adv.service_uuids
    ]
    return tuple(sorted(seen, key=lambda strap: (-strap.rssi_dbm, strap.address)))


class Link:
    """One attempt at one strap. Make a new one for every attempt; always `close` it."""

    def __init__(
        self,
        *,
        address: str | None,
        name: str | None,
        scanner_backend: Any,
        client_backend: Any,
        backend_args: Mapping[str, Any],
        policy: LinkPolicy,
        clock: Callable[[], float],
    ) -> None:
        self._address, self._name = address, name
        self._scanner_backend, self._client_backend = scanner_backend, client_backend
        self._backend_args, self._policy, self._clock = backend_args, policy, clock
        self._client: BleakClient | None = None
        self._inbox: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
        self.who = address or name or "the strap"

    async def scan(self) -> BLEDevice:
        """Find the strap anew: by address, by name, or, with neither, the only one there is.

        Raises:
            StrapNotFound: not seen, or several and none chosen.
            BluetoothUnavailable, ConnectFailed: the stack's own trouble.
        """
        try:
            async with radio_lock(), asyncio.timeout(self._policy.scan_s + self._policy.call_s):
                device = await (self._find() if self._address or self._name else self._choose())
                if device is None and self._scanner_backend is None:
                    device = await self._already_connected()
        except STACK_ERRORS as error:
            raise explain(error, "scanning for", self.who) from error
        if device is None:
            raise not_found(self.who, self._policy.scan_s)
        return device

    async def connect(self, device: BLEDevice) -> None:
        """Connect and discover services.

        Raises:
            ConnectFailed, StrapNotFound, BluetoothUnavailable: see what they say.
        """
        self._client = BleakClient(
            device,
            lambda _client: self._inbox.put_nowait(None),
            timeout=self._policy.connect_s,
            backend=self._client_backend,
            **self._backend_args,
        )
        try:
            async with radio_lock(), asyncio.timeout(self._policy.connect_s):
                await self._client.connect()
        except STACK_ERRORS as error:
            raise explain(error, "connecting to", self.who) from error

    async def subscribe(self) -> None:
        """Ask for notifications.

        Raises:
            ConnectFailed: no such characteristic, or the link went.
        """
        if self._client is None:
            raise RuntimeError("subscribe before connect")
        try:
            async with asyncio.timeout(self._policy.call_s):
                await self._client.start_notify(
                    HEART_RATE_MEASUREMENT,
                    lambda _char, data: self._inbox.put_nowait((self._clock(), bytes(data))),
                )
        except STACK_ERRORS as error:
            raise explain(error, "subscribing to", self.who) from error

    async def receive(self, timeout_s: float) -> tuple[float, bytes] | None:
        """The next notification with the clock's time of its arrival; None when the link is gone.

        Raises:
            TimeoutError: nothing came in `timeout_s`.
        """
        if self._inbox.empty():
            async with asyncio.timeout(max(0.0, timeout_s)):
                return await self._inbox.get()
        return self._inbox.get_nowait()

    async def close(self) -> None:
        """Disconnect, whatever state the link is in. Never raises for a link that is already gone."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(*STACK_ERRORS):
            async with asyncio.timeout(self._policy.call_s):
                await client.disconnect()

    async def _find(self) -> BLEDevice | None:
        return await BleakScanner.find_device_by_filter(
            self._is_mine, self._policy.scan_s, backend=self._scanner_backend, **self._backend_args
        )

    def _is_mine(self, device: BLEDevice, adv: AdvertisementData) -> bool:
        if self._address:
            return device.address.casefold() == self._address.casefold()
        names = {(adv.local_name or "").casefold(), (device.name or "").casefold()}
        return (self._name or "").casefold() in names

    async def _choose(self) -> BLEDevice | None:
        found = await BleakScanner.discover(
            self._policy.choose_s, return_adv=True, backend=self._scanner_backend, **self._backend_args
        )
        straps = [device for device, adv in found.values() if HEART_RATE_SERVICE in adv.service_uuids]
        return self._only(straps)

    def _only(self, straps: list[BLEDevice]) -> BLEDevice | None:
        # In a gym the first one found is somebody else's.
        if len(straps) > 1:
            listed = ", ".join(sorted(f"{strap.name or '?'} ({strap.address})" for strap in straps))
            raise StrapNotFound(f"{len(straps)} straps are near: {listed}", "Choose one by address or name")
        return straps[0] if straps else None

    async def _already_connected(self) -> BLEDevice | None:
        """A strap that an earlier run left connected does not advertise."""
        adapter = await BleakAdapter.get(bluez=self._backend_args.get("bluez", {}))
        connected = await adapter.get_connected_devices([HEART_RATE_SERVICE])
        if self._address:
            connected = [d for d in connected if d.address.casefold() == self._address.casefold()]
        elif self._name:
            connected = [d for d in connected if (d.name or "").casefold() == self._name.casefold()]
        return self._only(connected)
