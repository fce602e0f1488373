import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useHotkeys } from './use-hotkeys';

function Page(props: Parameters<typeof useHotkeys>[0] & { singleKeys?: boolean }) {
  useHotkeys(props, props.singleKeys ?? true);
  return (
    <div>
      <input aria-label="text" />
      <button type="button">control</button>
    </div>
  );
}

function open(singleKeys = true) {
  const onAction = vi.fn();
  const onTalk = vi.fn();
  render(<Page onAction={onAction} onTalk={onTalk} singleKeys={singleKeys} />);
  return { onAction, onTalk };
}

describe('useHotkeys', () => {
  it('reports an action once, however long the key is held', () => {
    const { onAction } = open();
    fireEvent.keyDown(document.body, { key: 'm', code: 'KeyM' });
    fireEvent.keyDown(document.body, { key: 'm', code: 'KeyM', repeat: true });
    expect(onAction.mock.calls).toEqual([['microphone']]);
  });

  it('is deaf inside a text field', () => {
    const { onAction } = open();
    fireEvent.keyDown(screen.getByLabelText('text'), { key: 'm', code: 'KeyM' });
    expect(onAction).not.toHaveBeenCalled();
  });

  it('keeps the browser from its own Ctrl+D', () => {
    const { onAction } = open(false);
    const goesOn = fireEvent.keyDown(document.body, { key: 'd', code: 'KeyD', ctrlKey: true });
    expect(goesOn).toBe(false);
    expect(onAction).toHaveBeenCalledWith('microphone');
  });

  it('talks while Space is held', () => {
    const { onTalk } = open();
    fireEvent.keyDown(document.body, { key: ' ' });
    fireEvent.keyDown(document.body, { key: ' ', repeat: true });
    fireEvent.keyUp(document.body, { key: ' ' });
    expect(onTalk.mock.calls).toEqual([[true], [false]]);
  });

  it('stops talking when the window loses the keyboard', () => {
    const { onTalk } = open();
    fireEvent.keyDown(document.body, { key: ' ' });
    fireEvent.blur(window);
    fireEvent.keyUp(document.body, { key: ' ' });
    expect(onTalk.mock.calls).toEqual([[true], [false]]);
  });

  it('leaves Space to a focused button', () => {
    const { onTalk } = open();
    fireEvent.keyDown(screen.getByText('control'), { key: ' ' });
    expect(onTalk).not.toHaveBeenCalled();
  });
});
