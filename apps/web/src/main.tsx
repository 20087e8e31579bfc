/** Shows the app, whose worker was started before (`start-worker.ts`). */
// First, so that the sheets of single views come after them and win.
import './theme/tokens.css';
import './theme/base.css';
import './controls/controls.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { registerServiceWorker } from './install/service-worker-updates.js';
import { followNotifications } from './notifications/notify.js';
import { takeLinkFromAddress } from './people/opened-link.js';
import { Session } from './session/session.js';
import { workerStarted } from './session/start-worker.js';
import { followTheme } from './settings/preferences.js';
import { speak } from './settings/spoken-language.js';
import './app/app.css';

takeLinkFromAddress();
const session = new Session();
workerStarted.catch((error: unknown) => session.failed(error));
followTheme();
registerServiceWorker();

const spoken = await speak();
followNotifications(session, spoken);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(<App session={session} spoken={spoken} />);
