import { describe, expect, test } from 'vitest';

import { CIPHER, clientWorld, page, search, SECRET } from './client-world.ts';
import { failed, type Heard } from './scripted-server.ts';

describe('what waiting does not help', () => {
  test.each([
    [401, 106001, 'configuration', 'stop', 'api'],
    [401, 105005, 'configuration', 'stop', 'not_authorized'],
    [401, 36009043, 'configuration', 'pause-shop', 'api'],
    [200, 12052180, 'configuration', 'split-window', 'api'],
    [200, 28001007, 'record', 'skip', 'api'],
    [404, 36009009, 'configuration', 'fall-back-version', 'api'],
    [400, 98001004, 'transient', 'restart-window', 'api'],
  ])('HTTP %i code %i ends at once as %s: %s', async (status, code, failureClass, reaction, word) => {
    const { call, api, timers } = await clientWorld(() => failed(status, code, 'no'));
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: failureClass, reaction, code: word, apiCode: code, http: status });
    expect(api()).toHaveLength(1);
    expect(timers.waits).toEqual([]);
  });

  test('the error names code and endpoint, and shows no secret that the answer echoes', async () => {
    const { call } = await clientWorld(() =>
      failed(401, 106001, `bad sign for ${SECRET} ROW_given ROW_refresh ${CIPHER}\n\u001b[31m`),
    );
    const error = await call().catch((reason: unknown) => reason);
    expect(String(error)).toContain('code 106001');
    expect(String(error)).toContain(search.path);
    for (const secret of ['app-secret', 'ROW_', '\n', '\u001b']) expect(String(error)).not.toContain(secret);
  });

  test('a page of HTML is not quoted', async () => {
    const { call } = await clientWorld(() => ({ status: 404, text: '<html>Jane Doe</html>' }));
    await expect(call()).rejects.toMatchObject({
      class: 'configuration',
      message: expect.not.stringContaining('Jane'),
    });
  });
});

test('a cipher that changed is read again and the call replayed; one that did not change ends it', async () => {
  const script = (heard: Heard) => (heard.query['shop_cipher'] === 'ROW_new' ? page : failed(400, 101000, 'mismatch'));
  const changed = await clientWorld(script);
  changed.shop.next = 'ROW_new';
  await changed.call();
  expect(changed.shop.rereads).toBe(1);
  const same = await clientWorld(script);
  await expect(same.call()).rejects.toMatchObject({ class: 'configuration', apiCode: 101000 });
  expect(same.api()).toHaveLength(1);
});

describe('an abort', () => {
  test('ends a request under way and gives its place back', async () => {
    const stop = new AbortController();
    const { call, budget, api } = await clientWorld(() => () => stop.abort(new Error('enough')));
    await expect(call(stop.signal)).rejects.toThrow('enough');
    expect([budget.underWay, budget.waiting, api().length]).toEqual([0, 0, 1]);
  });

  test('ends a wait between attempts', async () => {
    const stop = new AbortController();
    const { call, timers, api } = await clientWorld(() => ({ status: 503, text: '' }));
    const { after } = timers;
    Object.assign(timers, {
      after: (ms: number, run: () => void) => {
        const cancel = after(ms, run);
        stop.abort(new Error('enough'));
        return cancel;
      },
    });
    await expect(call(stop.signal)).rejects.toThrow('enough');
    expect(api()).toHaveLength(1);
  });
});
