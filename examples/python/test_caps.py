"""A test in Python: fwctl-emu run -- pytest examples/python"""

import errno
import struct

import fwctl
import pytest

# QUERY_HCA_CAP: opcode 0x0100, op_mod 1, the general capabilities as they are
QUERY_HCA_CAP = struct.pack(">HHHH8x", 0x0100, 0, 0, 1)


def log_max_qp(device):
    reply = device.rpc(QUERY_HCA_CAP, 16 + 256)
    status, syndrome = struct.unpack_from(">B3xI", reply)
    if status != 0:
        raise RuntimeError(f"status 0x{status:x} syndrome 0x{syndrome:x}")
    return reply[16 + 19] & 31


def test_it_is_what_was_set(device, emulator):
    emulator.set("fwctl0", "caps.GENERAL.log_max_qp", 9)
    assert log_max_qp(device) == 9


def test_an_errno_is_an_oserror(device, emulator):
    with emulator.fault("rpc:opcode=QUERY_HCA_CAP:error=EBUSY:count=1") as fault:
        with pytest.raises(OSError) as raised:
            log_max_qp(device)
        assert raised.value.errno == errno.EBUSY
        assert log_max_qp(device) > 0
        assert fault.strikes == 1


def test_a_firmware_status_is_none(device, emulator):
    with emulator.fault("rpc:opcode=QUERY_HCA_CAP:status=BAD_PARAM"):
        with pytest.raises(RuntimeError, match="status 0x3"):
            log_max_qp(device)


def test_unplugged_is_enodev(device, emulator):
    emulator.unplug("fwctl0")
    with pytest.raises(OSError) as raised:
        device.info()
    assert raised.value.errno == errno.ENODEV


def test_the_type_of_the_device(device):
    device_type, data = device.info()
    assert device_type == 1
    assert len(data) == 8
    with pytest.raises(fwctl.EmulatorError, match="no device"):
        fwctl.Emulator().unplug("fwctl7")
