/** What a shell may offer where an option's value or a command's argument stands; the same for bash and zsh. */
import { DRIVERS } from '../../host/machine/drivers.ts';
import type { CommandFacts, OptionFacts } from './command-tree.ts';

export type Offer =
  | { readonly kind: 'files' | 'directories' | 'profiles' | 'command' }
  /** The program itself is asked, with the word before or (`fault`) the word so far: src/cli/complete.ts. */
  | { readonly kind: 'devices' | 'values' | 'faults' | 'fault' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Something that cannot be known: nothing is offered, files neither. */
  | { readonly kind: 'nothing' };

/** Names of the profiles that need no file. */
export const PROFILES: readonly string[] = DRIVERS.flatMap(({ profiles }) => profiles.builtIn.map(({ name }) => name));

/** By the placeholder of an option's value, `--config <FILE>`, and by the name of an argument. */
const BY_PLACEHOLDER: Readonly<Record<string, Offer>> = {
  FILE: { kind: 'files' },
  PATH: { kind: 'files' },
  DIR: { kind: 'directories' },
  DEVICE: { kind: 'devices' },
  PROFILE: { kind: 'profiles' },
  A: { kind: 'profiles' },
  B: { kind: 'profiles' },
  SPEC: { kind: 'profiles' },
  COMMAND: { kind: 'command' },
  NAME: { kind: 'values' },
  ID: { kind: 'faults' },
  FAULT: { kind: 'fault' },
};
const NOTHING: Offer = { kind: 'nothing' };

export interface ValuedOption extends OptionFacts {
  readonly offer: Offer;
  /** `--trace[=FILE]`: the value may be left out, and stands behind "=" only. */
  readonly optional: boolean;
}

/** Undefined: the option takes no value. `root`: another command's option of the same name may tell the choices. */
export function valuedOption(option: OptionFacts, root: CommandFacts): ValuedOption | undefined {
  if (!option.takesValue) return undefined;
  const choices = option.choices.length > 0 ? option.choices : sameNamed(option, root);
  const placeholder = /[A-Z/]+(?=[>\]]$)/.exec(option.flags)?.[0] ?? '';
  // --fault also has a SPEC
  const isDevice = placeholder !== 'SPEC' || option.names.includes('--device');
  const offer: Offer =
    choices.length > 0
      ? { kind: 'words', words: choices }
      : option.names.includes('--fault')
        ? { kind: 'fault' }
        : ((isDevice && placeholder !== 'NAME' ? BY_PLACEHOLDER[placeholder] : undefined) ?? NOTHING);
  return { ...option, offer, optional: option.flags.includes('[') };
}

export function argumentOffer(name: string): Offer {
  return BY_PLACEHOLDER[name] ?? NOTHING;
}

function sameNamed({ names }: OptionFacts, root: CommandFacts): readonly string[] {
  const [long] = names;
  const all = root.commands.flatMap(({ options }) => options);
  return all.find((other) => other.names[0] === long && other.choices.length > 0)?.choices ?? [];
}
