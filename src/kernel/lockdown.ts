/**
 * Kernel lockdown: security/lockdown/lockdown.c. No public fwctl asks for it: there is no security_locked_down() in
 * drivers/fwctl/ of Linux, Oracle's UEK or NVIDIA's OFED, and no reason in lockdown_reasons[]. The cap that mstflint's
 * pull request 1589 speaks of (March 2026; its issue 1371 is from a locked-down UEK) is UEK's mlx5 driver's, of the v2
 * series: scopes 2 and 3 are EOPNOTSUPP, locked down or not, and taint. So does profile v2, lockdown or not.
 *
 * For later profiles the cap is what fwctl's documentation says: scope 2 is "compatible with lockdown", 3, which
 * CAP_SYS_RAWIO is to stand for, is not. A kernel that did ask would answer EPERM, as lockdown_is_locked_down() does,
 * and log `Lockdown: COMM: REASON is restricted; see man kernel_lockdown.7` (notice, at each refusal, rate limited);
 * nobody has a REASON yet, so no line is logged here.
 */

/** As /sys/kernel/security/lockdown names them, weakest first. */
export const LOCKDOWN_LEVELS = ['none', 'integrity', 'confidentiality'] as const;

export type LockdownLevel = (typeof LOCKDOWN_LEVELS)[number];

/** The text of /sys/kernel/security/lockdown: all levels, the present one in brackets. */
export function lockdownText(level: LockdownLevel): string {
  return `${LOCKDOWN_LEVELS.map((each) => (each === level ? `[${each}]` : each)).join(' ')}\n`;
}
