"""HeartRateStrap through bleak's public API over virtual controllers: every byte and every loss."""

from __future__ import annotations

import asyncio
import inspect
import random
from contextlib import asynccontextmanager

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakGATTProtocolError

from ble import failures, services
from ble.errors import BluetoothUnavailable, ConnectFailed, LinkLost, StrapError, StrapNotFound
from ble.events import Gap, LinkEvent, LinkState, Sample
from ble.link import LinkPolicy, backoff_s, nearby
from ble.measurement import Measurement, RRUnit, decode, encode
from ble.strap import HeartRateStrap
from ble.virtual import (
    AirLink,
    BumbleClient,
    BumbleScanner,
    SimulatedHeart,
    VirtualStrap,
    frames,
    make_central,
    strap_kwargs,
    virtual_strap,
)

# The waits of the field, shortened: what is tested is the order of things, not how long they take.
BRISK = LinkPolicy(
    scan_s=0.6, choose_s=0.4, connect_s=5.0, call_s=5.0, backoff_first_s=0.02, backoff_max_s=0.05
)
FIELD = ["163c1104", "063c", "164ed202c802", "103eb103de", "16485401ec02", "103c1104"]


def steady(count, period_s=1.0):
    return [(i * period_s, encode(Measurement(60 + i % 100, rr_ticks=(1000, 1001)))) for i in range(count)]


async def gather(strap, until=None):
    """All events, or those up to and with the first for which `until` holds."""
    events = []
    stream = strap.events()
    async for event in stream:
        events.append(event)
        if until is not None and until(event, events):
            break
    await stream.aclose()
    return events


def samples(events):
    return [e for e in events if isinstance(e, Sample)]


def states(events):
    return [e.state for e in events if isinstance(e, LinkEvent)]


@asynccontextmanager
async def bench(*straps_frames, speed=0.0, supervision_s=0.1):
    """Straps named A, B, ... and a host, all on one air."""
    link = AirLink(supervision_s)
    straps = [VirtualStrap(link, chr(65 + i), f, speed) for i, f in enumerate(straps_frames)]
    central = await make_central(link)
    for strap in straps:
        await strap.start()
    try:
        yield straps, central
    finally:
        for strap in straps:
            await strap.stop()
        await central.power_off()


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(30):
            await coroutine
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"

    asyncio.run(bounded())


def test_samples_equal_the_frames_that_were_played():
    played = list(frames(SimulatedHeart(seed=5).beats(lambda t: t / 600, 300)))

    async def check():
        async with virtual_strap(played, speed=0) as kwargs:
            events = await gather(HeartRateStrap(**kwargs, retry=False))
        got = samples(events)
        assert [s.t_s for s in got] == [t for t, _ in played]
        for sample, (_, data) in zip(got, played, strict=True):
            sent = decode(data)
            assert (sample.bpm, sample.rr_ms, sample.contact) == (sent.bpm, sent.rr_ms(), sent.contact)
        assert states(events) == ["scanning", "connecting", "subscribing", "live", "off"]
        assert not any(isinstance(e, Gap) for e in events)

    run(check())


def test_bad_frames_are_counted_and_never_raise():
    raw = [bytes.fromhex(text) for text in FIELD] + [b"", b"\x01\x3c", b"\x16\x3c\x11\x04"]

    async def check():
        async with virtual_strap(list(enumerate(raw)), speed=0) as kwargs:
            strap = HeartRateStrap(**kwargs, retry=False)
            got = samples(await gather(strap))
        assert [s.bpm for s in got] == [60, 60, 78, 62, 72, 60, 60]
        assert strap.bad_frames == 3
        assert got[3].faults and got[3].rr_ms == (945 * 1000 / 1024,)
        assert len(got[-1].faults) == 2 and all(f.startswith("lost frame") for f in got[-1].faults)
        assert got[-2].faults == ()

    run(check())


