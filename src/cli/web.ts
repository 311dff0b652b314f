/** `--web`: the inspector of `run` and `serve`, a page for a browser of this machine. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionTaker, type Listening, listenControl } from '../control/listen.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { bugOf, type ControlParts, controlContext, orSay } from './control-socket.ts';
import { inspectorPage } from './report-page.ts';

const LOOPBACK = '127.0.0.1';
/** Bytes of randomness. */
const TOKEN_BYTES = 18;

export interface InspectorOf {
  readonly verb: 'run' | 'serve';
  readonly command: readonly string[];
  readonly parts: ControlParts;
  say(text: string): void;
}

export interface Inspector {
  /** The command has ended. Resolves when nobody looks any more: the last page has gone, or a signal says so. */
  ended(status: number): Promise<void>;
  finish(): Promise<void>;
}

/** Throws CliError. `at`: empty, PORT or ADDRESS:PORT. */
export async function openInspector(at: string, of: InspectorOf): Promise<Inspector> {
  const place = placeOf(at);
  const { parts, say } = of;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const state: State = { status: undefined, pages: 0 };
  let listening: Listening;
  try {
    const load = orSay(parts.log, () => taker(of, token, state));
    listening = await listenControl({ at: place, mode: 0 }, load);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const where = `${place.host}:${place.port}`;
    const remedy = code === 'EADDRINUSE' ? 'another program listens there; give another port, or --web alone' : message;
    throw new CliError(`--web: cannot listen at ${where}: ${remedy}`);
  }
  const shown = isIP(place.host) === 6 ? `[${place.host}]` : place.host;
  say(`fwctl-emu: the inspector is at http://${shown}:${listening.port}/#${token}`);
  return {
    async ended(status) {
      state.status = status;
      if (state.pages === 0 && !process.stderr.isTTY) return;
      say(`fwctl-emu: the command has ended with status ${status}; the inspector stays ${UNTIL}`);
      await nobodyLooks(state);
    },
    finish: () => listening.finish(),
  };
}

const UNTIL = 'until its last page is closed, or Ctrl-C';

interface State {
  /** The command's exit status. */
  status: number | undefined;
  /** That are open. */
  pages: number;
  onChange?: () => void;
}

function nobodyLooks(state: State): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const done = () => {
      for (const name of signals) process.off(name, done);
      resolve();
    };
    for (const name of signals) process.on(name, done);
    // A page that is loaded again goes and comes.
    let timer: NodeJS.Timeout | undefined;
    state.onChange = () => {
      clearTimeout(timer);
      if (state.pages === 0) timer = setTimeout(done, RELOAD_MS);
    };
  });
}

const RELOAD_MS = 1500;

/** Throws CliError. */
function placeOf(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = '0'] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? LOOPBACK;
  const asked = text === '' || /\d$/.test(text);
  if (asked && isIP(host) !== 0 && Number(port) < 65536) return { host, port: Number(port) };
  throw new CliError(`--web=${text}: give a port from 0 to 65535, or ADDRESS:PORT with an IP address`, EXIT.usage);
}

async function taker({ verb, command, parts }: InspectorOf, token: string, state: State): Promise<ConnectionTaker> {
  const [{ ControlServer }, { METHODS }, { inspectorMethods }, { WebFront }, { LIMITS }, context] = await Promise.all([
    import('../control/server.ts'),
    import('../control/methods.ts'),
    import('../control/inspector/inspector-methods.ts'),
    import('../control/inspector/web-front.ts'),
    import('../control/limits.ts'),
    controlContext(verb, parts),
  ]);
  const { machine, version, log } = parts;
  const { host, drivers, history, faults, messages } = machine;
  if (history === undefined) throw new Error('nothing is kept for the inspector');
  const methods = inspectorMethods({
    host,
    drivers,
    history,
    messages,
    version,
    title: [verb, ...command].join(' '),
    status: () => ({ faults: faults.list(), taint: Number(host.taint.value), ended: state.status }),
    looking(pages) {
      state.pages += pages;
      state.onChange?.();
    },
  });
  const front = new WebFront(token, inspectorPage);
  return new ControlServer([...METHODS, ...methods], context, bugOf(log), LIMITS, front);
}
