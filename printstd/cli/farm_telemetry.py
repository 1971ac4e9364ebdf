"""What farm.toml's ``[telemetry]`` wants told while a farm runs."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printstd.cli.farm_place import Farm
    from printstd.coordinator.telemetry import Telling


def telling(farm: Farm) -> AbstractContextManager[Telling | None]:
    """Tells for the length of the block; nothing where nothing is wanted."""
    wanted = farm.folder.settings.telemetry
    if not wanted.mqtt and not wanted.textfile:
        return nullcontext()
    from printstd.cli.farm_place import now_ms
    from printstd.coordinator.telemetry import Telling

    mqtt = None
    if wanted.mqtt:
        from printstd.adapters.telemetry.mqtt import Broker, MqttTelemetry

        secrets = farm.folder.secrets(wanted.secret)
        broker = Broker(
            wanted.mqtt, wanted.topic, secrets.get("user", ""), secrets.get("password", "")
        )
        mqtt = MqttTelemetry(broker)
    textfile = farm.folder.path / wanted.textfile if wanted.textfile else None
    return closing(
        Telling(farm.store, now_ms, textfile=textfile, mqtt=mqtt, every_s=wanted.every_s)
    )
