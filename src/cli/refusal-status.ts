/** The exit status of a refusal, by the verb that was refused. */
import { EXIT, type ExitStatus } from '../host/config/cli-error.ts';

/**
 * `status` is that of a verb in general. `run` and `record -- COMMAND` exit as their command does, and ours is not to
 * look like its: 125, as of env(1), whatever it was that kept us from running it. `sweep` has 1 for what it finds.
 */
export function refusalStatus(args: readonly string[], status: ExitStatus): ExitStatus {
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--log-level');
  const verb = args[at];
  if (verb === 'sweep') return status === EXIT.failure ? EXIT.noRun : status;
  if (verb !== 'run' && (verb !== 'record' || isRecordVerb(args[at + 1]))) return status;
  return status === EXIT.failure || status === EXIT.usage ? EXIT.noRun : status;
}

/** `record start` and so on are an emulator's; `record -o FILE -- COMMAND` is not, whatever the command is called. */
export function isRecordVerb(word: string | undefined): boolean {
  return /^(start|stop|status|-h|--help)$/.test(word ?? '');
}
