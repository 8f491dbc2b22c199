// Log deliveries of a stage's execution log. AWS splits one into a source (the stage), a destination (a log group in a
// format) and the delivery that joins them; here a person sees the delivery, and the other two come and go with it.
import {
  CreateDeliveryCommand, CreateLogGroupCommand, DeleteDeliveryCommand, DeleteDeliveryDestinationCommand, DeleteDeliverySourceCommand,
  DescribeConfigurationTemplatesCommand, paginateDescribeDeliveries, paginateDescribeDeliveryDestinations, paginateDescribeDeliverySources,
  PutDeliveryDestinationCommand, PutDeliverySourceCommand, UpdateDeliveryConfigurationCommand,
  type Delivery, type DeliveryDestination, type DeliverySource, type OutputFormat,
} from '@aws-sdk/client-cloudwatch-logs';
import { groupOfArn, logGroupArn } from '../../../aws/arn';
import { hasCode } from '../../../aws/errors';
import { logs } from '../../../aws/logs';

/** The stage whose log is delivered. */
export interface DeliveryPlace {
  region: string;
  accountId: string;
  apiId: string;
  stageName: string;
}

/** All that the account has in the region. */
export interface Deliveries {
  sources: readonly DeliverySource[];
  destinations: readonly DeliveryDestination[];
  deliveries: readonly Delivery[];
}

/** One delivery as the page shows it. */
export interface DeliveryRow {
  id: string;
  group: string;
  format: string;
  fields: readonly string[];
  delimiter: string;
  source: string;
  destination: string;
}

export interface DeliveryDraft {
  group: string;
  format: 'json' | 'plain';
  fields: readonly string[];
  delimiter: string;
}

export async function listDeliveries(abortSignal?: AbortSignal): Promise<Deliveries> {
  const all = { sources: [] as DeliverySource[], destinations: [] as DeliveryDestination[], deliveries: [] as Delivery[] };
  for await (const page of paginateDescribeDeliverySources({ client: logs() }, {}, { abortSignal })) {
    all.sources.push(...(page.deliverySources ?? []));
  }
  for await (const page of paginateDescribeDeliveryDestinations({ client: logs() }, {}, { abortSignal })) {
    all.destinations.push(...(page.deliveryDestinations ?? []));
  }
  for await (const page of paginateDescribeDeliveries({ client: logs() }, {}, { abortSignal })) {
    all.deliveries.push(...(page.deliveries ?? []));
  }
  return all;
}

/** The ARN by which log delivery names a stage. Unlike others of API Gateway it has the account. */
export function sourceArn(at: DeliveryPlace): string {
  return `arn:aws:apigateway:${at.region}:${at.accountId}:/restapis/${at.apiId}/stages/${at.stageName}`;
}

/** The deliveries of one stage, by log group. */
export function rowsOf({ sources, destinations, deliveries }: Deliveries, at: DeliveryPlace): DeliveryRow[] {
  const arn = sourceArn(at);
  const names = new Set(sources.filter((s) => s.resourceArns?.includes(arn)).map((s) => s.name));
  const row = (d: Delivery): DeliveryRow => {
    const to = destinations.find((other) => other.arn === d.deliveryDestinationArn);
    return {
      id: d.id ?? '',
      group: groupOfArn(to?.deliveryDestinationConfiguration?.destinationResourceArn ?? ''),
      format: to?.outputFormat ?? '',
      fields: d.recordFields ?? [],
      delimiter: d.fieldDelimiter ?? '',
      source: d.deliverySourceName ?? '',
      destination: to?.name ?? '',
    };
  };
  return deliveries.filter((d) => names.has(d.deliverySourceName)).map(row).sort((a, b) => a.group.localeCompare(b.group));
}

/** A name of at most 60 letters, digits, - and _ that nothing else has. */
export function freeName(wish: string, taken: readonly (string | undefined)[]): string {
  const name = wish.replace(/[^\w-]+/g, '-').slice(0, 56);
  for (let n = 1; ; n++) {
    const tried = n === 1 ? name : `${name}-${n}`;
    if (!taken.includes(tried)) {
      return tried;
    }
  }
}

