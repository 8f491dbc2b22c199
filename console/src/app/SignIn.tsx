import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { identify } from '../aws/identity';
import { updateSession } from '../aws/session';
import { ProblemAlert } from '../components/Problem';
import './sign-in.css';

/** Under `--auth sigv4`: takes an access key, tries it, and keeps it in memory for this tab. */
export default function SignIn() {
  const [keys, setKeys] = useState({ accessKeyId: '', secretAccessKey: '', sessionToken: '' });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const set = (name: keyof typeof keys) => (e: { detail: { value: string } }) =>
    setKeys((old) => ({ ...old, [name]: e.detail.value.trim() }));
  const signIn = async () => {
    setBusy(true);
    setError(undefined);
    const credentials = { ...keys, sessionToken: keys.sessionToken || undefined };
    try {
      const identity = await identify(credentials);
      updateSession({ credentials, identity });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={(e) => { e.preventDefault(); void signIn(); }}>
        <Form actions={<Button variant="primary" formAction="submit" loading={busy} disabled={!keys.accessKeyId || !keys.secretAccessKey}>Sign in</Button>}>
          <Container header={<Header variant="h1" description="With an access key of this Tollbook. The key stays in this tab's memory and is forgotten when the tab closes or reloads.">Sign in to Tollbook</Header>}>
            <SpaceBetween size="l">
              <FormField label="Access key ID">
                <Input value={keys.accessKeyId} onChange={set('accessKeyId')} autoComplete="username" spellcheck={false} autoFocus />
              </FormField>
              <FormField label="Secret access key">
                <Input value={keys.secretAccessKey} onChange={set('secretAccessKey')} type="password" autoComplete="current-password" />
              </FormField>
              <FormField label={<>Session token <Box variant="span" color="text-body-secondary">- optional</Box></>} description="For temporary keys only.">
                <Input value={keys.sessionToken} onChange={set('sessionToken')} type="password" autoComplete="off" />
              </FormField>
              <ProblemAlert error={error} />
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </main>
  );
}
