/** All routes, by the area that they belong to. */
import { authRoutes } from './auth-routes.js';
import { conversationRoutes } from './conversation-routes.js';
import { keysRoutes, peopleRoutes } from './directory-routes.js';
import type { Route } from './route.js';

export const routeTables: ReadonlyArray<{
  readonly area: string;
  readonly routes: Readonly<Record<string, Route>>;
}> = [
  { area: 'auth', routes: authRoutes },
  { area: 'keys', routes: keysRoutes },
  { area: 'people', routes: peopleRoutes },
  { area: 'conversations', routes: conversationRoutes },
];
