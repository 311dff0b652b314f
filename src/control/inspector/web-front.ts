/**
 * Who may ask the inspector: whoever has the token, which stands in the address of the page behind its `#`, so that no
 * browser sends it on its own. The page asks with it as a bearer (RFC 6750, 2.1), which no other site's page can.
 * The Host must be the address that was connected to, by number: a name that was made to lead here (DNS rebinding) is
 * none. A page names no file of the machine: it is nobody of the machine's users.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Client } from '../owner.ts';
import { ControlError } from '../protocol.ts';
import type { Front } from '../server.ts';

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** A page is no user: files that a request names are not opened for it. */
const PAGE: Client = { uid: () => -1, name: 'a page of the inspector' };

export class WebFront implements Front {
  readonly headers = HEADERS;
  private readonly token: Buffer;
  private readonly page: () => string;

  /** `page`: the HTML of the inspector, which has nothing of the machine in it. */
  constructor(token: string, page: () => string) {
    this.token = digest(token);
    this.page = page;
  }

  admit(request: IncomingMessage): { page: string; type: string } | Client {
    const { method, url = '/', headers } = request;
    const host = headers.host ?? '';
    if (!isOwnAddress(host, request)) {
      const why = `this is not ${host.slice(0, 100)}: open the inspector by the address that fwctl-emu printed`;
      throw new ControlError(403, 'wrong_host', why);
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    if ((origin !== undefined && origin !== `http://${host}`) || (site !== undefined && !SAME.has(String(site))))
      throw new ControlError(403, 'other_origin', 'another site may neither read nor steer the inspector');
    if (url === '/' && method === 'GET') return { page: this.page(), type: 'text/html; charset=utf-8' };
    const given = /^Bearer ([\w-]{1,100})$/.exec(headers.authorization ?? '')?.[1];
    if (given === undefined || !timingSafeEqual(digest(given), this.token))
      throw new ControlError(401, 'wrong_token', 'the token is missing or wrong: open the address that was printed');
    return PAGE;
  }
}

const SAME: ReadonlySet<string> = new Set(['same-origin', 'none']);

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `127.0.0.1:8080`, `[::1]:8080`, as the connection has it; `localhost` for either. */
function isOwnAddress(host: string, { socket }: IncomingMessage): boolean {
  const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
  const [, name, port = '80'] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d+))?$/i.exec(host) ?? [];
  if (name === undefined || Number(port) !== socket.localPort) return false;
  const loopback = address === '::1' || address.startsWith('127.');
  return name === address || name === `[${address}]` || (loopback && name.toLowerCase() === 'localhost');
}
