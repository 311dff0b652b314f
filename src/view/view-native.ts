/** The system calls that a view needs of the addon: how a descriptor comes out of it. transport/native.ts has both. */

export interface ViewNative {
  /** A connected pair of AF_UNIX SOCK_SEQPACKET sockets, close-on-exec; or -errno. */
  socketPair(): [number, number] | number;
  /** The next message and the descriptor it carries (-1: none), without waiting; or -errno (-EAGAIN: no message). */
  receiveMessage(fd: number): { text: string; fd: number } | number;
}
