/** What both ends of the control socket agree on: HTTP/1.1 with JSON bodies on a unix socket. */

/** Where `serve` listens unless it is told otherwise. */
export const DEFAULT_SOCKET = '/run/fwctl-emu/control.sock';
/** In the environment of a command under `run`: the path of that run's socket. */
export const SOCKET_VARIABLE = 'FWCTL_EMU_SOCKET';
/** Bytes of a request's body; no method needs a hundredth of it. */
export const MAX_BODY_BYTES = 64 * 1024;
/** A unix socket's path: sun_path of struct sockaddr_un without its NUL. */
export const MAX_SOCKET_PATH = 107;

/** Bytes of a profile's text that a request brings along: one of all values has 13 KiB. */
export const MAX_PROFILE_BYTES = 64 * 1024;

/** A body that says what was refused. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

/** A refusal: nothing has changed. `message`: what is wrong and what would do. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** HTTP status, 4xx or 5xx. */
  readonly status: number;
  /** For programs: snake_case, kept from version to version. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A refusal as a whole HTTP answer, for a connection of which no request was read; the connection ends with it. */
export function bareAnswer({ status, code, message }: ControlError): string {
  const content = `${JSON.stringify({ error: { code, message } })}\n`;
  const type = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(content)}`;
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\n${type}\r\nconnection: close\r\n\r\n${content}`;
}
