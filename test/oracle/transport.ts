/** What the oracle's devices are served by: `retry` is CUSE with every caller by ioctl retry, none by thread id. */
export type OracleTransport = 'fuse' | 'cuse' | 'retry';
