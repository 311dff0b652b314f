/** A sweep as JUnit XML (Jenkins' junit plug-in, GitLab): a test case a run, a finding is a failure. */
import type { SweepReport, SweepRun } from './sweep-report.ts';
import { FINDINGS } from './sweep-verdict.ts';

export function junitXml(report: SweepReport): string {
  const { command, runs, seconds } = report;
  const failures = runs.filter(({ verdict }) => FINDINGS.includes(verdict)).length;
  const skipped = runs.filter(({ verdict }) => verdict === 'missed').length;
  const name = attribute(`sweep ${command.join(' ')}`);
  const counts = `tests="${runs.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="fwctl-emu sweep" ${counts}>`,
    `  <testsuite name="${name}" ${counts}>`,
    ...runs.flatMap(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(run: SweepRun): string[] {
  const { call, kind, fault, verdict, detail, ms, tail } = run;
  const open = `    <testcase classname="${attribute(call)}" name="${attribute(`${kind}: ${fault}`)}" time="${(ms / 1000).toFixed(3)}"`;
  if (verdict === 'ok' || verdict === 'optional') return [`${open}/>`];
  if (verdict === 'missed') return [`${open}>`, `      <skipped message="${attribute(detail)}"/>`, '    </testcase>'];
  const lines = [
    `${open}>`,
    `      <failure type="${verdict}" message="${attribute(`${verdict}: ${detail}`)}">${text(`--fault '${fault}'`)}</failure>`,
  ];
  if (tail) lines.push(`      <system-out>${text(tail)}</system-out>`);
  return [...lines, '    </testcase>'];
}

function text(value: string): string {
  return allowed(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
}

/** XML 1.0 has no control characters but tab and newline, and no lone surrogates. */
function allowed(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes out
  return value.replace(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/gu, '?');
}
