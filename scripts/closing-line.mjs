// A reporter of node:test beside another: one last line, `N passed, N failed, N skipped`, for whoever reads a log by
// its end.

export default async function* closingLine(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') counts[data.skip === undefined ? 'passed' : 'skipped']++;
    if (type === 'test:fail') counts.failed++;
  }
  const { passed, failed, skipped } = counts;
  yield `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
