/** many.ts inside of a view: the command of a `run`. `many-inside OPTIONS`, in JSON; prints its ManyResult in JSON. */
import { SOCKET_VARIABLE } from '../../src/control/protocol.ts';
import { comeAndGo, type ManyOptions } from './many.ts';
import { callingOn } from './server.ts';

const options = JSON.parse(process.argv[2] ?? '') as ManyOptions;
const call = callingOn(process.env[SOCKET_VARIABLE] ?? '');
process.stdout.write(JSON.stringify(await comeAndGo('/dev/fwctl', '/dev/iommu', call, options)));
