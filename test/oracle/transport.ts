/**
 * What the oracle's devices are served by: `retry` is CUSE with every caller by ioctl retry, none by thread id;
 * `seccomp` user notification in a view by mounts, `seccomp-paths` in one without.
 */
export type OracleTransport = 'fuse' | 'cuse' | 'retry' | 'seccomp' | 'seccomp-paths';

/** Whether it needs /dev/cuse. */
export function byCuse(transport: OracleTransport): boolean {
  return transport === 'cuse' || transport === 'retry';
}
