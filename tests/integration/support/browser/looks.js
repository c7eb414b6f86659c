// What is wrong with the page as it is shown, in words. The body of a function: no page may run it.
const faults = [];
const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
const named = (element) => `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`;

// A telephone makes its window as wide as a page that does not fit: the glass is what counts.
const wide = screen.width;
if (document.documentElement.scrollWidth > wide) {
  faults.push(`it is ${document.documentElement.scrollWidth} wide on a screen of ${wide}`);
}
if (document.compatMode !== 'CSS1Compat') faults.push('it has no doctype');
if (!document.documentElement.lang) faults.push('it does not say its language');
if (!document.title.trim()) faults.push('it has no title');
for (const [what, selector] of [['main parts', 'main'], ['first headings', 'h1']]) {
  const count = document.querySelectorAll(selector).length;
  if (count !== 1) faults.push(`it has ${count} ${what}`);
}
const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) faults.push(`#${id} is there twice`);

// What can be used has a name, and room for a finger (WCAG 2.2 §2.5.8, §4.1.2).
const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
for (const control of [...document.querySelectorAll(controls)].filter(shown)) {
  const said = [control.textContent, control.ariaLabel, control.title];
  const labels = [...(control.labels ?? [])].map((label) => label.textContent);
  if (![...said, ...labels].some((text) => text?.trim())) faults.push(`${control.outerHTML} has no name`);
  const { width, height } = control.getBoundingClientRect();
  const inText = getComputedStyle(control).display === 'inline';
  if (!inText && Math.min(width, height) < 24) faults.push(`${named(control)} is ${width} by ${height}`);
}

// Text can be read: its size, and its contrast (WCAG 2.2 §1.4.3) to the nearest colour behind it.
const rgba = (color) => {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return { r, g, b, a };
};
const over = (top, below) => {
  const mix = (name) => top[name] * top.a + below[name] * (1 - top.a);
  return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 };
};
const behind = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    layers.push(rgba(getComputedStyle(at).backgroundColor));
    if (layers.at(-1).a === 1) break;
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const paper = dark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
  return layers.reduceRight((below, layer) => over(layer, below), paper);
};
const light = ({ r, g, b }) => {
  const [x, y, z] = [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const hasText = (element) => [...element.childNodes]
  .some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
for (const element of [...document.body.querySelectorAll('*')].filter(hasText).filter(shown)) {
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  if (size < 12) faults.push(`${named(element)} is ${size} high`);
  const ground = behind(element);
  const ratio = contrast(over(rgba(style.color), ground), ground);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) faults.push(`${named(element)} has a contrast of ${ratio.toFixed(2)}`);
  const { left, right } = element.getBoundingClientRect();
  if (left < 0 || right > wide) faults.push(`${named(element)} sticks out`);
}

// A button that has no colour of its own is known by its edge (WCAG 2.2 §1.4.11).
for (const button of [...document.querySelectorAll('button')].filter(shown)) {
  const style = getComputedStyle(button);
  const ground = behind(button);
  const edge = parseFloat(style.borderTopWidth) > 0 ? over(rgba(style.borderTopColor), ground) : ground;
  const known = rgba(style.backgroundColor).a > 0 || contrast(edge, ground) >= 3;
  if (!known) faults.push(`${named(button)} has an edge that nobody sees`);
}
return faults;
