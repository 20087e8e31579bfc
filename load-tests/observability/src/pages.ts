/** The dashboards with what their queries gave, as pages to look at; and as pictures, where Chromium is there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram, run } from '@cipherchat/test-kit';
import { chart, escape, namesOf } from './chart.js';
import type { Answered } from './dashboards.js';

const columns = 24;
const headPx = 120;
const rowHeightPx = 350;

function pageOf({ dashboard, panels }: Answered): string {
  const boxes = panels.map(
    (answered) =>
      `<section style="grid-column: span ${answered.panel.gridPos.w}"><h2>${escape(answered.panel.title)}</h2><p>${escape(answered.panel.description)}</p>${chart(answered)}<footer>${namesOf(answered)}</footer></section>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>${escape(dashboard.title)}</title>
<style>body{font:13px sans-serif;margin:16px;background:#f4f4f5}main{display:grid;grid-template-columns:repeat(${columns},1fr);gap:10px}section{background:#fff;padding:10px;border-radius:4px}h2{font-size:14px;margin:0}p{color:#555;margin:2px 0 6px}svg{width:100%;max-height:260px}footer{font-size:11px;margin-top:4px}</style>
<h1>${escape(dashboard.title)}</h1><main>${boxes.join('\n')}</main>
`;
}

/** Returns the folder. */
export async function writePages(all: readonly Answered[], folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const chromium = findProgram('chromium') ?? findProgram('google-chrome');
  for (const answered of all) {
    const file = path.join(folder, `${answered.dashboard.uid}.html`);
    writeFileSync(file, pageOf(answered));
    if (chromium === undefined) continue;
    await run({
      program: chromium,
      args: [
        '--headless',
        '--no-sandbox',
        '--hide-scrollbars',
        `--window-size=1600,${headPx + rowHeightPx * rowsOf(answered)}`,
        `--screenshot=${file.replace(/html$/, 'png')}`,
        `file://${file}`,
      ],
    });
  }
  return folder;
}

/** As the grid breaks them. */
function rowsOf({ panels }: Answered): number {
  let [rows, used] = [1, 0];
  for (const { panel } of panels) {
    if (used + panel.gridPos.w > columns) [rows, used] = [rows + 1, 0];
    used += panel.gridPos.w;
  }
  return rows;
}
