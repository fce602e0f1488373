/**
 * Joins once with each token, with LiveKit's native client, and prints how long it took until it was
 * connected and until it had the first frame: `[[connected, shown], ...]`, in milliseconds.
 */
import { createRequire } from 'node:module';

// The client is a package of the integration tests.
const require = createRequire(new URL('../../integration/package.json', import.meta.url));
const { dispose, Room, RoomEvent, TrackKind, VideoStream } = require('@livekit/rtc-node');

const [url, ...tokens] = process.argv.slice(2);
const joins = [];
for (const token of tokens) {
  const room = new Room();
  const begin = performance.now();
  const shown = new Promise((resolve) => {
    room.on(RoomEvent.TrackSubscribed, async (track) => {
      if (track.kind !== TrackKind.KIND_VIDEO) return;
      await new VideoStream(track).getReader().read();
      resolve(performance.now() - begin);
    });
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const connected = performance.now() - begin;
  joins.push([connected, await shown]);
  await room.disconnect();
}
process.stdout.write(`${JSON.stringify(joins)}\n`);
await dispose();
process.exit(0);
