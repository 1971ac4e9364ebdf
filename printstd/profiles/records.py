"""Records that a user gives with a model, held with their digests and lines, so that findings can
say where. Apart from their models (`profiles.read_records`): a run without records does not pay for
them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from printstd.dataclass import dataclass
from printstd.profiles.keys import split_key
from printstd.profiles.raw import RawProfile

if TYPE_CHECKING:
    from printstd.artifacts.capability import CapabilityRecord
    from printstd.profiles.feedstock_models import Feedstock
    from printstd.profiles.indications import Indicated
    from printstd.profiles.order_models import OrderRecord

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, eq=False)
class Held(Generic[Record]):
    """says : what the record says. sha256 : of the file's bytes. raw : the tree it was read
    from."""

    says: Record
    name: str
    sha256: str
    raw: RawProfile

    def line(self, key: str) -> int | None:
        """Of a dotted key, or of the nearest table around it that stands in the file."""
        return self.raw.origin(split_key(key)).line


@dataclass(frozen=True, slots=True, eq=False)
class GivenCapability:
    """A record of capability. sha256 : of the file. key_id : of the trusted key that signed it;
    None where no key was named. today : the day that it is held against."""

    says: CapabilityRecord
    name: str
    sha256: str
    key_id: str | None
    today: str


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """feedstock, order, capability : None where none was given. ordered_class : what the order's
    general tolerance was read as."""

    feedstock: Held[Feedstock] | None = None
    order: Held[OrderRecord] | None = None
    ordered_class: Indicated | None = None
    capability: GivenCapability | None = None


NONE_GIVEN = Records()
