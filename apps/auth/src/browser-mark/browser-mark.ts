import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { browserMarkCookie } from '@cipherchat/protocol';
import { CONFIG } from '@cipherchat/service-kit';
import type { AuthConfig } from '../config.js';

/** As long as browsers keep any cookie; each sign-in begins it anew. */
const maxAgeS = 400 * 86_400;

/**
 * Leaves a mark in the browser that an account was there: when all its storage is gone, as browsers do after days without
 * a visit or when a disk is full, its person is offered recovery and not taken for a newcomer. A script's own cookies and
 * storage are what is cleared then; a cookie of the server's stays.
 *
 * It says yes, and nothing of whom. No service reads it; the page does, so it is open to scripts.
 */
@Injectable()
export class BrowserMark {
  private readonly cookie: string;

  constructor(@Inject(CONFIG) { publicAuthUrl }: AuthConfig) {
    const secure = new URL(publicAuthUrl).protocol === 'https:' ? '; Secure' : '';
    this.cookie = `${browserMarkCookie}=1; Path=/; Max-Age=${maxAgeS}; SameSite=Strict${secure}`;
  }

  /** Only browsers say where the page is from. */
  leave(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.origin !== undefined) response.appendHeader('set-cookie', this.cookie);
  }
}
