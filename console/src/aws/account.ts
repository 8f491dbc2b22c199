import { identify } from './identity';
import { getSession } from './session';

/** The account whose resources the page shows: ARNs name it. */
export async function accountId(): Promise<string> {
  const { identity, credentials } = getSession();
  if (identity) {
    return identity.account;
  }
  if (!credentials) {
    throw new Error('Nobody is signed in.');
  }
  return (await identify(credentials)).account;
}
