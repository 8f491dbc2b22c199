// What all SDK clients of the console have in common: this page's own origin as endpoint, the tab's credentials and
// region. A file a service beside this one (logs.ts, iam.ts, …) makes its client, so that a page loads only the
// services that it calls.
import { getSession, type Credentials } from './session';

export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: Credentials;
  maxAttempts: number;
}

function clientConfig(): ClientConfig {
  const { credentials, region } = getSession();
  if (!credentials) {
    throw new Error('Nobody is signed in.');
  }
  return { endpoint: location.origin, region, credentials, maxAttempts: 3 };
}

/** Returns a function that gives the client for the present region and credentials, the same one while these stay. */
export function clientOf<T>(make: (config: ClientConfig) => T): () => T {
  let made: { client: T; region: string; credentials: Credentials | null } | undefined;
  return () => {
    const { region, credentials } = getSession();
    if (!made || made.region !== region || made.credentials !== credentials) {
      made = { client: make(clientConfig()), region, credentials };
    }
    return made.client;
  };
}
