/** What other people write is letters on the screen, and never anything else. */
import { acquaint, type Person } from './person.js';
import { expect, story } from './story.js';

const hostile = {
  script: '<script>document.title = "taken over"</script>',
  'a picture with a handler': '<img src=x onerror="document.title = \'taken over\'">',
  'markup that closes what is around it': '</p></article></main><h1>CipherChat</h1><iframe src="/"></iframe>',
  'a drawing with a script': '<svg onload="document.title = \'taken over\'"><script>1</script></svg>',
  template: '{{constructor.constructor("document.title = 1")()}} ${document.title = 1}',
  'markup in links': 'https://example.org/"onmouseover="document.title=1"<b>x</b>',
  entities: '&lt;b&gt;bold&lt;/b&gt; &#60;img src=x&#62;',
  markdown: '![x](javascript:alert(1)) [y](javascript:alert(1)) **bold** <https://example.org>',
};

/** The paragraph with the text of the newest message. */
function newest(person: Person) {
  return person.history.getByRole('article').last().getByRole('paragraph').first();
}

/** Typed as the browser would give it, also what no keyboard has. The units are UTF-16. */
async function sendUnits(person: Person, units: readonly number[]): Promise<void> {
  await person.composer.evaluate((field: HTMLTextAreaElement, codes) => {
    const text = codes.map((code) => String.fromCharCode(code)).join('');
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, text);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }, units);
  await person.composer.press('Enter');
  await expect(person.composer).toHaveValue('');
}

const unitsOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

story('markup is shown as it was typed, and makes nothing', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  for (const [kind, text] of Object.entries(hostile)) {
    await anna.send(text);
    for (const { history, page } of [anna, ben]) {
      const shown = history.getByRole('article').last().getByRole('paragraph').first();
      await expect(shown, kind).toHaveText(text);
      // Links are all that a text may become.
      expect(await shown.locator(':not(a)').count(), kind).toBe(0);
      expect(await history.locator('img, script, iframe, object, form, style').count(), kind).toBe(0);
      expect(await page.title()).not.toContain('taken');
    }
  }
  // The list shows the last of them, too.
  await expect(ben.inList(anna.username)).toContainText('![x](javascript:alert(1))');
});

story(
  'links are those of the web, and open aside without a word about where one came from',
  async ({ people }) => {
    const [anna, ben] = await people('anna', 'ben');
    await acquaint(anna, ben);
    await anna.send(
      'see https://example.org/a?b=c#d, not javascript:alert(1) or data:text/html,x or file:///etc/passwd',
    );
    const links = newest(ben).getByRole('link');
    await expect(links).toHaveCount(1);
    await expect(links).toHaveAttribute('href', 'https://example.org/a?b=c#d');
    await expect(links).toHaveAttribute('target', '_blank');
    await expect(links).toHaveAttribute('rel', /noopener.*noreferrer/);
  },
);

story('names cannot pose as something else', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  // Turned around, it would read as another; and a new line would put something below it.
  await anna.takeName('\u202Ennaf\u202C <b>Anna</b>');
  const heading = ben.page.getByRole('heading', { level: 1 }).filter({ hasText: 'Anna' });
  await expect(heading).toHaveText('nnaf <b>Anna</b>');
  await expect(heading.locator('b')).toHaveCount(0);
  await expect(ben.inList('nnaf <b>Anna</b>')).toHaveCount(1);
});

story('piled up marks do not paint over the lines above', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.send('plain');
  await expect(ben.message('plain')).toHaveCount(1);
  const plain = await newest(ben).evaluate((shown) => shown.scrollHeight);
  const zalgo = [...'zalgo']
    .map((letter) => letter + '\u0300\u0301\u0302\u0303\u0304\u0489'.repeat(40))
    .join('');
  await sendUnits(anna, unitsOf(zalgo));
  await expect(newest(ben)).toHaveText(/^z.{4,}a.{4,}l/u);
  const text = (await newest(ben).textContent()) ?? '';
  expect(text.length).toBeLessThanOrEqual('zalgo'.length * 5);
  expect(await newest(ben).evaluate((shown) => shown.scrollHeight)).toBeLessThan(plain * 2);
});

story('a message of 60 KB is folded, and whole when it is opened', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const long = `${'All work and no play. '.repeat(2_720)}The end.`;
  expect(long.length).toBeGreaterThan(59_000);
  await anna.send(long);
  const article = ben.history.getByRole('article').last();
  await expect(article.getByRole('button', { name: 'Show all' })).toBeVisible();
  await expect(article).not.toContainText('The end.');
  await article.getByRole('button', { name: 'Show all' }).click();
  await expect(newest(ben)).toContainText('The end.');
  expect(((await newest(ben).textContent()) ?? '').length).toBe(long.length);
  await expect(anna.mark(long)).toHaveCount(0); // Folded there, too.
  // What is longer than a message can be is not taken, and not lost.
  await anna.composer.fill('x'.repeat(70_000));
  await expect(anna.page.getByRole('alert').filter({ hasText: /bytes too long/ })).toBeVisible();
  await anna.composer.press('Enter');
  await expect(anna.composer).toHaveValue(/^x{70000}$/);
});

story('texts of all kinds of units come as they were sent, made well-formed', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const random = repeatable(4711);
  for (let round = 1; round <= 24; round++) {
    // Visible ends: what stands between them may be of no width.
    const units = [0x41, ...Array.from({ length: 1 + (random() % 40) }, () => anyUnit(random)), 0x5a];
    await sendUnits(anna, units);
    const sent = units.map((unit) => String.fromCharCode(unit)).join('');
    const shown = withoutPiles(sent.toWellFormed());
    await expect
      .poll(async () => (await newest(ben).textContent()) ?? '', `round ${round}: ${JSON.stringify(sent)}`)
      .toBe(shown);
    expect(await newest(ben).locator(':not(a)').count()).toBe(0);
  }
});

/** Halves of pairs, controls, marks, what turns lines around, what has no width, markup: as often as letters. */
function anyUnit(random: () => number): number {
  const kinds = [
    () => 0x20 + (random() % 0x5f),
    () => 0xd800 + (random() % 0x800),
    () => random() % 0x20,
    () => 0x300 + (random() % 0x70),
    () =>
      [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200f][random() % 10] ?? 0,
    () => [0x200b, 0x200d, 0xfeff, 0xfffe, 0xffff, 0xfe0f][random() % 6] ?? 0,
    () => '<>&"\'{}$`'.charCodeAt(random() % 9),
    () => 0x5d0 + (random() % 0x120),
  ];
  return kinds[random() % kinds.length]?.() ?? 0;
}

/** Controls are left out, lines are what a text field makes of them, and no letter carries more than four marks. */
function withoutPiles(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '')
    .replaceAll(/(\p{M}{4})\p{M}+/gu, '$1');
}

/** The same numbers in each run, so that what failed can be looked at (a linear congruence; nothing secret). */
function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
