// The session of this tab: what the server said about itself, who signs requests, and for which region.
// Keys are held in memory only: a reload under `--auth sigv4` asks for them again.

export interface ServerConfig {
  /** Who may call the APIs: "none" accepts any signature, "sigv4" verifies it. */
  auth: 'none' | 'sigv4';
  version: string;
  /** Base URL of the gateway listener, the data plane alone; empty where unknown. */
  gateway: string;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Session {
  config: ServerConfig;
  region: string;
  credentials: Credentials | null;
  /** Known once GetCallerIdentity has answered. */
  identity: { account: string; arn: string } | null;
}

const regionKey = 'tollbook.region';
const madeUp: Credentials = { accessKeyId: 'CONSOLE', secretAccessKey: 'any-secret-is-accepted' };

let session: Session = {
  config: { auth: 'none', version: '', gateway: '' },
  region: 'us-east-1',
  credentials: null,
  identity: null,
};
const listeners = new Set<() => void>();

export function getSession(): Session {
  return session;
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function updateSession(change: Partial<Session>): void {
  session = { ...session, ...change };
  listeners.forEach((listener) => listener());
}

/** Starts the tab's session. The region is the address' (?region=), else the last one chosen, else us-east-1. */
export function startSession(config: ServerConfig): void {
  const region = new URLSearchParams(location.search).get('region') ?? localStorage.getItem(regionKey) ?? 'us-east-1';
  updateSession({ config, region, credentials: config.auth === 'none' ? madeUp : null });
}

export function chooseRegion(region: string): void {
  localStorage.setItem(regionKey, region);
  updateSession({ region });
}

export function signOut(): void {
  updateSession({ credentials: null, identity: null });
}

/** Asks the server that served this page what it is. */
export async function fetchServerConfig(): Promise<ServerConfig> {
  const answer = await fetch('/console/config.json', { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error(`The server answered ${answer.status} to /console/config.json.`);
  }
  return (await answer.json()) as ServerConfig;
}
