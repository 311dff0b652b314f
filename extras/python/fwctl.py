"""fwctl devices, and fwctl-emu's control socket, in Python: one file, the standard library alone, Python 3.8 and later.

    with fwctl.Device("/dev/fwctl/fwctl0") as device:
        reply = device.rpc(request, 272, scope=fwctl.CONFIGURATION)

An errno of the kernel is an OSError; what the firmware says of a command that was delivered is in its reply. Inside of
`fwctl-emu run -- pytest` (or beside `fwctl-emu serve`), Emulator() makes calls fail, changes values, plugs and unplugs:

    emulator = fwctl.Emulator()
    with emulator.fault("rpc:opcode=QUERY_HCA_CAP:error=EIO:count=1") as fault:
        ...
        assert fault.strikes == 1
"""

import ctypes
import fcntl
import http.client
import json
import os
import socket
from urllib.parse import quote, urlencode

FWCTL_INFO = 0x9A00
FWCTL_RPC = 0x9A01
# enum fwctl_rpc_scope
CONFIGURATION, DEBUG_READ_ONLY, DEBUG_WRITE, DEBUG_WRITE_FULL = range(4)


class _Info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("out_device_type", ctypes.c_uint32),
        ("device_data_len", ctypes.c_uint32),
        ("out_device_data", ctypes.c_uint64),
    ]


class _Rpc(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("scope", ctypes.c_uint32),
        ("in_len", ctypes.c_uint32),
        ("out_len", ctypes.c_uint32),
        ("in_", ctypes.c_uint64),
        ("out", ctypes.c_uint64),
    ]


class Device:
    """An open device. Closed by close(), or at the end of `with`."""

    def __init__(self, path="/dev/fwctl/fwctl0"):
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def info(self):
        """FWCTL_INFO: (device type, the driver's data)."""
        data = ctypes.create_string_buffer(256)
        info = _Info(ctypes.sizeof(_Info), 0, 0, len(data), ctypes.addressof(data))
        fcntl.ioctl(self.fd, FWCTL_INFO, info)
        return info.out_device_type, data.raw[: min(info.device_data_len, len(data))]

    def rpc(self, request, out_len, scope=CONFIGURATION):
        """FWCTL_RPC: the reply, at most out_len bytes. Raises OSError where it was not delivered."""
        sent = ctypes.create_string_buffer(bytes(request), len(request))
        reply = ctypes.create_string_buffer(out_len)
        rpc = _Rpc(ctypes.sizeof(_Rpc), scope, len(request), out_len, ctypes.addressof(sent), ctypes.addressof(reply))
        fcntl.ioctl(self.fd, FWCTL_RPC, rpc)
        return reply.raw[: min(rpc.out_len, out_len)]

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class EmulatorError(Exception):
    """The emulator refuses; `code` says it for programs."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Emulator:
    """The control socket of the surrounding `fwctl-emu run`, or of `fwctl-emu serve`."""

    def __init__(self, path=None):
        self.path = path or os.environ.get("FWCTL_EMU_SOCKET") or "/run/fwctl-emu/control.sock"

    @property
    def present(self):
        return os.path.exists(self.path)

    def call(self, method, target, body=None):
        """Any method of `fwctl-emu openapi`: its answer, parsed. Raises EmulatorError, or OSError where nobody answers."""
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self.path)
            connection.request(
                method,
                target,
                None if body is None else json.dumps(body),
                {} if body is None else {"content-type": "application/json"},
            )
            response = connection.getresponse()
            content = response.read()
            is_json = response.getheader("content-type", "").startswith("application/json")
            answer = json.loads(content) if is_json else content.decode()
            if response.status != 200:
                raise EmulatorError(answer["error"]["code"], answer["error"]["message"])
            return answer
        finally:
            connection.close()

    def fault(self, text):
        """A fault from now on (docs/faults.md), until remove() or the end of `with`."""
        return Fault(self, self.call("POST", "/v1/faults", {"fault": text})["id"])

    def get(self, device, name):
        """Values by name: one, or those below a name, or those of a pattern."""
        return self.call("GET", f"/v1/devices/{quote(device)}/values?{urlencode({'name': name})}")["values"]

    def set(self, device, name, value):
        self.call("PUT", f"/v1/devices/{quote(device)}/values", {"name": name, "value": value})

    def plug(self, spec):
        """Names of the new devices."""
        return [one["name"] for one in self.call("POST", "/v1/devices", {"spec": spec})["plugged"]]

    def unplug(self, device):
        self.call("DELETE", f"/v1/devices/{quote(device)}")

    def reset(self):
        """All as it was at the start: for the state between two tests."""
        self.call("POST", "/v1/reset", {})

    @property
    def taint(self):
        return self.call("GET", "/v1/taint")["value"]


class Fault:
    def __init__(self, emulator, number):
        self.emulator = emulator
        self.id = number

    def _status(self):
        faults = self.emulator.call("GET", "/v1/faults")["faults"]
        return next(fault for fault in faults if fault["id"] == self.id)

    @property
    def strikes(self):
        """Calls that it struck so far."""
        return self._status()["strikes"]

    @property
    def held(self):
        """Answers that it holds back now."""
        return self._status()["held"]

    def release(self):
        self.emulator.call("POST", f"/v1/faults/{self.id}/release", {})

    def remove(self):
        self.emulator.call("DELETE", f"/v1/faults/{self.id}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
