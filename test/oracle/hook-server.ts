/** The machine's end of hook.c: a Unix socket that takes one line a connection and answers `ok`, or why not. */
import { createServer, type Server } from 'node:net';
import type { BenchMachine } from './bench-machine.ts';

/** Listens on `path`, which must not exist. */
export function serveHook(path: string, machine: Pick<BenchMachine, 'hook'>): Promise<Server> {
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {}); // the hook was killed: nobody is left to answer
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      try {
        const waiting = machine.hook(text.slice(0, end));
        if (waiting === undefined) socket.end('ok\n');
        else waiting.onRelease(() => socket.end('ok\n'));
      } catch (error) {
        socket.end(`${(error as Error).message}\n`);
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}
