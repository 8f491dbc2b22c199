import I18nProvider from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { lazy, Suspense, useEffect } from 'react';
import { BrowserRouter } from 'react-router';
import { identify } from '../aws/identity';
import { updateSession } from '../aws/session';
import { useSession } from '../aws/useSession';
import { base } from '../components/follow';
import { Notifications } from './notifications';
import { Shell } from './Shell';

const SignIn = lazy(() => import('./SignIn'));

/** The whole console: the sign-in page, or the pages of whoever signed in. */
export function App() {
  const { credentials, identity } = useSession();
  useEffect(() => {
    if (credentials && !identity) {
      identify(credentials).then((found) => updateSession({ identity: found }), () => undefined); // only the bar shows it
    }
  }, [credentials, identity]);
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <BrowserRouter basename={base}>
        <Notifications>{credentials ? <Shell /> : <Suspense><SignIn /></Suspense>}</Notifications>
      </BrowserRouter>
    </I18nProvider>
  );
}
