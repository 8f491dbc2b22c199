// Roles: a trust policy of one's own, policies attached and detached, inline policies, deleting.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page;

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  page = await openPage(browser, server, '/console/');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };

test('create a role with a custom trust policy', async () => {
  await page.goto(`${server.api}/console/iam/roles/create`);
  await page.getByRole('radio', { name: 'Custom trust policy' }).check();
  const document = page.getByRole('textbox', { name: 'Policy document' });
  await document.fill('{');
  await button('Next: Permissions').click();
  await page.getByText('This is not JSON').waitFor();
  await document.fill(JSON.stringify(trust));
  await look(page, 'iam-create-role-custom');
  await button('Next: Permissions').click();
  await page.getByRole('checkbox', { name: 'Select AmazonAPIGatewayAdministrator' }).check();
  await look(page, 'iam-create-role-policies');
  await button('Next: Review').click();
  await button('Create role').click();
  await page.getByText('A role name has 1 to 64 letters').waitFor();
  await page.getByRole('textbox', { name: 'Role name' }).fill('worker');
  await button('Create role').click();
  await page.getByText('Role worker was created.').waitFor();
  await page.getByText('AWS service: lambda').waitFor();
  await page.getByRole('searchbox', { name: 'Find roles' }).fill('api gateway');
  await page.getByText('Nothing matches').waitFor();
  await button('Clear search').first().click();
  await page.getByRole('link', { name: 'worker', exact: true }).click();
});

test('attach, detach', async () => {
  await page.getByText('AmazonAPIGatewayAdministrator').first().waitFor();
  await button('Attach policies').click();
  await page.getByRole('checkbox', { name: 'Select AmazonAPIGatewayInvokeFullAccess' }).check();
  await look(page, 'iam-attach');
  await button('Attach policy').click();
  await dialog(/^Attach policies to/).waitFor({ state: 'detached' }); // its table has a checkbox of the same name
  await page.getByRole('checkbox', { name: 'Select AmazonAPIGatewayInvokeFullAccess' }).check();
  await button('Detach').click();
  await page.getByText('Detached AmazonAPIGatewayInvokeFullAccess.').waitFor();
});

test('inline policies', async () => {
  await button('Create inline policy').click();
  const form = dialog('Create inline policy');
  await form.getByRole('textbox', { name: 'Policy name' }).fill('read-logs');
  await form.getByRole('textbox', { name: 'Policy document' }).fill('{"Statement":1}');
  await button('Create policy').click();
  await form.getByText('MalformedPolicyDocument').first().waitFor();
  await form.getByRole('textbox', { name: 'Policy document' }).fill(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: '*' }] }),
  );
  await button('Create policy').click();
  await page.getByRole('button', { name: 'read-logs', exact: true }).click();
  await page.getByText('"logs:GetLogEvents"').waitFor();
  await look(page, 'iam-inline');
});

test('change whom it trusts', async () => {
  await page.getByRole('tab', { name: 'Trust relationships' }).click();
  await button('Edit trust policy').click();
  await dialog('Edit trust policy').getByRole('textbox').fill(JSON.stringify(trust).replace('lambda', 'apigateway'));
  await button('Update policy').click();
  await page.getByText('"Service": "apigateway.amazonaws.com"').waitFor();
});

test('tags', async () => {
  await page.getByRole('tab', { name: 'Tags' }).click();
  await page.getByText('No tags').waitFor();
  await button('Manage tags').first().click();
  await dialog('Manage tags').getByRole('button', { name: 'Add tag' }).click();
  await dialog('Manage tags').getByLabel('Key 1').fill('team');
  await look(page, 'iam-tags-edit');
  await dialog('Manage tags').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('rowheader', { name: 'team' }).waitFor();
  await look(page, 'iam-tags');
});

test('delete it with its policies', async () => {
  await button('Delete').first().click();
  await page.getByRole('dialog').getByRole('textbox').fill('worker');
  await look(page, 'iam-delete');
  await page.keyboard.press('Enter');
  await page.getByText('Role worker was deleted.').waitFor();
  await page.getByText('No roles').waitFor();
  await page.goto(`${server.api}/console/iam/roles/role/worker`);
  await page.getByText('The role with name worker cannot be found.').waitFor();
  await page.clean(/status of 4\d\d/); // the refusals above
});
