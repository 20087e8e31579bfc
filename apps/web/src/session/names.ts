/** What the tabs of this browser share. */
import { tabsName } from '@cipherchat/client-sdk/tabs';

/** One account per browser and address: the browser's own profiles are how people have several. */
const profile = 'account';

export const tabs = tabsName(profile);
export const database = `cipherchat-${profile}`;
