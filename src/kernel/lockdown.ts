/**
 * Kernel lockdown: security/lockdown/lockdown.c.
 *
 * No public fwctl asks for it: there is no security_locked_down() in drivers/fwctl/ of Linux, of Oracle's UEK or of
 * NVIDIA's OFED, and no reason for it in lockdown_reasons[]. The cap that mstflint's pull request 1589 speaks of (March
 * 2026; its issue 1371 is from a locked-down UEK) is that of UEK's mlx5 driver, the v2 series': scopes 2 and 3 are
 * EOPNOTSUPP, locked down or not, and taint. Profile v2 answers so by itself, and lockdown changes nothing there.
 *
 * For the later profiles the cap is what fwctl's documentation says of the scopes: 2 is "compatible with lockdown", 3
 * is not, which CAP_SYS_RAWIO is to stand for. A kernel that does ask would answer EPERM, as lockdown_is_locked_down()
 * does. It would also log `Lockdown: COMM: REASON is restricted; see man kernel_lockdown.7` (notice, at each refusal,
 * rate limited); nobody has a REASON yet, so that no line is logged here.
 */

/** As /sys/kernel/security/lockdown names them, weakest first. */
export const LOCKDOWN_LEVELS = ['none', 'integrity', 'confidentiality'] as const;

export type LockdownLevel = (typeof LOCKDOWN_LEVELS)[number];

/** The text of /sys/kernel/security/lockdown: all levels, the present one in brackets. */
export function lockdownText(level: LockdownLevel): string {
  return `${LOCKDOWN_LEVELS.map((each) => (each === level ? `[${each}]` : each)).join(' ')}\n`;
}
