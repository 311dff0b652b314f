// A firmware of one's own behind a bnxt device (docs/custom-firmware.md): fwctl1 of examples/bnxt.yaml.

/** @type {import('fwctl-emu/firmware').HwrmModule} */
export default {
  hwrm({ name }, buffers) {
    if (name === 'TEMP_MONITOR_QUERY') return { data: Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0) };
    if (name === 'NVM_READ') {
      buffers[0].bytes.fill(0x5a);
      return undefined; // a success without fields
    }
    return { errorCode: 0xffff }; // CMD_NOT_SUPPORTED
  },
};
