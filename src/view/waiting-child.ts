/** The child that the launcher has left behind (native/launcher.c): it has all that the command is to have. */

export interface WaitingChild {
  readonly pid: number;
  /** Our end of the stream of steps. */
  readonly control: number;
  /** Our end of the socket on which descriptors come. */
  readonly descriptors: number;
}

/** Set by the launcher; four numbers, the first of them our own pid. */
const LAUNCHED = 'FWCTL_EMU_LAUNCHED';

/** Takes it out of the environment. Undefined: Node was started by somebody else. */
export function takeWaitingChild(env: NodeJS.ProcessEnv, ownPid: number): WaitingChild | undefined {
  const [own, pid, control, descriptors] = (env[LAUNCHED] ?? '').split(' ').map(Number);
  delete env[LAUNCHED];
  if (own !== ownPid || pid === undefined || control === undefined || descriptors === undefined) return undefined;
  return { pid, control, descriptors };
}
