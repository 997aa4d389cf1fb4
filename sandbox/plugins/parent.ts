/**
 * Calls `orphaned` once the process that started this one is gone. An engine that is killed takes leave of nobody: its
 * plugins have to notice by themselves, or they would stay for ever.
 */
export function watchParent(orphaned: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    orphaned();
  }, 1000);
  watch.unref();
}
