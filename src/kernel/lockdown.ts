/**
 * Kernel lockdown: security/lockdown/lockdown.c. Linux's own fwctl never asks for it (drivers/fwctl/main.c has no
 * security_locked_down()); distribution kernels cap the scope of an RPC under it. Source for that: mstflint pull
 * request 1589 of March 2026 ("the kernel fwctl driver caps the maximum permitted scope under lockdown, rejecting even
 * read-only RPCs that request write-level privileges", seen with scope 3), and what the uAPI header says of scope 2:
 * write access to debug information that is compatible with lockdown. The errno is that of lockdown_is_locked_down(),
 * EPERM; which kernels have the cap, and the reason in their log line, could not be verified, so that no line is
 * logged.
 */

/** As /sys/kernel/security/lockdown names them, weakest first. */
export const LOCKDOWN_LEVELS = ['none', 'integrity', 'confidentiality'] as const;

export type LockdownLevel = (typeof LOCKDOWN_LEVELS)[number];

/** The text of /sys/kernel/security/lockdown: all levels, the present one in brackets. */
export function lockdownText(level: LockdownLevel): string {
  return `${LOCKDOWN_LEVELS.map((each) => (each === level ? `[${each}]` : each)).join(' ')}\n`;
}