/** Fields that a line can have, in AWS' order. */
export async function allowedFields(abortSignal?: AbortSignal): Promise<string[]> {
  const found = await logs().send(new DescribeConfigurationTemplatesCommand({ service: 'apigateway', deliveryDestinationTypes: ['CWL'] }), { abortSignal });
  return (found.configurationTemplates?.[0]?.allowedFields ?? []).map((f) => f.name ?? '');
}

/** Makes a delivery and what it needs of log group, source and destination. */
export async function createDelivery(at: DeliveryPlace, draft: DeliveryDraft): Promise<void> {
  const present = await listDeliveries();
  const source = await sourceOf(at, present);
  await logs().send(new CreateLogGroupCommand({ logGroupName: draft.group })).catch((error: unknown) => {
    if (!hasCode(error, 'ResourceAlreadyExistsException')) {
      throw error;
    }
  });
  const deliveryDestinationArn = await destinationOf(at, present, draft);
  await logs().send(new CreateDeliveryCommand({
    deliverySourceName: source, deliveryDestinationArn, recordFields: [...draft.fields], fieldDelimiter: draft.format === 'plain' ? draft.delimiter : undefined,
  }));
}

async function sourceOf(at: DeliveryPlace, { sources }: Deliveries): Promise<string> {
  const resourceArn = sourceArn(at);
  const found = sources.find((s) => s.resourceArns?.includes(resourceArn));
  if (found) {
    return found.name ?? '';
  }
  const name = freeName(`${at.apiId}-${at.stageName}`, sources.map((s) => s.name));
  await logs().send(new PutDeliverySourceCommand({ name, resourceArn, logType: 'EXECUTION_LOGS' }));
  return name;
}

async function destinationOf(at: DeliveryPlace, { destinations }: Deliveries, { group, format }: DeliveryDraft): Promise<string> {
  const found = destinations.find((d) => d.outputFormat === format && groupOfArn(d.deliveryDestinationConfiguration?.destinationResourceArn ?? '') === group);
  if (found) {
    return found.arn ?? '';
  }
  const { deliveryDestination } = await logs().send(new PutDeliveryDestinationCommand({
    name: freeName(`${group.replace(/^\//, '')}-${format}`, destinations.map((d) => d.name)),
    outputFormat: format satisfies OutputFormat,
    deliveryDestinationConfiguration: { destinationResourceArn: logGroupArn(at, group) },
  }));
  return deliveryDestination?.arn ?? '';
}

/** Changes what the lines of a delivery look like. */
export async function updateDelivery(row: DeliveryRow, { fields, delimiter }: Pick<DeliveryDraft, 'fields' | 'delimiter'>): Promise<void> {
  await logs().send(new UpdateDeliveryConfigurationCommand({ id: row.id, recordFields: [...fields], fieldDelimiter: row.format === 'plain' ? delimiter : undefined }));
}

/** Ends a delivery, and removes its source and its destination if nothing else needs them. */
export async function deleteDelivery(row: DeliveryRow): Promise<void> {
  await logs().send(new DeleteDeliveryCommand({ id: row.id }));
  const { deliveries, destinations } = await listDeliveries();
  const arn = destinations.find((d) => d.name === row.destination)?.arn;
  if (arn && !deliveries.some((d) => d.deliveryDestinationArn === arn)) {
    await logs().send(new DeleteDeliveryDestinationCommand({ name: row.destination }));
  }
  if (!deliveries.some((d) => d.deliverySourceName === row.source)) {
    await logs().send(new DeleteDeliverySourceCommand({ name: row.source }));
  }
}

/** What can stand between the fields of a plain line. */
export const delimiters = [
  { value: '\t', label: 'Tab' },
  { value: ' ', label: 'Space' },
  { value: ',', label: 'Comma' },
  { value: '|', label: 'Bar' },
  { value: '', label: 'Nothing' },
];

export function delimiterText(delimiter: string): string {
  return delimiters.find((d) => d.value === delimiter)?.label ?? delimiter;
}