def test_a_hole_in_the_play_is_a_gap_at_any_speed():
    played = [(0.0, b"\x00\x3c"), (1.0, b"\x00\x3d"), (61.0, b"\x00\x3e")]

    async def check():
        async with virtual_strap(played, speed=0) as kwargs:
            events = await gather(HeartRateStrap(**kwargs, retry=False))
        data = [e for e in events if not isinstance(e, LinkEvent)]
        assert [type(e) for e in data] == [Sample, Sample, Gap, Sample]
        assert (data[2].t_s, data[2].duration_s) == (1.0, 60.0)

    run(check())


def test_range_loss_makes_a_gap_and_a_new_subscription():
    async def check():
        async with bench(steady(2000), speed=50.0) as ((strap,), central):
            reader = HeartRateStrap(**strap_kwargs(strap, central), policy=BRISK)
            events = []
            lost = False
            stream = reader.events()
            async for event in stream:
                events.append(event)
                if len(samples(events)) == 5 and not lost:
                    lost = True
                    strap.set_in_range(False)
                if isinstance(event, LinkEvent) and event.state is LinkState.BACKING_OFF:
                    strap.set_in_range(True)
                if (
                    lost
                    and samples(events)[5:]
                    and events[-1] is samples(events)[-1]
                    and "live" in states(events[events.index(samples(events)[4]) :])
                ):
                    break
            await stream.aclose()
            assert not central.connections
        seen = states(events)
        assert seen[:4] == ["scanning", "connecting", "subscribing", "live"]
        assert seen[4] == "backing_off"
        assert seen[-4:] == ["scanning", "connecting", "subscribing", "live"]
        gap = next(e for e in events if isinstance(e, Gap))
        before = [s for s in samples(events) if s.t_s <= gap.t_s][-1]
        after = next(s for s in samples(events) if s.t_s > gap.t_s)
        assert gap.t_s == before.t_s
        assert gap.duration_s == pytest.approx(after.t_s - before.t_s)
        # Never a sample between the loss and the next "live".
        down = events[events.index(next(e for e in events if getattr(e, "state", None) == "backing_off")) :]
        up = next(i for i, e in enumerate(down) if getattr(e, "state", None) == "live")
        assert not samples(down[:up])

    run(check())


def test_a_polite_drop_is_followed_by_a_reconnect():
    async def check():
        async with bench(steady(400), speed=0) as ((strap,), central):
            reader = HeartRateStrap(**strap_kwargs(strap, central), policy=BRISK)
            stream = reader.events()
            events = []
            async for event in stream:
                events.append(event)
                if len(samples(events)) == 5 and event is samples(events)[-1]:
                    await strap.drop()
                if states(events).count("live") == 2 and isinstance(event, Sample):
                    break
            await stream.aclose()
        assert states(events).count("backing_off") == 1
        assert len([e for e in events if isinstance(e, Gap)]) == 1

    run(check())


def test_silence_on_an_open_link_is_stale_then_a_new_link():
    async def check():
        # Two frames, then nothing for a long time: connected but silent.
        async with bench([*steady(2), (1e6, b"\x00\x3c")], speed=100.0) as ((strap,), central):
            policy = LinkPolicy(scan_s=0.6, backoff_first_s=0.02, silent_link_factor=2.0)
            reader = HeartRateStrap(**strap_kwargs(strap, central), silence_s=0.15, policy=policy)
            events = await gather(reader, lambda e, _: getattr(e, "state", None) == "backing_off")
        assert states(events) == ["scanning", "connecting", "subscribing", "live", "stale", "backing_off"]
        stale = next(i for i, e in enumerate(events) if getattr(e, "state", None) == "stale")
        gap = events[stale + 1]
        assert isinstance(gap, Gap)
        assert gap.t_s == samples(events)[-1].t_s
        assert gap.duration_s > 0
        assert not samples(events[stale:])

    run(check())


