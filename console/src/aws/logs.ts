import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { clientOf } from './client';

/** The client for the present region: `logs().send(new …Command({…}))`. */
export const logs = clientOf((config) => new CloudWatchLogsClient(config));
