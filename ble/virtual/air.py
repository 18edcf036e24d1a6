"""The air between virtual Bluetooth controllers: bumble's local link, its faults worked round, with a range.

Faults of bumble 0.0.236 (the reason why its version is pinned):
- LE_Create_Connection_Cancel says success and cancels nothing: connects hang, later ones are refused;
- the sender of data is named by its random address, even on a connection made with the public one;
- a control PDU to a controller that has gone raises;
- there is no range, no loss and no supervision time-out.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bumble import core, hci
from bumble.controller import Controller
from bumble.link import LocalLink

_SUPERVISION_S: Final = 0.5  # short, for demonstrations; a real link takes 0.1-32 s


class AirController(Controller):
    """A controller that can cancel a pending connection."""

    def on_hci_le_create_connection_cancel_command(self, _command: Any) -> Any:
        """Cancel, and send the event that the host waits for (Core specification, vol 4, part E, 7.8.13)."""
        if not self.pending_le_connection:  # type: ignore[has-type]
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=0,
            peer_address_type=0,
            peer_address=hci.Address.ANY,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class AirLink(LocalLink):
    """Who is out of range neither sends nor hears; after the supervision time-out both ends learn of it."""

    def __init__(self, supervision_s: float = _SUPERVISION_S) -> None:
        super().__init__()
        self._supervision_s = supervision_s
        self._away: set[Controller] = set()

    def set_in_range(self, controller: Controller, in_range: bool) -> None:
        """Carry a controller away or back. Back within the supervision time-out, connections live on."""
        if in_range:
            self._away.discard(controller)
        else:
            self._away.add(controller)
        # On return too: one end may have closed in the meantime, and the other never heard of it.
        asyncio.get_running_loop().call_later(self._supervision_s, self._supervise)

    def _supervise(self) -> None:
        for controller in list(self.controllers):
            for connection in list(controller.le_connections.values()):
                peer = self._other_end(connection)
                if peer is None:  # or its connection request is still on the way
                    loop = asyncio.get_running_loop()
                    loop.call_later(self._supervision_s, self._expire_half_open, controller, connection)
                elif {controller, peer} & self._away:
                    self._expire(controller, connection)
                    self._expire(peer, peer.le_connections[connection.self_address])

    def _expire_half_open(self, controller: Controller, connection: Any) -> None:
        if self._other_end(connection) is None:
            self._expire(controller, connection)

    def _expire(self, controller: Controller, connection: Any) -> None:
        if controller.le_connections.get(connection.peer_address) is connection:
            controller.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def _other_end(self, connection: Any) -> Controller | None:
        for controller in self.controllers:
            for other in controller.le_connections.values():
                if (other.self_address, other.peer_address) == (
                    connection.peer_address,
                    connection.self_address,
                ):
                    return controller
        return None

    def send_advertising_pdu(self, sender_controller: Controller, packet: Any) -> None:
        """Advertisements and connection requests, to all who are near."""
        if sender_controller in self._away:
            return
        loop = asyncio.get_running_loop()
        for controller in self.controllers - self._away - {sender_controller}:
            loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def send_acl_data(
        self, sender_controller: Controller, destination_address: Any, transport: Any, data: bytes
    ) -> None:
        """Data on a connection, named by the address the connection was made with."""
        if transport != core.PhysicalTransport.LE:
            super().send_acl_data(sender_controller, destination_address, transport, data)
            return
        receiver = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if receiver is None or connection is None or {sender_controller, receiver} & self._away:
            return
        asyncio.get_running_loop().call_soon(
            receiver.on_link_acl_data, connection.self_address, transport, data
        )

    def send_ll_control_pdu(self, sender_address: Any, receiver_address: Any, packet: Any) -> None:
        """Control of a connection; lost where one end is gone."""
        ends = {self.find_le_controller(sender_address), self.find_le_controller(receiver_address)}
        if None not in ends and not ends & self._away:
            super().send_ll_control_pdu(sender_address, receiver_address, packet)
