/** Every screen of the app and its address. An address carries random ids at most, never what somebody wrote. */

/** Screens that have an address, once there is an account. */
export const routes = {
  conversations: '/',
  chat: '/c/:conversation',
  details: '/c/:conversation/details',
  newConversation: '/new',
  newGroup: '/new/group',
  share: '/share',
  invite: '/invite',
  person: '/people/:user',
  requests: '/requests',
  search: '/search',
  searchIn: '/c/:conversation/search',
  settings: '/settings',
  settingsProfile: '/settings/profile',
  settingsPrivacy: '/settings/privacy',
  settingsAppearance: '/settings/appearance',
  settingsSecurity: '/settings/security',
} as const;

/** Screens that the state of this browser decides, whatever the address. @public for the stories in a browser, which visit all of them */
export const startScreens = [
  'opening',
  'failed',
  'welcome',
  'register',
  'recover',
  'cleared',
  'locked',
  'recovery-key',
  'stopped',
] as const;

export type RouteName = keyof typeof routes;

/** The address of a screen: `pathOf('chat', { conversation })`. */
export function pathOf(name: RouteName, ids: Readonly<Record<string, string>> = {}): string {
  return routes[name].replaceAll(/:(\w+)/g, (_match, id: string) => ids[id] ?? '');
}
