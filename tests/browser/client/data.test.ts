import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';

describe.each(MODES)('data in %s mode', (mode) => {
  const test = callTest(mode);

  test('reliable packets arrive complete and in order', async ({ call }) => {
    const [ann, bob] = await call.pair();
    const texts = Array.from({ length: 100 }, (_, n) => `message ${n}`);
    for (const text of texts) await ann.send(text, true);
    await expect.poll(async () => (await bob.messages()).map((one) => one.text)).toEqual(texts);
    expect((await bob.messages())[0]).toMatchObject({
      from: 'ann',
      topic: 'test',
      kind: 'RELIABLE',
    });
  });

  test('a lossy packet arrives as such', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.send('here', false);
    await expect.poll(() => bob.messages()).toMatchObject([{ text: 'here', kind: 'LOSSY' }]);
  });

  test('a packet for one person reaches nobody else', async ({ call }) => {
    const [ann, bob] = await call.pair();
    const cid = await call.join('cid');
    await ann.send('for cid', true, ['cid']);
    await ann.send('for all', true);
    await expect.poll(async () => (await cid.messages()).length).toBe(2);
    await expect.poll(() => bob.messages()).toMatchObject([{ text: 'for all' }]);
  });

  test('a packet sent right after joining is not lost', async ({ call }) => {
    const bob = await call.join('bob');
    const ann = await call.join('ann');
    await ann.send('first words', true);
    await expect.poll(() => bob.messages()).toMatchObject([{ text: 'first words' }]);
  });

  test('a long text of many alphabets arrives whole', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await bob.receiveStreams('letter');
    const text = 'Xin chào, привет, сәлем, 你好 👋 '.repeat(2000);
    await ann.sendText(text, 'letter');
    const length = new TextEncoder().encode(text).length;
    await expect.poll(() => bob.streams()).toMatchObject([{ from: 'ann', length }]);
  });

  test('a megabyte of bytes arrives unchanged', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await bob.receiveStreams('file');
    const digest = await ann.sendBytes(1_000_000, 'file');
    await expect.poll(() => bob.streams()).toMatchObject([{ length: 1_000_000, digest }]);
  });

  test('a remote procedure answers its caller', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await bob.answerRpc('greet', 'hello ');
    expect(await ann.rpc('bob', 'greet', 'ann')).toBe('hello ann');
  });

  test('a procedure that nobody offers is refused by its receiver', async ({ call }) => {
    const [ann] = await call.pair();
    expect(await ann.rpc('bob', 'unknown', '')).toBe('error 1400');
  });
});
