# printstd's gate as a plugin of OctoPrint. Apache-2.0.
#
# `printstd gate install-octoprint FOLDER` puts this file into FOLDER/plugins; config.yaml:
#
#     plugins:
#       printstd_gate:
#         settings: /home/pi/gate.toml
#
# All that it does is in printstd.gate.octoprint. Where that cannot be imported, or its settings
# cannot be read, nothing of any file is sent. Where OctoPrint does not load plugins (safe mode), or
# this one is disabled, OctoPrint prints: `printstd gate watch` sees that.
import octoprint.plugin

_CLOSED = None
try:
    from printstd.gate.octoprint.server import OctoPrintGate
except Exception as error:
    OctoPrintGate = None
    _CLOSED = f"printstd cannot be imported: {error}"

_SD = ("M23", "M24", "M26", "M28", "M32")


class PrintstdGatePlugin(
    octoprint.plugin.StartupPlugin,
    octoprint.plugin.SettingsPlugin,
    octoprint.plugin.EventHandlerPlugin,
    octoprint.plugin.SimpleApiPlugin,
    octoprint.plugin.ShutdownPlugin,
):
    gate = None
    closed = _CLOSED or "the gate has not started"

    def get_settings_defaults(self):
        return {"settings": ""}

    def initialize(self):
        if OctoPrintGate is None:
            self._logger.error("nothing will be printed: %s", self.closed)
            return
        try:
            self.gate = OctoPrintGate(
                self._settings.get(["settings"]),
                self._printer,
                lambda origin, path: self._file_manager.path_on_disk(origin, path),
                self._logger,
            )
        except Exception as error:
            self.closed = str(error)
            self._logger.exception("nothing will be printed: the gate cannot start")

    def on_event(self, event, payload):
        if self.gate is not None:
            self.gate.on_event(event, payload or {})

    def on_shutdown(self):
        if self.gate is not None:
            self.gate.stop()

    def is_api_protected(self):
        return True

    def on_api_get(self, request):
        import flask

        return flask.jsonify(self.gate.told if self.gate is not None else {"closed": self.closed})

    def queuing(self, comm, phase, cmd, cmd_type, gcode, subcode=None, tags=None, *args, **kwargs):
        # OctoPrint sends a line as it is where a hook raises; so nothing may leave this one.
        try:
            if self.gate is not None:
                return None if self.gate.passes(cmd, gcode, tags) else (None,)
            return (None,) if gcode in _SD or "source:file" in (tags or ()) else None
        except Exception:
            return (None,)


__plugin_name__ = "printstd gate"
__plugin_version__ = "1"
__plugin_description__ = "Prints nothing that is not certified for this printer"
__plugin_license__ = "Apache-2.0"
__plugin_pythoncompat__ = ">=3.11,<4"
__plugin_implementation__ = PrintstdGatePlugin()
# Last of all hooks: what others rewrite is seen.
__plugin_hooks__ = {
    "octoprint.comm.protocol.gcode.queuing": (__plugin_implementation__.queuing, 1_000_000),
}
