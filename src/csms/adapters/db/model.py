"""Tables of the adapters' own."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base, BigInt


class RecorderMark(Base):
    """The number of the last batch that a recorder committed.

    When a connection is lost while a commit is on its way, this tells whether it arrived; also after a failover.
    """

    __tablename__ = "recorder_marks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(BigInt)
