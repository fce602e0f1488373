import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { renderPage } from '../testing/render';
import { StartPage } from './StartPage';

beforeEach(() => {
  window.history.replaceState(null, '', '/');
});

describe('StartPage', () => {
  it('makes a meeting with one click', async () => {
    await renderPage(<StartPage />);
    await userEvent.click(screen.getByRole('button', { name: 'New meeting' }));
    expect(window.location.pathname).toMatch(/^\/meet\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/);
  });

  it('joins by code', async () => {
    await renderPage(<StartPage />);
    await userEvent.type(screen.getByLabelText('Code or link'), 'MKT whsp ueb{Enter}');
    expect(window.location.pathname).toBe('/meet/mkt-whsp-ueb');
  });

  it('joins by link', async () => {
    await renderPage(<StartPage />);
    const link = `${window.location.origin}/meet/Daily`;
    await userEvent.type(screen.getByLabelText('Code or link'), `${link}{Enter}`);
    expect(window.location.pathname).toBe('/meet/Daily');
  });

  it.each([
    ['{Enter}', 'Type the code or paste the link that you were sent.'],
    ['a?b{Enter}', 'A code has only letters, digits, dashes, dots and underscores.'],
    ['https://other.example/meet/abc{Enter}', /another site: other\.example/],
  ])('says what is wrong with %j', async (typed, words) => {
    await renderPage(<StartPage />);
    await userEvent.type(screen.getByLabelText('Code or link'), typed);
    expect(screen.getByText(words)).toBeTruthy();
    expect(window.location.pathname).toBe('/');
  });

  it('takes the error back when one types on', async () => {
    await renderPage(<StartPage />);
    await userEvent.type(screen.getByLabelText('Code or link'), '{Enter}a');
    expect(screen.queryByText(/Type the code/)).toBeNull();
  });

  it('remembers the name, tidied', async () => {
    const { settings } = await renderPage(<StartPage />);
    await userEvent.type(screen.getByLabelText('Your name'), ' Ann  Lee ');
    expect(settings.value.name).toBe('Ann Lee');
  });

  it('changes the language at once and remembers it', async () => {
    const { settings } = await renderPage(<StartPage />);
    await userEvent.selectOptions(screen.getByLabelText('Language'), 'vi');
    expect(await screen.findByRole('button', { name: 'Cuộc họp mới' })).toBeTruthy();
    expect(settings.value.language).toBe('vi');
    expect(document.documentElement.lang).toBe('vi');
  });
});
