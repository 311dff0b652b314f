/** How `record` and `sweep` are asked for: a part of the command line of program.ts. */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DEV_DIR } from '../host/config/defaults.ts';
import {
  collect,
  type Done,
  machineOptions,
  type Output,
  type RecordVerbOptions,
  type SweepVerbOptions,
  type Verbs,
  verb,
} from './command.ts';

const RECORD_HELP = `
The command sees the devices as they are; each of its opens is an open of the real node. Needs what the command itself
needs (root, for nodes of mode 0600). An emulated device is recorded with "fwctl-emu run --record FILE", /dev/iommu too, or,
while it runs, with "fwctl-emu record start FILE".

Examples:
  sudo fwctl-emu record -o query.jsonl -- mlx5ctl fwctl0 cap --id=0
  sudo fwctl-emu record -o query.jsonl --mask psid --mask base_mac -- mstflint -d fwctl0 q
  fwctl-emu run --replay query.jsonl -- mlx5ctl fwctl0 cap --id=0`;

const SWEEP_HELP = `
The command runs once without faults, to see which calls it makes, and then once for each call and each way in which that call
can go wrong: errno, firmware status, a reply that is cut, zero or has sizes that are 0 or too large; with --device iommufd each ioctl
of /dev/iommu fails in turn. Found are crashes, hangs, and exit statuses of 0 after a failure; --optional names the calls that the command
may do without. The exit status is 1 when something was found, 0 otherwise, 2 for a command that fails by itself.

Examples:
  fwctl-emu sweep -- mlx5ctl fwctl0 cap --id=0
  fwctl-emu sweep --abi v2 --timeout 5 --junit sweep.xml -- mlx5ctl fwctl0 rscdump --type=0xffff
  fwctl-emu sweep --optional MNVQC --optional MQIS -- mstconfig -d fwctl0 q
  fwctl-emu sweep --shard 2/4 --json part2.json -- ./my-tool
  fwctl-emu sweep merge --junit all.xml part*.json`;

const MOST_JOBS = 8;

export function faultVerbs(
  program: Command,
  verbs: Verbs,
  output: Output,
  done: Done,
  globalLevel: <T extends object>(options: T) => T,
): void {
  const record = machineOptions(
    verb(program, 'record', 'record what a command does with the devices that are here', output),
  )
    .option('-o, --output <FILE>', 'the recording')
    .option('--from <DIR>', 'directory of the nodes', DEFAULT_DEV_DIR)
    .argument('<COMMAND...>', 'the program and its arguments')
    .usage('-o FILE [options] -- COMMAND [ARG...]')
    .enablePositionalOptions()
    .passThroughOptions()
    .addHelpText('after', RECORD_HELP)
    .action((command: string[], { output: file, ...options }: RecordVerbOptions & { output?: string }) => {
      // Not commander's requiredOption: that would be asked of "record start" too.
      if (file === undefined) return record.error("error: required option '-o, --output <FILE>' not specified");
      return done(verbs.record(command, globalLevel({ ...options, record: file })));
    });

  const sweep = verb(program, 'sweep', 'run a command once for each way in which its calls can fail', output)
    .option('--timeout <SECONDS>', 'a run that takes longer hangs', seconds, 10)
    .addOption(
      new Option('--shard <K/N>', 'run only part K of N').argParser(shard).default({ index: 1, count: 1 }, '1/1'),
    )
    .addOption(
      new Option('--jobs <N>', 'so many runs at a time')
        .argParser(count)
        .default(Math.min(availableParallelism(), MOST_JOBS), `as many as processors, at most ${MOST_JOBS}`),
    )
    .option('--only <KIND>', 'only faults of this kind (see the report); may be given again', collect)
    .option(
      '--optional <NAME>',
      'a call whose failure may be hidden: command, register or capability, * any characters; may be given again',
      collect,
    )
    .option('--json <FILE>', 'write the report as JSON, for sweep merge')
    .option('--junit <FILE>', 'write the report as JUnit XML')
    .option('--report <FILE>', 'write it as one HTML page to look at')
    .option('-c, --config <FILE>', 'configuration in YAML')
    .option('--abi <NAME>', 'the kernel that is emulated, as for run')
    .option('--device <SPEC>', 'a device, as for run; may be given again', collect)
    .option('-v, --verbose', 'tell of every run, also of those in which nothing was found')
    .argument('<COMMAND...>', 'the program and its arguments')
    .usage('[options] -- COMMAND [ARG...]')
    .enablePositionalOptions()
    .passThroughOptions()
    .addHelpText('after', SWEEP_HELP)
    .action((command: string[], options: SweepVerbOptions) => done(verbs.sweep(command, options)));

  verb(sweep, 'merge', 'join the reports of shards', output)
    .option('--json <FILE>', 'write the joined report as JSON')
    .option('--junit <FILE>', 'write it as JUnit XML')
    .option('--report <FILE>', 'write it as one HTML page to look at')
    .argument('<FILE...>', 'reports that sweep --json has written')
    .action((files: string[], options: { json?: string; junit?: string; report?: string }) =>
      done(verbs.sweepMerge(files, options)),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('Write a number of seconds, e.g. 10.');
  return value;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 to 999.');
  return Number(text);
}

function shard(text: string): { index: number; count: number } {
  const parts = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [index, of] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!(index >= 1 && index <= of)) throw new InvalidArgumentError('Write K/N, K from 1 to N, e.g. 2/4.');
  return { index, count: of };
}
