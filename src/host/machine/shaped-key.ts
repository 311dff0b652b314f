/** A part of a profile as a device's own key: a configuration gives it beside the profile's name. */
import type { AnyValues, RecordShape, Shape } from '../../abi/profile-shape.ts';
import { withData } from '../../abi/profile-values.ts';
import type { DriverKey } from '../config/driver-key.ts';

/** What a configuration says of the part, as JSON data; undefined: nothing. */
export type PartData = Readonly<Record<string, unknown>> | readonly unknown[] | undefined;

/** `about`: a sentence. The part is a table or a record of the driver's shape, `name` its name there. */
export function partKey(shape: RecordShape, name: string, about: string, example: string): DriverKey<PartData> {
  return {
    about,
    example,
    takes: 'data',
    unlessTold: undefined,
    paths: pathsIn(shape.members[name]),
    read(text) {
      let data: PartData;
      try {
        data = JSON.parse(text);
      } catch {
        throw new Error(
          `${name} is a list, or lines of NAME: VALUE, in a configuration or a profile file, not "${text}"`,
        );
      }
      // Changes to rows of a profile are whole only there: what is missing is said when they are put together.
      const complaints: string[] = [];
      withData(partOf(shape, name), undefined, { [name]: data }, (path, message, wrong) => {
        if (wrong === 'name' || !/ (is|are) missing$/.test(message)) complaints.push(`${path.join('.')}: ${message}`);
      });
      if (complaints.length > 0) throw new Error(complaints.join('; '));
      return data;
    },
  };
}

/**
 * The profile's values with those parts of a configuration: without any, they
 * themselves, which devices share. Throws an Error that says what is wrong.
 */
export function withParts<Values>(
  shape: RecordShape,
  values: Values,
  parts: Readonly<Record<string, PartData>>,
): Values {
  const told = Object.entries(parts).filter(([, data]) => data !== undefined);
  if (told.length === 0) return values;
  const changed = told.map(([name, data]) => {
    const own = { [name]: (values as AnyValues)[name] } as AnyValues;
    return withData(partOf(shape, name), own, { [name]: data }, (path, message) => {
      throw new Error(`${path.join('.')}: ${message}`);
    });
  });
  return Object.assign({}, values, ...changed);
}

function partOf({ kind, members }: RecordShape, name: string): RecordShape {
  return { kind, members: { [name]: members[name] as Shape } };
}

function pathsIn(shape: Shape | undefined): string[] {
  if (shape?.kind === 'table') return pathsIn(shape.row);
  if (shape?.kind !== 'record') return [];
  return Object.entries(shape.members).flatMap(([name, member]) =>
    member.kind === 'text' && member.path ? [name] : pathsIn(member),
  );
}
