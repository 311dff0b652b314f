/**
 * The connections of the control socket. They are bounded, and who says nothing cannot keep the others out: where there
 * are too many, the one goes of which nothing is being carried out, the longest silent first.
 */
import type { Socket } from 'node:net';

/** At the same time. A descriptor each; 32 of them may be readers of traces. */
export const MAX_CONNECTIONS = 128;

export class Connections {
  private readonly all = new Set<Socket>();
  /** Those that no request is carried out of, the one first that has been so for longest. */
  private readonly idle = new Set<Socket>();

  /** False: the bound is reached, and all of them have something carried out. */
  add(socket: Socket): boolean {
    if (this.all.size >= MAX_CONNECTIONS) {
      const [longest] = this.idle;
      if (longest === undefined) return false;
      this.drop(longest);
      longest.destroy();
    }
    this.all.add(socket);
    this.idle.add(socket);
    socket.once('close', () => this.drop(socket));
    return true;
  }

  /** A request of it is being carried out from now on. */
  busy(socket: Socket): void {
    this.idle.delete(socket);
  }

  /** Nothing of it is any more. */
  free(socket: Socket): void {
    if (this.all.has(socket)) this.idle.add(socket);
  }

  closeAll(): void {
    for (const socket of this.all) socket.destroy();
  }

  private drop(socket: Socket): void {
    this.all.delete(socket);
    this.idle.delete(socket);
  }
}
