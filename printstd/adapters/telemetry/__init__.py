"""What monitoring reads of a farm: Prometheus' text, JSON on an MQTT broker (docs/telemetry.md).

Both tell the same record, `printstd.artifacts.farm_now.FarmNow`, and neither changes anything.
"""