def test_data_after_a_silence_is_live_again():
    async def check():
        async with bench([(0.0, b"\x00\x3c"), (0.5, b"\x00\x3d")], speed=1.0) as ((strap,), central):
            reader = HeartRateStrap(**strap_kwargs(strap, central), silence_s=0.2, retry=False, policy=BRISK)
            events = await gather(reader)
        assert states(events)[3:] == ["live", "stale", "live", "off"]
        first, second = [e for e in events if isinstance(e, Gap)]
        assert first.t_s == second.t_s == samples(events)[0].t_s
        assert first.duration_s < second.duration_s == pytest.approx(0.5)

    run(check())


def test_only_unreadable_frames_are_silence():
    async def check():
        played = [(0.0, b"\x00\x3c")] + [(i / 20, b"") for i in range(1, 60)]
        async with bench(played, speed=1.0) as ((strap,), central):
            reader = HeartRateStrap(**strap_kwargs(strap, central), silence_s=0.3, retry=False, policy=BRISK)
            events = await gather(reader, lambda e, _: getattr(e, "state", None) == "stale")
            assert reader.bad_frames > 0
        assert states(events)[-1] == "stale"

    run(check())


def test_with_two_straps_near_nothing_is_guessed():
    async def check():
        async with bench(steady(3), steady(4)) as ((a, b), central):
            air = {"scanner_backend": BumbleScanner, "client_backend": BumbleClient}
            air["backend_args"] = {"central": central}
            with pytest.raises(StrapNotFound, match=r"2 straps are near: A \(.*B \(.*Choose one"):
                await gather(HeartRateStrap(**air, retry=False, policy=BRISK))
            seen = await nearby(0.3, scanner_backend=BumbleScanner, backend_args=air["backend_args"])
            assert {s.name: s.address for s in seen} == {"A": a.address, "B": b.address}
            by_address = HeartRateStrap(**air, address=b.address.lower(), retry=False, policy=BRISK)
            assert len(samples(await gather(by_address))) == 4
            # B has left: the only one is taken.
            assert len(samples(await gather(HeartRateStrap(**air, retry=False, policy=BRISK)))) == 3

    run(check())


def test_no_strap_is_off_and_a_typed_error_without_retry():
    async def check():
        async with bench() as ((), central):
            reader = HeartRateStrap(
                name="Nobody",
                scanner_backend=BumbleScanner,
                client_backend=BumbleClient,
                backend_args={"central": central},
                retry=False,
                policy=BRISK,
            )
            events = []
            with pytest.raises(StrapNotFound, match="Nobody was not seen"):
                async for event in reader.events():
                    events.append(event)  # noqa: PERF401 - the events before the error count
        assert states(events) == ["scanning", "off"]

    run(check())


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233])
def test_cancelling_the_reader_disconnects_at_any_moment(turns):
    async def check():
        async with bench(steady(100_000)) as ((strap,), central):
            reader = HeartRateStrap(**strap_kwargs(strap, central), policy=BRISK)
            task = asyncio.create_task(gather(reader))
            while not central.connections:
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=5)
            assert done, "the cancellation was lost"
            assert task.cancelled()
            assert not central.connections

    run(check())


def test_cancelling_while_it_scans():
    async def check():
        async with bench() as ((), central):
            nobody = {"name": "Nobody", "scanner_backend": BumbleScanner, "client_backend": BumbleClient}
            reader = HeartRateStrap(**nobody, backend_args={"central": central})
            task = asyncio.create_task(gather(reader))
            while not central.is_scanning:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
            assert not central.is_scanning

    run(check())


def test_whoop_counts_milliseconds():
    async def check():
        for name, unit, expected in [
            ("WHOOP 5", None, 1000.0),
            ("WHOOP 5", RRUnit.TICKS_1024, 976.5625),
            ("Other", None, 976.5625),
        ]:
            async with virtual_strap([(0, b"\x10\x3c\xe8\x03")], speed=0, name=name) as kwargs:
                got = samples(await gather(HeartRateStrap(**kwargs, retry=False, rr_unit=unit)))
            assert got[0].rr_ms == (expected,)

    run(check())


