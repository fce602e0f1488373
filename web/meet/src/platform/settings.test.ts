import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type KeyValueStorage, openSettings } from './settings';

function storageWith(text: string | null): KeyValueStorage & { text: string | null } {
  return {
    text,
    getItem() {
      return this.text;
    },
    setItem(_key, value) {
      this.text = value;
    },
  };
}

describe('openSettings', () => {
  it('remembers from one opening to the next', () => {
    const storage = storageWith(null);
    openSettings(storage).update({ name: 'Ann', cameraOn: false, speakerId: 's1' });
    expect(openSettings(storage).value).toEqual({
      ...DEFAULT_SETTINGS,
      name: 'Ann',
      cameraOn: false,
      speakerId: 's1',
    });
  });

  it.each([null, '', 'nonsense', '[]', 'null', '7', '{"name":5,"cameraOn":"yes"}'])(
    'starts from the defaults when %j is stored',
    (text) => {
      expect(openSettings(storageWith(text)).value).toEqual(DEFAULT_SETTINGS);
    },
  );

  it('takes the fields it knows from a newer page', () => {
    const settings = openSettings(storageWith('{"name":" Ann ","hologram":true}')).value;
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, name: 'Ann' });
  });

  it('works where storage is forbidden', () => {
    const store = openSettings({
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('denied');
      },
    });
    store.update({ name: 'Ann' });
    expect(store.value.name).toBe('Ann');
  });
});
