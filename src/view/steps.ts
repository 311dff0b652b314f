/** The mount steps that native/view-exec.c carries out, and their form on the wire. */

export type StepKind =
  | 'namespaces'
  | 'private'
  | 'tmpfs'
  | 'fuse'
  | 'bind'
  | 'rbind'
  | 'move'
  | 'readonly'
  | 'detach'
  | 'ptmx'
  | 'send'
  | 'filter'
  | 'say'
  | 'variable'
  | 'another'
  | 'exec';

export interface Step {
  readonly kind: StepKind;
  /** As many as view-exec.c's table says for the kind. */
  readonly arguments: readonly string[];
  /** A failure is told and passed over. */
  readonly optional: boolean;
}

export function step(kind: StepKind, ...args: string[]): Step {
  return { kind, arguments: args, optional: false };
}

export function optionalStep(kind: StepKind, ...args: string[]): Step {
  return { kind, arguments: args, optional: true };
}

/** Every field ends with NUL: file names may hold anything else. */
export function encodeSteps(steps: readonly Step[]): string {
  return steps
    .flatMap((each) => [(each.optional ? '?' : '') + each.kind, ...each.arguments].map((field) => `${field}\0`))
    .join('');
}

/** `bind /dev/null /tmp/fwctl-emu-1/dev/null`, for messages. */
export function stepText(each: Step): string {
  return [each.kind, ...each.arguments].join(' ');
}