def test_the_other_services_of_the_virtual_strap():
    async def check():
        async with bench(steady(3)) as ((strap,), central):
            device = await BleakScanner.find_device_by_name("A", 2, backend=BumbleScanner, central=central)
            async with BleakClient(device, backend=BumbleClient, central=central) as client:
                assert await client.read_gatt_char(services.BATTERY_LEVEL) == bytes([87])
                assert await client.read_gatt_char(services.BODY_SENSOR_LOCATION) == b"\x01"
                assert await client.read_gatt_char(services.MODEL_NUMBER) == b"H10"
                assert await client.read_gatt_char(services.MANUFACTURER_NAME) == b"Polar Electro Oy"
                point = services.HEART_RATE_CONTROL_POINT
                await client.write_gatt_char(point, services.RESET_ENERGY, response=True)
                with pytest.raises(BleakGATTProtocolError) as refused:
                    await client.write_gatt_char(point, b"\x07", response=True)
                assert refused.value.code == services.CONTROL_POINT_NOT_SUPPORTED
            assert strap.energy_resets == 1

    run(check())


def test_connecting_to_a_strap_that_left_times_out_and_the_next_connect_works():
    async def check():
        async with bench(steady(3)) as ((strap,), central):
            device = await BleakScanner.find_device_by_name("A", 2, backend=BumbleScanner, central=central)
            strap.set_in_range(False)
            client = BleakClient(device, backend=BumbleClient, central=central, timeout=0.2)
            with pytest.raises(TimeoutError):
                await client.connect()
            strap.set_in_range(True)
            async with BleakClient(device, backend=BumbleClient, central=central, timeout=10) as client:
                assert client.is_connected

    run(check())


@pytest.mark.parametrize(
    ("thrown", "kind", "says"),
    [
        (BleakDBusError("org.bluez.Error.NotReady", []), BluetoothUnavailable, "power on"),
        (BleakDBusError("org.bluez.Error.InProgress", []), ConnectFailed, "Another program"),
        (BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort"]), ConnectFailed, "le-connection"),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []), BluetoothUnavailable, "systemctl"),
        (TimeoutError(), ConnectFailed, "Time ran out"),
        (FileNotFoundError("/run/dbus"), BluetoothUnavailable, "can not be reached"),
        (LinkLost("gone", "come back"), LinkLost, "gone. come back"),
    ],
)
def test_what_the_stack_throws_says_what_to_do(thrown, kind, says):
    error = failures.explain(thrown, "connecting to", "A")
    assert type(error) is kind
    assert isinstance(error, StrapError)
    assert says in str(error)


def test_back_off_doubles_to_a_cap_with_jitter():
    random.seed(1)
    policy = LinkPolicy(backoff_first_s=1, backoff_max_s=30)
    for failures_so_far, longest in [(1, 1), (2, 2), (5, 16), (6, 30), (10_000, 30)]:
        pauses = [backoff_s(failures_so_far, policy) for _ in range(50)]
        assert all(longest / 2 <= p <= longest for p in pauses)
        assert len(set(pauses)) > 1


def test_settings_that_can_not_be():
    with pytest.raises(ValueError, match="silence_s"):
        HeartRateStrap(silence_s=0)

    async def check():
        link = AirLink()
        for wrong in ({"name": ""}, {"name": "x" * 23}, {"speed": -1}, {"battery_pct": 101}):
            with pytest.raises(ValueError, match=r"name|speed"):
                VirtualStrap(link, **wrong)
        await asyncio.sleep(0)

    run(check())


def test_the_public_signature_others_rely_on():
    parameters = inspect.signature(HeartRateStrap).parameters
    agreed = ["address", "name", "scanner_backend", "client_backend", "backend_args", "silence_s", "retry"]
    assert list(parameters)[: len(agreed) + 1] == [*agreed, "clock"]
    assert inspect.isasyncgenfunction(HeartRateStrap.events)
