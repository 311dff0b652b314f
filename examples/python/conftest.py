"""pytest fixtures over extras/python/fwctl.py: copy that file, and this one, to where your tests are."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../extras/python"))
import fwctl  # noqa: E402


@pytest.fixture
def emulator():
    """The emulator of `fwctl-emu run -- pytest`, as at its start before and after each test."""
    control = fwctl.Emulator()
    if not control.present:
        pytest.skip("no emulator: fwctl-emu run -- pytest")
    control.reset()
    yield control
    control.reset()


@pytest.fixture
def device(emulator):
    with fwctl.Device() as opened:
        yield opened
