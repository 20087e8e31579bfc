/** What this browser keeps and who opens it, devices, and the ways out. */
import { useEffect, useState, type ReactNode } from 'react';
import type { AccountDevice } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { isStorageKept, keepStorage } from '../install/storage.js';
import { routes } from '../routes.js';
import { useSession } from '../session/session-context.js';
import { DeleteAccount } from './delete-account.js';
import { NewRecoveryKey } from './new-recovery-key.js';
import { SignOut } from './sign-out.js';
import { StoreLock } from './store-lock.js';

export function SecurityScreen(): ReactNode {
  const t = useText();
  return (
    <Screen title={t.settings.security} back={routes.settings}>
      <Storage />
      <StoreLock />
      <NewRecoveryKey />
      <Devices />
      <SignOut />
      <DeleteAccount />
    </Screen>
  );
}

function Storage(): ReactNode {
  const t = useText();
  const [isKept, setKept] = useState<boolean | null>(null);
  useEffect(() => void isStorageKept().then(setKept), []);
  return (
    <section className="card">
      <h2>{t.settings.storage}</h2>
      <p>{isKept === true ? t.settings.storageKept : t.settings.storageAtRisk}</p>
      {isKept === false && (
        <Button onClick={() => void keepStorage().then(setKept)}>{t.settings.keepStorage}</Button>
      )}
    </section>
  );
}

function Devices(): ReactNode {
  const { t, day } = useLanguage();
  const { call } = useSession();
  const [devices, setDevices] = useState<readonly AccountDevice[] | 'unreachable' | null>(null);
  useEffect(() => void call('devices', undefined).then(setDevices, () => setDevices('unreachable')), [call]);
  return (
    <section className="card">
      <h2>{t.settings.devices}</h2>
      {devices === null && <p className="soft">{t.app.loading}</p>}
      {devices === 'unreachable' && <p className="note">{t.connection.offline}</p>}
      <ul className="people-list">
        {Array.isArray(devices) &&
          devices
            .filter(({ revokedAtMs }: AccountDevice) => revokedAtMs === null)
            .map((device: AccountDevice) => (
              <li key={device.device}>
                <div className="grow">
                  <p>{device.current ? t.settings.thisDevice : day(device.createdAtMs)}</p>
                  <p className="soft">
                    {device.lastSeenDay === null
                      ? t.settings.neverSeen
                      : t.settings.lastSeen(day(Date.parse(device.lastSeenDay)))}
                  </p>
                </div>
              </li>
            ))}
      </ul>
    </section>
  );
}
