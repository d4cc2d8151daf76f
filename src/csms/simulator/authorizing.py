"""Who may charge: by asking the central system, from memory, and by reservation."""

from csms.ocpp import v16
from csms.simulator.authorization import Cache, LocalList
from csms.simulator.connector import Connector
from csms.simulator.controller import Controller
from csms.simulator.modem import CallFailed, ConnectionLost
from csms.simulator.reservations import Reservation, Reservations
from csms.simulator.spec import StationSpec
from csms.simulator.world import World


class Authorizing(Controller):
    """A controller that decides about id tags."""

    def __init__(self, spec: StationSpec, world: World) -> None:
        super().__init__(spec, world)
        self.local_list = LocalList()
        self.cache = Cache()
        self.reservations = Reservations()

    async def authorize(self, id_tag: str) -> v16.IdTagInfo:
        """Decide about an id tag as §3.5 says: from memory if that is enough or all there is, else by asking."""
        known = self.known(id_tag)
        if self.ready:
            if known is not None and known.status == "Accepted" and self.configuration.flag("LocalPreAuthorize"):
                return known
            try:
                response: v16.AuthorizeResponse = await self.call(v16.Authorize(id_tag=id_tag))
            except CallFailed:
                return v16.IdTagInfo(status="Invalid")
            except ConnectionLost:
                pass
            else:
                self.learn(id_tag, response.id_tag_info)
                return response.id_tag_info
        return self._decide_offline(known)

    def known(self, id_tag: str) -> v16.IdTagInfo | None:
        """What the local list says about a tag, else the cache (§3.5.3)."""
        now = self.now()
        if self.configuration.flag("LocalAuthListEnabled") and (info := self.local_list.find(id_tag, now)):
            return info
        return self.cache.find(id_tag, now) if self.configuration.flag("AuthorizationCacheEnabled") else None

    def learn(self, id_tag: str, info: v16.IdTagInfo) -> None:
        """Any IdTagInfo received goes to the cache, unless the local list knows the tag (§3.5.1, §3.5.3)."""
        listed = self.configuration.flag("LocalAuthListEnabled") and self.local_list.find(id_tag, self.now())
        if not listed and self.configuration.flag("AuthorizationCacheEnabled"):
            self.cache.remember(id_tag, info)

    def _decide_offline(self, known: v16.IdTagInfo | None) -> v16.IdTagInfo:
        if known is not None and self.configuration.flag("LocalAuthorizeOffline"):
            return known
        if known is None and self.configuration.flag("AllowOfflineTxForUnknownId"):
            return v16.IdTagInfo(status="Accepted")
        return v16.IdTagInfo(status="Invalid")

    # Reservations

    def reserve(self, reservation: Reservation) -> None:
        """Keep a connector for somebody, in place of what the same reservation id stood for before."""
        self.reservations.put(reservation)
        self.soon(self._mark_reserved)

    def end_reservation(self, reservation: Reservation) -> None:
        """The reservation is used, cancelled or over: the connector is for anybody again."""
        self.reservations.remove(reservation.reservation_id)
        self._mark_reserved()

    def _mark_reserved(self) -> None:
        for connector in self.connectors:
            connector.reserved = bool(self.reservations.of_connector(connector.connector_id))
            self.refresh(connector)

    def admits(self, connector: Connector, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether reservations leave this connector to this driver (§5.13)."""
        if self.reservations.used_by(connector.connector_id, id_tag, parent_id_tag) is not None:
            return True
        if self.reservations.of_connector(connector.connector_id):
            return False
        others = sum(other.free for other in self.connectors if other is not connector)
        return others >= len(self.reservations.of_connector(0))
