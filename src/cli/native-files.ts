/** Where the compiled files stand. */
import { fileURLToPath } from 'node:url';
import { NATIVE_DIRECTORY } from '../transport/native.ts';

/** The program that becomes the command of a view (native/view-exec.c). */
export const VIEW_EXEC: string = fileURLToPath(new URL('view-exec', NATIVE_DIRECTORY));
