// Fetches a page again while somebody looks at it, and puts the new in the place of the old. Without
// it the page is as it was when it was opened, and nothing else is missing.
'use strict';

const EVERY_MS = 5000;
const LATE_MS = 15000;
const part = () => document.querySelector('[data-live]');
const sign = () => document.querySelector('[data-live-sign]');

// Whoever types, chooses or has marked something is not disturbed.
const isBusy = () => {
  const here = document.activeElement;
  const types = here && here.closest('[data-live]') && here.matches('input, select, textarea');
  const marks = !document.getSelection().isCollapsed;
  const opened = part().querySelector('details[open]');
  const chosen = part().querySelector('input[type=checkbox]:checked');
  return Boolean(types || marks || opened || chosen);
};

const say = (text) => {
  const at = sign();
  if (at && at.textContent !== text) at.textContent = text;
};

const again = async () => {
  if (document.hidden || isBusy()) return;
  try {
    const answer = await fetch(location.href, {
      headers: { accept: 'text/html' },
      redirect: 'error',
      signal: AbortSignal.timeout(LATE_MS),
    });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const [old, fresh] = [part(), page.querySelector('[data-part]')];
    if (!fresh || isBusy()) return;
    const focused = document.activeElement && document.activeElement.closest('[data-live] [href]');
    const href = focused && focused.getAttribute('href');
    if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
    if (href) part().querySelector(`[href="${CSS.escape(href)}"]`)?.focus();
    document.title = page.title;
    // What has come to its end is shown once more, and not asked for again.
    if (!fresh.matches('[data-live]')) old.removeAttribute('data-live');
    say(part() ? 'live' : 'at its end');
  } catch {
    say('not answered: this may be old');
  }
};

if (part()) {
  say('live');
  const turn = () => again().finally(() => part() && setTimeout(turn, EVERY_MS));
  setTimeout(turn, EVERY_MS);
  document.addEventListener('visibilitychange', () => document.hidden || (part() && again()));
}

// All of a table at once.
for (const box of document.querySelectorAll('input[data-all]')) {
  box.hidden = false;
  box.addEventListener('change', () => {
    const rows = box.closest('table').querySelectorAll('tbody input[type=checkbox]');
    for (const row of rows) row.checked = box.checked;
  });
}
