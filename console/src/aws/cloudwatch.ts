import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { clientOf } from './client';

/** The client for the present region: `cloudwatch().send(new …Command({…}))`. */
export const cloudwatch = clientOf((config) => new CloudWatchClient(config));
