"""A program for OctoPrint's environment: its virtual printer on a pseudo-terminal.

Stand-alone on purpose: it imports OctoPrint (AGPL), and nothing of printstd imports it.

    python virtual_printer.py LINK [setting=JSON ...]

LINK becomes a link to the terminal. With ``PERSONALITY=prusa`` it also answers the questions that
PrusaLink asks a MK3S. With ``IS_QUICK=1`` it moves and heats in no time.
"""

import json
import os
import pty
import re
import select
import sys
import tempfile
import threading
import time
import tty
import types

import octoprint.plugin
from octoprint.plugins.virtual_printer import VirtualPrinterPlugin, virtual

IS_PRUSA = os.environ.get("PERSONALITY") == "prusa"
IS_QUICK = os.environ.get("IS_QUICK") == "1"
NOTHING_DONE = (
    "NORMAL MODE: Percent done: -1; print time remaining in mins: -1; Change in mins: -1\n"
    "SILENT MODE: Percent done: -1; print time remaining in mins: -1; Change in mins: -1"
)
NO_FILES = "Begin file list\nEnd file list"
ANSWERS = {
    "PRUSA Fir": "3.14.1-8237",
    "PRUSA SN": "CZPX0123X004XC12345",
    "PRUSA uvlo": "",
    "M862.1 Q": "0.40",
    "M862.2 Q": "302",
    "M862.3 Q": "MK3S",
    "M862.4 Q": "3.14.1",
    "M78": "STATISTICS\nFilament used: 1.00m\nPrint time: 0d 0h 1m",
    "M21": "echo:SD init fail",
    "M21 S": "echo:SD init fail",
    "M420": "Mesh bed leveling not active.",
    "M220": "100%",
    "M221": "100%",
    "M73": NOTHING_DONE,
    "M27": "Not SD printing",
    "M27 P": "Not SD printing",
    "M20 L": NO_FILES,
    "M20 -L": NO_FILES,
    "M20 LT": NO_FILES,
    "M20 T": NO_FILES,
    # Pause, resume and stop are acted out by the host; the board says when they are done.
    "M601": "// action:paused",
    "M602": "// action:resumed",
    "M603": "// action:cancel",
}


class Settings:
    """The accessors that the virtual printer uses; an unknown key is None, never an error."""

    def __init__(self, values, folder):
        self.values, self.folder = values, folder

    def get(self, path, merged=False):
        value = self.values
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def get_int(self, path):
        value = self.get(path)
        return None if value is None else int(value)

    def get_float(self, path):
        value = self.get(path)
        return None if value is None else float(value)

    def get_boolean(self, path):
        return bool(self.get(path))

    def global_get_basefolder(self, name):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        return folder


class Profiles:
    def get_current_or_default(self):
        volume = {"width": 250, "depth": 250, "height": 250, "origin": "lowerleft"}
        return {"volume": {**volume, "custom_box": False}}


def begin(settings):
    folder = tempfile.mkdtemp()
    values = VirtualPrinterPlugin().get_settings_defaults()
    values.update({"enabled": True, "simulated_errors": [], "throttle": 0.0, **settings})
    octoprint.plugin.plugin_manager(
        init=True, plugin_folders=[], plugin_bases=[], plugin_entry_points=[]
    )
    printer = virtual.VirtualPrinter(
        Settings(values, folder), Profiles(), data_folder=folder, read_timeout=0.5
    )
    if IS_QUICK:
        virtual.time = types.SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: None)

        def heat(delta=0.5):
            printer.temp[:] = printer.targetTemp
            printer.bedTemp = printer.bedTargetTemp

        printer._simulateTemps = heat
    if IS_PRUSA:
        printer._generateTemperatureOutput = lambda: (
            "T:{0:.1f} /{1:.1f} B:{2:.1f} /{3:.1f} T0:{0:.1f} /{1:.1f} @:0 B@:0 P:21.3 A:22.0"
        ).format(printer.temp[0], printer.targetTemp[0], printer.bedTemp, printer.bedTargetTemp)
        printer._generatePositionOutput = lambda: (
            "X:{0:.2f} Y:{1:.2f} Z:{2:.2f} E:{3:.2f} Count X: {0:.2f} Y:{1:.2f} Z:{2:.2f} E:{3:.2f}"
        ).format(
            printer._lastX or 0, printer._lastY or 0, printer._lastZ or 0, printer._lastE[0] or 0
        )
    return printer


class Personality:
    """Answers what only a MK3S knows, and passes on the rest."""

    def __init__(self, printer, master):
        self.printer, self.master, self.begun = printer, master, b""

    def pass_on(self, data):
        self.begun += data
        rest = b""
        while b"\n" in self.begun:
            line, self.begun = self.begun.split(b"\n", 1)
            body = re.sub(rb"^N-?\d+\s*", b"", line.split(b"*")[0]).strip().decode("latin-1")
            answer = ANSWERS.get(body)
            if body == "M75":
                # PrusaLink begins each print with it: the board's own count of prints.
                sys.stdout.write("a print begins\n")
                sys.stdout.flush()
            read = re.match(r"D3 Ax([0-9a-fA-F]+) C(\d+)", body)
            if read:
                count = int(read[2])
                zeros = " ".join(["00"] * count)
                answer = (
                    f"D3 - Read/Write EEPROM\n{read[1]}  {zeros}\n{count} bytes read from EEPROM"
                )
            if answer is None:
                # The simulator's parser stops at a negative number; real Marlin takes it.
                rest += line.replace(b"N-1 M110", b"N0 M110") + b"\n"
                continue
            number = re.match(rb"N(-?\d+)", line)
            if number:
                self.printer.lastN = self.printer.current_line = int(number[1])
            # In one piece: PrusaLink takes what it asked for from its first two questions and goes
            # on; an "ok" that comes after that may be taken for the next command's.
            os.write(self.master, answer.encode() + b"\nok\n")
        return rest


def main():
    link = sys.argv[1]
    printer = begin({k: json.loads(v) for k, v in (a.split("=", 1) for a in sys.argv[2:])})
    # We keep the far end open too, so that it lives while nobody is connected.
    master, slave = pty.openpty()
    tty.setraw(slave)
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(os.ttyname(slave), link)
    stopped = threading.Event()
    personality = Personality(printer, master)

    def answer():
        while not stopped.is_set():
            line = printer.readline()
            if line:
                os.write(master, line if line.endswith(b"\n") else line + b"\n")

    threading.Thread(target=answer, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        while True:
            if not select.select([master], [], [], 0.5)[0]:
                continue
            data = os.read(master, 4096)
            data = personality.pass_on(data) if IS_PRUSA else data.replace(b"N-1 M110", b"N0 M110")
            while data:
                data = data[printer.write(data) :]
    finally:
        stopped.set()
        printer.close()
        os.unlink(link)


if __name__ == "__main__":
    main()
