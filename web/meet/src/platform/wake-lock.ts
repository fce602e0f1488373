/** Keeps a phone's screen on during a meeting. The browser drops the lock with each look away. */

export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let done = false;
  const request = async () => {
    if (done || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const fresh = await navigator.wakeLock.request('screen');
      if (done) await fresh.release();
      else lock = fresh;
    } catch {
      // A low battery refuses; the meeting goes on.
    }
  };
  const onVisible = () => void request();
  document.addEventListener('visibilitychange', onVisible);
  void request();
  return () => {
    done = true;
    document.removeEventListener('visibilitychange', onVisible);
    void lock?.release();
  };
}
