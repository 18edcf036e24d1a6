"""A heart-rate strap as a stream of samples, gaps and link events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from ble.errors import LinkLost, MeasurementError, StrapError
from ble.events import Event, Gap, LinkEvent, LinkState, Sample
from ble.link import Link, LinkPolicy, backoff_s
from ble.measurement import RRUnit, decode

_LEFT = "Come back into range, wear the strap; it is looked for again by itself"


class HeartRateStrap:
    """One strap, chosen by address or name, read for as long as somebody iterates over `events`."""

    def __init__(
        self,
        *,
        address: str | None = None,
        name: str | None = None,
        scanner_backend: Any = None,
        client_backend: Any = None,
        backend_args: Mapping[str, Any] | None = None,
        silence_s: float = 5.0,
        retry: bool = True,
        clock: Callable[[], float] = time.monotonic,
        rr_unit: RRUnit | None = None,
        policy: LinkPolicy | None = None,
    ) -> None:
        """Nothing is touched before `events` is iterated.

        Args:
            address: Bluetooth address, any case. Goes before `name`.
            name: advertised name, any case, whole. With neither, the only strap near is taken and then kept;
                several are refused.
            scanner_backend: class for BleakScanner(backend=...); None is the system's.
            client_backend: class for BleakClient(backend=...); None is the system's.
            backend_args: further arguments for both, as {"bluez": {"adapter": "hci1"}}.
            silence_s: without a readable sample for so long (real seconds) the link is stale.
            retry: look for the strap again after every failure, without end. False: stop at the first.
            clock: stamps events, seconds. Watchdog and back-off run on real time in any case.
            rr_unit: how the device counts RR; None takes milliseconds for a WHOOP and 1/1024 s for the rest.
            policy: time-outs and pauses.

        Raises:
            ValueError: a silence that is not above 0.
        """
        if not silence_s > 0:
            raise ValueError(f"silence_s must be above 0, got {silence_s}")
        self._address, self._name = address, name
        self._scanner_backend, self._client_backend = scanner_backend, client_backend
        self._backend_args = dict(backend_args or {})
        self._silence_s, self._retry, self._clock = silence_s, retry, clock
        self._rr_unit, self._policy = rr_unit, policy or LinkPolicy()
        self._start_s = 0.0
        self._last_s: float | None = None  # time of the last sample; None before the first
        self._pending_faults: list[str] = []
        self.bad_frames = 0
        """Notifications with a fault, so far."""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield what happens, in order, until closed; with retry=False until the link is gone.

        The last event before an end of its own is LinkEvent off. Closing (aclose, or cancelling the task)
        disconnects. After a Sample only the next LinkEvent tells whether it is still current.

        Raises:
            StrapError: only with retry=False, and only if no sample ever came: why.
        """
        self._start_s, self._last_s, self._pending_faults = self._clock(), None, []
        failures = 0
        while True:
            link = self._new_link()
            before_s = self._last_s
            try:
                async with aclosing(self._attempt(link)) as attempt:
                    async for event in attempt:
                        yield event
            except StrapError as error:
                failure = error
            finally:
                await link.close()
            failures = failures + 1 if self._last_s == before_s else 1
            if not self._retry:
                yield self._now(LinkState.OFF, str(failure))
                if self._last_s is None:
                    raise failure
                return
            pause_s = backoff_s(failures, self._policy)
            yield self._now(LinkState.BACKING_OFF, f"{failure} (next try in {pause_s:.1f} s)")
            await asyncio.sleep(pause_s)

    def _new_link(self) -> Link:
        return Link(
            address=self._address,
            name=self._name,
            scanner_backend=self._scanner_backend,
            client_backend=self._client_backend,
            backend_args=self._backend_args,
            policy=self._policy,
            clock=self._clock,
        )

    async def _attempt(self, link: Link) -> AsyncGenerator[Event, None]:
        """One scan, one connection, all its samples; ends only by a StrapError (LinkLost after it was up)."""
        yield self._now(LinkState.SCANNING, f"looking for {link.who}")
        device = await link.scan()
        self._address = self._address or device.address
        unit = self._rr_unit or _unit_of(device.name)
        yield self._now(LinkState.CONNECTING, f"found {device.name or device.address}")
        await link.connect(device)
        yield self._now(LinkState.SUBSCRIBING, "connected")
        await link.subscribe()
        loop = asyncio.get_running_loop()
        live = stale = False
        heard = loop.time()  # real time of the last readable sample, or of the subscription
        while True:
            patience_s = self._silence_s * (self._policy.silent_link_factor if stale else 1.0)
            try:
                received = await link.receive(heard + patience_s - loop.time())
            except TimeoutError:
                quiet = f"no readable sample for {loop.time() - heard:.1f} s"
                if stale:
                    raise LinkLost(f"{link.who}: {quiet} on an open link", _LEFT) from None
                live, stale = False, True
                yield self._now(LinkState.STALE, quiet)
                yield self._gap(self._elapsed_s(), quiet)
                continue
            if received is None:
                raise LinkLost(f"{link.who} ended the connection or went out of range", _LEFT)
            sample = self._sample(received, unit)
            if sample is None:
                continue
            heard = loop.time()
            if not live:
                if self._last_s is not None:
                    yield self._gap(sample.t_s, "data is back")
                yield LinkEvent(sample.t_s, LinkState.LIVE, "data again" if stale else "data")
                live, stale = True, False
            elif self._last_s is not None and sample.t_s - self._last_s > self._silence_s:
                yield self._gap(
                    sample.t_s, "a hole in the strap's data"
                )  # only a clock faster than real time
            self._last_s = sample.t_s
            yield sample

    def _sample(self, received: tuple[float, bytes], unit: RRUnit) -> Sample | None:
        """The sample of a frame; None for one without a heart rate, whose fault goes to the next sample."""
        at_s, data = received
        try:
            measurement = decode(data)
        except MeasurementError as error:
            self.bad_frames += 1
            self._pending_faults.append(f"lost frame: {error.what}")
            return None
        if measurement.faults:
            self.bad_frames += 1
        faults = (*self._pending_faults, *measurement.faults)
        self._pending_faults.clear()
        return Sample(
            t_s=at_s - self._start_s,
            bpm=measurement.bpm,
            rr_ms=measurement.rr_ms(unit),
            contact=measurement.contact,
            energy_kj=measurement.energy_kj,
            faults=faults,
        )

    def _elapsed_s(self) -> float:
        return self._clock() - self._start_s

    def _now(self, state: LinkState, reason: str) -> LinkEvent:
        return LinkEvent(self._elapsed_s(), state, reason)

    def _gap(self, until_s: float, reason: str) -> Gap:
        begin_s = self._last_s or 0.0
        return Gap(begin_s, max(0.0, until_s - begin_s), reason)


def _unit_of(name: str | None) -> RRUnit:
    # WHOOP 5 sends RR in milliseconds where the standard has 1/1024 s.
    return RRUnit.MILLISECONDS if (name or "").upper().startswith("WHOOP") else RRUnit.TICKS_1024
