/** The frame of an open account: the list on one side and what is open on the other; on a narrow window one of them. */
import type { ReactNode } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useText } from '../catalogue/language-context.js';
import { ChatScreen } from '../chat/chat-screen.js';
import { ConversationsPane } from '../conversations/conversations-pane.js';
import { DetailsScreen } from '../conversations/details-screen.js';
import { RequestsScreen } from '../conversations/requests-screen.js';
import { InviteScreen } from '../people/invite-screen.js';
import { NewConversationScreen } from '../people/new-conversation-screen.js';
import { NewGroupScreen } from '../people/new-group-screen.js';
import { PersonScreen } from '../people/person-screen.js';
import { ShareScreen } from '../people/share-screen.js';
import { routes, type RouteName } from '../routes.js';
import { useActivity } from '../session/activity.js';
import { SearchInScreen, SearchScreen } from '../search/search-screen.js';
import { AppearanceScreen } from '../settings/appearance-screen.js';
import { PrivacyScreen } from '../settings/privacy-screen.js';
import { ProfileScreen } from '../settings/profile-screen.js';
import { SecurityScreen } from '../settings/security-screen.js';
import { SettingsScreen } from '../settings/settings-screen.js';
import { ConnectionBar } from './connection-bar.js';
import { EmptyPane, NotFound } from './empty-pane.js';
import { useFocusOnNavigation } from './focus-on-navigation.js';
import { useIsNarrow } from './narrow-window.js';
import { useTitleOfTab } from './tab-title.js';

/** The screen of each address. */
const screens: Record<RouteName, () => ReactNode> = {
  conversations: EmptyPane,
  chat: ChatScreen,
  details: DetailsScreen,
  newConversation: NewConversationScreen,
  newGroup: NewGroupScreen,
  share: ShareScreen,
  invite: InviteScreen,
  person: PersonScreen,
  requests: RequestsScreen,
  search: SearchScreen,
  searchIn: SearchInScreen,
  settings: SettingsScreen,
  settingsProfile: ProfileScreen,
  settingsPrivacy: PrivacyScreen,
  settingsAppearance: AppearanceScreen,
  settingsSecurity: SecurityScreen,
};

export function Frame(): ReactNode {
  const t = useText();
  const [path] = useLocation();
  const isNarrow = useIsNarrow();
  const pane = path === routes.conversations ? 'list' : 'open';
  useTitleOfTab();
  useFocusOnNavigation();
  useActivity();
  return (
    <div className="frame" data-pane={pane}>
      <a className="skip-link" href={isNarrow && pane === 'list' ? '#list' : '#content'}>
        {t.app.skipToContent}
      </a>
      <ConnectionBar />
      {/* Alone on the screen, the list is the content. */}
      <div
        className="list-side"
        id="list"
        tabIndex={-1}
        role={isNarrow && pane === 'list' ? 'main' : undefined}
      >
        <ConversationsPane />
      </div>
      <main className="pane" id="content" tabIndex={-1}>
        <Switch>
          {Object.entries(screens).map(([name, screen]) => (
            <Route key={name} path={routes[name as RouteName]} component={screen} />
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </main>
    </div>
  );
}
