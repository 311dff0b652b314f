/**
 * A firmware for a device that does not exist yet: it keeps one value in a register and answers slowly when told so.
 *
 *   fwctl-emu run -c examples/my-firmware.yaml --trace -- ./my-client
 *
 * The interface is typed: `import('fwctl-emu/firmware').FirmwareModule` (docs/custom-firmware.md).
 *
 * @type {import('fwctl-emu/firmware').FirmwareModule}
 */
export default (device) => {
  /** Register contents by register_id; 16 bytes each. */
  const registers = new Map();

  return {
    exec({ opcode, opMod, bytes, outLength }) {
      switch (opcode) {
        // QUERY_ADAPTER: who we are, as text behind the header
        case 0x101:
          return { data: new TextEncoder().encode(`        a device at ${device.pci}`) };

        // ACCESS_REG: register_id at 10; the register's data from 16 on, both ways; op_mod 0 writes, 1 reads
        case 0x805: {
          const id = new DataView(bytes.buffer).getUint16(10);
          if (opMod === 0) registers.set(id, bytes.slice(16, 32));
          const reply = new Uint8Array(outLength);
          reply.set((registers.get(id) ?? new Uint8Array(16)).subarray(0, Math.max(0, outLength - 16)), 16);
          return reply;
        }

        // QUERY_ISSI: a command that takes its time; only its caller waits
        case 0x10a:
          return new Promise((done) => setTimeout(() => done({ status: 0 }), 500));

        // BAD_OP, and a syndrome of our own
        default:
          return { status: 0x02, syndrome: 0x0badc0de };
      }
    },
  };
};
